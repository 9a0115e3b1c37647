using System.Buffers.Binary;
using System.Diagnostics;
using RecSys.Sqlite.Storage;

namespace RecSys.Sqlite.Log;

/// <summary>Lays the appends of a group into as few rows as may be, and tells readers once they are durable.</summary>
internal sealed class LogAppender(LogTail tail, LogEnd end, TimeProvider time) : IGroupHandler<LogAppend>
{
    private readonly List<StoredChunk> _chunks = [];
    private byte[] _open = new byte[StoredChunk.BytesMax];
    private int _openBytes;
    private int _openCount;
    private long _next;
    private long _nowMs;
    private SqliteStatement? _insert;

    public void Opened(SqliteDatabase database)
    {
        _insert = database.Prepare("INSERT INTO chunks(first_offset, count, bytes, appended_ms) VALUES(?1, ?2, ?3, ?4)");
        using SqliteStatement newest = database.Prepare("SELECT first_offset + count FROM chunks ORDER BY first_offset DESC LIMIT 1");
        _next = newest.Step() ? newest.Integer(0) : 0;

        // After a commit of which nothing was heard the file may hold more than was told.
        if (_next != end.Value)
        {
            tail.Clear();
            end.MoveTo(_next);
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
            Lay(append.Encoded, append.Records);
            append.Last = _next + _openCount - 1;
        }

        EndChunk();
    }

    public void Committed(ReadOnlySpan<LogAppend> group)
    {
        foreach (StoredChunk chunk in _chunks)
        {
            tail.Add(chunk);
        }

        _chunks.Clear();
        end.MoveTo(_next);
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
    }

    private void Lay(ReadOnlySpan<byte> encoded, int records)
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

    /// <summary>The leading records that the open chunk still takes; one of any size if it is empty.</summary>
    private (int Bytes, int Count) Fitting(ReadOnlySpan<byte> encoded)
    {
        int bytes = 0;
        int count = 0;
        while (bytes < encoded.Length && _openCount + count < StoredChunk.RecordsMax)
        {
            int next = bytes + sizeof(int) + BinaryPrimitives.ReadInt32LittleEndian(encoded[bytes..]);
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

        StoredChunk chunk = new(_next, _openCount, _open.AsSpan(0, _openBytes).ToArray(), _nowMs);
        _insert!.Bind(1, chunk.First);
        _insert.Bind(2, chunk.Count);
        _insert.BindBytes(3, chunk.Bytes);
        _insert.Bind(4, _nowMs);
        _insert.Run();
        _chunks.Add(chunk);
        _next += _openCount;
        _openBytes = 0;
        _openCount = 0;
    }
}
