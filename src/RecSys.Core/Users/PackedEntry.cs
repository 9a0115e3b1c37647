using RecSys.Core.Log;

namespace RecSys.Core.Users;

/// <summary>The place of one interaction in a packed history's array.</summary>
/// <param name="Key">Key of the interaction in the order of the history.</param>
/// <param name="Start">Index at which its key starts.</param>
/// <param name="BodyStart">Index at which its body starts.</param>
/// <param name="BodyEnd">Index at which its body ends.</param>
/// <param name="End">Index at which the next entry starts.</param>
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
