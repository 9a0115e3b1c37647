using RecSys.Core.Models;

namespace RecSys.Core.Ports;

/// <summary>A model in use by many, disposed of when the last of them is done.</summary>
public sealed class SharedModel
{
    // The creator counts as one user; at 0 the model is disposed of and cannot be leased any more.
    private int _uses = 1;

    /// <summary>Takes ownership of a model; <see cref="Release"/> ends the creator's use.</summary>
    public SharedModel(ModelSnapshot model)
    {
        ArgumentNullException.ThrowIfNull(model);
        Model = model;
        Scorer = new ModelScorer(model);
        FoldIn = new FoldIn(model);
    }

    /// <summary>The model's card; may be read after the last use.</summary>
    public ModelCard Card => Model.Card;

    internal ModelSnapshot Model { get; }

    internal ModelScorer Scorer { get; }

    internal FoldIn FoldIn { get; }

    /// <summary>A lease, or null if the last use was given back.</summary>
    public ModelLease? TryLease()
    {
        int uses = Volatile.Read(ref _uses);
        while (uses > 0)
        {
            int seen = Interlocked.CompareExchange(ref _uses, uses + 1, uses);
            if (seen == uses)
            {
                return new ModelLease(this);
            }

            uses = seen;
        }

        return null;
    }

    /// <summary>Ends one use, and disposes of the model at the last.</summary>
    public void Release()
    {
        if (Interlocked.Decrement(ref _uses) == 0)
        {
            Model.Dispose();
        }
    }
}
