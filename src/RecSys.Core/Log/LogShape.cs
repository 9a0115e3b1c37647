namespace RecSys.Core.Log;

/// <summary>How a log is cut: its epoch and its number of partitions.</summary>
public readonly record struct LogShape(int Epoch, int PartitionCount);
