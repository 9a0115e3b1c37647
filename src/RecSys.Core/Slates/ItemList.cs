using System.Collections.Immutable;

namespace RecSys.Core.Slates;

/// <summary>Items that are not a person's slate: similar, trending, latest or popular ones.</summary>
public sealed record ItemList
{
    /// <summary>Gets the id of the list, which callers send with interactions that it led to.</summary>
    public required string RecommendationId { get; init; }

    /// <summary>The version of the model that was used, or null where none was.</summary>
    public string? ModelVersion { get; init; }

    /// <summary>The degradation tier that answered.</summary>
    public required ServedBy ServedBy { get; init; }

    /// <summary>Gets the parts that are missing from the answer, with reasons; empty if none is.</summary>
    public ImmutableArray<string> DegradedReasons { get; init; } = [];

    /// <summary>Gets whether a part is missing from the answer.</summary>
    public bool IsDegraded => !DegradedReasons.IsEmpty;

    /// <summary>Gets the freshness: the age of the oldest record that the answer may not reflect, in milliseconds; 0 if it reflects all, null if unknown.</summary>
    public double? FreshnessMs { get; init; }

    /// <summary>The items, best first.</summary>
    public ImmutableArray<SlateItem> Items { get; init; } = [];
}
