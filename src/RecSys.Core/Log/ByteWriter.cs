using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace RecSys.Core.Log;

/// <summary>Writes numbers and texts into a buffer, in blocks. End with <see cref="Flush"/>.</summary>
internal ref struct ByteWriter(IBufferWriter<byte> into)
{
    private const int BlockBytes = 256;
    private const int VarintBytesMax = 10;

    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    private readonly IBufferWriter<byte> _into = into;
    private Span<byte> _block;
    private int _used;

    public void Byte(byte value) => Reserve(1)[0] = value;

    public void Int32(int value) => BinaryPrimitives.WriteInt32LittleEndian(Reserve(sizeof(int)), value);

    public void Int64(long value) => BinaryPrimitives.WriteInt64LittleEndian(Reserve(sizeof(long)), value);

    public void Single(float value) => Int32(BitConverter.SingleToInt32Bits(value));

    public void Double(double value) => Int64(BitConverter.DoubleToInt64Bits(value));

    public void Varint(ulong value)
    {
        RequireRoom(VarintBytesMax);
        _used += Varints.Write(_block[_used..], value);
    }

    public void ZigZag(long value) => Varint(Varints.ZigZag(value));

    public void Count(int value) => Varint((ulong)value);

    public void Offset(long value) => Varint((ulong)(value + 1));

    public void Bytes(ReadOnlySpan<byte> value)
    {
        if (value.Length > 0)
        {
            value.CopyTo(Reserve(value.Length));
        }
    }

    /// <summary>Writes a text after its length.</summary>
    /// <exception cref="ArgumentException">The text has more bytes of UTF-8 than allowed, or is not valid Unicode.</exception>
    public void Text(string value, int bytesMax, string what)
    {
        int count = Strict.GetByteCount(value);
        if (count > bytesMax)
        {
            throw new ArgumentException($"{what} has {count} bytes of UTF-8; at most {bytesMax} are allowed");
        }

        Count(count);
        Strict.GetBytes(value, Reserve(count));
    }

    /// <summary>Writes an encoded text after its length.</summary>
    public void Text(ReadOnlySpan<byte> utf8)
    {
        Count(utf8.Length);
        Bytes(utf8);
    }

    public void Owner(Owner value) => value.WriteTo(Reserve(Core.Owner.SizeBytes));

    /// <summary>Passes all written bytes to the buffer.</summary>
    public void Flush()
    {
        if (_used > 0)
        {
            _into.Advance(_used);
            _block = [];
            _used = 0;
        }
    }

    // Returns the next bytes of the block, which the caller must write.
    private Span<byte> Reserve(int count)
    {
        RequireRoom(count);
        Span<byte> reserved = _block.Slice(_used, count);
        _used += count;
        return reserved;
    }

    private void RequireRoom(int count)
    {
        if (_block.Length - _used < count)
        {
            Flush();
            _block = _into.GetSpan(Math.Max(count, BlockBytes));
        }
    }
}
