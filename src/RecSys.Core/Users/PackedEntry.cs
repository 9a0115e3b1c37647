using RecSys.Core.Log;

namespace RecSys.Core.Users;

/// <summary>The place of one interaction in a packed history's array.</summary>
/// <param name="Key">Its place in the order.</param>
/// <param name="Start">Start of its key.</param>
/// <param name="BodyStart">Start of its body.</param>
/// <param name="BodyEnd">End of its body.</param>
/// <param name="End">Start of the next entry.</param>
internal readonly record struct PackedEntry(HistoryKey Key, int Start, int BodyStart, int BodyEnd, int End)
{
    public static PackedEntry Read(ReadOnlySpan<byte> bytes, int start, int end)
    {
        ByteReader reader = new(bytes[start..]);
        HistoryKey key = HistoryKey.Read(ref reader);
        return new PackedEntry(key, start, start + reader.Position, bytes.Length, end);
    }

    public InteractionPayload BodyIn(byte[]? bytes)
    {
        ByteReader reader = new(bytes.AsSpan(BodyStart, BodyEnd - BodyStart));
        return InteractionPayload.Read(ref reader);
    }
}
