namespace RecSys.Core.Log;

/// <summary>The offsets that a partition contains.</summary>
/// <param name="Start">Oldest offset that is kept.</param>
/// <param name="End">Offset of the next record. An offset before it may have no record: compacted and uncommitted records leave gaps.</param>
public readonly record struct LogRange(long Start, long End);
