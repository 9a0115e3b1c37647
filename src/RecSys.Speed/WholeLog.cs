using RecSys.Core.Log;
using RecSys.Core.Ports;

namespace RecSys.Speed;

/// <summary>Checks that a log contains all records from which states are made.</summary>
public static class WholeLog
{
    private const int ChunkMax = 4_096;

    /// <summary>Reads all records of a log from its first one on, so that all its damage is known before states are made from it.</summary>
    /// <param name="log">Log to read.</param>
    /// <param name="ranges">The offsets to read of each partition; each must begin at 0.</param>
    /// <param name="acceptDamage">Whether to accept a log that has lost records.</param>
    /// <param name="report">Receives the share that was read, 0 to 1.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="InvalidOperationException">The log is damaged and <paramref name="acceptDamage"/> is false, or it no longer contains its first or last records.</exception>
    /// <exception cref="NewerRecordException">The log contains a record that only a newer program can read.</exception>
    /// <exception cref="StoreUnavailableException">The log cannot be read now.</exception>
    public static async Task RequireAsync(
        IInteractionLog log, LogRange[] ranges, bool acceptDamage, Action<double> report, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(log);
        ArgumentNullException.ThrowIfNull(ranges);
        ArgumentNullException.ThrowIfNull(report);
        int cut = Array.FindIndex(ranges, range => range.Start > 0);
        if (cut >= 0)
        {
            throw new InvalidOperationException(
                $"partition {cut} begins at offset {ranges[cut].Start}: the log no longer has all records. Start without --rebuild, and run `recsys rebuild` on the server, which keeps what the states have of the removed records");
        }

        await ReadAsync(log, ranges, acceptDamage, report, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Reads all records that a log still has, so that all its damage is known before states are made from it.</summary>
    /// <inheritdoc cref="RequireAsync"/>
    internal static async Task ReadAsync(
        IInteractionLog log, LogRange[] ranges, bool acceptDamage, Action<double> report, CancellationToken cancellationToken)
    {
        long total = Math.Max(1, ranges.Sum(range => range.End - range.Start));
        long done = 0;
        for (int partition = 0; partition < ranges.Length; partition++)
        {
            using ILogReader reader = log.OpenReader(partition, ranges[partition].Start);
            for (long next = ranges[partition].Start; next < ranges[partition].End; next = reader.Next)
            {
                LogChunk chunk = await reader.ReadAsync(ChunkMax, cancellationToken).ConfigureAwait(false);
                if (chunk.Next <= next)
                {
                    throw new InvalidOperationException($"partition {partition} ends at offset {next}, before {ranges[partition].End}: no state is made from it");
                }

                done += chunk.Next - next;
                report((double)done / total);
            }
        }

        if (!acceptDamage && log.Integrity is { DamagedRecords: > 0 } integrity)
        {
            throw new InvalidOperationException(
                $"the log is damaged: {integrity.DamagedRecords} records at {integrity.Places.Length} places are lost, first at {integrity.Places[0]}. "
                + "States made from it would lack them, so no state was replaced: restore the log from a backup, or run the rebuild with --accept-damage");
        }
    }
}
