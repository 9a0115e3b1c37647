using System.Diagnostics.CodeAnalysis;

namespace RecSys.Core.Catalogue;

/// <summary>A sorted set of keys for one writer and any number of readers; a reader sees every key that is not added or removed during the reading exactly once.</summary>
/// <remarks>Keys are in small immutable blocks: the writer replaces a block by a new one.</remarks>
internal sealed class SortedBlocks<T>(IComparer<T> order)
{
    private const int BlockMax = 128;

    private T[][] _blocks = [];
    private int _count;

    public int Count => Volatile.Read(ref _count);

    /// <summary>Adds a key; returns false if it is present.</summary>
    public bool Add(T key)
    {
        if (_blocks.Length == 0)
        {
            Volatile.Write(ref _blocks, [[key]]);
            Volatile.Write(ref _count, 1);
            return true;
        }

        int index = BlockOf(key);
        T[] block = _blocks[index];
        int at = Array.BinarySearch(block, key, order);
        if (at >= 0)
        {
            return false;
        }

        at = ~at;
        T[] grown = new T[block.Length + 1];
        block.AsSpan(0, at).CopyTo(grown);
        grown[at] = key;
        block.AsSpan(at).CopyTo(grown.AsSpan(at + 1));
        if (grown.Length <= BlockMax)
        {
            Volatile.Write(ref _blocks[index], grown);
        }
        else
        {
            // Keys are often added in ascending order: cutting at the end leaves full blocks.
            int cut = index == _blocks.Length - 1 && at == block.Length ? BlockMax
                : index == 0 && at == 0 ? 1
                : grown.Length / 2;
            Volatile.Write(ref _blocks, [.. _blocks.AsSpan(0, index), grown[..cut], grown[cut..], .. _blocks.AsSpan(index + 1)]);
        }

        Volatile.Write(ref _count, _count + 1);
        return true;
    }

    /// <summary>Removes a key; returns false if it is not present.</summary>
    public bool Remove(T key)
    {
        if (_blocks.Length == 0)
        {
            return false;
        }

        int index = BlockOf(key);
        T[] block = _blocks[index];
        int at = Array.BinarySearch(block, key, order);
        if (at < 0)
        {
            return false;
        }

        if (block.Length == 1)
        {
            Volatile.Write(ref _blocks, [.. _blocks.AsSpan(0, index), .. _blocks.AsSpan(index + 1)]);
        }
        else
        {
            Volatile.Write(ref _blocks[index], [.. block.AsSpan(0, at), .. block.AsSpan(at + 1)]);
        }

        Volatile.Write(ref _count, _count - 1);
        return true;
    }

    /// <summary>Finds the key at a 0-based place in the order; passes over the blocks before it.</summary>
    public bool TryGetAt(int place, [MaybeNullWhen(false)] out T key)
    {
        T[][] blocks = Volatile.Read(ref _blocks);
        for (int index = 0; index < blocks.Length && place >= 0; index++)
        {
            T[] block = Volatile.Read(ref blocks[index]);
            if (place < block.Length)
            {
                key = block[place];
                return true;
            }

            place -= block.Length;
        }

        key = default;
        return false;
    }

    /// <summary>Returns the keys in order.</summary>
    public IEnumerable<T> All()
    {
        T[][] blocks = Volatile.Read(ref _blocks);
        for (int index = 0; index < blocks.Length; index++)
        {
            foreach (T key in Volatile.Read(ref blocks[index]))
            {
                yield return key;
            }
        }
    }

    /// <summary>Returns the keys after a key, in order; the key need not be present.</summary>
    public IEnumerable<T> After(T key)
    {
        T[][] blocks = Volatile.Read(ref _blocks);
        int low = 0;
        int high = blocks.Length;
        while (low < high)
        {
            int middle = (low + high) / 2;
            T[] block = Volatile.Read(ref blocks[middle]);
            if (order.Compare(block[^1], key) <= 0)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        for (int index = low; index < blocks.Length; index++)
        {
            foreach (T next in Volatile.Read(ref blocks[index]))
            {
                if (order.Compare(next, key) > 0)
                {
                    yield return next;
                }
            }
        }
    }

    /// <summary>Returns the block for a key: the last one that begins at or before it, or the first.</summary>
    private int BlockOf(T key)
    {
        int low = 0;
        int high = _blocks.Length - 1;
        while (low < high)
        {
            int middle = (low + high + 1) / 2;
            if (order.Compare(_blocks[middle][0], key) <= 0)
            {
                low = middle;
            }
            else
            {
                high = middle - 1;
            }
        }

        return low;
    }
}
