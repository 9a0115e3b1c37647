using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;

namespace RecSys.Core.Log;

/// <summary>Reads the output of <see cref="ByteWriter"/>. It never throws and never reads outside the bytes: after the first error it is broken and returns empty values. Returned bytes stay valid.</summary>
internal ref struct ByteReader
{
    // The segment that is read, and the segments after it.
    private ReadOnlySpan<byte> _bytes;
    private ReadOnlySequence<byte> _later;

    public ByteReader(ReadOnlySpan<byte> bytes) => _bytes = bytes;

    public ByteReader(in ReadOnlySequence<byte> bytes)
    {
        _later = bytes;
        NextSegment();
    }

    /// <summary>Gets the position of the next read in the span; in a sequence, in its present segment.</summary>
    public int Position { get; private set; }

    /// <summary>Gets whether a value was missing or wrong; later values are empty.</summary>
    public bool IsBroken { get; private set; }

    /// <summary>Gets whether everything was read without an error.</summary>
    public readonly bool IsDone => !IsBroken && Position == _bytes.Length && _later.IsEmpty;

    /// <summary>Marks the reader as broken.</summary>
    public void Break()
    {
        IsBroken = true;
        Position = _bytes.Length;
        _later = default;
    }

    /// <summary>Skips the fields that a later program added at the end of checksummed bytes: each is a number from 1 on, a length, and its bytes.</summary>
    public void SkipAddedFields()
    {
        while (!IsBroken && !IsDone)
        {
            if (Count(int.MaxValue) == 0)
            {
                Break();
            }

            Bytes(Count(int.MaxValue));
        }
    }

    /// <exception cref="CorruptRecordException">A value was missing or wrong, or bytes are left.</exception>
    public readonly void RequireDone(string what)
    {
        if (!IsDone)
        {
            throw new CorruptRecordException($"the bytes of {what} are corrupt");
        }
    }

    public byte Byte()
    {
        if (Position < _bytes.Length)
        {
            return _bytes[Position++];
        }

        return BytesBeyond(1) is [byte next] ? next : (byte)0;
    }

    public ReadOnlySpan<byte> Bytes(int count)
    {
        if ((uint)count > (uint)(_bytes.Length - Position))
        {
            return BytesBeyond(count);
        }

        ReadOnlySpan<byte> read = _bytes.Slice(Position, count);
        Position += count;
        return read;
    }

    /// <summary>Reads the rest, which must be zeros.</summary>
    public void Zeros()
    {
        while (true)
        {
            if (_bytes[Position..].ContainsAnyExcept((byte)0))
            {
                Break();
            }

            Position = _bytes.Length;
            if (_later.IsEmpty)
            {
                return;
            }

            NextSegment();
        }
    }

    public int Int32() => Bytes(sizeof(int)) is { Length: > 0 } read ? BinaryPrimitives.ReadInt32LittleEndian(read) : 0;

    public long Int64() => Bytes(sizeof(long)) is { Length: > 0 } read ? BinaryPrimitives.ReadInt64LittleEndian(read) : 0;

    public float Single() => BitConverter.Int32BitsToSingle(Int32());

    public double Double() => BitConverter.Int64BitsToDouble(Int64());

    /// <summary>Reads a finite double.</summary>
    public double Finite()
    {
        double value = Double();
        if (double.IsFinite(value))
        {
            return value;
        }

        Break();
        return 0;
    }

    /// <summary>Reads a number of seven bits per byte, lowest first, without redundant bytes.</summary>
    public ulong Varint()
    {
        ulong value = 0;
        for (int shift = 0; shift < 64; shift += 7)
        {
            byte next = Byte();
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                // The tenth byte contains one bit; a last byte of 0 would be redundant.
                if ((next == 0 && shift > 0) || (shift == 63 && next > 1))
                {
                    break;
                }

                return value;
            }
        }

        Break();
        return 0;
    }

    /// <summary>Reads a signed number in zigzag encoding.</summary>
    public long ZigZag()
    {
        ulong value = Varint();
        return (long)(value >> 1) ^ -(long)(value & 1);
    }

    /// <summary>Reads a number from 0 to <paramref name="max"/>.</summary>
    public int Count(int max)
    {
        ulong count = Varint();
        if (count <= (ulong)max)
        {
            return (int)count;
        }

        Break();
        return 0;
    }

    /// <summary>Reads an offset: −1 to <see cref="long.MaxValue"/> − 1.</summary>
    public long Offset() => unchecked((long)(Varint() & long.MaxValue)) - 1;

    /// <summary>Reads valid UTF-8 after its length.</summary>
    public ReadOnlySpan<byte> Text(int bytesMax)
    {
        ReadOnlySpan<byte> text = Bytes(Count(bytesMax));
        if (Utf8.IsValid(text))
        {
            return text;
        }

        Break();
        return [];
    }

    /// <summary>Reads a text that is an id (<see cref="IdText"/>).</summary>
    public ReadOnlySpan<byte> Id()
    {
        ReadOnlySpan<byte> text = Text(Limits.IdBytesMax);
        if (text.Length == 0 || (text[0] == '.' && (text.SequenceEqual("."u8) || text.SequenceEqual(".."u8))))
        {
            Break();
        }

        return text;
    }

    public string String(int bytesMax) => Encoding.UTF8.GetString(Text(bytesMax));

    public Owner Owner() => Bytes(Core.Owner.SizeBytes) is { Length: > 0 } read ? new Owner(read) : default;

    // Returns bytes that end after the segment: in the next one, or copied from several.
    private ReadOnlySpan<byte> BytesBeyond(int count)
    {
        ReadOnlySpan<byte> left = _bytes[Position..];
        if (count < 0 || count > left.Length + _later.Length)
        {
            Break();
            return [];
        }

        if (left.Length == 0 && count <= _later.FirstSpan.Length)
        {
            NextSegment();
            Position = count;
            return _bytes[..count];
        }

        byte[] joined = new byte[count];
        left.CopyTo(joined);
        _later.Slice(0, count - left.Length).CopyTo(joined.AsSpan(left.Length));
        _later = _later.Slice(count - left.Length);
        NextSegment();
        return joined;
    }

    private void NextSegment()
    {
        SequencePosition next = _later.Start;
        _bytes = _later.TryGet(ref next, out ReadOnlyMemory<byte> segment) ? segment.Span : [];
        _later = next.GetObject() is null ? default : _later.Slice(next); // a slice by length would stay at an empty segment
        Position = 0;
    }
}
