namespace RecSys.Core.Models;

/// <summary>The neighbours of one item, each with a score. Valid as long as the snapshot.</summary>
/// <param name="indices">Their item indices.</param>
/// <param name="scores">One score an index.</param>
public readonly ref struct Neighbours(ReadOnlySpan<int> indices, ReadOnlySpan<float> scores)
{
    /// <summary>Their item indices.</summary>
    public ReadOnlySpan<int> Indices { get; } = indices;

    /// <summary>Gets one score per index.</summary>
    public ReadOnlySpan<float> Scores { get; } = scores;

    /// <summary>Gets the number of neighbours.</summary>
    public int Count => Indices.Length;
}
