using RecSys.Sqlite.Storage;

namespace RecSys.Sqlite.Log;

/// <summary>One connection that reads chunks.</summary>
internal sealed class LogReader : IDisposable
{
    private readonly SqliteDatabase _database;
    private readonly SqliteStatement _select;

    public LogReader(string path)
    {
        _database = SqliteDatabase.OpenReader(path);
        _select = _database.Prepare(
            """
            SELECT first_offset, count, bytes, appended_ms FROM chunks
            WHERE first_offset >= coalesce((SELECT first_offset FROM chunks WHERE first_offset <= ?1 ORDER BY first_offset DESC LIMIT 1), ?1)
            ORDER BY first_offset
            """);
    }

    /// <summary>Reads chunks, the first of which holds an offset, until they have so many records or bytes.</summary>
    public List<StoredChunk> Read(long from, long countMax, long bytesMax)
    {
        List<StoredChunk> chunks = [];
        _select.Bind(1, from);
        try
        {
            long records = 0;
            long bytes = 0;
            while (records < countMax && bytes < bytesMax && _select.Step())
            {
                StoredChunk chunk = new(_select.Integer(0), (int)_select.Integer(1), _select.Bytes(2).ToArray(), _select.IsNull(3) ? null : _select.Integer(3));
                if (chunk.Next > from)
                {
                    chunks.Add(chunk);
                    records += chunk.Next - Math.Max(chunk.First, from);
                    bytes += chunk.Bytes.Length;
                }
            }
        }
        finally
        {
            _select.Reset();
        }

        return chunks;
    }

    public void Dispose()
    {
        _select.Dispose();
        _database.Dispose();
    }
}
