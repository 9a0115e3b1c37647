namespace RecSys.Core.Log;

/// <summary>The offsets that a partition holds.</summary>
/// <param name="Start">Oldest offset that is kept.</param>
/// <param name="End">Offset of the next record. The offsets before it may hold none: what is compacted or not committed leaves holes.</param>
public readonly record struct LogRange(long Start, long End);
