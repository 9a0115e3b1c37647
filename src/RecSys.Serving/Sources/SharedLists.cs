using System.Collections.Concurrent;
using RecSys.Core;
using RecSys.Core.Catalogue;
using RecSys.Core.Ports;
using RecSys.Core.Trends;
using RecSys.Serving.Pipeline;

namespace RecSys.Serving.Sources;

/// <summary>Caches the lists that are the same for all users.</summary>
/// <remarks>A list of trending items, and the new items, are cached for <see cref="ServingOptions.ListLifetime"/>; a list of latest items until the catalogue changes, so that it shows the newest write. Safe for concurrent use.</remarks>
internal sealed class SharedLists(ITrends trends, IItemCatalogue catalogue, TimeProvider time, ServingOptions options)
{
    /// <summary>The largest number of cached lists of trending items, and of cached lists of latest items. A list that would exceed it replaces all others of its kind.</summary>
    public const int KeysMax = 1_024;

    private readonly ConcurrentDictionary<(string? Category, TrendWindow Window), SharedList<ScoredItem>> _trending = new();
    private readonly ConcurrentDictionary<string, SharedList<CatalogueItem>> _latest = new(StringComparer.Ordinal);

    // Replaced as a whole; if two threads compute it, either result may be kept.
    private volatile KeptNewItems? _newItems;

    private sealed record KeptNewItems(NewItems Items, long MadeAt);

    /// <summary>Returns the items that are new at a time.</summary>
    public NewItems NewItems(long nowMs)
    {
        if (_newItems is { } kept && IsFresh(kept.MadeAt))
        {
            return kept.Items;
        }

        NewItems made = Pipeline.NewItems.At(nowMs, catalogue.Current, trends, options);
        _newItems = new KeptNewItems(made, time.GetTimestamp());
        return made;
    }

    /// <summary>Returns at most <paramref name="count"/> trending items, best first.</summary>
    public ReadOnlySpan<ScoredItem> Trending(string? category, TrendWindow window, int count, long nowMs) =>
        TrendingList(category, window, count, nowMs).First(count);

    /// <summary>Returns a list of trending items, best first; it may have more than <paramref name="count"/>.</summary>
    public SharedList<ScoredItem> TrendingList(string? category, TrendWindow window, int count, long nowMs)
    {
        if (_trending.TryGetValue((category, window), out SharedList<ScoredItem>? kept) && kept.Asked >= count && IsFresh(kept.MadeAt))
        {
            return kept;
        }

        SharedList<ScoredItem> made = new([.. trends.GetTrending(category, window, count, nowMs)], item => item.Item, count, time.GetTimestamp(), 0);
        Keep(_trending, (category, window), made);
        return made;
    }

    /// <summary>Returns the items of the last computed list of <see cref="TrendWindow.Day"/>, however old it is; empty if none was computed.</summary>
    public ReadOnlySpan<ScoredItem> LastTrending(string? category) =>
        _trending.TryGetValue((category, TrendWindow.Day), out SharedList<ScoredItem>? kept) ? kept.Items : [];

    /// <summary>Returns at most <paramref name="count"/> items that were added to the catalogue last, newest first.</summary>
    public ReadOnlySpan<CatalogueItem> Latest(string? category, int count) => LatestList(category, count).First(count);

    /// <summary>Returns a list of the items that were added to the catalogue last, newest first; it may have more than <paramref name="count"/>.</summary>
    public SharedList<CatalogueItem> LatestList(string? category, int count)
    {
        ItemCatalogue items = catalogue.Current;
        long version = items.Version;
        string key = category ?? string.Empty;
        if (_latest.TryGetValue(key, out SharedList<CatalogueItem>? kept) && kept.Asked >= count && kept.Version == version)
        {
            return kept;
        }

        SharedList<CatalogueItem> made = new([.. items.Latest(category, count)], item => item.Id, count, time.GetTimestamp(), version);
        Keep(_latest, key, made);
        return made;
    }

    private static void Keep<TKey, T>(ConcurrentDictionary<TKey, SharedList<T>> lists, TKey key, SharedList<T> kept)
        where TKey : notnull
    {
        if (lists.Count >= KeysMax && !lists.ContainsKey(key))
        {
            lists.Clear();
        }

        lists[key] = kept;
    }

    private bool IsFresh(long madeAt) => time.GetElapsedTime(madeAt) < options.ListLifetime;
}
