namespace RecSys.Core.Ports;

/// <summary>The state of the cluster and the speed layer: of this node, and of all nodes as they report it.</summary>
public interface IClusterControl
{
    /// <summary>Gets the name of this node, as <see cref="ClusterMember.Name"/> has it.</summary>
    string Node { get; }

    /// <summary>Returns whether this node is a member of its cluster, its user actors answer, and none of its ingestion has stopped permanently.</summary>
    ValueTask<bool> IsReadyAsync(CancellationToken cancellationToken);

    /// <summary>Returns the nodes, and the shards, users and partitions of this node. No other node is asked.</summary>
    /// <exception cref="StoreUnavailableException">The log cannot be reached.</exception>
    ValueTask<ClusterStatus> GetStatusAsync(CancellationToken cancellationToken);

    /// <summary>Asks every member of the cluster for its state. One that does not answer within <see cref="NodeStatus.AnswerMax"/> is returned without a report.</summary>
    /// <returns>The members, in the order of their names.</returns>
    ValueTask<IReadOnlyList<NodeStatus>> GetNodesAsync(CancellationToken cancellationToken);

    /// <summary>Asks every member of the cluster for its partitions, and returns all partitions of the log, including those that no node reports.</summary>
    ValueTask<IReadOnlyList<PartitionStatus>> GetPartitionsAsync(CancellationToken cancellationToken);

    /// <summary>Asks a node to drain: the node stops being ready, hands its partitions over, saves all states, leaves the cluster and ends its process with exit code 0. The call does not wait for that.</summary>
    /// <param name="node">Name or address of the node.</param>
    /// <param name="cancellationToken">Cancels the call; the node may drain nevertheless.</param>
    ValueTask<DrainAnswer> DrainAsync(string node, CancellationToken cancellationToken);
}

/// <summary>Nodes, shards and lag, as one node sees them.</summary>
/// <param name="Nodes">The nodes of the cluster.</param>
/// <param name="ShardsStarted">Number of shards of users on this node.</param>
/// <param name="LiveUsers">Number of user actors in memory on this node.</param>
/// <param name="Lag">The progress of ingestion of this node's partitions.</param>
public sealed record ClusterStatus(
    IReadOnlyList<ClusterMember> Nodes, int ShardsStarted, long LiveUsers, IReadOnlyList<PartitionProgress> Lag);

/// <summary>A node of the cluster.</summary>
/// <param name="Name">HOST:PORT at which other nodes reach it; <c>local</c> for a node that no other can reach.</param>
/// <param name="Address">Address of the node in the cluster.</param>
/// <param name="Roles">Roles of the node.</param>
/// <param name="Status">Akka's name of its state: joining, up, leaving, exiting, down, or unreachable.</param>
public sealed record ClusterMember(string Name, string Address, IReadOnlyList<string> Roles, string Status);

/// <summary>Progress of a partition's ingestion.</summary>
/// <param name="Partition">Number of the partition, from 0.</param>
/// <param name="End">The offset that the next record of the log will get.</param>
/// <param name="Next">The offset that is read next.</param>
/// <param name="Checkpoint">The saved checkpoint: after a restart, only records of parked users are read again before it.</param>
/// <param name="LagMs">The age of the oldest record that is not read or not known to be applied, in milliseconds; null while the partition is not ingested.</param>
/// <param name="UnsavedUsers">Number of users with an unsaved record.</param>
public sealed record PartitionProgress(int Partition, long End, long Next, long Checkpoint, double? LagMs, int UnsavedUsers)
{
    /// <summary>Gets the reason why ingestion stopped permanently, and the remedy; null while it runs.</summary>
    public string? Fault { get; init; }
}
