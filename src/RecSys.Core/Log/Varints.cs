namespace RecSys.Core.Log;

/// <summary>Numbers of seven bits per byte, lowest first; the high bit marks that more follow.</summary>
internal static class Varints
{
    /// <summary>Returns the number of bytes that <see cref="Write"/> takes for <paramref name="value"/>: 1 to 10.</summary>
    public static int SizeOf(ulong value) => (70 - System.Numerics.BitOperations.LeadingZeroCount(value | 1)) / 7;

    /// <summary>Writes <paramref name="value"/>, and returns the number of bytes.</summary>
    public static int Write(Span<byte> into, ulong value)
    {
        int count = 0;
        while (value >= 0x80)
        {
            into[count++] = (byte)(value | 0x80);
            value >>= 7;
        }

        into[count++] = (byte)value;
        return count;
    }

    /// <summary>Returns the zigzag encoding of a signed number: numbers near 0 of either sign become small.</summary>
    public static ulong ZigZag(long value) => (ulong)((value << 1) ^ (value >> 63));
}
