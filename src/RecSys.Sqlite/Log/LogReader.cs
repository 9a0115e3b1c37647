using RecSys.Core.Log;
using RecSys.Sqlite.Storage;

namespace RecSys.Sqlite.Log;

/// <summary>The result of a read of the file.</summary>
/// <param name="Chunks">Consecutive chunks; a chunk without records stands for rows that are missing or damaged as a whole.</param>
/// <param name="Damage">The damaged places in them.</param>
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

    /// <summary>Reads consecutive chunks from the one that contains an offset on, until they have enough records or bytes.</summary>
    /// <param name="from">First offset to read.</param>
    /// <param name="countMax">Approximate maximum of records.</param>
    /// <param name="bytesMax">Approximate maximum of bytes.</param>
    /// <param name="end">End of the log before this call.</param>
    public LogFileRead Read(long from, long countMax, long bytesMax, long end)
    {
        LogFileRead read = new([], [], []);
        long next = NewestUpTo(from)?.First ?? 0;
        _select.Bind(1, next);
        try
        {
            long records = 0;
            long bytes = 0;
            LogDamageKind gap = LogDamageKind.Missing;
            bool isAtEnd = false;
            while (records < countMax && bytes < bytesMax && !isAtEnd)
            {
                if (!TryStep(out isAtEnd))
                {
                    gap = LogDamageKind.Unreadable;
                    long readable = FirstReadable(next, end);
                    isAtEnd = readable >= end;
                    if (!isAtEnd)
                    {
                        _select.Bind(1, readable);
                        continue;
                    }
                }

                LogRow row = isAtEnd ? default : LogRow.Of(_select);
                if (!isAtEnd && (!row.IsSound || row.First < next))
                {
                    read.DamagedRows.Add(row.First);
                    gap = gap == LogDamageKind.Unreadable ? gap : LogDamageKind.Corrupt;
                    continue;
                }

                long first = isAtEnd ? end : row.First;
                if (first > next)
                {
                    read.Damage.Add(new LogDamage(0, next, first, gap));
                    if (first > from)
                    {
                        read.Chunks.Add(StoredChunk.Absent(next, first));
                    }
                }

                gap = LogDamageKind.Missing;
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

    /// <summary>Returns the newest undamaged row, on a readable page, whose first record is at or before an offset.</summary>
    private LogRow? NewestUpTo(long offset)
    {
        if (TryFirstSound(offset, out LogRow? row))
        {
            return row;
        }

        // invariant: a search up to low succeeds, a search up to high fails.
        (long low, long high) = (-1, offset);
        while (high - low > 1)
        {
            long middle = low + ((high - low) / 2);
            (low, high) = TryFirstSound(middle, out LogRow? found) ? (middle, high) : (low, middle);
            row = low == middle ? found : row;
        }

        return row;
    }

    /// <summary>Returns the first key after an unreadable one from which rows can be read again; the end if there is none.</summary>
    private long FirstReadable(long from, long end)
    {
        (long low, long high) = (from, Math.Max(end, from + 1));
        while (high - low > 1)
        {
            long middle = low + ((high - low) / 2);
            _select.Bind(1, middle);
            (low, high) = TryStep(out _) ? (low, middle) : (middle, high);
            _select.Reset();
        }

        return high;
    }

    private bool TryFirstSound(long offset, out LogRow? row)
    {
        row = null;
        try
        {
            row = LogRows.FirstSound(_before, offset);
            return true;
        }
        catch (InvalidDataException)
        {
            return false;
        }
    }

    private bool TryStep(out bool isAtEnd)
    {
        isAtEnd = false;
        try
        {
            isAtEnd = !_select.Step();
            return true;
        }
        catch (InvalidDataException)
        {
            return false;
        }
    }
}
