using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using RecSys.Core;
using RecSys.Core.Catalogue;
using RecSys.Core.Log;
using RecSys.Core.Ports;
using RecSys.Core.Trends;

namespace RecSys.Speed.Folds;

/// <summary>What this node folds for itself from the log: the catalogue, and trends with co-visits; each saved together with its position.</summary>
internal sealed partial class NodeFolds : IHostedService, IItemCatalogue, ITrends, IDisposable
{
    private const string CatalogueName = "catalogue";
    private const string TrendsName = "trends";

    /// <summary>A large state is saved so rarely that saving takes at most one part in this many of the time.</summary>
    private const int SaveShare = 20;

    /// <summary>How many records are taken in before the other folds of the node may have their turn.</summary>
    private const int TurnMax = 500;

    private readonly IInteractionLog _log;
    private readonly IFoldStore _store;
    private readonly InteractionTypes _types;
    private readonly SpeedOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<NodeFolds> _logger;
    private readonly Lock _writing = new();
    private readonly Lock _saving = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly CatalogueFold _catalogue;
    private TrendsFold _trends;
    private LogPosition _savedCatalogue;
    private LogPosition _savedTrends;
    private TaskCompletionSource _moved = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _running = Task.CompletedTask;

    public NodeFolds(
        IInteractionLog log,
        IFoldStore store,
        InteractionTypes types,
        IOptions<SpeedOptions> options,
        TimeProvider time,
        ILogger<NodeFolds> logger)
    {
        _log = log;
        _store = store;
        _types = types;
        _options = options.Value;
        _time = time;
        _logger = logger;

        // At once, not at the start: whoever takes Current keeps it for good.
        _catalogue = Load(CatalogueName, bytes => CatalogueFold.Decode(bytes), () => new CatalogueFold());
        _trends = Load(TrendsName, bytes => TrendsFold.Decode(bytes, _options.ToTrendsOptions()), () => new TrendsFold(_options.ToTrendsOptions()));
        _savedCatalogue = _catalogue.Current.Position;
        _savedTrends = _trends.Position;
    }

    public ItemCatalogue Current => _catalogue.Current;

    /// <summary>How far all folds of this node are.</summary>
    public LogPosition TrendsPosition => Trends.Position;

    private TrendsFold Trends => Volatile.Read(ref _trends);

    public Task StartAsync(CancellationToken cancellationToken)
    {
        LogFollower follower = new(_log, _time, _logger);
        List<Task> tasks = [Task.Run(() => SaveNowAndThenAsync(_stop.Token), CancellationToken.None)];
        for (int partition = 0; partition < _log.Shape.PartitionCount; partition++)
        {
            int own = partition;
            long from = Math.Min(
                FoldOffsets.After(Current.Position, _log.Shape, own), FoldOffsets.After(TrendsPosition, _log.Shape, own));
            tasks.Add(Task.Run(() => follower.FollowAsync("the folds", own, from, TakeIn, _stop.Token), CancellationToken.None));
        }

        _running = Task.WhenAll(tasks);
        _ = _running.ContinueWith(
            task => LogBroken(_logger, task.Exception!), CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _running.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default)
            .WaitAsync(cancellationToken).ConfigureAwait(false);
        TrySave();
    }

    public void Dispose() => _stop.Dispose();

    public IReadOnlyList<ScoredItem> GetTrending(string? category, TrendWindow window, int count, long nowMs) =>
        Trends.GetTrending(category, window, count, nowMs);

    public IReadOnlyList<ScoredItem> GetCoVisited(ItemId item, int count) => Trends.GetCoVisited(item, count);

    public ValueTask<bool> WaitUntilAsync(LogPosition position, CancellationToken cancellationToken) =>
        Current.Position.Covers(position) ? new(true) : new(WaitAsync(() => Current.Position.Covers(position), cancellationToken));

    /// <summary>Waits until the trends hold a record, then sees to it that the saved state does.</summary>
    /// <exception cref="StoreUnavailableException">It could not be saved.</exception>
    public async Task SaveWithAsync(RecordPosition record, CancellationToken cancellationToken)
    {
        if (!await WaitAsync(() => Trends.Position.Covers(record), cancellationToken).ConfigureAwait(false))
        {
            throw new OperationCanceledException(cancellationToken);
        }

        await Task.Run(Save, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Folds the trends anew from the log's start; meanwhile the old ones answer.</summary>
    public async Task RebuildTrendsAsync(LogPosition upTo, IProgress<double>? progress, CancellationToken cancellationToken)
    {
        TrendsFold anew = new(_options.ToTrendsOptions());
        long total = 1;
        for (int partition = 0; partition < upTo.PartitionCount; partition++)
        {
            total += upTo[partition] + 1;
        }

        long read = 0;
        for (int partition = 0; partition < upTo.PartitionCount; partition++)
        {
            for (long from = 0; from <= upTo[partition];)
            {
                LogChunk chunk = await _log.ReadAsync(partition, from, 2_000, cancellationToken).ConfigureAwait(false);
                anew.Apply(_log.Shape.Epoch, partition, chunk.Entries, Current, _types);
                read += chunk.Next - from;
                from = chunk.Next;
                progress?.Report((double)read / total);
            }
        }

        await CatchUpAndSwapAsync(anew, cancellationToken).ConfigureAwait(false);
        await Task.Run(Save, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Reads what came meanwhile, and takes the old fold's place where no record can come between.</summary>
    private async Task CatchUpAndSwapAsync(TrendsFold anew, CancellationToken cancellationToken)
    {
        while (true)
        {
            LogPosition target = Trends.Position;
            for (int partition = 0; partition < _log.Shape.PartitionCount; partition++)
            {
                long from = FoldOffsets.After(anew.Position, _log.Shape, partition);
                while (from <= target[partition])
                {
                    LogChunk chunk = await _log.ReadAsync(
                        partition, from, (int)Math.Min(2_000, target[partition] + 1 - from), cancellationToken).ConfigureAwait(false);
                    anew.Apply(_log.Shape.Epoch, partition, chunk.Entries, Current, _types);
                    from = chunk.Next;
                }
            }

            lock (_writing)
            {
                if (anew.Position.Covers(Trends.Position))
                {
                    Volatile.Write(ref _trends, anew);
                    _savedTrends = LogPosition.Start;
                    return;
                }
            }
        }
    }

    private async ValueTask TakeIn(LogChunk chunk, CancellationToken cancellationToken)
    {
        for (int start = 0; start < chunk.Entries.Length; start += TurnMax)
        {
            cancellationToken.ThrowIfCancellationRequested();
            lock (_writing)
            {
                ReadOnlySpan<LogEntry> turn = chunk.Entries.AsSpan(start, Math.Min(TurnMax, chunk.Entries.Length - start));
                _catalogue.Apply(_log.Shape.Epoch, chunk.Partition, turn);
                _trends.Apply(_log.Shape.Epoch, chunk.Partition, turn, _catalogue.Current, _types);
            }

            SignalMoved();
        }

        await ValueTask.CompletedTask.ConfigureAwait(false);
    }

    private void SignalMoved() =>
        Interlocked.Exchange(ref _moved, new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();

    private async Task<bool> WaitAsync(Func<bool> isThere, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task moved = Volatile.Read(ref _moved).Task;
            if (isThere())
            {
                return true;
            }

            try
            {
                await moved.WaitAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                return isThere();
            }
        }
    }

    private async Task SaveNowAndThenAsync(CancellationToken cancellationToken)
    {
        TimeSpan wait = _options.FoldSaveEvery;
        while (true)
        {
            await Task.Delay(wait, _time, cancellationToken).ConfigureAwait(false);
            long started = _time.GetTimestamp();
            TrySave();
            TimeSpan seldom = _time.GetElapsedTime(started) * SaveShare;
            wait = seldom > _options.FoldSaveEvery ? seldom : _options.FoldSaveEvery;
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
            LogNotSaved(_logger, e); // the states before are there still, and what came after them is in the log
        }
    }

    private void Save()
    {
        lock (_saving)
        {
            byte[]? catalogue = null;
            byte[]? trends = null;
            LogPosition cataloguePosition;
            LogPosition trendsPosition;
            lock (_writing)
            {
                cataloguePosition = _catalogue.Current.Position;
                trendsPosition = _trends.Position;
                catalogue = cataloguePosition.Equals(_savedCatalogue) ? null : _catalogue.Encode();
                trends = trendsPosition.Equals(_savedTrends) ? null : _trends.Encode();
            }

            if (catalogue is not null)
            {
                _store.Save(CatalogueName, catalogue);
                _savedCatalogue = cataloguePosition;
            }

            if (trends is not null)
            {
                _store.Save(TrendsName, trends);
                _savedTrends = trendsPosition;
            }
        }
    }

    private T Load<T>(string name, Func<byte[], T> decode, Func<T> begin)
    {
        try
        {
            return _store.Load(name) is { } bytes ? decode(bytes) : begin();
        }
        catch (CorruptRecordException e)
        {
            LogDamaged(_logger, e, name); // the log has everything
            return begin();
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "the folds' states are not saved; they are tried again")]
    private static partial void LogNotSaved(ILogger logger, Exception cause);

    [LoggerMessage(Level = LogLevel.Warning, Message = "the saved state of {Name} is damaged: it is made anew from the log")]
    private static partial void LogDamaged(ILogger logger, Exception cause, string name);

    [LoggerMessage(Level = LogLevel.Critical, Message = "the folds of this node stopped: catalogue and trends stay as they are until a restart")]
    private static partial void LogBroken(ILogger logger, Exception cause);
}
