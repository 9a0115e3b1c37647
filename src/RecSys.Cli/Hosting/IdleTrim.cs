using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace RecSys.Cli.Hosting;

/// <summary>Collects garbage when the process is idle, and returns the memory to the system. After a burst such as an import, there are too few allocations to trigger a collection.</summary>
/// <remarks>
/// The collection pauses all threads while it compacts the heap, so it waits until the process is nearly idle, and
/// is repeated only when the heap is larger by half than after the last collection.
/// </remarks>
internal sealed partial class IdleTrim(TimeProvider time, ILogger<IdleTrim> logger) : BackgroundService
{
    /// <summary>The heap size, in bytes, below which no collection runs, because it would free too little memory for its pause.</summary>
    public const long CommittedBytesMin = 512 << 20;

    /// <summary>The largest number of allocated bytes per period for which the process counts as idle.</summary>
    public const long IdleBytesMax = 4 << 20;

    private static readonly TimeSpan Period = TimeSpan.FromSeconds(5);

    /// <summary>Returns whether a collection is due.</summary>
    /// <param name="allocated">Bytes that were allocated in the last period.</param>
    /// <param name="committed">Size of the heap, in bytes.</param>
    /// <param name="left">Size of the heap after the last collection of this kind, in bytes; 0 if there was none.</param>
    public static bool IsDue(long allocated, long committed, long left) =>
        allocated <= IdleBytesMax && committed >= CommittedBytesMin && committed > left + (left / 2);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using PeriodicTimer timer = new(Period, time);
        long before = GC.GetTotalAllocatedBytes();
        long left = 0;
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            long now = GC.GetTotalAllocatedBytes();
            long committed = GC.GetGCMemoryInfo(GCKind.Any).TotalCommittedBytes;
            if (IsDue(now - before, committed, left))
            {
                long started = time.GetTimestamp();
                GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
                left = GC.GetGCMemoryInfo(GCKind.Any).TotalCommittedBytes;
                TimeSpan elapsed = time.GetElapsedTime(started);
                LogTrimmed(logger, committed >> 20, left >> 20, elapsed);
            }

            before = now;
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "the heap shrank from {BeforeMb} MB to {LeftMb} MB by a collection that took {Elapsed}, while the process was idle")]
    private static partial void LogTrimmed(ILogger logger, long beforeMb, long leftMb, TimeSpan elapsed);
}
