using System.IO.Hashing;
using System.Text;

namespace RecSys.Core.Trends;

/// <summary>Numbers items from 0 on, and finds the number by the bytes of the id without allocating.</summary>
internal sealed class ItemNumbers
{
    private const int SlotsMin = 64;

    private ItemId[] _ids = new ItemId[SlotsMin / 2];
    private uint[] _hashes = new uint[SlotsMin / 2];
    private int[] _slots = new int[SlotsMin]; // number + 1; 0 is free

    /// <summary>Gets the number of items.</summary>
    public int Count { get; private set; }

    /// <summary>Gets the item of a number.</summary>
    public ItemId this[int index] => _ids[index];

    /// <summary>Returns the number of an item, or −1.</summary>
    public int Find(ReadOnlySpan<byte> utf8)
    {
        uint hash = HashOf(utf8);
        int mask = _slots.Length - 1;
        for (int slot = (int)hash & mask; _slots[slot] != 0; slot = (slot + 1) & mask)
        {
            int index = _slots[slot] - 1;
            if (_hashes[index] == hash && Is(_ids[index].Value, utf8))
            {
                return index;
            }
        }

        return -1;
    }

    /// <summary>Assigns the next number to an item without one.</summary>
    public int Add(ItemId item, ReadOnlySpan<byte> utf8)
    {
        if (Count == _ids.Length)
        {
            Array.Resize(ref _ids, Count * 2);
            Array.Resize(ref _hashes, Count * 2);
            _slots = new int[Count * 4];
            for (int known = 0; known < Count; known++)
            {
                Place(known);
            }
        }

        int index = Count++;
        _ids[index] = item;
        _hashes[index] = HashOf(utf8);
        Place(index);
        return index;
    }

    private static uint HashOf(ReadOnlySpan<byte> utf8) => (uint)XxHash3.HashToUInt64(utf8);

    private static bool Is(string id, ReadOnlySpan<byte> utf8)
    {
        // Most ids are ASCII and are compared without decoding.
        if (id.Length == utf8.Length)
        {
            return Ascii.Equals(utf8, id);
        }

        Span<byte> bytes = stackalloc byte[Limits.IdBytesMax];
        return Encoding.UTF8.TryGetBytes(id, bytes, out int length) && utf8.SequenceEqual(bytes[..length]);
    }

    private void Place(int index)
    {
        int mask = _slots.Length - 1;
        int slot = (int)_hashes[index] & mask;
        while (_slots[slot] != 0)
        {
            slot = (slot + 1) & mask;
        }

        _slots[slot] = index + 1;
    }
}
