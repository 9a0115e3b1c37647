using RecSys.Core;
using RecSys.Core.Models;
using RecSys.Numerics;

namespace RecSys.Batch.Training;

/// <summary>The input of a model's training: the weights of (user, item) pairs, by the index of user and item.</summary>
/// <param name="Items">The items in ascending order of their ids' bytes, including those of the catalogue without interactions.</param>
/// <param name="Weights">Users × items; every weight is above 0. The order of users depends on what they did only (<see cref="HistoryOrder"/>).</param>
public sealed record TrainingSet(IReadOnlyList<ItemId> Items, CsrMatrix Weights)
{
    /// <summary>Gets the weights as items × users; built once.</summary>
    public CsrMatrix ItemWeights => field ??= Weights.Transpose();

    /// <summary>Returns the number of users of each item.</summary>
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

/// <summary>Embeddings to start from, found by item id.</summary>
/// <param name="Model">The parent; it must stay open until the training ends.</param>
public sealed record WarmStart(ModelSnapshot Model);
