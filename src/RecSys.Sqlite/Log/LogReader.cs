using RecSys.Core.Log;
using RecSys.Sqlite.Storage;

namespace RecSys.Sqlite.Log;

/// <summary>The result of a read of the file.</summary>
/// <param name="Chunks">Consecutive chunks; where rows are missing or damaged as a whole, chunks without records.</param>
/// <param name="Damage">The damaged places among them.</param>
/// <param name="DamagedRows">Keys of rows with a damaged head, whose records are unknown.</param>
internal sealed record LogFileRead(List<StoredChunk> Chunks, List<LogDamage> Damage, List<long> DamagedRows);

/// <summary>A connection that reads and checks chunks.</summary>
internal sealed class LogReader : IDisposable
{
    private readonly SqliteDatabase _database;
    private readonly SqliteStatement _before;
    private readonly SqliteStatement _select;

    public LogReader(SqliteFile file)
    {
        _database = file.OpenReader();
        _before = _database.Prepare(LogRows.HeadsUpTo);
        _select = _database.Prepare(
            "SELECT first_offset, count, length(bytes), appended_ms, head_sum, bytes FROM chunks WHERE first_offset >= ?1 ORDER BY first_offset");
    }

    /// <summary>Reads consecutive chunks from the one that holds an offset on, until they have enough records or bytes.</summary>
    /// <param name="from">First offset to read.</param>
    /// <param name="countMax">Approximate maximum of records.</param>
    /// <param name="bytesMax">Approximate maximum of bytes.</param>
    /// <param name="end">End of the log before this call.</param>
    public LogFileRead Read(long from, long countMax, long bytesMax, long end)
    {
        LogFileRead read = new([], [], []);
        long next = LogRows.FirstSound(_before, from)?.First ?? 0;
        _select.Bind(1, next);
        try
        {
            long records = 0;
            long bytes = 0;
            bool isDamaged = false;
            bool isAtEnd = false;
            while (records < countMax && bytes < bytesMax && !isAtEnd)
            {
                isAtEnd = !_select.Step();
                LogRow row = isAtEnd ? default : LogRow.Of(_select);
                if (!isAtEnd && (!row.IsSound || row.First < next))
                {
                    read.DamagedRows.Add(row.First);
                    isDamaged = true;
                    continue;
                }

                long first = isAtEnd ? end : row.First;
                if (first > next)
                {
                    read.Damage.Add(new LogDamage(0, next, first, isDamaged ? LogDamageKind.Corrupt : LogDamageKind.Missing));
                    if (first > from)
                    {
                        read.Chunks.Add(StoredChunk.Absent(next, first));
                    }
                }

                isDamaged = false;
                if (!isAtEnd)
                {
                    next = row.First + row.Count;
                    if (next > from)
                    {
                        StoredChunk chunk = ChunkCheck.Check(
                            new StoredChunk(row.First, row.Count, _select.Bytes(5).ToArray(), row.AppendedMs) { HasSums = row.HasSums }, read.Damage);
                        read.Chunks.Add(chunk);
                        records += chunk.Next - Math.Max(chunk.First, from);
                        bytes += chunk.Bytes.Length;
                    }
                }
            }
        }
        finally
        {
            _select.Reset();
        }

        return read;
    }

    public void Dispose()
    {
        _before.Dispose();
        _select.Dispose();
        _database.Dispose();
    }
}
