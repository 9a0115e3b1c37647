using RecSys.Core;
using RecSys.Core.Catalogue;
using RecSys.Core.Ports;

namespace RecSys.Serving.Pipeline;

/// <summary>The items of the catalogue that are new at a given time, and their share of the catalogue. Immutable.</summary>
/// <remarks>
/// An item that is not hidden is new for <see cref="ServingOptions.NewItemAge"/> after it was added, while at most <see cref="ServingOptions.NewItemUsersMax"/> users interacted with it, the first of them within the same time: an item with older interactions was added to the catalogue late. Items that were added with the first half of the catalogue, or within
/// <see cref="SameImportMs"/> after it, are not new: a shop that imports its catalogue today has no new items. So at most half of a catalogue is new.
/// </remarks>
internal sealed class NewItems
{
    /// <summary>The largest number of new items; if there are more, only the newest of them count as new.</summary>
    public const int CountMax = 10_000;

    /// <summary>The length in milliseconds of the period that begins once the first half of the catalogue is added. Items that were added in it are not new, because they may belong to the same import.</summary>
    public const long SameImportMs = 3_600_000;

    private readonly HashSet<ItemId> _items;
    private readonly long _sinceMs;

    private NewItems(HashSet<ItemId> items, long sinceMs, double share)
    {
        _items = items;
        _sinceMs = sinceMs;
        Share = share;
    }

    /// <summary>Gets the share of the catalogue's items that are new, 0 to 0.5.</summary>
    public double Share { get; }

    /// <summary>Finds the items that are new at a given time.</summary>
    public static NewItems At(long nowMs, ItemCatalogue catalogue, ITrends trends, ServingOptions options)
    {
        int count = catalogue.Count;
        long firstHalfMs = catalogue.AddedAtMsOf(count / 2) ?? long.MaxValue - SameImportMs - 1;
        long agedMs = nowMs - (long)options.NewItemAge.TotalMilliseconds;
        long sinceMs = Math.Max(agedMs, firstHalfMs + SameImportMs + 1);
        HashSet<ItemId> items =
        [
            .. catalogue.AddedSince(sinceMs)
                .Where(item => !item.Content.IsHidden && trends.GetUserCount(item.Id) <= options.NewItemUsersMax && !(trends.GetFirstInteractionMs(item.Id) < agedMs))
                .Take(CountMax)
                .Select(item => item.Id),
        ];
        return new NewItems(items, sinceMs, count == 0 ? 0 : (double)items.Count / count);
    }

    /// <summary>Returns whether a candidate is new.</summary>
    public bool Contains(in Candidate candidate) =>
        candidate.Entry is { } entry && entry.AddedAtMs >= _sinceMs && _items.Contains(candidate.Id);
}
