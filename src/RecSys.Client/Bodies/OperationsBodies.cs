namespace RecSys.Client;

/// <summary>The settings in force.</summary>
public sealed record SettingsResponse
{
    /// <summary>Gets the settings, by name.</summary>
    public required IReadOnlyList<SettingEntry> Settings { get; init; }
}

/// <summary>A setting and its effective value.</summary>
public sealed record SettingEntry
{
    /// <summary>Gets its path, such as <c>recsys:serving:deadline</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Gets its value; of a secret, a mask.</summary>
    public string? Value { get; init; }

    /// <summary>Gets where it was set, such as <c>default</c>, <c>appsettings.json</c> or <c>environment</c>.</summary>
    public string? Source { get; init; }
}

/// <summary>The cluster as the answering node sees it.</summary>
public sealed record ClusterResponse
{
    /// <summary>Gets the nodes.</summary>
    public required IReadOnlyList<ClusterNode> Nodes { get; init; }

    /// <summary>Gets how many shards the users are spread over.</summary>
    public required int Shards { get; init; }

    /// <summary>Gets the lag of ingestion, one entry per partition of the log.</summary>
    public required IReadOnlyList<PartitionLag> Lag { get; init; }
}

/// <summary>One node of the cluster.</summary>
public sealed record ClusterNode
{
    /// <summary>Gets the node's address.</summary>
    public required string Address { get; init; }

    /// <summary>Gets the node's roles: <c>serve</c>, <c>profile</c>, <c>batch</c>.</summary>
    public required IReadOnlyList<string> Roles { get; init; }

    /// <summary>Gets the state, such as <c>up</c>, <c>leaving</c> or <c>unreachable</c>.</summary>
    public required string Status { get; init; }
}

/// <summary>Lag of ingestion behind the end of one partition of the log.</summary>
public sealed record PartitionLag
{
    /// <summary>Gets the partition's number.</summary>
    public required int Partition { get; init; }

    /// <summary>Gets the offset after the newest record of the partition.</summary>
    public required long End { get; init; }

    /// <summary>Gets the offset that is read next.</summary>
    public required long Next { get; init; }

    /// <summary>Gets how many records are unread.</summary>
    public required long LagRecords { get; init; }

    /// <summary>Gets the age of the oldest unread record, in milliseconds.</summary>
    /// <value>0 where none is unread; absent while the partition is not ingested.</value>
    public double? LagMs { get; init; }

    /// <summary>Gets the reason why ingestion stopped permanently, and the remedy.</summary>
    /// <value>Absent while it runs.</value>
    public string? Fault { get; init; }
}

/// <summary>Data for the foot of a page: the model, the log and the freshness.</summary>
public sealed record StatusResponse
{
    /// <summary>Gets the version of the served model.</summary>
    /// <value>Absent where none is served.</value>
    public string? ModelVersion { get; init; }

    /// <summary>Gets when the served model was published.</summary>
    public DateTimeOffset? ModelAt { get; init; }

    /// <summary>Gets why another model than the champion is served, and which.</summary>
    /// <value>Absent where the champion is served, or there is none.</value>
    public string? ModelProblem { get; init; }

    /// <summary>Gets how many records the log holds.</summary>
    public required long LogEnd { get; init; }

    /// <summary>Gets the age of the oldest record that is not yet reflected, in milliseconds.</summary>
    /// <value>0 where all is reflected; absent while it is not known.</value>
    public double? FreshnessMs { get; init; }

    /// <summary>Gets the degradation tier in use: <c>full</c> at the top.</summary>
    public required string ServedBy { get; init; }

    /// <summary>Gets the program's version.</summary>
    public required string Version { get; init; }
}
