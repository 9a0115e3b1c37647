namespace RecSys.Client;

/// <summary>The nodes of the cluster. Each node reports its own state when it is asked.</summary>
public sealed record ClusterResponse
{
    /// <summary>Gets the name of the node that answers.</summary>
    public required string Node { get; init; }

    /// <summary>Gets the members of the cluster, in the order of their names, including those that do not answer.</summary>
    public required IReadOnlyList<ClusterNode> Nodes { get; init; }
}

/// <summary>One node of the cluster.</summary>
public sealed record ClusterNode
{
    /// <summary>Gets the node's name: HOST:PORT at which other nodes reach it; <c>local</c> for a node that no other can reach.</summary>
    public required string Name { get; init; }

    /// <summary>Gets the node's address in the cluster, as jobs and models name it.</summary>
    public required string Address { get; init; }

    /// <summary>Gets the node's roles: <c>serve</c>, <c>profile</c>, <c>batch</c>.</summary>
    public required IReadOnlyList<string> Roles { get; init; }

    /// <summary>Gets the state as the answering node sees it, such as <c>up</c>, <c>leaving</c> or <c>unreachable</c>.</summary>
    public required string Status { get; init; }

    /// <summary>Gets whether the node answered within 2 s. If not, the members below are absent.</summary>
    public required bool Answers { get; init; }

    /// <summary>Gets whether the node is ready for requests.</summary>
    public bool? Ready { get; init; }

    /// <summary>Gets the version of the node's program.</summary>
    public string? Version { get; init; }

    /// <summary>Gets the time of the node's start.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>Gets the version of the model that the node serves.</summary>
    /// <value>Absent if it serves none.</value>
    public string? ModelVersion { get; init; }

    /// <summary>Gets why the node does not serve the champion.</summary>
    /// <value>Absent if it does, or there is none.</value>
    public string? ModelProblem { get; init; }

    /// <summary>Gets the partitions of the log that the node ingests.</summary>
    public IReadOnlyList<int>? Partitions { get; init; }

    /// <summary>Gets the number of shards of users on the node.</summary>
    public int? Shards { get; init; }

    /// <summary>Gets the number of users in the node's memory.</summary>
    public long? Users { get; init; }
}

/// <summary>The partitions of the log, as the nodes that ingest them report them.</summary>
public sealed record PartitionsResponse
{
    /// <summary>Gets the name of the node that answers.</summary>
    public required string Node { get; init; }

    /// <summary>Gets the partitions, by number.</summary>
    public required IReadOnlyList<ClusterPartition> Partitions { get; init; }

    /// <summary>Gets the number of unread records in all partitions that a node ingests.</summary>
    public required long LagRecords { get; init; }

    /// <summary>Gets the largest lag of a partition, in milliseconds.</summary>
    /// <value>Absent while a partition is ingested by no node that answers.</value>
    public double? LagMs { get; init; }

    /// <summary>Gets the partition with the largest lag, or the first one that no node ingests.</summary>
    public int? Worst { get; init; }
}

/// <summary>One partition of the log: its node, and how far its ingestion is.</summary>
public sealed record ClusterPartition
{
    /// <summary>Gets the partition's number.</summary>
    public required int Partition { get; init; }

    /// <summary>Gets the name of the node that ingests the partition and has its users.</summary>
    /// <value>Absent if no node that answers ingests it, as while it moves.</value>
    public string? Node { get; init; }

    /// <summary>Gets the number of the partition's users in memory.</summary>
    public required int Users { get; init; }

    /// <summary>Gets the number of the partition's users with unsaved records.</summary>
    public int? UnsavedUsers { get; init; }

    /// <summary>Gets the offset before which all records are saved, except those of users whose saves keep failing: a restart reads no other records before it again.</summary>
    public long? Checkpoint { get; init; }

    /// <summary>Gets the offset that is read next.</summary>
    public long? Next { get; init; }

    /// <summary>Gets the offset after the newest record of the partition.</summary>
    public required long End { get; init; }

    /// <summary>Gets the number of unread records.</summary>
    /// <value>Absent if no node that answers ingests the partition.</value>
    public long? LagRecords { get; init; }

    /// <summary>Gets the age of the oldest record that is not applied, in milliseconds.</summary>
    /// <value>0 if all are applied; absent while the partition is not ingested.</value>
    public double? LagMs { get; init; }

    /// <summary>Gets the reason why ingestion stopped permanently, and the remedy.</summary>
    /// <value>Absent while it runs.</value>
    public string? Fault { get; init; }
}
