namespace RecSys.Core.Models;

/// <summary>Finds an item's index by its id.</summary>
public interface IItemIndex
{
    /// <summary>Finds the index of an item.</summary>
    bool TryGetIndex(ItemId id, out int index);
}
