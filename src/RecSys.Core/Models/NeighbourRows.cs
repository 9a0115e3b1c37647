namespace RecSys.Core.Models;

/// <summary>A sparse matrix of a model from items to items, in compressed rows (CSR): the indices and scores of each item's row. Valid until the <see cref="ModelSnapshot"/> is disposed of.</summary>
public readonly ref struct NeighbourRows
{
    private readonly ReadOnlySpan<int> _starts;
    private readonly ReadOnlySpan<int> _indices;
    private readonly ReadOnlySpan<float> _scores;

    internal NeighbourRows(ReadOnlySpan<int> starts, ReadOnlySpan<int> indices, ReadOnlySpan<float> scores)
    {
        _starts = starts;
        _indices = indices;
        _scores = scores;
    }

    /// <summary>Gets the row of an item.</summary>
    /// <exception cref="IndexOutOfRangeException">There is no such item, or the model does not have this matrix.</exception>
    public Neighbours this[int index]
    {
        get
        {
            int start = _starts[index];
            int count = _starts[index + 1] - start;
            return new Neighbours(_indices.Slice(start, count), _scores.Slice(start, count));
        }
    }
}
