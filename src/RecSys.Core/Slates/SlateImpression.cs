using System.Collections.Immutable;

namespace RecSys.Core.Slates;

/// <summary>A slate that was shown: its items in order, and the propensity of each.</summary>
/// <param name="RecommendationId">Id of the slate, which callers send with interactions that it led to.</param>
/// <param name="Owner">Owner of the user's state; null for an anonymous session.</param>
/// <param name="TimestampMs">Time, in milliseconds since 1970, UTC.</param>
/// <param name="ModelVersion">The model that was served, or null.</param>
/// <param name="Items">The items, first position first.</param>
public sealed record SlateImpression(
    string RecommendationId, Owner? Owner, long TimestampMs, string? ModelVersion, IReadOnlyList<ImpressionItem> Items)
{
    /// <summary>Gets the names of the parts of a score, in the order of <see cref="ImpressionItem.Parts"/>; empty where none were recorded.</summary>
    public ImmutableArray<string> PartNames { get; init; } = [];
}

/// <summary>One item of a slate that was shown.</summary>
/// <param name="Item">Id of the item.</param>
/// <param name="Score">The score that determined the position.</param>
/// <param name="Propensity">The chance, above 0 and at most 1, that the policy showed it at this position.</param>
public readonly record struct ImpressionItem(ItemId Item, float Score, float Propensity)
{
    /// <summary>The longest recorded reason, in characters, so that its UTF-8 has at most <see cref="Limits.IdBytesMax"/> bytes; a longer one is cut.</summary>
    public const int ReasonLengthMax = Limits.IdBytesMax / 3;

    /// <summary>Gets the reason that was shown; null where none was recorded.</summary>
    public string? Reason { get; init; }

    /// <summary>Gets the parts of the score, which add up to it; one for each of <see cref="SlateImpression.PartNames"/>, or default.</summary>
    public ImmutableArray<float> Parts { get; init; }
}
