namespace RecSys.Core.Models;

/// <summary>Items beside one item, with a score each. Valid as long as the snapshot it came from.</summary>
/// <param name="indices">Their item indices.</param>
/// <param name="scores">One score an index.</param>
public readonly ref struct Neighbours(ReadOnlySpan<int> indices, ReadOnlySpan<float> scores)
{
    /// <summary>Their item indices.</summary>
    public ReadOnlySpan<int> Indices { get; } = indices;

    /// <summary>One score an index.</summary>
    public ReadOnlySpan<float> Scores { get; } = scores;

    /// <summary>How many they are.</summary>
    public int Count => Indices.Length;
}
