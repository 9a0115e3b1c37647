namespace RecSys.Core;

/// <summary>An item and its score; higher is better, and what the scale is belongs to whoever gives it.</summary>
public readonly record struct ScoredItem(ItemId Item, float Score);
