using System.Text;
using RecSys.Core.Ports;
using RecSys.Sqlite.Storage;

namespace RecSys.Sqlite;

/// <summary>A connection that loads states.</summary>
internal sealed class SnapshotReader : IDisposable
{
    private readonly SqliteDatabase _database;
    private readonly SqliteStatement _load;
    private readonly SqliteStatement _page;

    public SnapshotReader(SqliteFile file)
    {
        _database = file.OpenReader();
        _load = _database.Prepare(
            "SELECT revision, length, bytes FROM states JOIN slots ON id = slot WHERE owner = ?1");
        _page = _database.Prepare(
            "SELECT revision, length, bytes, owner FROM states JOIN slots ON id = slot WHERE owner > ?1 ORDER BY owner LIMIT ?2");
    }

    public SavedState? Load(string owner)
    {
        BindOwner(_load, owner);
        try
        {
            return _load.Step() ? Row(_load, owner) : null;
        }
        finally
        {
            _load.Reset();
        }
    }

    public List<SavedState> ReadAfter(string owner, int countMax)
    {
        List<SavedState> states = new(countMax);
        BindOwner(_page, owner);
        _page.Bind(2, countMax);
        try
        {
            while (_page.Step())
            {
                states.Add(Row(_page, _page.Text(3)));
            }
        }
        finally
        {
            _page.Reset();
        }

        return states;
    }

    public void Dispose()
    {
        _load.Dispose();
        _page.Dispose();
        _database.Dispose();
    }

    private static SavedState Row(SqliteStatement row, string owner) =>
        new(owner, row.Integer(0), row.Bytes(2)[..(int)row.Integer(1)].ToArray());

    private static void BindOwner(SqliteStatement statement, string owner)
    {
        Span<byte> text = stackalloc byte[SavedState.OwnerBytesMax];
        statement.BindText(1, text[..Encoding.ASCII.GetBytes(owner, text)]);
    }
}
