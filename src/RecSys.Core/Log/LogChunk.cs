namespace RecSys.Core.Log;

/// <summary>Consecutive records of one partition.</summary>
/// <param name="Partition">Number of the partition, from 0.</param>
/// <param name="Entries">The records in the order of their offsets; offsets may skip.</param>
/// <param name="Next">The offset of the next read.</param>
public sealed record LogChunk(int Partition, LogEntry[] Entries, long Next)
{
    /// <summary>Gets the time at which the last of the records was appended, in milliseconds since 1970, UTC, by the writer's clock; null if unknown.</summary>
    public long? AppendedMs { get; init; }
}
