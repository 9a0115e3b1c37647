namespace RecSys.Core.Log;

/// <summary>The offsets that a partition holds.</summary>
/// <param name="Start">Oldest offset that is kept.</param>
/// <param name="End">Offset of the next record.</param>
public readonly record struct LogRange(long Start, long End);
