using System.Buffers.Binary;
using RecSys.Core;
using RecSys.Core.Log;

namespace RecSys.Sqlite.Log;

/// <summary>
/// Consecutive records as stored in one row: of each its length (int32, little-endian), from format version 3 on its checksum (uint32, little-endian),
/// and its bytes. Immutable.
/// </summary>
/// <param name="First">Offset of the first record.</param>
/// <param name="Count">Number of offsets; if the file is damaged, it may exceed the number of records in <paramref name="Bytes"/>.</param>
/// <param name="Bytes">All records.</param>
/// <param name="AppendedMs">Time of the append, in milliseconds since 1970, UTC; null in files of format version 1.</param>
internal sealed record StoredChunk(long First, long Count, byte[] Bytes, long? AppendedMs = null)
{
    /// <summary>The largest number of records of a row.</summary>
    public const int RecordsMax = 4_096;

    /// <summary>The largest number of bytes of a row, unless one record has more: an array of this size stays out of the large-object heap.</summary>
    public const int BytesMax = 65_536;

    /// <summary>Bytes before a record with a checksum: length and checksum.</summary>
    public const int HeaderBytes = sizeof(int) + sizeof(uint);

    private const int OldHeaderBytes = sizeof(int);

    public long Next => First + Count;

    /// <summary>Gets whether each record has a checksum: false for rows that were written before format version 3.</summary>
    public bool HasSums { get; init; }

    /// <summary>Gets the indices of records that are left out of reads: damaged ones, and ones that may be skipped; null if there are none.</summary>
    public HashSet<int>? LeftOut { get; init; }

    /// <summary>Gets the indices of the damaged records, including those after a damaged length, which cannot be found; null if there are none.</summary>
    public HashSet<int>? Corrupt { get; init; }

    /// <summary>Gets the indices of the records that only a newer program can read; null if there are none.</summary>
    public HashSet<int>? Newer { get; init; }

    public int FrameBytes => HasSums ? HeaderBytes : OldHeaderBytes;

    /// <summary>Returns a chunk for offsets without stored records.</summary>
    public static StoredChunk Absent(long first, long next) => new(first, next - first, []);

    /// <summary>Returns the records of consecutive chunks from an offset on, without a copy.</summary>
    /// <param name="chunks">The chunks; the first contains <paramref name="from"/>.</param>
    /// <param name="from">First offset to return.</param>
    /// <param name="countMax">Maximum number of records.</param>
    /// <returns>The readable records; they end before a record that only a newer program can read.</returns>
    public static LogChunk Slice(IReadOnlyList<StoredChunk> chunks, long from, int countMax)
    {
        long available = 0;
        foreach (StoredChunk chunk in chunks)
        {
            available += chunk.Bytes.Length == 0 ? 0 : chunk.Next - Math.Max(chunk.First, from);
        }

        LogEntry[] entries = new LogEntry[(int)Math.Min(available, countMax)];
        int filled = 0;
        long next = from;
        long? appendedMs = null;
        bool isFull = false;
        for (int index = 0; index < chunks.Count && !isFull; index++)
        {
            StoredChunk chunk = chunks[index];
            isFull = !chunk.CopyTo(entries, ref filled, ref next, from);
            appendedMs = filled > 0 ? chunk.AppendedMs ?? appendedMs : null;
        }

        if (filled < entries.Length)
        {
            Array.Resize(ref entries, filled);
        }

        return new LogChunk(0, entries, next) { AppendedMs = appendedMs };
    }

    /// <summary>Returns this chunk with some of its records erased: a person's records, and merges of the person into others.</summary>
    public StoredChunk Without(IReadOnlyList<(int At, int Length)> records, Owner owner)
    {
        byte[] bytes = [.. Bytes];
        foreach ((int at, int length) in records)
        {
            byte[] erased = ErasedFrame(Bytes.AsSpan(at, length), owner);
            (HasSums ? erased : erased.AsSpan(sizeof(uint))).CopyTo(bytes.AsSpan(at - (HasSums ? sizeof(uint) : 0)));
        }

        return this with { Bytes = bytes };
    }

    /// <summary>Returns the bytes that replace an erased record: the checksum, and the remainder of the record (<see cref="LogRecordCodec.Overwrite"/>).</summary>
    public static byte[] ErasedFrame(ReadOnlySpan<byte> record, Owner owner)
    {
        byte[] frame = new byte[sizeof(uint) + record.Length];
        Span<byte> left = frame.AsSpan(sizeof(uint));
        record.CopyTo(left);
        LogRecordCodec.Overwrite(left, owner);
        BinaryPrimitives.WriteUInt32LittleEndian(frame, LogChecksum.OfRecord(left));
        return frame;
    }

    /// <summary>Returns the checksum of the row without its records.</summary>
    public static long HeadSum(long first, long count, int bytesLength, long appendedMs)
    {
        Span<byte> head = stackalloc byte[28];
        BinaryPrimitives.WriteInt64LittleEndian(head, first);
        BinaryPrimitives.WriteInt64LittleEndian(head[8..], count);
        BinaryPrimitives.WriteInt64LittleEndian(head[16..], appendedMs);
        BinaryPrimitives.WriteInt32LittleEndian(head[24..], bytesLength);
        return (long)LogChecksum.Of(head);
    }

    public RecordEnumerator Records() => new(this);

    public bool IsSoundAt(int at, int length)
    {
        ReadOnlySpan<byte> record = Bytes.AsSpan(at, length);
        return HasSums
            ? BinaryPrimitives.ReadUInt32LittleEndian(Bytes.AsSpan(at - sizeof(uint))) == LogChecksum.OfRecord(record)
            : record.StartsWith(LogRecordCodec.ErasedRecord) || LogRecordCodec.IsWellFormed(record);
    }

    /// <summary>Copies records until the buffer is full; returns false if it stopped before the end of the chunk.</summary>
    private bool CopyTo(LogEntry[] entries, ref int filled, ref long next, long from)
    {
        int index = 0;
        foreach ((int at, int length) in Records())
        {
            if (First + index >= from && Newer?.Contains(index) == true)
            {
                return false;
            }

            if (First + index >= from && LeftOut?.Contains(index) != true)
            {
                if (filled == entries.Length)
                {
                    return false;
                }

                entries[filled++] = new LogEntry(First + index, RecordAt(at, length));
            }

            index++;
            next = Math.Max(next, First + index);
            if (index == Count)
            {
                break;
            }
        }

        next = Math.Max(next, Next); // skip records that are missing or truncated at the end of the chunk
        return true;
    }

    // An erased record keeps its length: zeros follow its few bytes.
    private ReadOnlyMemory<byte> RecordAt(int at, int length) =>
        Bytes.AsSpan(at, length).StartsWith(LogRecordCodec.ErasedRecord)
            ? new ReadOnlyMemory<byte>(Bytes, at, LogRecordCodec.ErasedRecord.Length)
            : new ReadOnlyMemory<byte>(Bytes, at, length);

    /// <summary>Iterates the records of a chunk by position and length; stops at a damaged length that exceeds the chunk.</summary>
    public struct RecordEnumerator(StoredChunk chunk)
    {
        private int _next;

        public (int At, int Length) Current { get; private set; }

        public readonly RecordEnumerator GetEnumerator() => this;

        public bool MoveNext()
        {
            byte[] bytes = chunk.Bytes;
            int at = _next + chunk.FrameBytes;
            int length = at <= bytes.Length ? BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(_next)) : -1;
            if (length < 0 || length > bytes.Length - at)
            {
                return false;
            }

            Current = (at, length);
            _next = at + length;
            return true;
        }
    }
}
