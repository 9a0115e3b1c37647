using System.Buffers.Binary;
using RecSys.Core.Log;
using RecSys.Sqlite.Storage;

namespace RecSys.Sqlite;

/// <summary>Writes groups of states by compare-and-set on each row; overwrites the bytes in place while their slot fits.</summary>
/// <param name="logEnd">Returns the end of the log, which is saved with each group; null: it is not saved.</param>
internal sealed class SnapshotSaver(Func<LogMark>? logEnd) : IGroupHandler<SnapshotSave>
{
    private StateRows? _rows;
    private SqliteStatement? _setMeta;

    public void Opened(SqliteDatabase database)
    {
        _rows = StateRows.Open(database, StateRows.Table);
        _setMeta = database.Prepare("INSERT OR REPLACE INTO meta(name, value) VALUES(?1, ?2)");
    }

    private static ReadOnlySpan<byte> LogEndName => "log-end"u8;

    private static ReadOnlySpan<byte> LogRowName => "log-row"u8;

    /// <summary>Reads the end of the log when states were last saved; null if the file does not contain it.</summary>
    public static long? ReadLogEnd(SqliteDatabase database) =>
        SqliteFormat.TryGetMeta(database, LogEndName) is { Length: sizeof(long) } bytes ? BinaryPrimitives.ReadInt64LittleEndian(bytes) : null;

    /// <summary>Gets the checksum of the log's row before an end, as it was when states were last saved; null if they were saved at another end, or it was unknown.</summary>
    public static long? ReadLogRow(SqliteDatabase database, long? end) =>
        SqliteFormat.TryGetMeta(database, LogRowName) is { Length: 2 * sizeof(long) } bytes && BinaryPrimitives.ReadInt64LittleEndian(bytes) == end
            ? BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(sizeof(long)))
            : null;

    /// <summary>Deletes the saved end of the log, because the states to which it applies are being replaced.</summary>
    public static void DeleteLogEnd(SqliteDatabase database)
    {
        using SqliteStatement delete = database.Prepare("DELETE FROM meta WHERE name IN (?1, ?2)");
        delete.BindText(1, LogEndName);
        delete.BindText(2, LogRowName);
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
        _setMeta?.Dispose();
        _setMeta = null;
    }

    // Read after the states were made: all records that they contain were in the log before.
    private void SaveLogEnd()
    {
        if (logEnd?.Invoke() is not { } mark)
        {
            return;
        }

        Span<byte> bytes = stackalloc byte[2 * sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, mark.End);
        SetMeta(LogEndName, bytes[..sizeof(long)]);
        if (mark.RowSum is { } rowSum)
        {
            BinaryPrimitives.WriteInt64LittleEndian(bytes[sizeof(long)..], rowSum);
            SetMeta(LogRowName, bytes);
        }
    }

    private void SetMeta(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        _setMeta!.BindText(1, name);
        _setMeta.BindBytes(2, value);
        _setMeta.Run();
    }
}
