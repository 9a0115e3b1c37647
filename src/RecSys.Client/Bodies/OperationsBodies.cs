namespace RecSys.Client;

/// <summary>The effective settings.</summary>
public sealed record SettingsResponse
{
    /// <summary>Gets the settings, by name.</summary>
    public required IReadOnlyList<SettingEntry> Settings { get; init; }
}

/// <summary>A setting and its effective value.</summary>
public sealed record SettingEntry
{
    /// <summary>Gets the path of the setting, such as <c>recsys:serving:deadline</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Gets the value; a mask for a secret.</summary>
    public string? Value { get; init; }

    /// <summary>Gets the source of the value, such as <c>default</c>, <c>appsettings.json</c> or <c>environment</c>.</summary>
    public string? Source { get; init; }
}

/// <summary>A summary of the server's status: the model, the log and the freshness.</summary>
public sealed record StatusResponse
{
    /// <summary>Gets the version of the served model.</summary>
    /// <value>Absent if none is served.</value>
    public string? ModelVersion { get; init; }

    /// <summary>Gets the time of publication of the served model.</summary>
    public DateTimeOffset? ModelAt { get; init; }

    /// <summary>Gets why another model than the champion is served, and which one.</summary>
    /// <value>Absent if the champion is served, or there is none.</value>
    public string? ModelProblem { get; init; }

    /// <summary>Gets the number of records of the log.</summary>
    public required long LogEnd { get; init; }

    /// <summary>Gets the age of the oldest record that is not yet reflected, in milliseconds.</summary>
    /// <value>0 if all records are reflected; absent while it is unknown.</value>
    public double? FreshnessMs { get; init; }

    /// <summary>Gets the degradation tier of the last answer; <c>full</c> is the best.</summary>
    public required string ServedBy { get; init; }

    /// <summary>
    /// Gets whether the confidences of recommendations are probabilities: with a curve that was fitted with the model, that the item is among the next ten items that the user likes; with
    /// <c>recsys:serving:confidence</c>, what that setting was fitted to. If false, confidences only serve to compare items.
    /// </summary>
    public bool ConfidenceFitted { get; init; }

    /// <summary>Gets the program's version.</summary>
    public required string Version { get; init; }
}
