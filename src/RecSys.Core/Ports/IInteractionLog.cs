using RecSys.Core.Log;

namespace RecSys.Core.Ports;

/// <summary>The source of truth: an append-only log in partitions, keyed by owner. All other data is a fold of it.</summary>
/// <remarks>
/// Acknowledged means durable. A user's records all go to one partition, an item's to one, and <see cref="LogRecord.PersonErased"/>
/// to every one. Safe for concurrent use; an adapter passes <c>InteractionLogContract</c> in RecSys.TestKit.
/// </remarks>
public interface IInteractionLog : IAsyncDisposable
{
    /// <summary>Gets the epoch and the number of partitions.</summary>
    LogShape Shape { get; }

    /// <summary>Gets the known damage of the log.</summary>
    LogIntegrity Integrity { get; }

    /// <summary>Gets whether only this process appends: then the ends of <see cref="GetRangesAsync"/> are in memory, and no record after them was acknowledged.</summary>
    bool KnowsEnd => false;

    /// <summary>Appends records; of those that go to one partition all or none. The task completes when they are durable.</summary>
    /// <returns>The offsets of the last record appended to each partition, −1 for the others.</returns>
    /// <exception cref="OverloadedException">The queue of appends is full; no record was appended.</exception>
    /// <exception cref="StoreUnavailableException">It is unknown whether the records are durable.</exception>
    /// <remarks>Cancelling stops the waiting, not an append that has begun.</remarks>
    ValueTask<LogPosition> AppendAsync(IReadOnlyList<LogRecord> records, CancellationToken cancellationToken);

    /// <summary>Opens a reader that reads a partition on from an offset; it reads nothing yet.</summary>
    /// <param name="partition">Number of the partition, from 0.</param>
    /// <param name="from">The first offset to read, 0 or more.</param>
    ILogReader OpenReader(int partition, long from);

    /// <summary>Returns the offsets that each partition contains.</summary>
    ValueTask<LogRange[]> GetRangesAsync(CancellationToken cancellationToken);
}
