using RecSys.Core;
using RecSys.Core.Catalogue;

namespace RecSys.Serving.Sources;

/// <summary>Chooses the items of a list in the order of their scores, with a limit on the number of items with the same first category.</summary>
/// <remarks>
/// An item above the limit gives its place to the next item of another category that has at least <see cref="OtherMin"/> of its score. If there are too few such items, the item above the limit stays in the list.
/// </remarks>
/// <param name="count">The number of places, at least 1.</param>
/// <param name="categoryShareMax">The largest share of the places for items with the same first category, above 0 to 1 (no limit).</param>
internal sealed class ListChoice(int count, double categoryShareMax)
{
    /// <summary>The share of the score of an item above the limit that another item must have to be shown instead.</summary>
    public const float OtherMin = 0.2f;

    private readonly int _categoryMax = categoryShareMax < 1 ? Math.Max(1, (int)Math.Ceiling((categoryShareMax * count) - 1e-9)) : int.MaxValue;
    private readonly Dictionary<string, int> _counts = new(StringComparer.Ordinal);
    private readonly List<Offered> _chosen = [];
    private readonly List<Offered> _spare = [];
    private int _offered;

    private readonly record struct Offered(int Order, ScoredItem Item, CatalogueItem? Entry);

    /// <summary>Gets whether no further item can be in the list.</summary>
    public bool IsFull => _chosen.Count == count;

    /// <summary>Adds an item, or keeps it as a spare one if its category has all its places. A full list ignores it.</summary>
    /// <param name="item">The item; its score is at most that of the item offered before.</param>
    /// <param name="entry">The item's entry in the catalogue, or null.</param>
    public void Offer(ScoredItem item, CatalogueItem? entry)
    {
        // A spare item is chosen before an item with a far lower score.
        while (!IsFull && _spare.Count > 0 && item.Score < OtherMin * _spare[0].Item.Score)
        {
            _chosen.Add(_spare[0]);
            _spare.RemoveAt(0);
        }

        if (IsFull)
        {
            return;
        }

        Offered offered = new(_offered++, item, entry);
        string? category = entry is { Content.Categories: [var first, ..] } ? first : null;
        if (category is null)
        {
            _chosen.Add(offered);
            return;
        }

        int chosen = _counts.GetValueOrDefault(category);
        _counts[category] = chosen + 1;
        (chosen < _categoryMax ? _chosen : _spare).Add(offered);
    }

    /// <summary>Returns the chosen items, best first; spare ones fill the places that are left.</summary>
    public IEnumerable<(ScoredItem Item, CatalogueItem? Entry)> Items() =>
        _chosen.Concat(_spare).Take(count).OrderBy(offered => offered.Order).Select(offered => (offered.Item, offered.Entry));
}
