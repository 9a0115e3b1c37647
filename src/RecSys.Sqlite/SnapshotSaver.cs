using System.Buffers.Binary;
using RecSys.Sqlite.Storage;

namespace RecSys.Sqlite;

/// <summary>Writes groups of states by compare-and-set on each row; overwrites the bytes in place while their slot fits.</summary>
internal sealed class SnapshotSaver(Func<long>? logEnd) : IGroupHandler<SnapshotSave>
{
    private StateRows? _rows;
    private SqliteStatement? _setLogEnd;

    public void Opened(SqliteDatabase database)
    {
        _rows = StateRows.Open(database, StateRows.Table);
        _setLogEnd = database.Prepare("INSERT OR REPLACE INTO meta(name, value) VALUES(?1, ?2)");
    }

    private static ReadOnlySpan<byte> LogEndName => "log-end"u8;

    /// <summary>Gets the end of the log when states were last saved; null in a file without states.</summary>
    public static long? ReadLogEnd(SqliteDatabase database) =>
        SqliteFormat.TryGetMeta(database, LogEndName) is { Length: sizeof(long) } bytes ? BinaryPrimitives.ReadInt64LittleEndian(bytes) : null;

    /// <summary>All states are being replaced: those that held records are gone.</summary>
    public static void ForgetLogEnd(SqliteDatabase database)
    {
        using SqliteStatement delete = database.Prepare("DELETE FROM meta WHERE name = ?1");
        delete.BindText(1, LogEndName);
        delete.Run();
    }

    public void Write(ReadOnlySpan<SnapshotSave> group)
    {
        try
        {
            foreach (SnapshotSave save in group)
            {
                for (int index = 0; index < save.Records; index++)
                {
                    save.SetOutcome(index, _rows!.Save(save[index]));
                }
            }

            SaveLogEnd();
        }
        finally
        {
            _rows!.CloseSlot();
        }
    }

    public void Committed(ReadOnlySpan<SnapshotSave> group)
    {
        foreach (SnapshotSave save in group)
        {
            save.Complete();
        }
    }

    public void Failed(ReadOnlySpan<SnapshotSave> group, Exception reason)
    {
        foreach (SnapshotSave save in group)
        {
            save.Fail(reason);
        }
    }

    public void Closing()
    {
        _rows?.Dispose();
        _rows = null;
        _setLogEnd?.Dispose();
        _setLogEnd = null;
    }

    // Read after the states were made: all records that they hold were in the log before.
    private void SaveLogEnd()
    {
        if (logEnd?.Invoke() is { } end)
        {
            Span<byte> bytes = stackalloc byte[sizeof(long)];
            BinaryPrimitives.WriteInt64LittleEndian(bytes, end);
            _setLogEnd!.BindText(1, LogEndName);
            _setLogEnd.BindBytes(2, bytes);
            _setLogEnd.Run();
        }
    }
}
