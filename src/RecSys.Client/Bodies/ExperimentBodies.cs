using System.Text.Json;
using System.Text.Json.Serialization;

namespace RecSys.Client;

/// <summary>What <c>PUT /v1/admin/experiments/{name}</c> takes.</summary>
/// <remarks>Unknown members are refused.</remarks>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record ExperimentBody
{
    /// <summary>Gets how the experiment shall stand.</summary>
    /// <value><c>draft</c>, <c>running</c> or <c>stopped</c>.</value>
    public required string State { get; init; }

    /// <summary>Gets the arms; their shares add up to 1 or less, the rest of the users are in none.</summary>
    public required IReadOnlyList<ExperimentArm> Arms { get; init; }
}

/// <summary>One arm of an experiment.</summary>
/// <remarks>Unknown members are refused.</remarks>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record ExperimentArm
{
    /// <summary>Gets the arm's name.</summary>
    public required string Name { get; init; }

    /// <summary>Gets the share of the users in it.</summary>
    /// <value>0 to 1.</value>
    public required double Share { get; init; }

    /// <summary>Gets the version or the alias of the model it is served by.</summary>
    /// <value>Absent: <c>champion</c>.</value>
    public string? Model { get; init; }

    /// <summary>Gets the serving parameters that differ in this arm, by name.</summary>
    public Dictionary<string, JsonElement>? Parameters { get; init; }
}

/// <summary>An experiment.</summary>
public sealed record ExperimentResponse
{
    /// <summary>Gets the experiment's name.</summary>
    public required string Name { get; init; }

    /// <summary>Gets how it stands.</summary>
    /// <value><c>draft</c>, <c>running</c> or <c>stopped</c>.</value>
    public required string State { get; init; }

    /// <summary>Gets its arms.</summary>
    public required IReadOnlyList<ExperimentArm> Arms { get; init; }

    /// <summary>Gets when it was started.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>Gets when it was stopped.</summary>
    public DateTimeOffset? StoppedAt { get; init; }
}

/// <summary>What an experiment has shown so far.</summary>
public sealed record ExperimentResultsResponse
{
    /// <summary>Gets the experiment's name.</summary>
    public required string Name { get; init; }

    /// <summary>Gets what each arm has shown.</summary>
    public required IReadOnlyList<ExperimentArmResult> Arms { get; init; }
}

/// <summary>What one arm of an experiment has shown so far.</summary>
public sealed record ExperimentArmResult
{
    /// <summary>Gets the arm's name.</summary>
    public required string Name { get; init; }

    /// <summary>Gets how many users were served in it.</summary>
    public required long Users { get; init; }

    /// <summary>Gets how many impressions they had.</summary>
    public required long Impressions { get; init; }

    /// <summary>Gets how many of the impressions led to an interaction that counts as success.</summary>
    public required long Successes { get; init; }

    /// <summary>Gets successes per impression.</summary>
    /// <value>0 to 1.</value>
    public required double Rate { get; init; }

    /// <summary>Gets the lower end of the rate's interval of confidence.</summary>
    /// <value>0 to <see cref="Rate"/>.</value>
    public double? RateLow { get; init; }

    /// <summary>Gets the upper end of the rate's interval of confidence.</summary>
    /// <value><see cref="Rate"/> to 1.</value>
    public double? RateHigh { get; init; }
}
