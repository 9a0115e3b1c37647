namespace RecSys.Core.Models;

/// <summary>Finds an item's index by its id.</summary>
public interface IItemIndex
{
    /// <summary>Finds the index of an item by the UTF-8 of its id; −1 if there is none.</summary>
    bool TryGetIndex(ReadOnlySpan<byte> idUtf8, out int index);
}
