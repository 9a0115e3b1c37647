using RecSys.Core.Slates;

namespace RecSys.Core.Ports;

/// <summary>The slates that were shown, so that clicks can be compared with them. Sampled and bounded; it never delays a request.</summary>
public interface IImpressionLog : IErasable, IAsyncDisposable
{
    /// <summary>Notes a slate; returns at once.</summary>
    /// <returns>False if the queue is full and the slate was not noted.</returns>
    bool TryAppend(SlateImpression slate);

    /// <summary>Waits until all slates noted before are durable.</summary>
    ValueTask FlushAsync(CancellationToken cancellationToken);

    /// <summary>Reads one person's slates, oldest first.</summary>
    IAsyncEnumerable<SlateImpression> ReadAsync(Owner owner, CancellationToken cancellationToken);

    /// <summary>Reads all slates noted, oldest first.</summary>
    IAsyncEnumerable<SlateImpression> ReadAllAsync(CancellationToken cancellationToken);
}
