using RecSys.Core.Models;

namespace RecSys.Core.Ports;

/// <summary>The right to use a model until this is disposed of: the snapshot stays mapped as long.</summary>
public sealed class ModelLease : IDisposable
{
    private SharedModel? _owner;

    internal ModelLease(SharedModel owner)
    {
        _owner = owner;
        Model = owner.Model;
        Scorer = owner.Scorer;
        FoldIn = owner.FoldIn;
    }

    /// <summary>The model.</summary>
    public ModelSnapshot Model { get; }

    /// <summary>Its fold-in.</summary>
    public FoldIn FoldIn { get; }

    /// <summary>Its scorer.</summary>
    public ModelScorer Scorer { get; }

    /// <summary>Gives the model back; disposing twice is harmless.</summary>
    public void Dispose() => Interlocked.Exchange(ref _owner, null)?.Release();
}
