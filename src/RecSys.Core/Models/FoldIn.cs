using System.Buffers;

namespace RecSys.Core.Models;

/// <summary>Computes a user's embedding from their history and a snapshot's item embeddings, by the equations with which training computes users from items (<see cref="NormalEquations"/>).</summary>
/// <remarks>Creating an instance is cheap. Safe for concurrent use while the snapshot is open. Scratch memory is rented: calls allocate nothing once the pool is warm.</remarks>
public sealed class FoldIn
{
    private readonly ModelSnapshot _model;
    private readonly FoldInBase? _base;

    /// <summary>Creates a fold-in with a snapshot's embeddings.</summary>
    public FoldIn(ModelSnapshot model)
    {
        ArgumentNullException.ThrowIfNull(model);
        _model = model;
        _base = model.FoldInBase;
    }

    /// <summary>Gets the length of an embedding; 0 if the model has none.</summary>
    public int Dimension => _model.Dimension;

    /// <summary>Writes the embedding of a history.</summary>
    /// <param name="items">Distinct item indices; items without an embedding are ignored.</param>
    /// <param name="weights">One weight per item, above 0, as <see cref="HistoryWeights"/> returns them.</param>
    /// <param name="user">Receives <see cref="Dimension"/> values; zeros if no item has an embedding.</param>
    /// <returns>The number of items with an embedding.</returns>
    /// <exception cref="ArgumentException"><paramref name="items"/> and <paramref name="weights"/> differ in length, <paramref name="user"/> does not have <see cref="Dimension"/> values, or the weight of an item with an embedding is not positive and finite.</exception>
    /// <exception cref="IndexOutOfRangeException">The model has embeddings, and an index is not one of the model.</exception>
    public int Embed(ReadOnlySpan<int> items, ReadOnlySpan<float> weights, Span<float> user)
    {
        if (items.Length != weights.Length || user.Length != Dimension)
        {
            throw new ArgumentException(
                $"there are {items.Length} items, {weights.Length} weights and room for {user.Length} values; the first two must be equal, and an embedding has {Dimension} values", nameof(items));
        }

        if (_base is null || items.IsEmpty)
        {
            user.Clear();
            return 0;
        }

        int[] rentedItems = ArrayPool<int>.Shared.Rent(items.Length);
        float[] rentedWeights = ArrayPool<float>.Shared.Rent(items.Length);
        int count = 0;
        for (int i = 0; i < items.Length; i++)
        {
            if (_model.OriginOf(items[i]) != EmbeddingOrigin.None)
            {
                rentedItems[count] = items[i];
                rentedWeights[count++] = weights[i];
            }
        }

        NormalEquations.Solve(
            _model.AllFactors, _base.Diagonal, _base.RidgeOf(count), rentedItems.AsSpan(0, count), rentedWeights.AsSpan(0, count), user);
        ArrayPool<int>.Shared.Return(rentedItems);
        ArrayPool<float>.Shared.Return(rentedWeights);
        return count;
    }
}
