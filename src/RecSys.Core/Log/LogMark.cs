namespace RecSys.Core.Log;

/// <summary>The end of a log, and the checksum that distinguishes it from the end of another history of the same installation.</summary>
/// <param name="End">Offset of the next record.</param>
/// <param name="RowSum">Checksum over the first offset, count, size and time of the row that ends there, which an erasure does not change; null if unknown.</param>
public readonly record struct LogMark(long End, long? RowSum);
