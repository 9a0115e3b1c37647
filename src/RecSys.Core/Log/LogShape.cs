namespace RecSys.Core.Log;

/// <summary>The epoch of a log and its number of partitions.</summary>
public readonly record struct LogShape(int Epoch, int PartitionCount);
