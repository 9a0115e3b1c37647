using System.Buffers;
using RecSys.Core;
using RecSys.Core.Log;

namespace RecSys.Batch.Replay;

/// <summary>Changes the times of item records in a replay, where the log or file does not have the time at which an item was added.</summary>
/// <remarks>
/// Such an item is in the catalogue from the beginning, without a time: it is not known which items the catalogue had at which time, and leaving out items that nobody touched yet would give away the later interactions.
/// Its age is counted from its first interaction. The replay sets this time just after that interaction.
/// </remarks>
internal static class ItemWrites
{
    /// <summary>The time of an item record whose time is unknown. The item counts as added at the time of its next record.</summary>
    public const long NoTimeMs = 0;

    /// <summary>Returns the bytes of an item record.</summary>
    public static ReadOnlyMemory<byte> Encode(LogRecord.ItemChanged record)
    {
        ArrayBufferWriter<byte> bytes = new(96);
        LogRecordCodec.Encode(record, default(Owner), bytes);
        return bytes.WrittenMemory;
    }

    /// <summary>Returns an item record without a time, which takes effect at the beginning.</summary>
    public static ReplayRecord WithoutTime(ReplayRecord record) => new(long.MinValue, BytesAt(ChangeIn(record)!, NoTimeMs));

    /// <summary>Returns an item record with another time; the record takes effect at that time. Returns null if the record deletes the item.</summary>
    public static ReplayRecord? AddedAt(ReplayRecord record, long timeMs) =>
        ChangeIn(record) is { Content: not null } change ? new(timeMs, BytesAt(change, timeMs)) : null;

    /// <summary>Returns the item of an item record, and the record with another time but at its old place in the replay; null for other records.</summary>
    public static (ItemId Item, ReplayRecord Record)? Redated(ReplayRecord record, long timeMs) =>
        !record.IsAct && ChangeIn(record) is { } change ? (change.Item, record with { Bytes = BytesAt(change, timeMs) }) : null;

    private static LogRecord.ItemChanged? ChangeIn(ReplayRecord record) => LogRecordCodec.Decode(record.Bytes.Span) as LogRecord.ItemChanged;

    private static ReadOnlyMemory<byte> BytesAt(LogRecord.ItemChanged change, long timeMs) => Encode(change with { TimestampMs = timeMs });
}
