using Microsoft.Extensions.Hosting;

namespace RecSys.Server.Edge;

/// <summary>
/// Measures how long work waits for a thread of the pool. A request waits that long before its code runs, which the request itself
/// cannot measure; so a probe is queued every few milliseconds in the same way as requests. Safe for concurrent use.
/// </summary>
internal sealed class ThreadPoolDelay(TimeProvider time) : IHostedService, IThreadPoolWorkItem, IDisposable
{
    private const long None = long.MinValue;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    private readonly ManualResetEventSlim _hasRun = new(initialState: false, spinCount: 0); // spinning would take time from the pool
    private readonly CancellationTokenSource _stop = new();
    private long _queuedAt = None;
    private long _lastTicks;

    /// <summary>Gets the delay of the last completed probe, or of the waiting one if that is longer.</summary>
    public TimeSpan Current
    {
        get
        {
            TimeSpan last = new(Volatile.Read(ref _lastTicks));
            long queuedAt = Volatile.Read(ref _queuedAt);
            TimeSpan waiting = queuedAt == None ? TimeSpan.Zero : time.GetElapsedTime(queuedAt);
            return waiting > last ? waiting : last;
        }
    }

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        // A dedicated thread: a timer of the pool would be delayed by the queue that it measures.
        new Thread(Probe) { Name = "recsys pool probe", IsBackground = true }.Start();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => _stop.CancelAsync();

    /// <inheritdoc/>
    public void Dispose() => _stop.Cancel();

    /// <summary>Stores the present time as that at which the probe is queued.</summary>
    internal void MarkQueued() => Volatile.Write(ref _queuedAt, time.GetTimestamp());

    /// <summary>Called by the pool when a thread runs the probe.</summary>
    public void Execute()
    {
        Volatile.Write(ref _lastTicks, time.GetElapsedTime(_queuedAt).Ticks);
        Volatile.Write(ref _queuedAt, None);
        _hasRun.Set();
    }

    private void Probe()
    {
        try
        {
            while (!_stop.Token.WaitHandle.WaitOne(Pause))
            {
                _hasRun.Reset();
                MarkQueued();
                ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
                _hasRun.Wait(_stop.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // The server stops.
        }
    }
}
