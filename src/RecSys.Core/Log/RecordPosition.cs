namespace RecSys.Core.Log;

/// <summary>The position of one record. A user's records are ordered by time, then by position.</summary>
/// <param name="Epoch">Number of changes of the partition count; compared first.</param>
/// <param name="Partition">The partition, from 0.</param>
/// <param name="Offset">The offset in it, from 0; −1 precedes all records.</param>
public readonly record struct RecordPosition(int Epoch, int Partition, long Offset) : IComparable<RecordPosition>
{
    /// <inheritdoc/>
    public int CompareTo(RecordPosition other) =>
        Epoch != other.Epoch ? Epoch.CompareTo(other.Epoch)
        : Partition != other.Partition ? Partition.CompareTo(other.Partition)
        : Offset.CompareTo(other.Offset);

    /// <summary>Compares by epoch, partition, offset.</summary>
    public static bool operator <(RecordPosition left, RecordPosition right) => left.CompareTo(right) < 0;

    /// <summary>Compares by epoch, partition, offset.</summary>
    public static bool operator >(RecordPosition left, RecordPosition right) => left.CompareTo(right) > 0;

    /// <summary>Compares by epoch, partition, offset.</summary>
    public static bool operator <=(RecordPosition left, RecordPosition right) => left.CompareTo(right) <= 0;

    /// <summary>Compares by epoch, partition, offset.</summary>
    public static bool operator >=(RecordPosition left, RecordPosition right) => left.CompareTo(right) >= 0;
}
