using System.Diagnostics.CodeAnalysis;
using RecSys.Core.Log;

namespace RecSys.Core.Ports;

/// <summary>Reads one partition from an offset on, chunk after chunk, so that the log does not search for the place of each chunk. For one caller at a time.</summary>
/// <remarks>Disposing frees the log's resources; the caller first cancels a pending read or wait.</remarks>
public interface ILogReader : IDisposable
{
    /// <summary>Gets the offset of the next read. A read that fails or is cancelled does not change it.</summary>
    [SuppressMessage("Naming", "CA1716:Identifiers should not match keywords", Justification = "Next is a keyword of Visual Basic only.")]
    long Next { get; }

    /// <summary>Reads durable records from <see cref="Next"/> on, in order; an empty chunk at the end.</summary>
    /// <returns>The records and the offset of the next read, which becomes <see cref="Next"/>. It passes offsets that contain no record, including those at the end of the partition, so that a reader reaches <see cref="LogRange.End"/>.</returns>
    /// <param name="countMax">The largest number of records to read, 1 or more; a chunk before the end may contain fewer.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    /// <exception cref="StoreUnavailableException">The log cannot be read now.</exception>
    /// <exception cref="NewerRecordException">The next record must not be skipped, and only a newer program can read it: see <see cref="RecordReadability"/>.</exception>
    /// <exception cref="InvalidDataException">The log no longer has the offset: retention removed it, or the log was truncated or replaced by another. A retry fails in the same way.</exception>
    /// <remarks>Damaged records are added to <see cref="IInteractionLog.Integrity"/> and left out of the chunk, whose offsets skip them; the records around them are read.</remarks>
    ValueTask<LogChunk> ReadAsync(int countMax, CancellationToken cancellationToken);

    /// <summary>Waits, without polling if the log is in this process, until the end of the partition is after <see cref="Next"/>.</summary>
    /// <exception cref="StoreUnavailableException">The log cannot be read now.</exception>
    /// <exception cref="InvalidDataException">The same as for <see cref="ReadAsync"/>.</exception>
    ValueTask WaitAsync(CancellationToken cancellationToken);
}
