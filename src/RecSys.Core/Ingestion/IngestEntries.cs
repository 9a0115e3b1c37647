namespace RecSys.Core.Ingestion;

/// <summary>The entries of one partition, by owner and by index; an owner keeps its index until the entry is removed.</summary>
/// <remarks>
/// Open addressing with linear probing, because every record needs a look-up: a slot contains 32 bits of the owner, which are uniform because an
/// owner is a keyed hash, and the entry's index plus one. Entries are stored in pages, so that growing copies none of them and the last page alone
/// has free places; an entry takes about 80 bytes.
/// </remarks>
internal sealed class IngestEntries
{
    private const int PageBits = 10;
    private const int PageLength = 1 << PageBits;

    // invariant: 0 <= Count <= _used, 4 * Count <= 3 * _slots.Length
    // invariant: _pages.Length = ceil(_used / PageLength); each page but the first has PageLength places
    private IngestEntry[][] _pages = [];
    private ulong[] _slots = new ulong[128];
    private int _used;
    private int _free = -1;

    public int Count { get; private set; }

    public ref IngestEntry this[int index] => ref _pages[index >> PageBits][index & (PageLength - 1)];

    /// <summary>Returns the index of an owner's entry, or −1.</summary>
    public int Find(Owner owner)
    {
        uint hash = (uint)owner.GetHashCode();
        int slot = SlotOf(owner, hash);
        return (int)(uint)_slots[slot] - 1;
    }

    /// <summary>Returns the index of an owner's entry; adds an entry without offsets if there is none.</summary>
    public int GetOrAdd(Owner owner)
    {
        uint hash = (uint)owner.GetHashCode();
        int slot = SlotOf(owner, hash);
        if (_slots[slot] != 0)
        {
            return (int)(uint)_slots[slot] - 1;
        }

        if (4 * (Count + 1) > 3 * _slots.Length)
        {
            Grow();
            slot = SlotOf(owner, hash);
        }

        int index = _free;
        if (index >= 0)
        {
            _free = this[index].Group;
        }
        else
        {
            index = _used++;
            MakePlace(index);
        }

        _slots[slot] = ((ulong)hash << 32) | (uint)(index + 1);
        this[index] = new IngestEntry { Owner = owner, Base = -1, First = -1, Last = -1, Ticket = -1, Group = -1 };
        Count++;
        return index;
    }

    public void Remove(int index)
    {
        Owner owner = this[index].Owner;
        int mask = _slots.Length - 1;
        int hole = SlotOf(owner, (uint)owner.GetHashCode());

        // Move entries that probing placed after the free slot back into it.
        for (int next = (hole + 1) & mask; _slots[next] != 0; next = (next + 1) & mask)
        {
            int wanted = (int)(_slots[next] >> 32) & mask;
            if (((next - wanted) & mask) >= ((next - hole) & mask))
            {
                _slots[hole] = _slots[next];
                hole = next;
            }
        }

        _slots[hole] = 0;
        this[index] = new IngestEntry { Base = -1, First = -1, Last = -1, Ticket = -1, Group = _free };
        _free = index;
        Count--;
    }

    /// <summary>Returns the slot of an owner, or the empty slot for it.</summary>
    private int SlotOf(Owner owner, uint hash)
    {
        int mask = _slots.Length - 1;
        for (int slot = (int)hash & mask; ; slot = (slot + 1) & mask)
        {
            ulong held = _slots[slot];
            if (held == 0 || ((uint)(held >> 32) == hash && this[(int)(uint)held - 1].Owner == owner))
            {
                return slot;
            }
        }
    }

    /// <summary>Adds a page if the others are full. The first page begins small, because a log may have many partitions with few users.</summary>
    private void MakePlace(int index)
    {
        if ((index & (PageLength - 1)) == 0)
        {
            _pages = [.. _pages, new IngestEntry[index == 0 ? 64 : PageLength]];
        }
        else if (index == _pages[0].Length)
        {
            Array.Resize(ref _pages[0], 2 * index);
        }
    }

    private void Grow()
    {
        ulong[] old = _slots;
        _slots = new ulong[old.Length * 2];
        int mask = _slots.Length - 1;
        foreach (ulong held in old)
        {
            if (held != 0)
            {
                int slot = (int)(held >> 32) & mask;
                while (_slots[slot] != 0)
                {
                    slot = (slot + 1) & mask;
                }

                _slots[slot] = held;
            }
        }
    }
}
