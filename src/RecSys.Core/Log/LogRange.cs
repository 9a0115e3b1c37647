namespace RecSys.Core.Log;

/// <summary>What a partition holds now.</summary>
/// <param name="Start">The oldest offset that is kept.</param>
/// <param name="End">The offset that the next record will get.</param>
public readonly record struct LogRange(long Start, long End);
