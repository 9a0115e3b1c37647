using System.Diagnostics;
using RecSys.Core;

namespace RecSys.Sqlite.Log;

/// <summary>The newest durable chunks in memory: consecutive, up to the end of the log, bounded in bytes. Safe for concurrent use.</summary>
internal sealed class LogTail(long bytesMax)
{
    private const int ChunksMax = 65_536;

    // Memory of a chunk in addition to its bytes, so that many chunks of one record each are limited too.
    private const int ChunkOverheadBytes = 64;

    private readonly Lock _gate = new();
    // invariant: 0 <= _head < _ring.Length, 0 <= _count <= _ring.Length
    // invariant: At(i).Next <= At(i + 1).First for each i in [0, _count - 1)
    // invariant: _bytes = the sum of Cost(At(i)) <= bytesMax
    private StoredChunk[] _ring = new StoredChunk[64];
    private int _head;
    private int _count;
    private long _bytes;

    public void Add(StoredChunk chunk)
    {
        lock (_gate)
        {
            if (_count == _ring.Length)
            {
                Grow();
            }

            Debug.Assert(_count == 0 || At(_count - 1).Next <= chunk.First, "a chunk overlaps the one before it");
            _ring[(_head + _count) % _ring.Length] = chunk;
            _count++;
            _bytes += Cost(chunk);
            while (_count > 0 && (_bytes > bytesMax || _count > ChunksMax))
            {
                _bytes -= Cost(_ring[_head]);
                _ring[_head] = null!;
                _head = (_head + 1) % _ring.Length;
                _count--;
            }

            Debug.Assert(_count > 0 || _bytes == 0, "bytes are counted without a chunk");
        }
    }

    public void Clear()
    {
        lock (_gate)
        {
            Array.Clear(_ring);
            _head = 0;
            _count = 0;
            _bytes = 0;
        }
    }

    /// <summary>Erases records of a chunk, if the tail still has it. Readers of the old chunk use it until they finish.</summary>
    public void Erase(long first, IReadOnlyList<(int At, int Length)> records, Owner owner)
    {
        lock (_gate)
        {
            int index = IndexOf(first);
            if (index >= 0 && At(index).First == first)
            {
                _ring[(_head + index) % _ring.Length] = At(index).Without(records, owner);
            }
        }
    }

    /// <summary>Adds consecutive chunks from the one that contains an offset on, until they have enough records or bytes; returns false if the tail does not contain the offset.</summary>
    public bool TryRead(long from, int countMax, long readBytesMax, List<StoredChunk> into)
    {
        lock (_gate)
        {
            int index = IndexOf(from);
            if (index < 0 || from >= At(index).Next)
            {
                return false;
            }

            long records = 0;
            long bytes = 0;
            for (; index < _count && records < countMax && bytes < readBytesMax; index++)
            {
                StoredChunk chunk = At(index);
                into.Add(chunk);
                records += chunk.Next - Math.Max(from, chunk.First);
                bytes += chunk.Bytes.Length;
            }

            return true;
        }
    }

    private static long Cost(StoredChunk chunk) => chunk.Bytes.Length + ChunkOverheadBytes;

    private StoredChunk At(int index) => _ring[(_head + index) % _ring.Length];

    /// <summary>Returns the index of the newest chunk that begins at or before an offset; −1 if none.</summary>
    private int IndexOf(long offset)
    {
        int low = 0;
        int high = _count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (At(middle).First <= offset)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low - 1;
    }

    private void Grow()
    {
        StoredChunk[] larger = new StoredChunk[_ring.Length * 2];
        for (int index = 0; index < _count; index++)
        {
            larger[index] = At(index);
        }

        _ring = larger;
        _head = 0;
    }
}
