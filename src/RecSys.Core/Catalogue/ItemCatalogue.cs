using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using RecSys.Core.Log;

namespace RecSys.Core.Catalogue;

/// <summary>The known items, kept up to date by a fold.</summary>
/// <remarks>
/// Safe for concurrent reading while its <see cref="CatalogueFold"/> applies records: a reader sees each item as a whole, and may
/// see a change between two calls.
/// </remarks>
public sealed class ItemCatalogue
{
    private static readonly Comparer<ItemId> IdOrder =
        Comparer<ItemId>.Create((left, right) => string.CompareOrdinal(left.Value, right.Value));

    private static readonly Comparer<Placed> NewestFirst = Comparer<Placed>.Create((left, right) =>
        left.AddedAtMs != right.AddedAtMs ? right.AddedAtMs.CompareTo(left.AddedAtMs) : IdOrder.Compare(left.Id, right.Id));

    // invariant: a cell is never replaced or removed, so a kept cell has the current state of its id
    private readonly ConcurrentDictionary<ItemId, CatalogueCell> _cells = new();
    private readonly ConcurrentDictionary<string, SortedBlocks<Placed>> _byCategory = new(StringComparer.Ordinal);
    private readonly SortedBlocks<ItemId> _ids = new(IdOrder);
    private readonly SortedBlocks<Placed> _latest = new(NewestFirst);
    private long _version;
    private LogPosition _position = LogPosition.Start;

    internal ItemCatalogue()
    {
    }

    private readonly record struct Placed(long AddedAtMs, ItemId Id);

    /// <summary>Gets the number of items.</summary>
    public int Count => _ids.Count;

    /// <summary>Gets a number that grows with each change of an item.</summary>
    public long Version => Volatile.Read(ref _version);

    /// <summary>Gets the position up to which the log is applied.</summary>
    public LogPosition Position => Volatile.Read(ref _position);

    /// <summary>Gets the categories that have items, in no order, with the number of items of each.</summary>
    public IEnumerable<KeyValuePair<string, int>> Categories =>
        _byCategory.Select(pair => KeyValuePair.Create(pair.Key, pair.Value.Count)).Where(pair => pair.Value > 0);

    /// <summary>Gets all items in the order of their ids (ordinal).</summary>
    public IEnumerable<CatalogueItem> All => Found(_ids.All());

    /// <summary>Finds an item.</summary>
    public bool TryGet(ItemId id, [NotNullWhen(true)] out CatalogueItem? item)
    {
        item = _cells.TryGetValue(id, out CatalogueCell? cell) ? cell.Item : null;
        return item is not null;
    }

    /// <summary>Returns the cell of an id, always the same object; creates it if the id is unknown.</summary>
    public CatalogueCell CellOf(ItemId id) => _cells.GetOrAdd(id, static _ => new CatalogueCell());

    /// <summary>Returns the cell of an id; null if the id is unknown.</summary>
    public CatalogueCell? FindCell(ItemId id) => _cells.GetValueOrDefault(id);

    /// <summary>Returns whether an item was deleted and not set again; false for an unknown item, which may be recommended.</summary>
    public bool IsDeleted(ItemId id) => _cells.TryGetValue(id, out CatalogueCell? cell) && cell.IsDeleted;

    /// <summary>Returns the items whose ids are after an id (ordinal), in that order; the id need not exist.</summary>
    public IEnumerable<CatalogueItem> After(ItemId id) => Found(_ids.After(id));

    /// <summary>Returns the number of items of a category; 0 for an unknown category.</summary>
    public int CountOf(string category) => _byCategory.TryGetValue(category, out SortedBlocks<Placed>? placed) ? placed.Count : 0;

    /// <summary>Returns the items added last, newest first, including hidden ones.</summary>
    /// <param name="category">The category, or null for all.</param>
    /// <param name="count">Maximum number of items.</param>
    public IReadOnlyList<CatalogueItem> Latest(string? category, int count)
    {
        if (count <= 0)
        {
            return [];
        }

        SortedBlocks<Placed>? placed = category is null ? _latest : _byCategory.GetValueOrDefault(category);
        return placed is null ? [] : [.. Found(placed.All().Select(place => place.Id)).Take(count)];
    }

    /// <summary>Returns the items that were added at or after a time, newest first, including hidden ones.</summary>
    /// <param name="sinceMs">The time, in milliseconds since 1970, UTC.</param>
    public IEnumerable<CatalogueItem> AddedSince(long sinceMs) => Found(_latest.All().TakeWhile(place => place.AddedAtMs >= sinceMs).Select(place => place.Id));

    /// <summary>Returns when the item at a place in the order of <see cref="Latest"/> was added, in milliseconds since 1970, UTC; null if there are not so many items.</summary>
    /// <param name="place">The 0-based place.</param>
    public long? AddedAtMsOf(int place) => _latest.TryGetAt(place, out Placed placed) ? placed.AddedAtMs : null;

    /// <summary>Gets the ids of deleted items in their order (ordinal).</summary>
    public IEnumerable<ItemId> Deleted => _cells.Where(pair => pair.Value.IsDeleted).Select(pair => pair.Key).Order(IdOrder);

    internal void Set(CatalogueItem item)
    {
        CatalogueCell cell = CellOf(item.Id);
        CatalogueItem? before = cell.Item;
        cell.Set(item);
        if (before is null)
        {
            _ids.Add(item.Id);
            _latest.Add(new Placed(item.AddedAtMs, item.Id));
        }
        else
        {
            Leave(before, stays: item);
            if (before.AddedAtMs != item.AddedAtMs)
            {
                _latest.Remove(new Placed(before.AddedAtMs, item.Id));
                _latest.Add(new Placed(item.AddedAtMs, item.Id));
            }
        }

        foreach (string category in item.Content.Categories)
        {
            _byCategory.GetOrAdd(category, static _ => new SortedBlocks<Placed>(NewestFirst)).Add(new Placed(item.AddedAtMs, item.Id));
        }

        Volatile.Write(ref _version, _version + 1);
    }

    internal void Remove(ItemId id)
    {
        CatalogueCell cell = CellOf(id);
        CatalogueItem? before = cell.Read(out bool wasDeleted);
        cell.Remove();
        if (before is null)
        {
            Volatile.Write(ref _version, _version + (wasDeleted ? 0 : 1));
            return;
        }

        _ids.Remove(id);
        _latest.Remove(new Placed(before.AddedAtMs, id));
        Leave(before, stays: null);
        Volatile.Write(ref _version, _version + 1);
    }

    internal void MoveTo(LogPosition position) => Volatile.Write(ref _position, position);

    /// <summary>Removes an item from the categories that it no longer has, and from all of them if its place in them changes.</summary>
    private void Leave(CatalogueItem before, CatalogueItem? stays)
    {
        foreach (string category in before.Content.Categories)
        {
            // An item may list a category twice; the second time it is removed already.
            if ((stays is null || stays.AddedAtMs != before.AddedAtMs || !stays.Content.Categories.Contains(category))
                && _byCategory.TryGetValue(category, out SortedBlocks<Placed>? placed))
            {
                placed.Remove(new Placed(before.AddedAtMs, before.Id));
                if (placed.Count == 0)
                {
                    _byCategory.TryRemove(category, out _);
                }
            }
        }
    }

    private IEnumerable<CatalogueItem> Found(IEnumerable<ItemId> ids)
    {
        foreach (ItemId id in ids)
        {
            if (TryGet(id, out CatalogueItem? item))
            {
                yield return item;
            }
        }
    }
}
