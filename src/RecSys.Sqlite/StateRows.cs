using System.Buffers;
using System.Text;
using RecSys.Core.Ports;
using RecSys.Sqlite.Storage;

namespace RecSys.Sqlite;

/// <summary>A table of states on the writer's connection: its rows, and the slots in which their bytes are overwritten in place.</summary>
/// <remarks>The table that is read and the one that replaces it share the slots. An open slot is an open read: call <see cref="CloseSlot"/> before a transaction ends.</remarks>
internal sealed class StateRows : IDisposable
{
    /// <summary>The table that loads read.</summary>
    public const string Table = "states";

    /// <summary>The table that a replacement fills; afterwards it contains the replaced rows until they are cleared.</summary>
    public const string NextTable = "next_states";

    /// <summary>The columns of both tables.</summary>
    public const string Columns =
        "(owner TEXT PRIMARY KEY, revision INTEGER NOT NULL, length INTEGER NOT NULL, size INTEGER NOT NULL, slot INTEGER NOT NULL) WITHOUT ROWID";

    private readonly SqliteDatabase _database;
    private readonly SqliteStatement _select;
    private readonly SqliteStatement _insert;
    private readonly SqliteStatement _update;
    private readonly SqliteStatement _first;
    private readonly SqliteStatement _delete;
    private readonly SqliteStatement _newSlot;
    private readonly SqliteStatement _findFree;
    private readonly SqliteStatement _removeFree;
    private readonly SqliteStatement _addFree;
    private SqliteBlob? _slot;

    private StateRows(SqliteDatabase database, string table)
    {
        _database = database;
        _select = database.Prepare($"SELECT revision, length, size, slot FROM {table} WHERE owner = ?1");
        _insert = database.Prepare($"INSERT INTO {table}(owner, revision, length, size, slot) VALUES(?1, ?2, ?3, ?4, ?5)");
        _update = database.Prepare($"UPDATE {table} SET revision = ?2, length = ?3, size = ?4, slot = ?5 WHERE owner = ?1");
        _first = database.Prepare($"SELECT owner, length, size, slot FROM {table} LIMIT 1");
        _delete = database.Prepare($"DELETE FROM {table} WHERE owner = ?1");
        _newSlot = database.Prepare("INSERT INTO slots(bytes) VALUES(?1) RETURNING id");
        _findFree = database.Prepare("SELECT slot FROM free WHERE size = ?1 LIMIT 1");
        _removeFree = database.Prepare("DELETE FROM free WHERE size = ?1 AND slot = ?2");
        _addFree = database.Prepare("INSERT INTO free(size, slot) VALUES(?1, ?2)");
    }

    /// <summary>Prepares the statements of a table on the writer's connection.</summary>
    public static StateRows Open(SqliteDatabase database, string table) => new(database, table);

    /// <summary>Saves by compare-and-set.</summary>
    public SaveOutcome Save(SavedState state)
    {
        Span<byte> text = stackalloc byte[SavedState.OwnerBytesMax];
        ReadOnlySpan<byte> owner = text[..Encoding.ASCII.GetBytes(state.Owner, text)];
        ReadOnlySpan<byte> bytes = state.State.Span;
        Row row = Find(owner);
        if (row.Revision == state.Revision)
        {
            return row.Length == bytes.Length && HasBytes(row.Slot, bytes) ? SaveOutcome.Saved : SaveOutcome.Conflict;
        }

        if (row.Revision != state.Revision - 1)
        {
            return SaveOutcome.Conflict;
        }

        Write(owner, row, state.Revision, bytes);
        return SaveOutcome.Saved;
    }

    /// <summary>Writes a state, whether or not the owner has one, without a check of its revision.</summary>
    public void Put(string owner, long revision, ReadOnlySpan<byte> bytes)
    {
        Span<byte> text = stackalloc byte[SavedState.OwnerBytesMax];
        ReadOnlySpan<byte> name = text[..Encoding.ASCII.GetBytes(owner, text)];
        Write(name, Find(name), revision, bytes);
    }

    /// <summary>Reads a state; null if there is none.</summary>
    public byte[]? Read(string owner)
    {
        Span<byte> text = stackalloc byte[SavedState.OwnerBytesMax];
        Row row = Find(text[..Encoding.ASCII.GetBytes(owner, text)]);
        if (!row.IsKnown)
        {
            return null;
        }

        byte[] bytes = new byte[row.Length];
        if (bytes.Length > 0)
        {
            SlotAt(row.Slot).Read(bytes, 0);
        }

        return bytes;
    }

    /// <summary>Removes rows and overwrites their bytes.</summary>
    /// <returns>Whether more may be left.</returns>
    public bool Clear(int countMax)
    {
        for (int count = 0; count < countMax; count++)
        {
            if (!_first.Step())
            {
                _first.Reset();
                return false;
            }

            byte[] owner = _first.Bytes(0).ToArray();
            Row row = new(true, 0, (int)_first.Integer(1), (int)_first.Integer(2), _first.Integer(3));
            _first.Reset();
            Free(row);
            _delete.BindText(1, owner);
            _delete.Run();
        }

        return true;
    }

    /// <summary>Closes the slot that was used last.</summary>
    public void CloseSlot()
    {
        _slot?.Dispose();
        _slot = null;
    }

    public void Dispose()
    {
        CloseSlot();
        foreach (SqliteStatement statement in (SqliteStatement[])[_select, _insert, _update, _first, _delete, _newSlot, _findFree, _removeFree, _addFree])
        {
            statement.Dispose();
        }
    }

    private Row Find(ReadOnlySpan<byte> owner)
    {
        _select.BindText(1, owner);
        Row row = _select.Step()
            ? new Row(true, _select.Integer(0), (int)_select.Integer(1), (int)_select.Integer(2), _select.Integer(3))
            : default;
        _select.Reset();
        return row;
    }

    private void Write(ReadOnlySpan<byte> owner, Row row, long revision, ReadOnlySpan<byte> bytes)
    {
        int size = row.Size;
        long slot = row.Slot;
        if (row.IsKnown && SlotSizes.Keeps(size, bytes.Length))
        {
            SqliteBlob place = SlotAt(slot);
            place.Write(bytes, 0);
            place.Clear(bytes.Length, row.Length);
        }
        else
        {
            if (row.IsKnown)
            {
                Free(row);
            }

            size = SlotSizes.For(bytes.Length);
            slot = Place(bytes, size);
        }

        SqliteStatement statement = row.IsKnown ? _update : _insert;
        statement.BindText(1, owner);
        statement.Bind(2, revision);
        statement.Bind(3, bytes.Length);
        statement.Bind(4, size);
        statement.Bind(5, slot);
        statement.Run();
    }

    private void Free(Row row)
    {
        SlotAt(row.Slot).Clear(0, row.Length);
        _addFree.Bind(1, row.Size);
        _addFree.Bind(2, row.Slot);
        _addFree.Run();
    }

    private long Place(ReadOnlySpan<byte> bytes, int size)
    {
        _findFree.Bind(1, size);
        bool isFree = _findFree.Step();
        long slot = isFree ? _findFree.Integer(0) : 0;
        _findFree.Reset();
        if (isFree)
        {
            _removeFree.Bind(1, size);
            _removeFree.Bind(2, slot);
            _removeFree.Run();
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

    private bool HasBytes(long slot, ReadOnlySpan<byte> bytes)
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

    private readonly record struct Row(bool IsKnown, long Revision, int Length, int Size, long Slot);
}
