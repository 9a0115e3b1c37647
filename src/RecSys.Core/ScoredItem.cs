namespace RecSys.Core;

/// <summary>An item and its score; higher is better. The scale depends on the source.</summary>
public readonly record struct ScoredItem(ItemId Item, float Score);
