using RecSys.Core;
using RecSys.Core.Models;
using RecSys.Numerics;

namespace RecSys.Batch.Training;

/// <summary>What a model learns from: the weights of (user, item) pairs, by the index of user and item.</summary>
/// <param name="Items">The items in ascending order of their ids' bytes, those of the catalogue that nobody touched too.</param>
/// <param name="Weights">Users × items; every weight is above 0. Users are rows in an order that depends on the log alone.</param>
public sealed record TrainingSet(IReadOnlyList<ItemId> Items, CsrMatrix Weights)
{
    /// <summary>Gets the weights as items × users; built once.</summary>
    public CsrMatrix ItemWeights => field ??= Weights.Transpose();

    /// <summary>How many users touched each item.</summary>
    public int[] ItemDegrees()
    {
        int[] degrees = new int[Items.Count];
        foreach (int item in Weights.Columns)
        {
            degrees[item]++;
        }

        return degrees;
    }
}

/// <summary>Embeddings to start from, found by item.</summary>
/// <param name="Model">The parent; it must stay open as long as the training runs.</param>
public sealed record WarmStart(ModelSnapshot Model);
