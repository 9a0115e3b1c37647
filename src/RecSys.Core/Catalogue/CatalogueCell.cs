using RecSys.Core.Log;

namespace RecSys.Core.Catalogue;

/// <summary>What a catalogue knows of one id. A reader that keeps a cell reads the current state of its item without a look-up by id.</summary>
/// <remarks>Safe for concurrent reading while the catalogue's writer changes it.</remarks>
public sealed class CatalogueCell
{
    private static readonly CatalogueItem DeletedItem = new(default, ItemContent.Empty, 0, 0);

    // invariant: null before the item was ever set or removed, DeletedItem after it was removed, the item after it was set
    private CatalogueItem? _state;

    internal CatalogueCell()
    {
    }

    /// <summary>Gets the item; null if it is deleted or unknown.</summary>
    public CatalogueItem? Item => Read(out _);

    /// <summary>Gets whether the item was deleted and not set again; false for an unknown item.</summary>
    public bool IsDeleted => ReferenceEquals(Volatile.Read(ref _state), DeletedItem);

    /// <summary>Returns the item, null if it is deleted or unknown, and whether it is deleted, both of the same moment.</summary>
    public CatalogueItem? Read(out bool isDeleted)
    {
        CatalogueItem? state = Volatile.Read(ref _state);
        isDeleted = ReferenceEquals(state, DeletedItem);
        return isDeleted ? null : state;
    }

    internal void Set(CatalogueItem item) => Volatile.Write(ref _state, item);

    internal void Remove() => Volatile.Write(ref _state, DeletedItem);
}
