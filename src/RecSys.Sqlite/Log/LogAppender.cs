using System.Buffers.Binary;
using System.Diagnostics;
using RecSys.Core.Log;
using RecSys.Sqlite.Storage;

namespace RecSys.Sqlite.Log;

/// <summary>Writes the appends of a group to as few rows as possible, and notifies readers once they are durable.</summary>
/// <remarks>
/// The end of the log is stored beside the rows too: if the newest rows are lost, no later record gets their offsets, which user actors and
/// checkpoints would treat as known.
/// </remarks>
internal sealed class LogAppender(LogTail tail, LogEnd end, LogDamageTable damage, TimeProvider time) : IGroupHandler<LogAppend>
{
    private readonly List<StoredChunk> _chunks = [];
    private byte[] _open = new byte[StoredChunk.BytesMax];
    private int _openBytes;
    private int _openCount;
    private long _next;
    private long? _rowSum;
    private long _nowMs;
    private SqliteStatement? _insert;
    private SqliteStatement? _setEnd;

    public void Opened(SqliteDatabase database)
    {
        damage.Opened(database);
        _insert = database.Prepare("INSERT INTO chunks(first_offset, count, bytes, appended_ms, head_sum) VALUES(?1, ?2, ?3, ?4, ?5)");
        _setEnd = database.Prepare("INSERT OR REPLACE INTO log_end(id, next, sum) VALUES(0, ?1, ?2)");
        _next = EndOf(database);
        _rowSum = RowSumAt(database, _next);

        // After a commit with an unknown outcome, the file may contain more records than were acknowledged.
        if (_next != end.Value)
        {
            tail.Clear();
            end.MoveTo(new LogMark(_next, _rowSum));
        }
    }

    public void Write(ReadOnlySpan<LogAppend> group)
    {
        _chunks.Clear();
        _openBytes = 0;
        _openCount = 0;
        _next = end.Value;
        _nowMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        foreach (LogAppend append in group)
        {
            AddToChunks(append.Encoded, append.Records);
            append.Last = _next + _openCount - 1;
        }

        EndChunk();
        _setEnd!.Bind(1, _next);
        _setEnd.Bind(2, SumOf(_next));
        _setEnd.Run();
    }

    public void Committed(ReadOnlySpan<LogAppend> group)
    {
        foreach (StoredChunk chunk in _chunks)
        {
            tail.Add(chunk);
        }

        _chunks.Clear();
        end.MoveTo(new LogMark(_next, _rowSum));
        foreach (LogAppend append in group)
        {
            append.Complete();
        }
    }

    public void Failed(ReadOnlySpan<LogAppend> group, Exception reason)
    {
        _chunks.Clear();
        foreach (LogAppend append in group)
        {
            append.Fail(reason);
        }
    }

    public void Closing()
    {
        _insert?.Dispose();
        _insert = null;
        _setEnd?.Dispose();
        _setEnd = null;
    }

    /// <summary>Returns the offset of the next record, as stored in a file of this version.</summary>
    public static long EndOf(SqliteDatabase database)
    {
        using SqliteStatement heads = database.Prepare(LogRows.HeadsUpTo);
        long next = LogRows.FirstSound(heads, long.MaxValue) is { } newest ? newest.First + newest.Count : 0;
        using SqliteStatement kept = database.Prepare("SELECT next, sum FROM log_end WHERE id = 0");
        return kept.Step() && kept.Integer(1) == SumOf(kept.Integer(0)) ? Math.Max(next, kept.Integer(0)) : next;
    }

    /// <summary>Returns the checksum of the row that contains the record before an offset; null if the row is damaged, lost or of an older version.</summary>
    public static long? RowSumAt(SqliteDatabase database, long end)
    {
        using SqliteStatement heads = database.Prepare(LogRows.HeadsUpTo);
        return LogRows.FirstSound(heads, end - 1) is { HasSums: true } row && row.First + row.Count >= end ? row.HeadSum : null;
    }

    private static long SumOf(long next)
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, next);
        return (long)LogChecksum.Of(bytes);
    }

    private void AddToChunks(ReadOnlySpan<byte> encoded, int records)
    {
        while (!encoded.IsEmpty)
        {
            int bytes = encoded.Length;
            int count = records;
            if (bytes > StoredChunk.BytesMax - _openBytes || count > StoredChunk.RecordsMax - _openCount)
            {
                (bytes, count) = Fitting(encoded);
            }

            if (count == 0)
            {
                EndChunk();
                continue;
            }

            if (_openBytes + bytes > _open.Length)
            {
                Debug.Assert(_openBytes == 0 && count == 1, "only a record that is alone may be larger than a chunk");
                _open = new byte[bytes];
            }

            encoded[..bytes].CopyTo(_open.AsSpan(_openBytes));
            _openBytes += bytes;
            _openCount += count;
            encoded = encoded[bytes..];
            records -= count;
        }
    }

    /// <summary>Returns the size and the number of the leading records that fit into the open chunk; an empty chunk takes a record of any size.</summary>
    private (int Bytes, int Count) Fitting(ReadOnlySpan<byte> encoded)
    {
        int bytes = 0;
        int count = 0;
        while (bytes < encoded.Length && _openCount + count < StoredChunk.RecordsMax)
        {
            int next = bytes + StoredChunk.HeaderBytes + BinaryPrimitives.ReadInt32LittleEndian(encoded[bytes..]);
            if (_openBytes + next > StoredChunk.BytesMax && _openCount + count > 0)
            {
                break;
            }

            bytes = next;
            count++;
        }

        return (bytes, count);
    }

    private void EndChunk()
    {
        if (_openCount == 0)
        {
            return;
        }

        StoredChunk chunk = new(_next, _openCount, _open.AsSpan(0, _openBytes).ToArray(), _nowMs) { HasSums = true };
        _insert!.Bind(1, chunk.First);
        _insert.Bind(2, chunk.Count);
        _insert.BindBytes(3, chunk.Bytes);
        _insert.Bind(4, _nowMs);
        _rowSum = StoredChunk.HeadSum(chunk.First, chunk.Count, chunk.Bytes.Length, _nowMs);
        _insert.Bind(5, _rowSum.Value);
        _insert.Run();
        _chunks.Add(chunk);
        _next += _openCount;
        _openBytes = 0;
        _openCount = 0;
    }
}
