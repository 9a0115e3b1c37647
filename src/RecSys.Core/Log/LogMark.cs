namespace RecSys.Core.Log;

/// <summary>The end of a log, and a checksum that tells the log from a copy of it that received other records, such as a restored backup.</summary>
/// <param name="End">Offset of the next record.</param>
/// <param name="RowSum">Checksum over the first offset, count, size and time of the row that ends at <paramref name="End"/>; an erasure does not change it. Null if unknown.</param>
public readonly record struct LogMark(long End, long? RowSum);
