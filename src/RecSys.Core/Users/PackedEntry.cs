using RecSys.Core.Log;

namespace RecSys.Core.Users;

/// <summary>The place of one interaction in a packed history's array.</summary>
/// <param name="Key">The key by which the history is sorted.</param>
/// <param name="Start">Index at which its key starts.</param>
/// <param name="BodyStart">Index at which its body starts.</param>
/// <param name="BodyEnd">Index at which its body ends.</param>
/// <param name="End">Index at which the next entry starts.</param>
internal readonly record struct PackedEntry(HistoryKey Key, int Start, int BodyStart, int BodyEnd, int End)
{
    /// <summary>Reads the entry that starts at an index.</summary>
    /// <param name="upToBodyEnd">The history's array up to the end of the entry's body.</param>
    /// <param name="start">Index at which the entry's key starts.</param>
    /// <param name="end">Index at which the next entry starts, after this entry's length.</param>
    public static PackedEntry Read(ReadOnlySpan<byte> upToBodyEnd, int start, int end)
    {
        ByteReader reader = new(upToBodyEnd[start..]);
        HistoryKey key = HistoryKey.Read(ref reader);
        return new PackedEntry(key, start, start + reader.Position, upToBodyEnd.Length, end);
    }

    public InteractionPayload BodyIn(byte[]? bytes)
    {
        ByteReader reader = new(bytes.AsSpan(BodyStart, BodyEnd - BodyStart));
        return InteractionPayload.Read(ref reader);
    }
}
