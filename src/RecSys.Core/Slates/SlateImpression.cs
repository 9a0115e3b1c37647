namespace RecSys.Core.Slates;

/// <summary>A slate that was shown: its items in order, and the propensity of each.</summary>
/// <param name="RecommendationId">Id of the slate, which callers send with interactions that it led to.</param>
/// <param name="Owner">Owner of the user's state; null for an anonymous session.</param>
/// <param name="TimestampMs">Time, in milliseconds since 1970, UTC.</param>
/// <param name="ModelVersion">The model that was served, or null.</param>
/// <param name="Items">The items, first position first.</param>
public sealed record SlateImpression(
    string RecommendationId, Owner? Owner, long TimestampMs, string? ModelVersion, IReadOnlyList<ImpressionItem> Items);

/// <summary>One item of a slate that was shown.</summary>
/// <param name="Item">The item.</param>
/// <param name="Score">The score that determined the position.</param>
/// <param name="Propensity">The probability, above 0 to 1, with which the policy showed it at this position.</param>
public readonly record struct ImpressionItem(ItemId Item, float Score, float Propensity);
