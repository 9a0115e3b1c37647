using System.Collections.Immutable;

namespace RecSys.Core.Slates;

/// <summary>A list of similar, trending, latest or popular items, which is not a user's slate.</summary>
public sealed record ItemList
{
    /// <summary>Gets the id of the list, which callers send with interactions that it led to.</summary>
    public required string RecommendationId { get; init; }

    /// <summary>Gets the version of the model that was used, or null.</summary>
    public string? ModelVersion { get; init; }

    /// <summary>Gets the degradation tier that answered.</summary>
    public required ServedBy ServedBy { get; init; }

    /// <summary>Gets the parts that are missing from the answer, with reasons; empty if none is.</summary>
    public ImmutableArray<string> DegradedReasons { get; init; } = [];

    /// <summary>Gets whether a part is missing from the answer.</summary>
    public bool IsDegraded => !DegradedReasons.IsEmpty;

    /// <summary>Gets the freshness: the age of the oldest record that the answer may not reflect, in milliseconds; 0 if it reflects all, null if unknown.</summary>
    public double? FreshnessMs { get; init; }

    /// <summary>Gets the items, best first.</summary>
    public ImmutableArray<SlateItem> Items { get; init; } = [];
}
