namespace RecSys.Core.Ingestion;

/// <summary>The entries of one partition, by owner and by index; an index stays its owner's until it is removed.</summary>
internal sealed class IngestEntries
{
    private readonly Dictionary<Owner, int> _byOwner = [];
    private IngestEntry[] _entries = new IngestEntry[64];
    private int _used;
    private int _free = -1;

    public int Count => _byOwner.Count;

    public ref IngestEntry this[int index] => ref _entries[index];

    public int Find(Owner owner) => _byOwner.TryGetValue(owner, out int index) ? index : -1;

    /// <summary>Finds an owner's entry, or makes one of which nothing is known.</summary>
    public int GetOrAdd(Owner owner)
    {
        ref int known = ref System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(_byOwner, owner, out bool isKnown);
        if (isKnown)
        {
            return known;
        }

        int index = _free;
        if (index >= 0)
        {
            _free = _entries[index].Group;
        }
        else
        {
            index = _used++;
            if (index == _entries.Length)
            {
                Array.Resize(ref _entries, _entries.Length * 2);
            }
        }

        known = index;
        _entries[index] = new IngestEntry { Owner = owner, Base = -1, First = -1, Last = -1, Ticket = -1, Group = -1 };
        return index;
    }

    public void Remove(int index)
    {
        _byOwner.Remove(_entries[index].Owner);
        _entries[index] = new IngestEntry { Base = -1, First = -1, Last = -1, Ticket = -1, Group = _free };
        _free = index;
    }
}
