using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using RecSys.Core.Ports;
using RecSys.Sqlite.Storage;

namespace RecSys.Sqlite;

/// <summary>Writes groups of states: compare-and-set on each row, its bytes in place where their slot still suits them.</summary>
internal sealed class SnapshotSaver(Func<long>? logEnd) : IGroupHandler<SnapshotSave>
{
    private SqliteDatabase _database = null!;
    private SqliteBlob? _slot;
    private SqliteStatement _select = null!;
    private SqliteStatement _insert = null!;
    private SqliteStatement _update = null!;
    private SqliteStatement _newSlot = null!;
    private SqliteStatement _findFree = null!;
    private SqliteStatement _takeFree = null!;
    private SqliteStatement _addFree = null!;
    private SqliteStatement _setLogEnd = null!;

    public void Opened(SqliteDatabase database)
    {
        _database = database;
        _select = database.Prepare("SELECT revision, length, size, slot FROM states WHERE owner = ?1");
        _insert = database.Prepare("INSERT INTO states(owner, revision, length, size, slot) VALUES(?1, ?2, ?3, ?4, ?5)");
        _update = database.Prepare("UPDATE states SET revision = ?2, length = ?3, size = ?4, slot = ?5 WHERE owner = ?1");
        _newSlot = database.Prepare("INSERT INTO slots(bytes) VALUES(?1) RETURNING id");
        _findFree = database.Prepare("SELECT slot FROM free WHERE size = ?1 LIMIT 1");
        _takeFree = database.Prepare("DELETE FROM free WHERE size = ?1 AND slot = ?2");
        _addFree = database.Prepare("INSERT INTO free(size, slot) VALUES(?1, ?2)");
        _setLogEnd = database.Prepare("INSERT OR REPLACE INTO meta(name, value) VALUES(?1, ?2)");
    }

    private static ReadOnlySpan<byte> LogEndName => "log-end"u8;

    /// <summary>The end of the log when states were last saved; null in a file that holds none.</summary>
    public static long? ReadLogEnd(SqliteDatabase database) =>
        SqliteFormat.TryGetMeta(database, LogEndName) is { Length: sizeof(long) } bytes ? BinaryPrimitives.ReadInt64LittleEndian(bytes) : null;

    /// <summary>All states are being removed: none holds a record any more.</summary>
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
                    save.SetOutcome(index, Save(save[index]));
                }
            }

            SaveLogEnd();
        }
        finally
        {
            CloseSlot();
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
        CloseSlot();
        foreach (SqliteStatement? statement in (SqliteStatement?[])[_select, _insert, _update, _newSlot, _findFree, _takeFree, _addFree, _setLogEnd])
        {
            statement?.Dispose();
        }
    }

    // Read when the states are there: whatever they were made from was in the log before.
    private void SaveLogEnd()
    {
        if (logEnd?.Invoke() is { } end)
        {
            Span<byte> bytes = stackalloc byte[sizeof(long)];
            BinaryPrimitives.WriteInt64LittleEndian(bytes, end);
            _setLogEnd.BindText(1, LogEndName);
            _setLogEnd.BindBytes(2, bytes);
            _setLogEnd.Run();
        }
    }

    private SaveOutcome Save(SavedState state)
    {
        Span<byte> text = stackalloc byte[SqliteSnapshotTable.OwnerBytesMax];
        ReadOnlySpan<byte> owner = text[..Encoding.ASCII.GetBytes(state.Owner, text)];
        ReadOnlySpan<byte> bytes = state.State.Span;

        _select.BindText(1, owner);
        bool isKnown = _select.Step();
        long revision = isKnown ? _select.Integer(0) : 0;
        int length = isKnown ? (int)_select.Integer(1) : 0;
        int size = isKnown ? (int)_select.Integer(2) : 0;
        long slot = isKnown ? _select.Integer(3) : 0;
        _select.Reset();

        if (revision == state.Revision)
        {
            return length == bytes.Length && Holds(slot, bytes) ? SaveOutcome.Saved : SaveOutcome.Conflict;
        }

        if (revision != state.Revision - 1)
        {
            return SaveOutcome.Conflict;
        }

        if (isKnown && SlotSizes.Keeps(size, bytes.Length))
        {
            SqliteBlob place = SlotAt(slot);
            place.Write(bytes, 0);
            place.Clear(bytes.Length, length);
        }
        else
        {
            if (isKnown)
            {
                SlotAt(slot).Clear(0, length);
                _addFree.Bind(1, size);
                _addFree.Bind(2, slot);
                _addFree.Run();
            }

            size = SlotSizes.For(bytes.Length);
            slot = Place(bytes, size);
        }

        SqliteStatement row = isKnown ? _update : _insert;
        row.BindText(1, owner);
        row.Bind(2, state.Revision);
        row.Bind(3, bytes.Length);
        row.Bind(4, size);
        row.Bind(5, slot);
        row.Run();
        return SaveOutcome.Saved;
    }

    private long Place(ReadOnlySpan<byte> bytes, int size)
    {
        _findFree.Bind(1, size);
        bool isFree = _findFree.Step();
        long slot = isFree ? _findFree.Integer(0) : 0;
        _findFree.Reset();
        if (isFree)
        {
            _takeFree.Bind(1, size);
            _takeFree.Bind(2, slot);
            _takeFree.Run();
            SlotAt(slot).Write(bytes, 0);
            return slot;
        }

        byte[] padded = ArrayPool<byte>.Shared.Rent(size);
        bytes.CopyTo(padded);
        padded.AsSpan(bytes.Length, size - bytes.Length).Clear();
        _newSlot.BindBytes(1, padded.AsSpan(0, size));
        ArrayPool<byte>.Shared.Return(padded);
        _newSlot.Step();
        slot = _newSlot.Integer(0);
        _newSlot.Reset();
        return slot;
    }

    private bool Holds(long slot, ReadOnlySpan<byte> bytes)
    {
        byte[] stored = ArrayPool<byte>.Shared.Rent(bytes.Length);
        try
        {
            if (!bytes.IsEmpty)
            {
                SlotAt(slot).Read(stored.AsSpan(0, bytes.Length), 0);
            }

            return bytes.SequenceEqual(stored.AsSpan(0, bytes.Length));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(stored);
        }
    }

    private SqliteBlob SlotAt(long slot)
    {
        if (_slot is null)
        {
            _slot = _database.OpenBlob("slots", slot);
        }
        else
        {
            _slot.MoveTo(slot);
        }

        return _slot;
    }

    // An open blob is an open read: it must not outlast the transaction.
    private void CloseSlot()
    {
        _slot?.Dispose();
        _slot = null;
    }
}
