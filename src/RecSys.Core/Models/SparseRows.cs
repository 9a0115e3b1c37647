namespace RecSys.Core.Models;

/// <summary>A sparse item-item matrix as a snapshot stores it: the entries row after row, one row per item.</summary>
/// <param name="Starts">The start of each row, and the end of the last one; empty if there is no matrix.</param>
/// <param name="Indices">Item indices, in their order within the row.</param>
/// <param name="Scores">One score per index.</param>
public sealed record SparseRows(int[] Starts, int[] Indices, float[] Scores)
{
    /// <summary>No matrix.</summary>
    public static readonly SparseRows None = new([], [], []);
}
