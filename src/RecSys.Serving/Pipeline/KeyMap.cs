using System.Runtime.CompilerServices;

namespace RecSys.Serving.Pipeline;

/// <summary>A map from 64-bit keys to integers by open addressing. It is reused between requests, and allocates only when it grows.</summary>
internal sealed class KeyMap
{
    private const int SlotsMin = 64;

    private ulong[] _keys = new ulong[SlotsMin];
    private int[] _values = new int[SlotsMin];

    // The first Count entries are the keys in the order in which they were added; at most half of the slots are used.
    private ulong[] _order = new ulong[SlotsMin / 2];

    // A slot is used if its stamp equals that of the map, so clearing the map is one addition.
    private int[] _stamps = new int[SlotsMin];
    private int _stamp = 1;

    public int Count { get; private set; }

    /// <summary>Gets the keys, in the order in which they were added.</summary>
    public ReadOnlySpan<ulong> Keys => _order.AsSpan(0, Count);

    public void Clear()
    {
        Count = 0;
        if (++_stamp == int.MaxValue)
        {
            Array.Clear(_stamps);
            _stamp = 1;
        }
    }

    /// <summary>Adds a key if it is not present.</summary>
    /// <returns>Whether the key was added; if not, <paramref name="value"/> receives the existing value.</returns>
    public bool TryAdd(ulong key, ref int value)
    {
        if (Count * 2 >= _keys.Length)
        {
            Grow();
        }

        int slot = SlotOf(key);
        if (_stamps[slot] == _stamp)
        {
            value = _values[slot];
            return false;
        }

        _stamps[slot] = _stamp;
        _keys[slot] = key;
        _values[slot] = value;
        _order[Count++] = key;
        return true;
    }

    public bool TryGet(ulong key, out int value)
    {
        int slot = SlotOf(key);
        bool isThere = _stamps[slot] == _stamp;
        value = isThere ? _values[slot] : 0;
        return isThere;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int SlotOf(ulong key)
    {
        // Fibonacci hashing (Knuth, The Art of Computer Programming 3, section 6.4), since keys may be small consecutive numbers.
        int mask = _keys.Length - 1;
        int slot = (int)((key * 0x9E37_79B9_7F4A_7C15) >> 32) & mask;
        while (_stamps[slot] == _stamp && _keys[slot] != key)
        {
            slot = (slot + 1) & mask;
        }

        return slot;
    }

    private void Grow()
    {
        (ulong[] keys, int[] values, int[] stamps, int stamp) = (_keys, _values, _stamps, _stamp);
        _keys = new ulong[keys.Length * 2];
        _values = new int[keys.Length * 2];
        _stamps = new int[keys.Length * 2];
        _stamp = 1;
        Array.Resize(ref _order, keys.Length);
        for (int i = 0; i < keys.Length; i++)
        {
            if (stamps[i] == stamp)
            {
                int slot = SlotOf(keys[i]);
                _stamps[slot] = _stamp;
                _keys[slot] = keys[i];
                _values[slot] = values[i];
            }
        }
    }
}
