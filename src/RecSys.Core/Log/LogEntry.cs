namespace RecSys.Core.Log;

/// <summary>One record as it is stored: its offset and its bytes, decoded only as far as a reader needs.</summary>
/// <remarks>The bytes belong to their chunk and may be kept as long as it.</remarks>
public readonly struct LogEntry(long offset, ReadOnlyMemory<byte> bytes)
{
    /// <summary>The offset in its partition.</summary>
    public long Offset { get; } = offset;

    /// <summary>The encoded record , as the codec wrote it.</summary>
    public ReadOnlyMemory<byte> Bytes { get; } = bytes;
}
