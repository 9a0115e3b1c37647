namespace RecSys.Core.Ports;

/// <summary>A member of the cluster and its report.</summary>
/// <param name="Member">The member, as the asking node sees it.</param>
/// <param name="Report">The report of the node about itself; null if the node did not answer within <see cref="AnswerMax"/>.</param>
public sealed record NodeStatus(ClusterMember Member, NodeReport? Report)
{
    /// <summary>The time within which a node must answer; after it, the node is listed as one that does not answer.</summary>
    public static readonly TimeSpan AnswerMax = TimeSpan.FromSeconds(2);
}

/// <summary>The report of a node about itself.</summary>
/// <remarks>It is sent between nodes of different versions as JSON: members may be added, and are optional then.</remarks>
public sealed record NodeReport
{
    /// <summary>Gets whether the node is ready for requests, as <c>/health/ready</c> of the node reports.</summary>
    public required bool IsReady { get; init; }

    /// <summary>Gets the version of the node's program.</summary>
    public required string Version { get; init; }

    /// <summary>Gets the time of the node's start, in milliseconds since 1970, UTC.</summary>
    public required long StartedAtMs { get; init; }

    /// <summary>Gets the version of the model that the node serves; null if it serves none.</summary>
    public string? Model { get; init; }

    /// <summary>Gets the reason why the node does not serve the champion; null if it does, or if there is no champion.</summary>
    public string? ModelProblem { get; init; }

    /// <summary>Gets the number of shards of users on the node.</summary>
    public int Shards { get; init; }

    /// <summary>Gets the partitions that the node ingests, or of which it has users in memory.</summary>
    public IReadOnlyList<HostedPartition> Partitions { get; init; } = [];
}

/// <summary>A partition on a node.</summary>
/// <param name="Partition">Number of the partition, from 0.</param>
/// <param name="Users">Number of its users whose actors are in memory on the node.</param>
/// <param name="Progress">Progress of its ingestion; null if the node does not ingest it, as during a move.</param>
public sealed record HostedPartition(int Partition, int Users, PartitionProgress? Progress);

/// <summary>A partition of the log in the cluster.</summary>
/// <param name="Partition">Number of the partition, from 0.</param>
/// <param name="Node">Name of the node that ingests it; null if no node reports it.</param>
/// <param name="Users">Number of its users in memory on all nodes.</param>
/// <param name="End">The offset that the next record of the log will get; 0 if the log and the partition's node do not answer.</param>
/// <param name="Progress">Progress of its ingestion; null if no node reports it.</param>
public sealed record PartitionStatus(int Partition, string? Node, int Users, long End, PartitionProgress? Progress);

/// <summary>The outcome of a request to drain a node.</summary>
public enum DrainOutcome
{
    /// <summary>The node has begun to stop.</summary>
    Accepted = 0,

    /// <summary>The cluster has no such node.</summary>
    UnknownNode = 1,

    /// <summary>The node did not answer within <see cref="NodeStatus.AnswerMax"/>.</summary>
    NoAnswer = 2,

    /// <summary>No other ready node has the roles to take its partitions over.</summary>
    NoSuccessor = 3,
}

/// <summary>The answer to a request to drain a node.</summary>
/// <param name="Outcome">Whether the node drains, or the reason why it does not.</param>
/// <param name="Node">The state of the node before the request; null if the node is unknown.</param>
/// <param name="Nodes">All nodes of the cluster.</param>
public sealed record DrainAnswer(DrainOutcome Outcome, NodeStatus? Node, IReadOnlyList<NodeStatus> Nodes);
