using RecSys.Core.Log;
using RecSys.Core.Ports;

namespace RecSys.Speed.Ingest;

/// <summary>The ranges of the log's partitions, read at most once per interval for all ingest actors of a node. Safe for concurrent use.</summary>
internal sealed class LogRanges(IInteractionLog log, TimeProvider time)
{
    private static readonly TimeSpan KeptFor = TimeSpan.FromMilliseconds(200);

    private readonly Lock _lock = new();
    private Task<LogRange[]>? _newest;
    private long _readAt;

    /// <summary>Returns the ranges as they were at most 200 ms ago.</summary>
    /// <exception cref="StoreUnavailableException">The log cannot be read now.</exception>
    public Task<LogRange[]> GetAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_newest is not { IsCompleted: false } && (_newest is not { IsCompletedSuccessfully: true } || time.GetElapsedTime(_readAt) > KeptFor))
            {
                _readAt = time.GetTimestamp();
                _newest = log.GetRangesAsync(CancellationToken.None).AsTask(); // other callers wait for it too
            }

            return _newest!.WaitAsync(cancellationToken);
        }
    }
}
