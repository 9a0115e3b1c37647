using RecSys.Core.Models;

namespace RecSys.Core.Ports;

/// <summary>A model that several callers use at the same time. It is disposed of when the last use ends. Safe for concurrent use.</summary>
public sealed class SharedModel
{
    // The creator counts as one use; at 0 the model is disposed of and cannot be leased.
    private int _uses = 1;

    /// <summary>Takes ownership of a model; <see cref="Release"/> ends the creator's use.</summary>
    public SharedModel(ModelSnapshot model)
    {
        ArgumentNullException.ThrowIfNull(model);
        Model = model;
        Scorer = new ModelScorer(model);
        FoldIn = new FoldIn(model);
    }

    /// <summary>Gets the model's card; it may be read after the last use.</summary>
    public ModelCard Card => Model.Card;

    internal ModelSnapshot Model { get; }

    internal ModelScorer Scorer { get; }

    internal FoldIn FoldIn { get; }

    /// <summary>Returns a lease; null if the last use has ended.</summary>
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

    /// <summary>Ends one use; the last one disposes of the model.</summary>
    public void Release()
    {
        if (Interlocked.Decrement(ref _uses) == 0)
        {
            Model.Dispose();
        }
    }
}
