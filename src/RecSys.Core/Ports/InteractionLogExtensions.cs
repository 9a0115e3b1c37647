using System.Runtime.CompilerServices;
using RecSys.Core.Log;

namespace RecSys.Core.Ports;

/// <summary>Operations that work with every log, because they use only <see cref="IInteractionLog"/> and <see cref="ILogReader"/>.</summary>
public static class InteractionLogExtensions
{
    private const int ChunkRecords = 4_096;

    /// <summary>Returns the position of the newest record of each partition.</summary>
    /// <exception cref="StoreUnavailableException">The log cannot be read now.</exception>
    public static async ValueTask<LogPosition> GetEndAsync(this IInteractionLog log, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(log);
        LogRange[] ranges = await log.GetRangesAsync(cancellationToken).ConfigureAwait(false);
        return new LogPosition(log.Shape.Epoch, [.. ranges.Select(range => range.End - 1)]);
    }

    /// <summary>Reads one chunk; several consecutive ones are read faster by a reader that stays open.</summary>
    /// <param name="log">Log to read.</param>
    /// <param name="partition">Number of the partition, from 0.</param>
    /// <param name="from">The first offset to read, 0 or more.</param>
    /// <param name="countMax">The largest number of records to read, 1 or more.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    /// <returns>The same as <see cref="ILogReader.ReadAsync"/>.</returns>
    public static async ValueTask<LogChunk> ReadAsync(this IInteractionLog log, int partition, long from, int countMax, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(log);
        using ILogReader reader = log.OpenReader(partition, from);
        return await reader.ReadAsync(countMax, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Reads the records up to a position, partition after partition, in the order of their offsets.</summary>
    /// <param name="log">Log to read.</param>
    /// <param name="upTo">The position of the last records to read.</param>
    /// <param name="progress">Called with the share that was read, 0 to 1.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <returns>Consecutive records of one partition, with its number.</returns>
    /// <exception cref="StoreUnavailableException">The log cannot be read now.</exception>
    public static async IAsyncEnumerable<(int Partition, ReadOnlyMemory<LogEntry> Entries)> ReadUpToAsync(
        this IInteractionLog log, LogPosition upTo, Action<double>? progress, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(log);
        ArgumentNullException.ThrowIfNull(upTo);
        LogRange[] ranges = await log.GetRangesAsync(cancellationToken).ConfigureAwait(false);
        double all = Enumerable.Range(0, upTo.PartitionCount).Sum(partition => (double)upTo[partition] + 1);
        double before = 0;
        for (int partition = 0; partition < upTo.PartitionCount; partition++)
        {
            long end = upTo[partition] + 1;
            using ILogReader reader = log.OpenReader(partition, ranges[partition].Start);
            for (long next = reader.Next; next < end; next = reader.Next)
            {
                LogChunk chunk = await reader.ReadAsync((int)Math.Min(ChunkRecords, end - next), cancellationToken).ConfigureAwait(false);
                int count = chunk.Entries.Length;
                while (count > 0 && chunk.Entries[count - 1].Offset >= end)
                {
                    count--;
                }

                yield return (partition, chunk.Entries.AsMemory(0, count));
                if (chunk.Next <= next)
                {
                    break;
                }

                progress?.Invoke(Math.Min(1, (before + chunk.Next) / Math.Max(1, all)));
            }

            before += end;
        }
    }
}
