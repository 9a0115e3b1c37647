using RecSys.Core.Log;

namespace RecSys.Core.Ports;

/// <summary>The master data: an append-only log in partitions, keyed by owner. All other data is a fold of it.</summary>
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

    /// <summary>Appends records; of those that go to one partition all or none. The task completes when they are durable.</summary>
    /// <returns>The offsets of the last record appended to each partition, −1 for the others.</returns>
    /// <exception cref="OverloadedException">The queue of appends is full; no record was appended.</exception>
    /// <exception cref="StoreUnavailableException">It is unknown whether the records are durable.</exception>
    /// <remarks>Cancelling stops the waiting, not an append that has begun.</remarks>
    ValueTask<LogPosition> AppendAsync(IReadOnlyList<LogRecord> records, CancellationToken cancellationToken);

    /// <summary>Reads durable records from an offset, in order; an empty chunk at the end.</summary>
    /// <returns>Records, and the offset to read on from. It passes offsets that contain no record, also at the end of the partition, so that a reader reaches <see cref="LogRange.End"/>.</returns>
    /// <param name="partition">The partition.</param>
    /// <param name="from">The first offset to read, 0 or more.</param>
    /// <param name="countMax">The most records to read, 1 or more; a chunk before the end may contain fewer.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    /// <exception cref="StoreUnavailableException">The log cannot be read now.</exception>
    /// <exception cref="NewerRecordException">The next record must not be skipped, and only a newer program can read it: see <see cref="RecordReadability"/>.</exception>
    /// <remarks>Damaged records are added to <see cref="Integrity"/> and left out of the chunk, whose offsets skip them; the records around them are read.</remarks>
    ValueTask<LogChunk> ReadAsync(int partition, long from, int countMax, CancellationToken cancellationToken);

    /// <summary>Waits, without polling if the log is in this process, until the end of a partition is after an offset.</summary>
    ValueTask WaitAsync(int partition, long from, CancellationToken cancellationToken);

    /// <summary>Returns the offsets that each partition contains.</summary>
    ValueTask<LogRange[]> GetRangesAsync(CancellationToken cancellationToken);
}
