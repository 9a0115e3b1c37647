using System.Buffers;
using System.Buffers.Binary;
using RecSys.Core.Log;

namespace RecSys.Sqlite.Log;

/// <summary>A rented buffer of consecutive records, each preceded by its length and its checksum.</summary>
internal sealed class RecordBuffer : IBufferWriter<byte>, IDisposable
{
    private byte[] _bytes;
    private int _record;

    public RecordBuffer(int sizeHint) => _bytes = ArrayPool<byte>.Shared.Rent(sizeHint);

    public int Length { get; private set; }

    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, Length);

    public void BeginRecord()
    {
        _record = Length;
        GetSpan(StoredChunk.HeaderBytes);
        Length += StoredChunk.HeaderBytes;
    }

    /// <summary>Ends the current record, and returns its length in bytes.</summary>
    public int EndRecord()
    {
        int at = _record + StoredChunk.HeaderBytes;
        int length = Length - at;
        BinaryPrimitives.WriteInt32LittleEndian(_bytes.AsSpan(_record), length);
        BinaryPrimitives.WriteUInt32LittleEndian(_bytes.AsSpan(at - sizeof(uint)), LogChecksum.OfRecord(_bytes.AsSpan(at, length)));
        return length;
    }

    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, _bytes.Length - Length);
        Length += count;
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _bytes.AsMemory(Length);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _bytes.AsSpan(Length);
    }

    public void Dispose()
    {
        byte[] bytes = _bytes;
        _bytes = [];
        Length = 0;
        ArrayPool<byte>.Shared.Return(bytes);
    }

    private void Reserve(int sizeHint)
    {
        if (_bytes.Length - Length >= Math.Max(sizeHint, 1))
        {
            return;
        }

        byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(_bytes.Length * 2, Length + sizeHint));
        Written.CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = larger;
    }
}
