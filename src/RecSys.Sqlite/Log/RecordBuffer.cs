using System.Buffers;
using System.Buffers.Binary;

namespace RecSys.Sqlite.Log;

/// <summary>A rented buffer in which records are laid one after another, each behind its length.</summary>
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
        GetSpan(sizeof(int));
        Length += sizeof(int);
    }

    /// <summary>Ends the record begun, and says how many bytes it has.</summary>
    public int EndRecord()
    {
        int length = Length - _record - sizeof(int);
        BinaryPrimitives.WriteInt32LittleEndian(_bytes.AsSpan(_record), length);
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
