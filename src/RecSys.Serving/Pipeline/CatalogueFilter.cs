using System.Collections.Immutable;
using RecSys.Core;
using RecSys.Core.Catalogue;
using RecSys.Core.Log;
using RecSys.Core.Slates;

namespace RecSys.Serving.Pipeline;

/// <summary>Decides by the catalogue whether an item may be in a slate.</summary>
internal static class CatalogueFilter
{
    public static FilterReason ReasonOf(SlateRun run, ItemId id, int index, out CatalogueItem? entry) =>
        ReasonOf(run.CellOf(id, index), run.Request.Category, run.NowMs, out entry);

    public static FilterReason ReasonOf(ItemCatalogue catalogue, string? category, long nowMs, ItemId id, out CatalogueItem? entry) =>
        ReasonOf(catalogue.FindCell(id), category, nowMs, out entry);

    private static FilterReason ReasonOf(CatalogueCell? cell, string? category, long nowMs, out CatalogueItem? entry)
    {
        bool isDeleted = false;
        entry = cell?.Read(out isDeleted);
        if (entry is null)
        {
            // An item that was never in the catalogue may be shown; its category is unknown.
            return isDeleted ? FilterReason.Deleted
                : category is null ? FilterReason.None
                : FilterReason.OtherCategory;
        }

        ItemContent content = entry.Content;
        return content.IsHidden ? FilterReason.Hidden
            : content.AvailableFromMs > nowMs ? FilterReason.NotYetAvailable
            : content.AvailableUntilMs <= nowMs ? FilterReason.NoLongerAvailable
            : content.Stock == 0 ? FilterReason.OutOfStock
            : category is not null && !Has(content.Categories, category) ? FilterReason.OtherCategory
            : FilterReason.None;
    }

    public static bool Has(ImmutableArray<string> categories, string category)
    {
        foreach (string one in categories)
        {
            if (string.Equals(one, category, StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Returns the Jaccard similarity of two items' categories, 0 to 1: the number of common categories divided by the number of all. It is 0 if either item has none, and 0 for an item and itself.</summary>
    public static float Overlap(CatalogueItem? left, CatalogueItem? right)
    {
        if (left is null || right is null || left.Id == right.Id || left.Content.Categories.IsEmpty || right.Content.Categories.IsEmpty)
        {
            return 0;
        }

        int both = 0;
        foreach (string category in left.Content.Categories)
        {
            both += Has(right.Content.Categories, category) ? 1 : 0;
        }

        return both / (float)(left.Content.Categories.Length + right.Content.Categories.Length - both);
    }
}
