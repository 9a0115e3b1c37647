using RecSys.Core;
using RecSys.Core.Catalogue;
using RecSys.Core.Ports;

namespace RecSys.Serving.Pipeline;

/// <summary>The items of the catalogue that are new at a time, and their share of the catalogue. Immutable.</summary>
/// <remarks>
/// An item is new for <see cref="ServingOptions.NewItemAge"/> since it was added, while at most <see cref="ServingOptions.NewItemUsersMax"/> users interacted with it. Items that were added with the first half of the catalogue, or within
/// <see cref="OpeningMs"/> after it, are not new: a shop that imports its catalogue today has no new items. So at most half of a catalogue is new.
/// </remarks>
internal sealed class NewItems
{
    /// <summary>The largest number of items that are new; of more, the newest are.</summary>
    public const int CountMax = 10_000;

    /// <summary>The time after the first half of the catalogue within which added items are not new, in milliseconds: that of an import.</summary>
    public const long OpeningMs = 3_600_000;

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

    /// <summary>Finds the items that are new at a time.</summary>
    public static NewItems At(long nowMs, ItemCatalogue catalogue, ITrends trends, ServingOptions options)
    {
        int count = catalogue.Count;
        long openingMs = catalogue.AddedAtMsOf(count / 2) ?? long.MaxValue - OpeningMs;
        long sinceMs = Math.Max(nowMs - (long)options.NewItemAge.TotalMilliseconds, openingMs + OpeningMs + 1);
        HashSet<ItemId> items =
        [
            .. catalogue.AddedSince(sinceMs)
                .Where(item => !item.Content.IsHidden && trends.GetUserCount(item.Id) <= options.NewItemUsersMax)
                .Take(CountMax)
                .Select(item => item.Id),
        ];
        return new NewItems(items, sinceMs, count == 0 ? 0 : (double)items.Count / count);
    }

    /// <summary>Returns whether a candidate is new.</summary>
    public bool Contains(in Candidate candidate) =>
        candidate.Entry is { } entry && entry.AddedAtMs >= _sinceMs && _items.Contains(candidate.Id);
}
