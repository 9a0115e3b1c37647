namespace RecSys.Core.Models;

/// <summary>The neighbours of one item, each with a score. Valid while the snapshot is open.</summary>
/// <param name="indices">The item indices of the neighbours.</param>
/// <param name="scores">One score per index.</param>
public readonly ref struct Neighbours(ReadOnlySpan<int> indices, ReadOnlySpan<float> scores)
{
    /// <summary>Gets the item indices of the neighbours.</summary>
    public ReadOnlySpan<int> Indices { get; } = indices;

    /// <summary>Gets one score per index.</summary>
    public ReadOnlySpan<float> Scores { get; } = scores;

    /// <summary>Gets the number of neighbours.</summary>
    public int Count => Indices.Length;
}
