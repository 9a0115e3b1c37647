using RecSys.Core;
using RecSys.Core.Models;
using RecSys.Numerics;

namespace RecSys.Batch.Training;

/// <summary>The input of a model's training: the weights of (user, item) pairs.</summary>
/// <param name="Items">The items in ascending order of their ids' bytes, including the items of the catalogue without interactions.</param>
/// <param name="Weights">The weights as a matrix users × items, all above 0. The users are in <see cref="HistoryOrder"/>.</param>
public sealed record TrainingSet(IReadOnlyList<ItemId> Items, CsrMatrix Weights)
{
    /// <summary>Gets the weights as a matrix items × users, which is built at the first call.</summary>
    public CsrMatrix ItemWeights => field ??= Weights.Transpose();

    /// <summary>Returns the number of users of each item, by the index of the item.</summary>
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

/// <summary>The embeddings from which a training starts, found by item id.</summary>
/// <param name="Model">The earlier model with the embeddings; it must stay open until the training ends.</param>
public sealed record WarmStart(ModelSnapshot Model);
