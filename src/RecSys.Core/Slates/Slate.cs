using System.Collections.Immutable;
using RecSys.Core.Log;

namespace RecSys.Core.Slates;

/// <summary>What is returned: items in order, and how they came about.</summary>
public sealed record Slate
{
    /// <summary>The slate's name, 26 characters that sort by time; interactions come back with it.</summary>
    public required string RecommendationId { get; init; }

    /// <summary>The version of the model that was used, or null where none was.</summary>
    public string? ModelVersion { get; init; }

    /// <summary>The degradation tier that answered.</summary>
    public required ServedBy ServedBy { get; init; }

    /// <summary>What is missing from the answer, and why; empty if nothing is.</summary>
    public ImmutableArray<string> DegradedReasons { get; init; } = [];

    /// <summary>Whether something is missing from the answer.</summary>
    public bool IsDegraded => !DegradedReasons.IsEmpty;

    /// <summary>Whether the user is without an embedding in the served model.</summary>
    public bool IsColdUser { get; init; }

    /// <summary>How old the newest thing of the log is that the answer may lack, in milliseconds; 0 where all is reflected, null while it is not known.</summary>
    public double? FreshnessMs { get; init; }

    /// <summary>Whether the position asked for is reflected; null if none was asked for.</summary>
    public bool? IsReflected { get; init; }

    /// <summary>How many interactions the profile holds.</summary>
    public int InteractionsHeld { get; init; }

    /// <summary>How many of them are newer than the model's watermark; all of them without a model.</summary>
    public int InteractionsSinceModel { get; init; }

    /// <summary>The time each stage took, in the order they ran.</summary>
    public ImmutableArray<StageTime> Stages { get; init; } = [];

    /// <summary>What each candidate source gave, in the order they ran.</summary>
    public ImmutableArray<SourceReport> Sources { get; init; } = [];

    /// <summary>How many candidates the filters removed, by reason; reasons that removed none are left out.</summary>
    public ImmutableArray<FilterReport> Filtered { get; init; } = [];

    /// <summary>The items, best first.</summary>
    public ImmutableArray<SlateItem> Items { get; init; } = [];

    /// <summary>The cursor of the following page, or null on the last one.</summary>
    public string? Next { get; init; }
}

/// <summary>How long a stage took.</summary>
/// <param name="Stage">The stage's name: profile, candidates, filters, ranking, selection.</param>
/// <param name="Ms">Milliseconds.</param>
public readonly record struct StageTime(string Stage, double Ms);

/// <summary>What a candidate source gave.</summary>
/// <param name="Source">The source's name.</param>
/// <param name="Count">How many candidates it named; 0 if it was left out.</param>
/// <param name="LeftOut">Why it was left out (<c>late</c>, <c>failed</c>), or null if it was not.</param>
public readonly record struct SourceReport(string Source, int Count, string? LeftOut);

/// <summary>How many candidates a filter removed.</summary>
public readonly record struct FilterReport(FilterReason Reason, int Count);

/// <summary>One item of a slate.</summary>
public sealed record SlateItem
{
    /// <summary>Which.</summary>
    public required ItemId Item { get; init; }

    /// <summary>The score that ordered it: comparable within one slate, higher is better.</summary>
    public required double Score { get; init; }

    /// <summary>The estimated chance, 0 to 1, that the item suits: a logistic curve over the score and the number of interactions behind it.</summary>
    public required double Confidence { get; init; }

    /// <summary>The reason, for a person to read.</summary>
    public required string Explanation { get; init; }

    /// <summary>The inputs of the ranker.</summary>
    public required SlateFeatures Features { get; init; }

    /// <summary>The names of the sources that named it.</summary>
    public required ImmutableArray<string> Sources { get; init; }

    /// <summary>What the catalogue knows of it, or null where it does not know it.</summary>
    public ItemContent? Content { get; init; }

    /// <summary>Its title, or null where the catalogue has none.</summary>
    public string? Title => Content?.Title;

    /// <summary>The chance, above 0 to 1, with which the policy shows it at this position.</summary>
    public float Propensity { get; init; } = 1;
}

/// <summary>Named numbers: the names are shared by all items of a slate.</summary>
public readonly record struct SlateFeatures(ImmutableArray<string> Names, ImmutableArray<float> Values)
{
    /// <summary>No features.</summary>
    public static readonly SlateFeatures Empty = new([], []);

    /// <summary>The value of a feature, 0 if there is no such feature.</summary>
    public float this[string name] => Names.IndexOf(name) is >= 0 and int index ? Values[index] : 0;
}
