namespace RecSys.Core.Ports;

/// <summary>The state of the cluster and the speed layer, as seen from this node.</summary>
public interface IClusterControl
{
    /// <summary>Returns whether this node is a member of its cluster, its user actors answer, and none of its ingestion has stopped permanently.</summary>
    ValueTask<bool> IsReadyAsync(CancellationToken cancellationToken);

    /// <summary>Returns the nodes, and the shards, users and partitions of this node.</summary>
    ValueTask<ClusterStatus> GetStatusAsync(CancellationToken cancellationToken);
}

/// <summary>Nodes, shards and lag, as one node sees them.</summary>
/// <param name="Nodes">The nodes of the cluster.</param>
/// <param name="ShardsStarted">Number of shards of users on this node.</param>
/// <param name="LiveUsers">Number of user actors in memory on this node.</param>
/// <param name="Lag">The progress of ingestion, by partition.</param>
public sealed record ClusterStatus(
    IReadOnlyList<ClusterMember> Nodes, int ShardsStarted, long LiveUsers, IReadOnlyList<PartitionProgress> Lag);

/// <summary>A node of the cluster.</summary>
/// <param name="Address">Address of the node in the cluster.</param>
/// <param name="Roles">Roles of the node.</param>
/// <param name="Status">Akka's name of its state: joining, up, leaving, exiting, down, or unreachable.</param>
public sealed record ClusterMember(string Address, IReadOnlyList<string> Roles, string Status);

/// <summary>Progress of a partition's ingestion.</summary>
/// <param name="Partition">The partition.</param>
/// <param name="End">The offset that the next record of the log will get.</param>
/// <param name="Next">The offset that is read next.</param>
/// <param name="Checkpoint">The saved checkpoint: records before it are not read again.</param>
/// <param name="LagMs">The age of the oldest record that is not read or not known to be applied, in milliseconds; null while the partition is not ingested.</param>
/// <param name="UnsavedUsers">Number of users with an unsaved record.</param>
public sealed record PartitionProgress(int Partition, long End, long Next, long Checkpoint, double? LagMs, int UnsavedUsers)
{
    /// <summary>Gets the reason why ingestion stopped permanently, and the remedy; null while it runs.</summary>
    public string? Fault { get; init; }
}
