using System.Text;

namespace RecSys.Core.Log;

/// <summary>The epoch of a log and its number of partitions.</summary>
public readonly record struct LogShape(int Epoch, int PartitionCount)
{
    /// <summary>Returns the partition of all of a user's records: the user's shard modulo the number of partitions.</summary>
    public int PartitionOf(Owner owner) => PartitionOf(owner.Shard);

    /// <summary>Returns the partition that a shard of users belongs to.</summary>
    public int PartitionOf(int shard) => shard % PartitionCount;

    /// <summary>Returns the partition of all of an item's records, from a checksum of its id. Never changes.</summary>
    public int PartitionOf(ItemId item) => (int)(LogChecksum.Of(Encoding.UTF8.GetBytes(item.Value)) % (ulong)PartitionCount);

    /// <summary>Returns what is wrong with the number of partitions, or null.</summary>
    public string? Problem() =>
        PartitionCount is >= 1 and <= Limits.ShardCount && int.IsPow2(PartitionCount)
            ? null
            : $"the log has {PartitionCount} partitions; a power of two from 1 to {Limits.ShardCount} is needed, so that all have equally many shards of users";
}
