namespace RecSys.Core.Models;

/// <summary>A sparse item-item matrix as a snapshot stores it: the entries of items, row after row.</summary>
/// <param name="Starts">Start of each item's entries, and the end of the last item's; or empty without such a section.</param>
/// <param name="Indices">Item indices, in the order in which they are to be read.</param>
/// <param name="Scores">One score an index.</param>
public sealed record SparseRows(int[] Starts, int[] Indices, float[] Scores)
{
    /// <summary>No section.</summary>
    public static readonly SparseRows None = new([], [], []);
}
