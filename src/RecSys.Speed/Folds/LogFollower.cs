using Microsoft.Extensions.Logging;
using RecSys.Core.Diagnostics;
using RecSys.Core.Log;
using RecSys.Core.Ports;

namespace RecSys.Speed.Folds;

/// <summary>Reads a partition from an offset on until it is cancelled. While the log is unavailable, it retries every second. Records that retention removed are skipped and recorded as a gap.</summary>
internal sealed partial class LogFollower(IInteractionLog log, FoldGaps gaps, TimeProvider time, ILogger logger)
{
    private const int ChunkMax = 2_000;

    private readonly LogLimiter _unavailable = new();

    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    /// <summary>Reads the partition until the token is cancelled.</summary>
    /// <param name="reader">Name of the reader in the service's log.</param>
    /// <param name="partition">Number of the partition, from 0.</param>
    /// <param name="from">The first offset to read.</param>
    /// <param name="apply">Applies a chunk before the next one is read.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    public async Task FollowAsync(
        string reader, int partition, long from, Func<LogChunk, CancellationToken, ValueTask> apply, CancellationToken cancellationToken)
    {
        while (true)
        {
            from = await FirstAsync(reader, partition, from, cancellationToken).ConfigureAwait(false);
            using ILogReader opened = log.OpenReader(partition, from);
            try
            {
                await FollowAsync(reader, opened, partition, apply, cancellationToken).ConfigureAwait(false);
            }
            catch (InvalidDataException) when (opened.Next > from || cancellationToken.IsCancellationRequested)
            {
                from = opened.Next; // retention may have removed the record
            }
            catch (InvalidDataException)
            {
                if ((await RangeAsync(reader, partition, cancellationToken).ConfigureAwait(false)).Start <= from)
                {
                    throw;
                }
            }
        }
    }

    private async Task FollowAsync(
        string reader, ILogReader opened, int partition, Func<LogChunk, CancellationToken, ValueTask> apply, CancellationToken cancellationToken)
    {
        while (true)
        {
            LogChunk chunk;
            try
            {
                await opened.WaitAsync(cancellationToken).ConfigureAwait(false);
                chunk = await opened.ReadAsync(ChunkMax, cancellationToken).ConfigureAwait(false);
            }
            catch (StoreUnavailableException e)
            {
                OnUnavailable(e, reader, partition);
                await Task.Delay(RetryAfter, time, cancellationToken).ConfigureAwait(false);
                continue;
            }

            await apply(chunk, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Returns the first offset from <paramref name="from"/> on that the log still has, and records the removed ones as a gap.</summary>
    private async Task<long> FirstAsync(string reader, int partition, long from, CancellationToken cancellationToken)
    {
        long start = (await RangeAsync(reader, partition, cancellationToken).ConfigureAwait(false)).Start;
        if (start > from)
        {
            gaps.OnRemoved(reader, partition, from, start);
        }

        return Math.Max(start, from);
    }

    private async Task<LogRange> RangeAsync(string reader, int partition, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return (await log.GetRangesAsync(cancellationToken).ConfigureAwait(false))[partition];
            }
            catch (StoreUnavailableException e)
            {
                OnUnavailable(e, reader, partition);
                await Task.Delay(RetryAfter, time, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private void OnUnavailable(StoreUnavailableException cause, string reader, int partition)
    {
        if (_unavailable.TryPass(time, out long leftOut))
        {
            LogUnavailable(logger, cause, reader, partition, leftOut);
        }
    }

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "{Reader} cannot read partition {Partition} of the log now; it retries every second ({LeftOut} more failures since the last logged one)")]
    private static partial void LogUnavailable(ILogger logger, Exception cause, string reader, int partition, long leftOut);
}
