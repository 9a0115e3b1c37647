using System.Collections.Immutable;

namespace RecSys.Core.Slates;

/// <summary>Outcome of an item that is explained.</summary>
public enum ExplanationOutcome
{
    /// <summary>The item is in the slate.</summary>
    Shown = 0,

    /// <summary>A filter removed the item.</summary>
    Filtered = 1,

    /// <summary>Other items have a higher score, or make the slate more varied.</summary>
    Outranked = 2,

    /// <summary>No candidate source returned the item.</summary>
    NotACandidate = 3,

    /// <summary>The item is neither in the catalogue nor in the model nor in the trends.</summary>
    UnknownItem = 4,
}

/// <summary>Converts outcomes to the names in the API.</summary>
public static class ExplanationOutcomeNames
{
    private static readonly string[] Names = ["shown", "filtered", "outranked", "notACandidate", "unknownItem"];

    /// <summary>Returns the name in the API.</summary>
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

    /// <summary>Gets the version of the model that was used, or null.</summary>
    public string? ModelVersion { get; init; }

    /// <summary>Gets the position in the slate, or the position by score if the item is not in the slate; 0 is the best.</summary>
    public int? Position { get; init; }

    /// <summary>Gets the stage that removed the item, or null if the slate shows it.</summary>
    public string? Stage { get; init; }

    /// <summary>Gets the reason as a text for people.</summary>
    public string? Reason { get; init; }

    /// <summary>Gets the score: the sum of <see cref="Parts"/>, added in their order. Null for an unknown item.</summary>
    public double? Score { get; init; }

    /// <summary>Gets the parts of the score.</summary>
    public ImmutableArray<ScorePart> Parts { get; init; } = [];

    /// <summary>Gets the user's interactions that contributed to the score, greatest contribution first.</summary>
    public ImmutableArray<ScoreCause> Because { get; init; } = [];

    /// <summary>Gets the share of the score from records up to the model's watermark; with <see cref="RecentShare"/> it adds up to 1, and both are 0 without a score.</summary>
    public double ModelShare { get; init; }

    /// <summary>Gets the share of the score from records after the model's watermark: newer interactions, and current trends.</summary>
    public double RecentShare { get; init; }

    /// <summary>Gets every stage in order, with its outcome for the item.</summary>
    public ImmutableArray<StageOutcome> Stages { get; init; } = [];

    /// <summary>Gets the id of the recorded slate that is explained, or null if the current slate is explained. Of a recorded slate, <see cref="Because"/> is empty and the shares are 0.</summary>
    public string? RecommendationId { get; init; }

    /// <summary>Gets when the recorded slate was shown, in milliseconds since 1970, UTC; null without one.</summary>
    public long? ShownAtMs { get; init; }

    /// <summary>Gets how the item's outcome changed since the recorded slate was shown, as a text for people; null without one.</summary>
    public string? Since { get; init; }

    /// <summary>Gets the explanation by the current slate, in addition to that of a recorded slate; null without one.</summary>
    public Explanation? Now { get; init; }
}

/// <summary>One part of a score.</summary>
/// <param name="Name">The feature's name.</param>
/// <param name="Value">Addend of the score; may be negative.</param>
/// <param name="Text">Explanation for people.</param>
public readonly record struct ScorePart(string Name, double Value, string Text);

/// <summary>One interaction, or several with one item, that contributed to an item's score.</summary>
/// <param name="Item">The item of the interaction.</param>
/// <param name="Title">Title of the item, or null.</param>
/// <param name="Type">Type of the newest interaction with it.</param>
/// <param name="TimestampMs">Time, in milliseconds since 1970, UTC.</param>
/// <param name="Contribution">Addend of the score; may be negative.</param>
/// <param name="IsNewerThanModel">Whether it is newer than the model's watermark.</param>
public readonly record struct ScoreCause(
    ItemId Item, string? Title, string Type, long TimestampMs, double Contribution, bool IsNewerThanModel);

/// <summary>Effect of one stage on an item.</summary>
/// <param name="Stage">The stage's name: candidates, filters, ranking, selection.</param>
/// <param name="Outcome"><c>passed</c>, <c>removed</c> or <c>notReached</c>.</param>
/// <param name="Detail">Details as a text for people.</param>
public readonly record struct StageOutcome(string Stage, string Outcome, string Detail);
