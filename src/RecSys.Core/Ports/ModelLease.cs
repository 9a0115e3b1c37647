using RecSys.Core.Models;

namespace RecSys.Core.Ports;

/// <summary>The right to use a model; its snapshot stays in memory until the lease is disposed of.</summary>
public sealed class ModelLease : IDisposable
{
    private SharedModel? _shared;

    internal ModelLease(SharedModel shared)
    {
        _shared = shared;
        Model = shared.Model;
        Scorer = shared.Scorer;
        FoldIn = shared.FoldIn;
    }

    /// <summary>Gets the model.</summary>
    public ModelSnapshot Model { get; }

    /// <summary>Gets the fold-in of the model.</summary>
    public FoldIn FoldIn { get; }

    /// <summary>Gets the scorer of the model.</summary>
    public ModelScorer Scorer { get; }

    /// <summary>Releases the model; disposing twice is harmless.</summary>
    public void Dispose() => Interlocked.Exchange(ref _shared, null)?.Release();
}
