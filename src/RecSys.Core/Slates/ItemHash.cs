using System.IO.Hashing;
using System.Runtime.InteropServices;

namespace RecSys.Core.Slates;

/// <summary>A hash of an item's id, the same on every machine and in every version: XXH3 over its UTF-16 code units.</summary>
/// <remarks>Sets of items on the serving path contain hashes instead of ids: items with equal 64-bit hashes count as the same item there.</remarks>
public static class ItemHash
{
    /// <summary>Returns the hash of an id.</summary>
    public static ulong Of(ItemId item) => Of(item.Value);

    /// <summary>Returns the hash of a text.</summary>
    public static ulong Of(string text) => XxHash3.HashToUInt64(MemoryMarshal.AsBytes(text.AsSpan()));

    /// <summary>Returns the 32 bits of a hash that a <see cref="SlateCursor"/> stores.</summary>
    public static uint HighBits(ulong hash) => (uint)(hash >> 32);
}
