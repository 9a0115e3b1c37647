namespace RecSys.Core.Log;

/// <summary>Consecutive records of one partition.</summary>
/// <param name="Partition">The partition.</param>
/// <param name="Entries">The records in the order of their offsets; offsets may skip.</param>
/// <param name="Next">The offset to read on from.</param>
public sealed record LogChunk(int Partition, LogEntry[] Entries, long Next);
