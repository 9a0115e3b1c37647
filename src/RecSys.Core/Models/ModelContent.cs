namespace RecSys.Core.Models;

/// <summary>Result of a training, ready to be written as a snapshot. The arrays are not copied.</summary>
public sealed record ModelContent
{
    /// <summary>Gets the card.</summary>
    public required ModelCard Card { get; init; }

    /// <summary>Gets the items in ascending order of their ids' bytes; the place in the list is the item index.</summary>
    public required IReadOnlyList<ItemId> Items { get; init; }

    /// <summary>Gets the origin of each item's embedding.</summary>
    public required EmbeddingOrigin[] Origins { get; init; }

    /// <summary>Gets the length of an embedding; 0 if the model has none.</summary>
    public int Dimension { get; init; }

    /// <summary>Gets the item embeddings, <see cref="Dimension"/> values per item, in the basis in which their Gram matrix is diagonal.</summary>
    public float[] Factors { get; init; } = [];

    /// <summary>Gets the normal equations by which users are folded in; null without embeddings.</summary>
    public FoldInBase? FoldIn { get; init; }

    /// <summary>Gets the total weight of the interactions with each item.</summary>
    public required float[] Popularity { get; init; }

    /// <summary>Gets, for each item, the items with interactions of the same users, best first.</summary>
    public SparseRows Similar { get; init; } = SparseRows.None;

    /// <summary>Gets, for each item, the items of similar content, best first.</summary>
    public SparseRows ContentNeighbours { get; init; } = SparseRows.None;

    /// <summary>Gets the linear operator from a history to scores of items: one row per item of the history, entries in ascending order of the scored item.</summary>
    public SparseRows Operator { get; init; } = SparseRows.None;

    /// <summary>Gets the length of a content vector; 0 if the model has none.</summary>
    public int ContentDimension { get; init; }

    /// <summary>Gets the content vectors, <see cref="ContentDimension"/> values per item, of norm 1, or zeros for an item without known tokens.</summary>
    public float[] ContentVectors { get; init; } = [];

    /// <summary>Gets the hashes of the content's tokens, ascending.</summary>
    public ulong[] ContentTokens { get; init; } = [];

    /// <summary>Gets the inverse document frequency of each token.</summary>
    public float[] ContentIdf { get; init; } = [];
}

/// <summary>Origin of an item's embedding.</summary>
public enum EmbeddingOrigin : byte
{
    /// <summary>The item has no embedding.</summary>
    None = 0,

    /// <summary>The embedding was learned from interactions.</summary>
    Trained = 1,

    /// <summary>The item has no interactions: the embedding was estimated from items of similar content.</summary>
    Estimated = 2,
}

/// <summary>The part of a user's normal equations that is the same for all users: (diag(Diagonal) + ridge I + Σ w v vᵀ) x = Σ w v.</summary>
/// <param name="Diagonal">The weighted Gram matrix of the item embeddings, which is diagonal in their basis.</param>
/// <param name="Regularisation">Factor in ridge = Regularisation · (n + Offset)^Exponent, where n is the number of items of the history.</param>
/// <param name="Offset">Number of items that the ridge adds to those of the history.</param>
/// <param name="Exponent">0 to 1; see <see cref="NormalEquations.Power"/>.</param>
/// <remarks>The regularisation scaled by frequency of Rendle et al., Revisiting the Performance of iALS on Item Recommendation Benchmarks, 2021.</remarks>
public sealed record FoldInBase(double[] Diagonal, double Regularisation, double Offset, double Exponent)
{
    /// <summary>Returns the ridge for a history of <paramref name="count"/> items.</summary>
    public double RidgeOf(int count) => Regularisation * NormalEquations.Power(count + Offset, Exponent);
}
