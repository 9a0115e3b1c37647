using System.Buffers.Binary;
using RecSys.Core.Log;

namespace RecSys.Sqlite.Log;

/// <summary>Consecutive records as one row holds them: each its length (int32, little-endian) and its bytes. Immutable.</summary>
/// <param name="First">The offset of the first record.</param>
/// <param name="Count">The records.</param>
/// <param name="Bytes">All of them.</param>
/// <param name="AppendedMs">When they were appended, in milliseconds since 1970, UTC; null in files of format version 1.</param>
internal sealed record StoredChunk(long First, int Count, byte[] Bytes, long? AppendedMs = null)
{
    /// <summary>The most records of a row.</summary>
    public const int RecordsMax = 4_096;

    /// <summary>The most bytes of a row, unless one record has more: an array of this size stays out of the large-object heap.</summary>
    public const int BytesMax = 65_536;

    public long Next => First + Count;

    /// <summary>The records from an offset on, of these consecutive chunks, without a copy.</summary>
    public static LogChunk Slice(IReadOnlyList<StoredChunk> chunks, long from, int countMax)
    {
        long available = 0;
        foreach (StoredChunk chunk in chunks)
        {
            available += chunk.Next - Math.Max(chunk.First, from);
        }

        LogEntry[] entries = new LogEntry[(int)Math.Min(available, countMax)];
        int filled = 0;
        long? appendedMs = null;
        for (int index = 0; index < chunks.Count && filled < entries.Length; index++)
        {
            StoredChunk chunk = chunks[index];
            appendedMs = chunk.AppendedMs;
            long offset = chunk.First;
            foreach ((int at, int length) in chunk.Records())
            {
                if (offset >= from)
                {
                    entries[filled++] = new LogEntry(offset, chunk.RecordAt(at, length));
                    if (filled == entries.Length)
                    {
                        break;
                    }
                }

                offset++;
            }
        }

        return new LogChunk(0, entries, entries.Length == 0 ? from : entries[^1].Offset + 1) { AppendedMs = appendedMs };
    }

    /// <summary>This chunk with some of its records erased.</summary>
    public StoredChunk Without(IReadOnlyList<(int At, int Length)> records)
    {
        byte[] bytes = [.. Bytes];
        foreach ((int at, int length) in records)
        {
            bytes.AsSpan(at, length).Clear();
            LogRecordCodec.ErasedRecord.CopyTo(bytes.AsSpan(at));
        }

        return this with { Bytes = bytes };
    }

    public RecordEnumerator Records() => new(this);

    // An erased record keeps its place: what follows its few bytes is zeros.
    private ReadOnlyMemory<byte> RecordAt(int at, int length) =>
        Bytes.AsSpan(at, length).StartsWith(LogRecordCodec.ErasedRecord)
            ? new ReadOnlyMemory<byte>(Bytes, at, LogRecordCodec.ErasedRecord.Length)
            : new ReadOnlyMemory<byte>(Bytes, at, length);

    /// <summary>Walks a chunk's records: where each begins and how long it is.</summary>
    public struct RecordEnumerator(StoredChunk chunk)
    {
        private int _next;

        public (int At, int Length) Current { get; private set; }

        public readonly RecordEnumerator GetEnumerator() => this;

        public bool MoveNext()
        {
            byte[] bytes = chunk.Bytes;
            if (_next == bytes.Length)
            {
                return false;
            }

            int at = _next + sizeof(int);
            int length = at <= bytes.Length ? BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(_next)) : -1;
            if (length < 0 || length > bytes.Length - at)
            {
                throw new InvalidDataException($"the chunk of the log at offset {chunk.First} is damaged at byte {_next}");
            }

            Current = (at, length);
            _next = at + length;
            return true;
        }
    }
}
