using System.Buffers;
using System.Collections.Immutable;
using Akka.Cluster;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using RecSys.Actors;
using RecSys.Core;
using RecSys.Core.Diagnostics;
using RecSys.Core.Erasures;
using RecSys.Core.Log;
using RecSys.Core.Ports;
using RecSys.Speed.Folds;
using RecSys.Speed.Metrics;
using RecSys.Speed.Users;

namespace RecSys.Speed.Erasing;

/// <summary>Reads erasures from the log, and removes each person from every place before it reads the next record.</summary>
/// <remarks>
/// One node of the cluster clears the shared places; then each node clears its own, and acknowledges that in the control store. A node saves its position only after a person is removed from both. After a
/// crash it repeats the removal, which changes nothing. A place that is unavailable is retried without a limit; no person is skipped.
/// </remarks>
internal sealed partial class ErasureDriver(
    RecSysActorSystem actors,
    IControlStore control,
    IInteractionLog log,
    IFoldStore store,
    IEnumerable<IErasable> places,
    MergePlace merges,
    ProfilePlace profiles,
    NodeFolds folds,
    FoldGaps gaps,
    SpeedCounters counters,
    IOptions<SpeedOptions> options,
    TimeProvider time,
    ILogger<ErasureDriver> logger) : IErasureReceipts, IHostedService, IDisposable
{
    private const string Name = ErasurePosition.FoldName;
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    /// <summary>Time between two reads of the acknowledgements of all nodes.</summary>
    private static readonly TimeSpan NodesEvery = TimeSpan.FromMinutes(1);

    private readonly SpeedOptions _options = options.Value;

    // Profiles come first, including those into which the person was merged: their saves overwrite bytes that a later place clears from the files, and merges
    // must be found before the log overwrites them.
    private readonly ImmutableArray<IErasable> _places = [merges, profiles, .. places];
    private readonly ImmutableArray<string> _remains = [.. places.Select(place => place.Remains).OfType<string>()];
    private readonly CancellationTokenSource _stop = new();
    private readonly ErasureRows _rows = new(control);
    private readonly ErasureLeader _leader = new();
    private readonly SemaphoreSlim _changed = new(0, 1);
    private readonly Lock _lock = new();
    private readonly LogLimiter _notErased = new();
    private readonly LogLimiter _notSaved = new();
    private readonly LogLimiter _notReported = new();
    private LogPosition _position = LogPosition.Start;
    private LogPosition _saved = LogPosition.Start;
    private long _savedAt;
    private LogPosition? _acknowledged;
    private Task _running = Task.CompletedTask;

    /// <exception cref="StateAheadOfLogException">The saved position covers an erasure that the log does not contain.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        _saved = _position = Load();
        LogRange[] ranges = await log.GetRangesAsync(cancellationToken).ConfigureAwait(false);
        StateAheadOfLogException.ThrowIfBeyond("the position of the erasures", _position, log.Shape, ranges);
        _savedAt = time.GetTimestamp();
        control.Changed += OnChanged;
        _leader.Started += Signal;
        if (Cluster.SelfRoles.Contains(NodeRoles.Profile))
        {
            ClusterSingletons.Start(actors.System, NodeRoles.Profile, "erasures", _leader.Props);
        }

        _running = Task.Run(FollowAsync, CancellationToken.None);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _running.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default)
            .WaitAsync(cancellationToken).ConfigureAwait(false);
        control.Changed -= OnChanged;
        SaveIfDue(isForced: true);
    }

    public void Dispose()
    {
        _stop.Dispose();
        _changed.Dispose();
    }

    public async ValueTask<ErasureProgress?> GetAsync(Owner owner, RecordPosition record, CancellationToken cancellationToken)
    {
        if (record.Epoch != log.Shape.Epoch || record.Partition >= log.Shape.PartitionCount || record.Offset < 0)
        {
            return null;
        }

        LogChunk chunk = await log.ReadAsync(record.Partition, record.Offset, 1, cancellationToken).ConfigureAwait(false);
        if (chunk.Entries is not [LogEntry entry] || entry.Offset != record.Offset || ErasedIn(entry.Bytes.Span) is not { } erased || erased.Owner != owner)
        {
            return null; // the receipt is forged: an erasure that does not exist is not reported as done
        }

        bool isShared = (await _rows.SharedAsync(cancellationToken).ConfigureAwait(false)).Covers(record);
        string[] waitsFor = isShared
            ? [.. (await _rows.NodesAsync(cancellationToken).ConfigureAwait(false)).Where(node => !node.Position.Covers(record)).Select(node => node.Node)]
            : [];
        StoredErasure? stored = await _rows.FindAsync(record, cancellationToken).ConfigureAwait(false);
        bool isDone = isShared && waitsFor.Length == 0;
        string? problem = isDone && log.Integrity.FirstNotErasable(erased.UpTo, log.Shape.Epoch) is { } place
            ? $"bytes of the person may remain in the damaged part of the log's file ({place}): restore a backup from before the damage, and erase the person again"
            : null;
        return new ErasureProgress(isDone && problem is null, PlacesOf(stored, isDone), problem) { WaitsFor = waitsFor, Remains = _remains };
    }

    // A place that each node has for itself is done when every node has cleared it.
    private static IReadOnlyList<ErasedPlace> PlacesOf(StoredErasure? erasure, bool isDone) =>
    [
        .. (erasure?.Places ?? []).GroupBy(place => (place.Place, IsShared: place.Node.Length == 0)).Select(group => new ErasedPlace(
            group.Key.Place, group.Sum(place => place.Removed), group.Key.IsShared || isDone ? group.Max(place => place.DoneAtMs) : null)),
    ];

    private Cluster Cluster => Cluster.Get(actors.System);

    private string Node => Cluster.SelfAddress.ToString();

    private long NowMs => time.GetUtcNow().ToUnixTimeMilliseconds();

    private async Task FollowAsync()
    {
        // From here on receipts wait for this node.
        await UntilDoneAsync("the control store", () => AcknowledgeAsync(_stop.Token), _stop.Token).ConfigureAwait(false);
        LogFollower follower = new(log, gaps, time, logger);
        await Task.WhenAll(Enumerable.Range(0, log.Shape.PartitionCount)
            .Select(partition => follower.FollowAsync(Name, partition, FoldOffsets.After(_position, log.Shape, partition), ApplyAsync, _stop.Token))
            .Append(WatchNodesAsync(_stop.Token))
            .Select(ReportedAsync)).ConfigureAwait(false);
    }

    private async Task ReportedAsync(Task task)
    {
        try
        {
            await task.ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            LogBroken(logger, e);
        }
    }

    /// <summary>Keeps the acknowledgement of this node recent; on the node that clears the shared places, also their position and the list of nodes.</summary>
    private async Task WatchNodesAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await AcknowledgeAsync(cancellationToken).ConfigureAwait(false);
                if (_leader.IsHere)
                {
                    // The shared places are cleared up to the position that this node has read. Without the row, erasures up to there would not be reported as done.
                    await _rows.MoveSharedAsync(FirstPartition(Position), cancellationToken).ConfigureAwait(false);
                    foreach (string node in await _rows.ForgetAwayAsync(NowMs, cancellationToken).ConfigureAwait(false))
                    {
                        LogAway(logger, node, NodeErasures.AwayMax.Days);
                    }
                }
            }
            catch (StoreUnavailableException e)
            {
                if (_notReported.TryPass(time, out long leftOut))
                {
                    LogNotReported(logger, e, leftOut);
                }
            }

            await Task.Delay(NodesEvery, time, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task AcknowledgeAsync(CancellationToken cancellationToken)
    {
        // After the first acknowledgement, only an erasure changes the position; otherwise only the time is renewed.
        LogPosition position = _acknowledged ?? FirstPartition(Position);
        await _rows.AcknowledgeAsync(new NodeErasures(Node, position, NowMs), cancellationToken).ConfigureAwait(false);
        _acknowledged = position;
    }

    private static LogPosition FirstPartition(LogPosition position) =>
        position.PartitionCount == 0 || position[0] < 0 ? LogPosition.Start : LogPosition.Of(new RecordPosition(position.Epoch, 0, position[0]));

    private void OnChanged(string key)
    {
        if (key == StoredErasure.SharedKey)
        {
            Signal();
        }
    }

    private void Signal()
    {
        try
        {
            _changed.Release();
        }
        catch (SemaphoreFullException)
        {
            // The waiting reader is woken already.
        }
        catch (ObjectDisposedException)
        {
            // The node has stopped.
        }
    }

    private async ValueTask ApplyAsync(LogChunk chunk, CancellationToken cancellationToken)
    {
        bool hasErased = false;
        foreach (LogEntry entry in chunk.Entries)
        {
            if (LogRecordCodec.KindOf(entry.Bytes.Span) == LogRecord.Kind.PersonErased
                && ErasedIn(entry.Bytes.Span) is { } erased)
            {
                RecordPosition record = new(log.Shape.Epoch, chunk.Partition, entry.Offset);
                await EraseAsync(erased, record, cancellationToken).ConfigureAwait(false);
                MoveTo(chunk.Partition, entry.Offset);
                SaveIfDue(isForced: true);
                hasErased |= record.Partition == 0;
            }
        }

        if (chunk.Next > 0)
        {
            MoveTo(chunk.Partition, chunk.Next - 1);
            SaveIfDue(isForced: false);
        }

        if (hasErased)
        {
            _acknowledged = null;
            await UntilDoneAsync("the control store", () => AcknowledgeAsync(cancellationToken), cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task EraseAsync(LogRecord.PersonErased erased, RecordPosition record, CancellationToken cancellationToken)
    {
        // Every partition has this record. The places are cleared once, at that of the first partition, which a receipt names; the folds at each.
        List<StoredPlace> own = [];
        if (record.Partition == 0)
        {
            await EraseSharedAsync(erased, record, cancellationToken).ConfigureAwait(false);
            own = await EraseFromAsync(_places.Where(place => !place.IsShared), Node, erased, cancellationToken).ConfigureAwait(false);
            counters.CountErasure();
        }

        await UntilDoneAsync("trends", () => folds.SaveTrendsWithAsync(record, cancellationToken), cancellationToken).ConfigureAwait(false);
        if (own.Count > 0)
        {
            await UntilDoneAsync("the control store", () => _rows.AddPlacesAsync(record, Node, own, cancellationToken).AsTask(), cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Clears the shared places if this node does that, and waits until they are cleared.</summary>
    private async Task EraseSharedAsync(LogRecord.PersonErased erased, RecordPosition record, CancellationToken cancellationToken)
    {
        while (true)
        {
            bool isDone = false;
            await UntilDoneAsync(
                "the control store",
                async () => isDone = (await _rows.SharedAsync(cancellationToken).ConfigureAwait(false)).Covers(record),
                cancellationToken).ConfigureAwait(false);
            if (isDone)
            {
                return;
            }

            if (_leader.IsHere)
            {
                List<StoredPlace> cleared = await EraseFromAsync(_places.Where(place => place.IsShared), node: "", erased, cancellationToken).ConfigureAwait(false);
                await UntilDoneAsync(
                    "the control store",
                    async () =>
                    {
                        await _rows.AddAsync(record, erased.Owner, cleared, cancellationToken).ConfigureAwait(false);
                        await _rows.MoveSharedAsync(LogPosition.Of(record), cancellationToken).ConfigureAwait(false);
                    },
                    cancellationToken).ConfigureAwait(false);
                return;
            }

            await _changed.WaitAsync(RetryAfter, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<List<StoredPlace>> EraseFromAsync(
        IEnumerable<IErasable> places, string node, LogRecord.PersonErased erased, CancellationToken cancellationToken)
    {
        List<StoredPlace> cleared = [];
        foreach (IErasable place in places)
        {
            await UntilDoneAsync(
                place.Place,
                async () =>
                {
                    long removed = await place.EraseAsync(erased.Owner, erased.UpTo, cancellationToken).ConfigureAwait(false);
                    cleared.Add(new StoredPlace(place.Place, node, removed, NowMs));
                },
                cancellationToken).ConfigureAwait(false);
        }

        return cleared;
    }

    private async Task UntilDoneAsync(string place, Func<Task> work, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await work().ConfigureAwait(false);
                return;
            }
            catch (Exception e) when (e is StoreUnavailableException or OverloadedException)
            {
                if (_notErased.TryPass(time, out long leftOut))
                {
                    LogTriesAgain(logger, e, place, leftOut);
                }

                await Task.Delay(RetryAfter, time, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private LogPosition Position
    {
        get
        {
            lock (_lock)
            {
                return _position;
            }
        }
    }

    private void MoveTo(int partition, long offset)
    {
        lock (_lock)
        {
            _position = _position.Max(LogPosition.Of(new RecordPosition(log.Shape.Epoch, partition, offset)));
        }
    }

    private void SaveIfDue(bool isForced)
    {
        lock (_lock)
        {
            if (_position.Equals(_saved) || (!isForced && time.GetElapsedTime(_savedAt) < _options.FoldSaveEvery))
            {
                return;
            }

            try
            {
                store.Save(Name, new(ErasurePosition.Encode(_position)));
                _saved = _position;
                _savedAt = time.GetTimestamp();
            }
            catch (StoreUnavailableException e)
            {
                // After a restart, the erasures since the last save are repeated.
                if (_notSaved.TryPass(time, out long leftOut))
                {
                    LogNotSaved(logger, e, leftOut);
                }
            }
        }
    }

    // If the position is damaged, all erasures are repeated: a position that is too late would skip persons.
    private LogPosition Load()
    {
        try
        {
            if (store.Load(Name) is not { } bytes)
            {
                return LogPosition.Start;
            }

            if (ErasurePosition.TryDecode(bytes.ToArray(), out LogPosition? position))
            {
                return position;
            }
        }
        catch (CorruptRecordException)
        {
            // It is treated as a position that cannot be decoded.
        }

        counters.CountDamagedState();
        LogDamaged(logger);
        return LogPosition.Start;
    }

    private static LogRecord.PersonErased? ErasedIn(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return LogRecordCodec.Decode(bytes) as LogRecord.PersonErased;
        }
        catch (CorruptRecordException)
        {
            return null;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "the erasure of persons waits for {Place}; it is retried every second ({LeftOut} more failures since the last logged one)")]
    private static partial void LogTriesAgain(ILogger logger, Exception cause, string place, long leftOut);

    [LoggerMessage(Level = LogLevel.Warning, Message = "the position of the erasures is not saved; the save is retried ({LeftOut} more failures since the last logged one)")]
    private static partial void LogNotSaved(ILogger logger, Exception cause, long leftOut);

    [LoggerMessage(Level = LogLevel.Warning, Message = "the node {Node} has not run for more than {Days} days: receipts of erasures no longer wait for it; persons who were erased since remain in its files until it is started or its files are deleted")]
    private static partial void LogAway(ILogger logger, string node, int days);

    [LoggerMessage(Level = LogLevel.Warning, Message = "the erasures of this node are not acknowledged now; the write is retried ({LeftOut} more failures since the last logged one)")]
    private static partial void LogNotReported(ILogger logger, Exception cause, long leftOut);

    [LoggerMessage(Level = LogLevel.Error, Message = "the saved position of the erasures is damaged: all erasures in the log are repeated")]
    private static partial void LogDamaged(ILogger logger);

    [LoggerMessage(Level = LogLevel.Critical, Message = "the erasure of persons stopped: data of persons erased from now on remains until a restart")]
    private static partial void LogBroken(ILogger logger, Exception cause);
}
