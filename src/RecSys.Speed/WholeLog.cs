using RecSys.Core.Log;
using RecSys.Core.Ports;

namespace RecSys.Speed;

/// <summary>Checks that a log still holds everything that states are made of.</summary>
public static class WholeLog
{
    private const int ChunkMax = 4_096;

    /// <summary>Reads a log through from its first record, so that all of its damage is known before states are made of it.</summary>
    /// <param name="log">The log.</param>
    /// <param name="ranges">The offsets of each partition that are read; each must begin at 0.</param>
    /// <param name="acceptDamage">Whether states are made even from a log of which records are known to be lost.</param>
    /// <param name="report">Called with the share that was read, 0 to 1.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="InvalidOperationException">The log is damaged and that is not accepted, or it no longer holds its beginning or its end.</exception>
    /// <exception cref="NewerRecordException">The log holds a record that only a newer program understands.</exception>
    /// <exception cref="StoreUnavailableException">The log cannot be read now.</exception>
    public static async Task RequireAsync(
        IInteractionLog log, LogRange[] ranges, bool acceptDamage, Action<double> report, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(log);
        ArgumentNullException.ThrowIfNull(ranges);
        ArgumentNullException.ThrowIfNull(report);
        long total = Math.Max(1, ranges.Sum(range => range.End));
        long done = 0;
        for (int partition = 0; partition < ranges.Length; partition++)
        {
            if (ranges[partition].Start > 0)
            {
                throw new InvalidOperationException(
                    $"partition {partition} begins at offset {ranges[partition].Start}: the log no longer holds what a rebuild needs");
            }

            for (long next = 0; next < ranges[partition].End;)
            {
                LogChunk chunk = await log.ReadAsync(partition, next, ChunkMax, cancellationToken).ConfigureAwait(false);
                if (chunk.Next <= next)
                {
                    throw new InvalidOperationException($"partition {partition} ends at offset {next}, before {ranges[partition].End}: no state is made of it");
                }

                done += chunk.Next - next;
                next = chunk.Next;
                report((double)done / total);
            }
        }

        if (!acceptDamage && log.Integrity is { DamagedRecords: > 0 } integrity)
        {
            throw new InvalidOperationException(
                $"the log is damaged: {integrity.DamagedRecords} records at {integrity.Places.Length} places are lost, first at {integrity.Places[0]}. "
                + "States made from it would lack them, so they stay as they are: restore the log from a backup, or run the rebuild with --accept-damage");
        }
    }
}
