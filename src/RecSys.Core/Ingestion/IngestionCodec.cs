using System.Buffers;
using System.Buffers.Binary;
using RecSys.Core.Log;

namespace RecSys.Core.Ingestion;

/// <summary>The bytes of <see cref="Take"/>, <see cref="Taken"/>, <see cref="Gap"/> and <see cref="Saved"/> between nodes.</summary>
/// <remarks>
/// A version byte (1), a kind byte, owner (16), epoch and partition (int32), then int64s: a Take's base, after and ticket, the count of its records
/// (int32) and for each its offset (int64), length (int32) and bytes; an answer's ticket, has and saved; a Saved's offset. Little-endian.
/// Kinds and versions are added, never changed.
/// </remarks>
public static class IngestionCodec
{
    /// <summary>The bytes of a Take without its records.</summary>
    public const int TakeHeadBytes = HeadBytes + (3 * sizeof(long)) + sizeof(int);

    /// <summary>The bytes of a record's offset and length in a message.</summary>
    public const int RecordHeadBytes = sizeof(long) + sizeof(int);

    private const byte Version = 1;
    private const byte TakeKind = 1;
    private const byte TakenKind = 2;
    private const byte GapKind = 3;
    private const byte SavedKind = 4;
    private const int HeadBytes = 2 + Owner.SizeBytes + (2 * sizeof(int));
    private const int AnswerBytes = HeadBytes + (3 * sizeof(long));
    private const int SavedBytes = HeadBytes + sizeof(long);

    /// <summary>Returns the number of bytes that <see cref="Encode(Take, IBufferWriter{byte})"/> writes.</summary>
    public static int SizeOf(Take take)
    {
        ArgumentNullException.ThrowIfNull(take);
        int size = TakeHeadBytes;
        foreach (ref readonly LogEntry record in take.Records.Span)
        {
            size += RecordHeadBytes + record.Bytes.Length;
        }

        return size;
    }

    /// <summary>Writes a Take.</summary>
    public static void Encode(Take take, IBufferWriter<byte> into)
    {
        ArgumentNullException.ThrowIfNull(take);
        ArgumentNullException.ThrowIfNull(into);
        Span<byte> head = into.GetSpan(TakeHeadBytes);
        WriteHead(head, TakeKind, take.Owner, take.Epoch, take.Partition);
        BinaryPrimitives.WriteInt64LittleEndian(head[HeadBytes..], take.Base);
        BinaryPrimitives.WriteInt64LittleEndian(head[(HeadBytes + 8)..], take.After);
        BinaryPrimitives.WriteInt64LittleEndian(head[(HeadBytes + 16)..], take.Ticket);
        BinaryPrimitives.WriteInt32LittleEndian(head[(HeadBytes + 24)..], take.Records.Length);
        into.Advance(TakeHeadBytes);
        foreach (ref readonly LogEntry record in take.Records.Span)
        {
            int size = RecordHeadBytes + record.Bytes.Length;
            Span<byte> bytes = into.GetSpan(size);
            BinaryPrimitives.WriteInt64LittleEndian(bytes, record.Offset);
            BinaryPrimitives.WriteInt32LittleEndian(bytes[8..], record.Bytes.Length);
            record.Bytes.Span.CopyTo(bytes[RecordHeadBytes..]);
            into.Advance(size);
        }
    }

    /// <summary>Writes an answer.</summary>
    public static void Encode(TakeAnswer answer, IBufferWriter<byte> into)
    {
        ArgumentNullException.ThrowIfNull(answer);
        ArgumentNullException.ThrowIfNull(into);
        Span<byte> bytes = into.GetSpan(AnswerBytes);
        WriteHead(bytes, answer is Taken ? TakenKind : GapKind, answer.Owner, answer.Epoch, answer.Partition);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[HeadBytes..], answer.Ticket);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[(HeadBytes + 8)..], answer.Has);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[(HeadBytes + 16)..], answer.SavedUpTo);
        into.Advance(AnswerBytes);
    }

    /// <summary>Writes a hint that a state was saved.</summary>
    public static void Encode(Saved saved, IBufferWriter<byte> into)
    {
        ArgumentNullException.ThrowIfNull(saved);
        ArgumentNullException.ThrowIfNull(into);
        Span<byte> bytes = into.GetSpan(SavedBytes);
        WriteHead(bytes, SavedKind, saved.Owner, saved.Epoch, saved.Partition);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[HeadBytes..], saved.UpTo);
        into.Advance(SavedBytes);
    }

    /// <summary>Reads what any <c>Encode</c> wrote.</summary>
    /// <param name="bytes">The message; a Take's records keep referring to this memory.</param>
    /// <returns>A <see cref="Take"/>, <see cref="Taken"/>, <see cref="Gap"/> or <see cref="Saved"/>.</returns>
    /// <exception cref="InvalidDataException">The bytes are not such a message, or are cut short.</exception>
    public static object Decode(ReadOnlyMemory<byte> bytes)
    {
        ReadOnlySpan<byte> span = bytes.Span;
        if (span.Length < SavedBytes)
        {
            throw new InvalidDataException($"an ingestion message has {span.Length} bytes; at least {SavedBytes} are expected");
        }

        if (span[0] != Version)
        {
            throw new InvalidDataException($"an ingestion message has version {span[0]}; version {Version} is supported");
        }

        Owner owner = new(span[2..]);
        int epoch = BinaryPrimitives.ReadInt32LittleEndian(span[(2 + Owner.SizeBytes)..]);
        int partition = BinaryPrimitives.ReadInt32LittleEndian(span[(6 + Owner.SizeBytes)..]);
        switch (span[1])
        {
            case TakeKind when span.Length >= TakeHeadBytes:
                return new Take(
                    owner, epoch, partition, Int64(span, 0), Int64(span, 1), Int64(span, 2), ReadRecords(bytes[(HeadBytes + 24)..]));
            case TakenKind when span.Length == AnswerBytes:
                return new Taken(owner, epoch, partition, Int64(span, 0), Int64(span, 1), Int64(span, 2));
            case GapKind when span.Length == AnswerBytes:
                return new Gap(owner, epoch, partition, Int64(span, 0), Int64(span, 1), Int64(span, 2));
            case SavedKind when span.Length == SavedBytes:
                return new Saved(owner, epoch, partition, Int64(span, 0));
            default:
                throw new InvalidDataException($"an ingestion message of kind {span[1]} has {span.Length} bytes");
        }
    }

    private static LogEntry[] ReadRecords(ReadOnlyMemory<byte> bytes)
    {
        int count = BinaryPrimitives.ReadInt32LittleEndian(bytes.Span);
        bytes = bytes[sizeof(int)..];
        if (count < 0 || count > bytes.Length / RecordHeadBytes)
        {
            throw new InvalidDataException($"a Take of {bytes.Length} bytes claims to have {count} records");
        }

        LogEntry[] records = count == 0 ? [] : new LogEntry[count];
        for (int i = 0; i < records.Length; i++)
        {
            if (bytes.Length < RecordHeadBytes)
            {
                throw new InvalidDataException($"a Take is cut short in record {i} of {count}");
            }

            long offset = BinaryPrimitives.ReadInt64LittleEndian(bytes.Span);
            int length = BinaryPrimitives.ReadInt32LittleEndian(bytes.Span[8..]);
            bytes = bytes[RecordHeadBytes..];
            if (length < 0 || length > bytes.Length)
            {
                throw new InvalidDataException($"a Take is cut short in record {i} of {count}");
            }

            records[i] = new LogEntry(offset, bytes[..length]);
            bytes = bytes[length..];
        }

        return bytes.IsEmpty ? records : throw new InvalidDataException($"a Take has {bytes.Length} bytes after its records");
    }

    private static void WriteHead(Span<byte> bytes, byte kind, Owner owner, int epoch, int partition)
    {
        bytes[0] = Version;
        bytes[1] = kind;
        owner.WriteTo(bytes[2..]);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[(2 + Owner.SizeBytes)..], epoch);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[(6 + Owner.SizeBytes)..], partition);
    }

    private static long Int64(ReadOnlySpan<byte> bytes, int index) =>
        BinaryPrimitives.ReadInt64LittleEndian(bytes[(HeadBytes + (index * sizeof(long)))..]);
}
