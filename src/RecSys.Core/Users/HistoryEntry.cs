using RecSys.Core.Log;

namespace RecSys.Core.Users;

/// <summary>Where one interaction stands in a packed history's array.</summary>
/// <param name="Key">Its place in the order.</param>
/// <param name="Start">Where its key begins.</param>
/// <param name="BodyStart">Where its body begins.</param>
/// <param name="BodyEnd">Where its body ends.</param>
/// <param name="End">Where the next entry begins.</param>
internal readonly record struct HistoryEntry(HistoryKey Key, int Start, int BodyStart, int BodyEnd, int End)
{
    public static HistoryEntry Read(ReadOnlySpan<byte> bytes, int start, int end)
    {
        ByteReader reader = new(bytes[start..]);
        HistoryKey key = HistoryKey.Read(ref reader);
        return new HistoryEntry(key, start, start + reader.Position, bytes.Length, end);
    }

    public InteractionPayload BodyIn(byte[]? bytes)
    {
        ByteReader reader = new(bytes.AsSpan(BodyStart, BodyEnd - BodyStart));
        return InteractionPayload.Read(ref reader);
    }
}
