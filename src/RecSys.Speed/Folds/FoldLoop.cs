using System.Buffers;
using Microsoft.Extensions.Logging;
using RecSys.Core.Diagnostics;
using RecSys.Core.Log;
using RecSys.Core.Ports;

namespace RecSys.Speed.Folds;

/// <summary>Runs one fold: reads partitions of the log from the fold's position on, saves the fold periodically, and completes waits for a condition of it.</summary>
/// <param name="fold">Fold to which the records are applied.</param>
/// <param name="log">Log to read.</param>
/// <param name="partitions">The partitions to read.</param>
/// <param name="store">Receives the saved states.</param>
/// <param name="gaps">Stores which records retention removed before the fold read them.</param>
/// <param name="saveEvery">The time between two saves.</param>
/// <param name="time">Clock that measures the time between two saves.</param>
/// <param name="logger">The service's log.</param>
internal sealed partial class FoldLoop(
    INodeFold fold, IInteractionLog log, IReadOnlyCollection<int> partitions, IFoldStore store, FoldGaps gaps, TimeSpan saveEvery, TimeProvider time, ILogger logger) : IDisposable
{
    /// <summary>A large state is saved so rarely that saving takes at most this fraction (one over the value) of the time.</summary>
    private const int SaveShare = 20;

    /// <summary>Records that may be read again after a restart before an unchanged state is saved with its later position.</summary>
    private const long UnchangedMax = 1_000_000;

    /// <summary>Records that are applied before the lock is released to other threads.</summary>
    private const int TurnMax = 500;

    private readonly Lock _writing = new();
    private readonly Lock _saving = new();
    private readonly LogLimiter _notSaved = new();
    private readonly CancellationTokenSource _stop = new();
    private LogPosition _saved = fold.Position;
    private long _unsaved;
    private TaskCompletionSource _moved = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _running = Task.CompletedTask;

    /// <summary>Returns whether the fold reads a partition.</summary>
    public bool Reads(int partition) => partitions.Contains(partition);

    public void Start()
    {
        LogFollower follower = new(log, gaps, time, logger);
        List<Task> tasks = [Run(SavePeriodicallyAsync, cause => LogNeverSaved(logger, cause, fold.Name))];
        foreach (int partition in partitions)
        {
            long from = FoldOffsets.After(fold.Position, log.Shape, partition);
            tasks.Add(Run(() => follower.FollowAsync(fold.Name, partition, from, ApplyAsync, _stop.Token), cause => LogBroken(logger, cause, fold.Name, partition)));
        }

        _running = Task.WhenAll(tasks);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _running.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default)
            .WaitAsync(cancellationToken).ConfigureAwait(false);
        TrySave();
    }

    public void Dispose() => _stop.Dispose();

    /// <summary>Waits until the fold fulfils a condition.</summary>
    /// <returns>False if the token was cancelled first.</returns>
    public async Task<bool> WaitAsync(Func<bool> isFulfilled, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task moved = Volatile.Read(ref _moved).Task;
            if (isFulfilled())
            {
                return true;
            }

            try
            {
                await moved.WaitAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                return isFulfilled();
            }
        }
    }

    /// <summary>Runs an action while no record is applied.</summary>
    public T Between<T>(Func<T> act)
    {
        lock (_writing)
        {
            return act();
        }
    }

    /// <summary>Saves the fold; the state is durable when the call returns.</summary>
    /// <exception cref="StoreUnavailableException">The state could not be saved.</exception>
    public void Save()
    {
        lock (_saving)
        {
            ReadOnlySequence<byte> bytes;
            LogPosition position;
            lock (_writing)
            {
                position = fold.Position;
                if (position.Equals(_saved) && !fold.HasChanged)
                {
                    return;
                }

                bytes = fold.Encode();
                _unsaved = 0;
            }

            store.Save(fold.Name, bytes);
            _saved = position;
        }
    }

    // Each task reports its own fault: the others continue, so that the fault of all of them together would be known at the end only.
    private static Task Run(Func<Task> work, Action<Exception> report)
    {
        Task running = Task.Run(work);
        _ = running.ContinueWith(task => report(task.Exception!), CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
        return running;
    }

    private async ValueTask ApplyAsync(LogChunk chunk, CancellationToken cancellationToken)
    {
        if (chunk.Entries.Length > 0)
        {
            RecordPosition last = new(log.Shape.Epoch, chunk.Partition, chunk.Entries[^1].Offset);
            await fold.WaitForOthersAsync(last, cancellationToken).ConfigureAwait(false);
        }

        for (int start = 0; start < chunk.Entries.Length; start += TurnMax)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int count = Math.Min(TurnMax, chunk.Entries.Length - start);
            lock (_writing)
            {
                fold.Apply(log.Shape.Epoch, chunk.Partition, chunk.Entries.AsSpan(start, count));
                _unsaved += count;
            }

            SignalMoved();
        }

        // Offsets at the end that contain no record: a wait for the end of the log ends too.
        if (chunk.Next > (chunk.Entries.Length > 0 ? chunk.Entries[^1].Offset + 1 : 0))
        {
            lock (_writing)
            {
                fold.MoveTo(log.Shape.Epoch, chunk.Partition, chunk.Next);
            }

            SignalMoved();
        }
    }

    private void SignalMoved() => Interlocked.Exchange(ref _moved, new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();

    private async Task SavePeriodicallyAsync()
    {
        TimeSpan wait = saveEvery;
        while (true)
        {
            await Task.Delay(wait, time, _stop.Token).ConfigureAwait(false);
            long started = time.GetTimestamp();
            if (Between(() => fold.HasChanged || _unsaved >= UnchangedMax))
            {
                TrySave();
            }

            TimeSpan seldom = time.GetElapsedTime(started) * SaveShare;
            wait = seldom > saveEvery ? seldom : saveEvery;
        }
    }

    private void TrySave()
    {
        try
        {
            Save();
        }
        catch (StoreUnavailableException e)
        {
            // The previous state is still stored, and the log contains the records after it.
            if (_notSaved.TryPass(time, out long leftOut))
            {
                LogNotSaved(logger, e, fold.Name, leftOut);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "the state of {Name} is not saved; the save is retried ({LeftOut} more failures since the last logged one)")]
    private static partial void LogNotSaved(ILogger logger, Exception cause, string name, long leftOut);

    [LoggerMessage(Level = LogLevel.Critical, Message = "the fold of {Name} stopped reading partition {Partition}: it gets no further records of it until a restart")]
    private static partial void LogBroken(ILogger logger, Exception cause, string name, int partition);

    [LoggerMessage(Level = LogLevel.Critical, Message = "the state of {Name} is not saved any more until a restart, which reads the log from the last saved position on")]
    private static partial void LogNeverSaved(ILogger logger, Exception cause, string name);
}
