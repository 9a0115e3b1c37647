namespace RecSys.Core.Models;

/// <summary>Result of a training, ready to be written as a snapshot. The arrays are not copied.</summary>
public sealed record ModelContent
{
    /// <summary>The card.</summary>
    public required ModelCard Card { get; init; }

    /// <summary>The items in ascending order of their ids' bytes; the position is the item index.</summary>
    public required IReadOnlyList<ItemId> Items { get; init; }

    /// <summary>Gets the origin of each item's embedding.</summary>
    public required EmbeddingOrigin[] Origins { get; init; }

    /// <summary>Values an embedding; 0: the model has none.</summary>
    public int Dimension { get; init; }

    /// <summary>Item embeddings, <see cref="Dimension"/> values an item, in the basis in which their Gram matrix is diagonal.</summary>
    public float[] Factors { get; init; } = [];

    /// <summary>Gets the normal equations by which users are folded in; null without embeddings.</summary>
    public FoldInBase? FoldIn { get; init; }

    /// <summary>The weight of all interactions with each item.</summary>
    public required float[] Popularity { get; init; }

    /// <summary>Items touched by the same users, best first.</summary>
    public SparseRows Similar { get; init; } = SparseRows.None;

    /// <summary>Items of like content, best first.</summary>
    public SparseRows ContentNeighbours { get; init; } = SparseRows.None;

    /// <summary>A linear operator from a history to scores of items: row = touched item, entries in ascending order of the scored item.</summary>
    public SparseRows Operator { get; init; } = SparseRows.None;

    /// <summary>Values a content vector; 0: the model has none.</summary>
    public int ContentDimension { get; init; }

    /// <summary>Content vectors of norm one (or zero where nothing is known), <see cref="ContentDimension"/> values an item.</summary>
    public float[] ContentVectors { get; init; } = [];

    /// <summary>The hashes of the content's tokens, ascending.</summary>
    public ulong[] ContentTokens { get; init; } = [];

    /// <summary>The inverse document frequency of each token.</summary>
    public float[] ContentIdf { get; init; } = [];
}

/// <summary>Origin of an item's embedding.</summary>
public enum EmbeddingOrigin : byte
{
    /// <summary>The item has none.</summary>
    None = 0,

    /// <summary>The embedding was learned from interactions.</summary>
    Trained = 1,

    /// <summary>The item has no interactions: the embedding was estimated from items of similar content.</summary>
    Estimated = 2,
}

/// <summary>The normal equations of a user, but for the user's own rows: (diag(Diagonal) + ridge I + Σ w v vᵀ) x = Σ w v.</summary>
/// <param name="Diagonal">The weighted Gram matrix of the item embeddings, which is diagonal in their basis.</param>
/// <param name="Regularisation">Together with the next two: ridge = Regularisation · (n + Offset)^Exponent, n the items of the history.</param>
/// <param name="Offset">Count of a user without interactions.</param>
/// <param name="Exponent">0 to 1; see <see cref="NormalEquations.Power"/>.</param>
/// <remarks>The regularisation scaled by frequency of Rendle et al., Revisiting the Performance of iALS on Item Recommendation Benchmarks, 2021.</remarks>
public sealed record FoldInBase(double[] Diagonal, double Regularisation, double Offset, double Exponent)
{
    /// <summary>The ridge of a history of <paramref name="count"/> items.</summary>
    public double RidgeOf(int count) => Regularisation * NormalEquations.Power(count + Offset, Exponent);
}
