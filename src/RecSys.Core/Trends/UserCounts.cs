using RecSys.Core.Log;

namespace RecSys.Core.Trends;

/// <summary>Decides whether enough distinct users interacted with an item for public lists to show it; until then, 32 bits of each user's owner are stored.</summary>
internal sealed class UserCounts(int usersMin)
{
    private readonly int _seenMax = usersMin - 1;
    private uint[] _seen = [];
    private bool[] _isPublic = [];

    /// <summary>Returns whether enough users interacted with an item.</summary>
    public bool IsPublic(int item) => _isPublic[item];

    /// <summary>Adds one more item without users.</summary>
    public void Extend(int item)
    {
        if (item >= _isPublic.Length)
        {
            int length = Math.Max(64, _isPublic.Length * 2);
            Array.Resize(ref _isPublic, length);
            Array.Resize(ref _seen, length * _seenMax);
        }
    }

    /// <summary>Counts a user once, and returns whether enough users interacted with the item.</summary>
    public bool Touch(int item, Owner owner)
    {
        if (_isPublic[item])
        {
            return true;
        }

        Span<uint> seen = SeenOf(item);
        uint mark = MarkOf(owner);
        int free = seen.IndexOf(0u);
        if ((free < 0 ? seen : seen[..free]).Contains(mark))
        {
            return false;
        }

        if (free >= 0)
        {
            seen[free] = mark;
            return false;
        }

        seen.Clear();
        _isPublic[item] = true;
        return true;
    }

    /// <summary>Removes the stored bits of an owner from all items.</summary>
    public void Forget(Owner owner)
    {
        uint mark = MarkOf(owner);
        for (int at = _seen.AsSpan().IndexOf(mark); at >= 0; at = _seen.AsSpan().IndexOf(mark))
        {
            Span<uint> seen = SeenOf(at / _seenMax);
            int place = at % _seenMax;
            seen[(place + 1)..].CopyTo(seen[place..]);
            seen[^1] = 0;
        }
    }

    /// <summary>Removes all users of an item.</summary>
    public void Clear(int item)
    {
        _isPublic[item] = false;
        SeenOf(item).Clear();
    }

    /// <summary>Moves the kept items to their new numbers.</summary>
    public void Compact(ReadOnlySpan<int> kept)
    {
        int length = Math.Max(64, kept.Length);
        bool[] isPublic = new bool[length];
        uint[] seen = new uint[length * _seenMax];
        for (int item = 0; item < kept.Length; item++)
        {
            isPublic[item] = _isPublic[kept[item]];
            SeenOf(kept[item]).CopyTo(seen.AsSpan(item * _seenMax));
        }

        (_isPublic, _seen) = (isPublic, seen);
    }

    public void Write(ref ByteWriter writer, int itemCount)
    {
        writer.Count(usersMin);
        for (int item = 0; item < itemCount; item++)
        {
            Span<uint> seen = SeenOf(item);
            int free = seen.IndexOf(0u);
            int count = _isPublic[item] ? usersMin : free < 0 ? seen.Length : free;
            writer.Count(count);
            for (int i = 0; i < count && !_isPublic[item]; i++)
            {
                writer.Int32((int)seen[i]);
            }
        }
    }

    /// <summary>Reads counts that may have been saved with another minimum: after a decrease, items that reach the new minimum are public; after an increase, items that were public are counted again from zero, and the others keep their users.</summary>
    public void Read(ref ByteReader reader, int itemCount)
    {
        int writtenMin = reader.Count(TrendsOptions.UsersMinMax);
        _isPublic = new bool[Math.Max(64, itemCount)];
        _seen = new uint[_isPublic.Length * _seenMax];
        for (int item = 0; item < itemCount && !reader.IsBroken; item++)
        {
            int count = reader.Count(writtenMin);
            _isPublic[item] = count >= usersMin;
            for (int i = 0; i < count && count < writtenMin; i++)
            {
                uint mark = (uint)reader.Int32();
                if (!_isPublic[item])
                {
                    SeenOf(item)[i] = mark;
                }
            }
        }
    }

    // 0 marks an unused place.
    private static uint MarkOf(Owner owner) => Math.Max((uint)owner.GetHashCode(), 1);

    private Span<uint> SeenOf(int item) => _seen.AsSpan(item * _seenMax, _seenMax);
}
