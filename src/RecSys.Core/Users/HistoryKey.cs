using RecSys.Core.Log;

namespace RecSys.Core.Users;

/// <summary>The total order of a user's interactions: time, then place in the log; the order of arrival does not matter.</summary>
internal readonly record struct HistoryKey(long TimestampMs, RecordPosition Position) : IComparable<HistoryKey>
{
    /// <summary>The largest number of bytes that <see cref="Write"/> takes.</summary>
    public const int BytesMax = 40;

    public int CompareTo(HistoryKey other) =>
        TimestampMs != other.TimestampMs ? TimestampMs.CompareTo(other.TimestampMs) : Position.CompareTo(other.Position);

    public int Write(Span<byte> into)
    {
        int used = Varints.Write(into, Varints.ZigZag(TimestampMs));
        used += Varints.Write(into[used..], (ulong)Position.Epoch);
        used += Varints.Write(into[used..], (ulong)Position.Partition);
        return used + Varints.Write(into[used..], (ulong)Position.Offset);
    }

    public static HistoryKey Read(ref ByteReader reader)
    {
        long timestampMs = reader.ZigZag();
        int epoch = reader.Count(int.MaxValue);
        int partition = reader.Count(LogPosition.PartitionsMax - 1);
        ulong offset = reader.Varint();
        if (offset > long.MaxValue)
        {
            reader.Break();
        }

        return new HistoryKey(timestampMs, new RecordPosition(epoch, partition, (long)offset));
    }

    public static bool operator <(HistoryKey left, HistoryKey right) => left.CompareTo(right) < 0;

    public static bool operator >(HistoryKey left, HistoryKey right) => left.CompareTo(right) > 0;
}
