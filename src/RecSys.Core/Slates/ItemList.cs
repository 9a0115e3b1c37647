using System.Collections.Immutable;

namespace RecSys.Core.Slates;

/// <summary>Items that are not a person's slate: similar, trending, latest or popular ones.</summary>
public sealed record ItemList
{
    /// <summary>The list's name; interactions come back with it.</summary>
    public required string RecommendationId { get; init; }

    /// <summary>The version of the model that was used, or null where none was.</summary>
    public string? ModelVersion { get; init; }

    /// <summary>The degradation tier that answered.</summary>
    public required ServedBy ServedBy { get; init; }

    /// <summary>What is missing from the answer, and why; empty if nothing is.</summary>
    public ImmutableArray<string> DegradedReasons { get; init; } = [];

    /// <summary>Whether something is missing from the answer.</summary>
    public bool IsDegraded => !DegradedReasons.IsEmpty;

    /// <summary>How old the newest thing of the log is that the answer may lack, in milliseconds; 0 where all is reflected, null while it is not known.</summary>
    public double? FreshnessMs { get; init; }

    /// <summary>The items, best first.</summary>
    public ImmutableArray<SlateItem> Items { get; init; } = [];
}
