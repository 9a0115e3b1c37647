using System.Buffers;
using RecSys.Core.Models;

namespace RecSys.Files;

/// <summary>Bytes in unmanaged memory.</summary>
internal abstract unsafe class NativeBytes : SnapshotBytes
{
    private byte* _start;

    /// <summary>Initializes a new instance of the <see cref="NativeBytes"/> class.</summary>
    /// <param name="start">Address of the first byte.</param>
    /// <param name="length">Number of bytes.</param>
    protected NativeBytes(byte* start, long length)
    {
        _start = start;
        Length = length;
    }

    public override long Length { get; }

    /// <summary>Gets the address of the first byte; null after the release.</summary>
    protected byte* Start => _start;

    public override ReadOnlyMemory<byte> Slice(long offset, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, Length - length);
        return new View(this, offset, length).Memory;
    }

    protected sealed override void Dispose(bool disposing)
    {
        byte* start = _start;
        _start = null;
        if (start is not null)
        {
            Release(start);
        }
    }

    /// <summary>Releases the bytes; called once.</summary>
    /// <param name="start">Address of the first byte.</param>
    protected abstract void Release(byte* start);

    private sealed class View(NativeBytes owner, long offset, int length) : MemoryManager<byte>
    {
        public override Span<byte> GetSpan()
        {
            byte* start = owner._start;
            ObjectDisposedException.ThrowIf(start is null, owner);
            return new Span<byte>(start + offset, length);
        }

        public override MemoryHandle Pin(int elementIndex = 0) => new(owner._start + offset + elementIndex);

        public override void Unpin()
        {
        }

        protected override void Dispose(bool disposing)
        {
        }
    }
}
