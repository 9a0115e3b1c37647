namespace RecSys.Core.Log;

/// <summary>The offsets that a partition contains.</summary>
/// <param name="Start">Oldest offset that is kept.</param>
/// <param name="End">Offset of the next record. The offsets before it may contain none: compacted and uncommitted records leave gaps.</param>
public readonly record struct LogRange(long Start, long End);
