using System.Collections.Concurrent;
using RecSys.Core;
using RecSys.Core.Catalogue;
using RecSys.Core.Ports;
using RecSys.Core.Trends;

namespace RecSys.Serving.Sources;

/// <summary>Caches lists that are the same for all users for a short time.</summary>
/// <remarks>A list of latest items is kept only until the catalogue changes, so that it shows the newest write. Safe for concurrent use.</remarks>
internal sealed class SharedLists(ITrends trends, IItemCatalogue catalogue, TimeProvider time, TimeSpan lifetime)
{
    /// <summary>The most cached lists of a kind; above it, all are dropped and computed again.</summary>
    public const int KeysMax = 1_024;

    private readonly ConcurrentDictionary<(string? Category, TrendWindow Window), Kept<ScoredItem>> _trending = new();
    private readonly ConcurrentDictionary<string, Kept<CatalogueItem>> _latest = new(StringComparer.Ordinal);

    private sealed record Kept<T>(T[] Items, int Count, long MadeAt, long Version);

    /// <summary>Returns trending items, best first.</summary>
    public ReadOnlySpan<ScoredItem> Trending(string? category, TrendWindow window, int count, long nowMs)
    {
        if (_trending.TryGetValue((category, window), out Kept<ScoredItem>? kept) && kept.Count >= count && IsFresh(kept.MadeAt))
        {
            return kept.Items.AsSpan(0, Math.Min(count, kept.Items.Length));
        }

        ScoredItem[] items = [.. trends.GetTrending(category, window, count, nowMs)];
        Keep(_trending, (category, window), new Kept<ScoredItem>(items, count, time.GetTimestamp(), 0));
        return items;
    }

    /// <summary>Returns the trending items of the last computed list, of any age; empty if there is none.</summary>
    public ReadOnlySpan<ScoredItem> LastTrending(string? category) =>
        _trending.TryGetValue((category, TrendWindow.Day), out Kept<ScoredItem>? kept) ? kept.Items : [];

    /// <summary>Returns the items added to the catalogue last, newest first.</summary>
    public ReadOnlySpan<CatalogueItem> Latest(string? category, int count)
    {
        ItemCatalogue items = catalogue.Current;
        long version = items.Version;
        string key = category ?? string.Empty;
        if (_latest.TryGetValue(key, out Kept<CatalogueItem>? kept) && kept.Count >= count && kept.Version == version)
        {
            return kept.Items.AsSpan(0, Math.Min(count, kept.Items.Length));
        }

        CatalogueItem[] latest = [.. items.Latest(category, count)];
        Keep(_latest, key, new Kept<CatalogueItem>(latest, count, time.GetTimestamp(), version));
        return latest;
    }

    private static void Keep<TKey, T>(ConcurrentDictionary<TKey, Kept<T>> lists, TKey key, Kept<T> kept)
        where TKey : notnull
    {
        if (lists.Count >= KeysMax)
        {
            lists.Clear();
        }

        lists[key] = kept;
    }

    private bool IsFresh(long madeAt) => time.GetElapsedTime(madeAt) < lifetime;
}
