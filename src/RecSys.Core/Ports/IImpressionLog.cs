using RecSys.Core.Slates;

namespace RecSys.Core.Ports;

/// <summary>The log of shown slates, so that clicks can be compared with them. It is sampled and bounded, and never delays a request.</summary>
public interface IImpressionLog : IErasable, IAsyncDisposable
{
    /// <summary>The number of newest slates of a person that <see cref="FindAsync"/> searches.</summary>
    public const int FoundMax = 10_000;

    /// <summary>Queues a slate for recording; does not wait until it is stored.</summary>
    /// <returns>False if the queue is full and the slate is not recorded.</returns>
    bool TryAppend(SlateImpression slate);

    /// <summary>Waits until all slates queued before are durable.</summary>
    ValueTask FlushAsync(CancellationToken cancellationToken);

    /// <summary>Reads one person's slates, oldest first.</summary>
    IAsyncEnumerable<SlateImpression> ReadAsync(Owner owner, CancellationToken cancellationToken);

    /// <summary>Finds a slate among the newest <see cref="FoundMax"/> slates of a person, including those queued before the call.</summary>
    /// <returns>The slate; null if it is not among them.</returns>
    ValueTask<SlateImpression?> FindAsync(Owner owner, string recommendationId, CancellationToken cancellationToken);

    /// <summary>Reads all recorded slates, oldest first.</summary>
    IAsyncEnumerable<SlateImpression> ReadAllAsync(CancellationToken cancellationToken);
}
