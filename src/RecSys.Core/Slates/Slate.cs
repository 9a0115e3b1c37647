using System.Collections.Immutable;
using RecSys.Core.Log;

namespace RecSys.Core.Slates;

/// <summary>The answer to a slate request: items in order, and how they were chosen.</summary>
public sealed record Slate
{
    /// <summary>Gets the id of the slate, 26 characters that sort by time, which callers send with interactions that it led to.</summary>
    public required string RecommendationId { get; init; }

    /// <summary>Gets the version of the model that was used, or null.</summary>
    public string? ModelVersion { get; init; }

    /// <summary>Gets the degradation tier that answered.</summary>
    public required ServedBy ServedBy { get; init; }

    /// <summary>Gets the parts that are missing from the answer, with reasons; empty if none is.</summary>
    public ImmutableArray<string> DegradedReasons { get; init; } = [];

    /// <summary>Gets whether a part is missing from the answer.</summary>
    public bool IsDegraded => !DegradedReasons.IsEmpty;

    /// <summary>Gets whether the answer contains no scores of a model for the user: there is no model, it has no liked item of the history, or the answer comes from the lists that are the same for all users (trending, latest).</summary>
    public bool IsColdUser { get; init; }

    /// <summary>Gets the freshness: the age of the oldest record that the answer may not reflect, in milliseconds; 0 if it reflects all, null if unknown.</summary>
    public double? FreshnessMs { get; init; }

    /// <summary>Gets whether the answer reflects the requested position; null without one.</summary>
    public bool? IsReflected { get; init; }

    /// <summary>Gets the number of interactions of the profile.</summary>
    public int InteractionsHeld { get; init; }

    /// <summary>Gets the number of the profile's interactions that are newer than the model's watermark: all of them without a model, but 0 in an answer from the lists that are the same for all users (trending, latest).</summary>
    public int InteractionsSinceModel { get; init; }

    /// <summary>Gets the duration of each stage, in the order in which they ran.</summary>
    public ImmutableArray<StageTime> Stages { get; init; } = [];

    /// <summary>Gets the number of candidates of each source, in the order in which they ran.</summary>
    public ImmutableArray<SourceReport> Sources { get; init; } = [];

    /// <summary>Gets the number of candidates that filters removed, by reason; reasons without candidates are left out.</summary>
    public ImmutableArray<FilterReport> Filtered { get; init; } = [];

    /// <summary>Gets the items, in the order in which they are to be shown.</summary>
    public ImmutableArray<SlateItem> Items { get; init; } = [];

    /// <summary>Gets the cursor of the next page, or null on the last one.</summary>
    public string? Next { get; init; }
}

/// <summary>Duration of a stage.</summary>
/// <param name="Stage">The stage's name: profile, candidates, filters, ranking, selection; waited for the time before the request was passed on.</param>
/// <param name="Ms">Duration in milliseconds.</param>
public readonly record struct StageTime(string Stage, double Ms);

/// <summary>Number of candidates of a source.</summary>
/// <param name="Source">The source's name.</param>
/// <param name="Count">Number of candidates that it returned; 0 if it was left out.</param>
/// <param name="LeftOut">Why it was left out (<c>late</c>, <c>failed</c>), or null if it was not.</param>
public readonly record struct SourceReport(string Source, int Count, string? LeftOut);

/// <summary>Number of candidates that a filter removed.</summary>
public readonly record struct FilterReport(FilterReason Reason, int Count);

/// <summary>One item of a slate.</summary>
public sealed record SlateItem
{
    /// <summary>Gets the item.</summary>
    public required ItemId Item { get; init; }

    /// <summary>Gets the score: comparable within one slate, higher is better. Limits, variety and exploration may place an item before others of higher scores.</summary>
    public required double Score { get; init; }

    /// <summary>
    /// Gets the confidence, 0 to 1: a logistic curve over the score and the number of distinct liked items of the history that the model has. If the curve was fitted with the model (<see cref="Ranking.FittedConfidence"/>), the confidence is the probability that
    /// the item is among the user's next ten liked interactions. If the settings have numbers of their own for the curve, its meaning depends on the data to which these were fitted. With the default numbers it is not a probability; it only compares items.
    /// </summary>
    public required double Confidence { get; init; }

    /// <summary>Gets the reason as a text for people.</summary>
    public required string Explanation { get; init; }

    /// <summary>Gets the inputs of the ranker.</summary>
    public required SlateFeatures Features { get; init; }

    /// <summary>Gets the names of the sources that returned the item.</summary>
    public required ImmutableArray<string> Sources { get; init; }

    /// <summary>Gets the time of the user's last interaction with the item, in milliseconds since 1970, UTC; null if the history does not contain it.</summary>
    public long? SeenAtMs { get; init; }

    /// <summary>Gets whether the item is unknown: the request gave it as a candidate, but the model, the catalogue and all other sources do not have it. Unknown items are placed after all others.</summary>
    public bool IsUnknown { get; init; }

    /// <summary>Gets the content of the item in the catalogue, or null if the catalogue does not have the item.</summary>
    public ItemContent? Content { get; init; }

    /// <summary>Gets the title, or null if the catalogue has none.</summary>
    public string? Title => Content?.Title;

    /// <summary>Gets the probability, above 0 to 1, with which the policy shows the item at this position.</summary>
    public float Propensity { get; init; } = 1;
}

/// <summary>The inputs of the ranker for one item, by name. All items share one array of names.</summary>
public readonly record struct SlateFeatures(ImmutableArray<string> Names, ImmutableArray<float> Values)
{
    /// <summary>No features.</summary>
    public static readonly SlateFeatures Empty = new([], []);

    /// <summary>Gets the value of a feature; 0 if there is no such feature.</summary>
    public float this[string name] => Names.IndexOf(name) is >= 0 and int index ? Values[index] : 0;
}
