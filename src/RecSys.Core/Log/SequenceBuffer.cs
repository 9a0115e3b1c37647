using System.Buffers;

namespace RecSys.Core.Log;

/// <summary>Receives bytes of any length and returns them as a sequence of segments: one array has at most 2 GB, and an array that grows is copied.</summary>
public sealed class SequenceBuffer : IBufferWriter<byte>
{
    /// <summary>The largest segment, in bytes, unless a single write needs a longer one.</summary>
    public const int SegmentBytesMax = 1 << 20;

    private const int SegmentBytesMin = 4_096;

    // invariant: the written bytes are those of the segments, then _current[.._used]
    private Segment? _first;
    private Segment? _last;
    private byte[] _current = [];
    private int _used;

    /// <summary>Gets the number of written bytes.</summary>
    public long Length => (_last?.End ?? 0) + _used;

    /// <inheritdoc/>
    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, _current.Length - _used);
        _used += count;
    }

    /// <inheritdoc/>
    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(sizeHint);
        if (_current.Length - _used < Math.Max(sizeHint, 1))
        {
            EndSegment();
            _current = GC.AllocateUninitializedArray<byte>(Math.Max(sizeHint, (int)Math.Clamp(Length, SegmentBytesMin, SegmentBytesMax)));
        }

        return _current.AsMemory(_used);
    }

    /// <inheritdoc/>
    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    /// <summary>Returns the written bytes; later writes do not change them.</summary>
    public ReadOnlySequence<byte> ToSequence()
    {
        EndSegment();
        return _first is null ? default : new ReadOnlySequence<byte>(_first, 0, _last!, _last!.Memory.Length);
    }

    private void EndSegment()
    {
        if (_used == 0)
        {
            return;
        }

        Segment segment = new(_current.AsMemory(0, _used), _last);
        _first ??= segment;
        _last = segment;
        _current = [];
        _used = 0;
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(ReadOnlyMemory<byte> bytes, Segment? before)
        {
            Memory = bytes;
            if (before is not null)
            {
                RunningIndex = before.End;
                before.Next = this;
            }
        }

        /// <summary>Gets the number of bytes up to the end of this segment.</summary>
        public long End => RunningIndex + Memory.Length;
    }
}
