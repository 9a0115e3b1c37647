namespace RecSys.Core.Log;

/// <summary>One record as it is stored: its offset and its bytes, decoded only as far as a reader needs.</summary>
/// <remarks>The bytes belong to the chunk, and are valid while the chunk is.</remarks>
public readonly struct LogEntry(long offset, ReadOnlyMemory<byte> bytes)
{
    /// <summary>Gets the offset in the partition.</summary>
    public long Offset { get; } = offset;

    /// <summary>Gets the encoded record.</summary>
    public ReadOnlyMemory<byte> Bytes { get; } = bytes;
}
