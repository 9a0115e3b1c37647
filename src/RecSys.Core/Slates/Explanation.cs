using System.Collections.Immutable;

namespace RecSys.Core.Slates;

/// <summary>Outcome of an item that is explained.</summary>
public enum ExplanationOutcome
{
    /// <summary>It is in the slate.</summary>
    Shown = 0,

    /// <summary>A filter removed it.</summary>
    Filtered = 1,

    /// <summary>Others scored better, or made the slate more varied.</summary>
    Outranked = 2,

    /// <summary>No candidate source named it.</summary>
    NotACandidate = 3,

    /// <summary>The item is neither in the catalogue nor in the model nor in the trends.</summary>
    UnknownItem = 4,
}

/// <summary>The outcomes' names.</summary>
public static class ExplanationOutcomeNames
{
    private static readonly string[] Names = ["shown", "filtered", "outranked", "notACandidate", "unknownItem"];

    /// <summary>The name that callers see.</summary>
    public static string Name(this ExplanationOutcome outcome) => Names[(int)outcome];
}

/// <summary>Explains why an item is, or is not, in a user's slate.</summary>
public sealed record Explanation
{
    /// <summary>Gets the item.</summary>
    public required ItemId Item { get; init; }

    /// <summary>Gets the title, or null.</summary>
    public string? Title { get; init; }

    /// <summary>Gets the outcome.</summary>
    public required ExplanationOutcome Outcome { get; init; }

    /// <summary>The version of the model that was used, or null where none was.</summary>
    public string? ModelVersion { get; init; }

    /// <summary>Gets the place in the slate, or the place that the score would have had; 0 is the best.</summary>
    public int? Position { get; init; }

    /// <summary>The stage at which it fell, or null if it is shown.</summary>
    public string? Stage { get; init; }

    /// <summary>The reason, for a person to read.</summary>
    public string? Reason { get; init; }

    /// <summary>Gets the score: the sum of <see cref="Parts"/>, added in their order. Null for an unknown item.</summary>
    public double? Score { get; init; }

    /// <summary>The parts of the score.</summary>
    public ImmutableArray<ScorePart> Parts { get; init; } = [];

    /// <summary>The user's interactions that carried it, those of the greatest contribution first.</summary>
    public ImmutableArray<ScoreCause> Because { get; init; } = [];

    /// <summary>The share of the score's parts that the model already knew; with <see cref="RecentShare"/> it makes 1, both are 0 without a score.</summary>
    public double ModelShare { get; init; }

    /// <summary>Gets the share of the score from records after the model's watermark: newer interactions, and current trends.</summary>
    public double RecentShare { get; init; }

    /// <summary>Gets every stage in order, with its outcome for the item.</summary>
    public ImmutableArray<StageOutcome> Stages { get; init; } = [];
}

/// <summary>One part of a score.</summary>
/// <param name="Name">The feature's name.</param>
/// <param name="Value">Addend of the score; may be negative.</param>
/// <param name="Text">Explanation for people.</param>
public readonly record struct ScorePart(string Name, double Value, string Text);

/// <summary>One interaction, or several with one item, that contributed to an item's score.</summary>
/// <param name="Item">The item the user touched.</param>
/// <param name="Title">Its title, or null.</param>
/// <param name="Type">The kind of the newest interaction with it.</param>
/// <param name="TimestampMs">Time, in milliseconds since 1970, UTC.</param>
/// <param name="Contribution">Addend of the score; may be negative.</param>
/// <param name="IsNewerThanModel">Whether it happened after the model's watermark.</param>
public readonly record struct ScoreCause(
    ItemId Item, string? Title, string Type, long TimestampMs, double Contribution, bool IsNewerThanModel);

/// <summary>Effect of one stage on an item.</summary>
/// <param name="Stage">The stage's name: candidates, filters, ranking, selection.</param>
/// <param name="Outcome"><c>passed</c>, <c>removed</c> or <c>notReached</c>.</param>
/// <param name="Detail">More about it, for a person to read.</param>
public readonly record struct StageOutcome(string Stage, string Outcome, string Detail);
