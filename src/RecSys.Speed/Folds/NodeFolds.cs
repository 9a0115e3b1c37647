using System.Buffers;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using RecSys.Core;
using RecSys.Core.Catalogue;
using RecSys.Core.Log;
using RecSys.Core.Ports;
using RecSys.Core.Trends;
using RecSys.Speed.Metrics;

namespace RecSys.Speed.Folds;

/// <summary>The folds that this node keeps of the log: the catalogue, and trends with co-visits; each saved together with its position.</summary>
/// <remarks>Each fold reads the log separately: a wait for an item does not depend on the trends, which take a hundred times as long per record.</remarks>
internal sealed partial class NodeFolds : IHostedService, IItemCatalogue, ITrends, IDisposable
{
    private const int RebuildChunkMax = 2_000;

    private readonly IInteractionLog _log;
    private readonly IFoldStore _store;
    private readonly InteractionTypes _types;
    private readonly SpeedOptions _options;
    private readonly SpeedCounters _counters;
    private readonly FoldGaps _gaps;
    private readonly ILogger<NodeFolds> _logger;
    private readonly int[] _trendPartitions;
    private readonly CatalogueNodeFold _catalogue;
    private readonly TrendsNodeFold _trends;
    private readonly FoldLoop _catalogueLoop;
    private readonly FoldLoop _trendsLoop;

    public NodeFolds(
        IInteractionLog log,
        IFoldStore store,
        InteractionTypes types,
        IOptions<SpeedOptions> options,
        SpeedCounters counters,
        FoldGaps gaps,
        TimeProvider time,
        ILogger<NodeFolds> logger)
    {
        _counters = counters;
        _gaps = gaps;
        _log = log;
        _store = store;
        _types = types;
        _options = options.Value;
        _logger = logger;

        int[] partitions = [.. Enumerable.Range(0, log.Shape.PartitionCount)];

        // In the constructor, because callers keep the value of Current.
        _catalogue = new CatalogueNodeFold(Load(CatalogueNodeFold.StoreName, CatalogueFold.Decode, () => new CatalogueFold()));
        _catalogueLoop = new FoldLoop(_catalogue, log, partitions, store, gaps, _options.FoldSaveEvery, time, logger);
        _trendPartitions = partitions[..Math.Min(partitions.Length, _options.TrendPartitionsMax)];
        _trends = new TrendsNodeFold(
            LoadTrends(),
            _catalogue.Current,
            _catalogueLoop,
            types);
        _trendsLoop = new FoldLoop(_trends, log, _trendPartitions, store, gaps, _options.FoldSaveEvery, time, logger);
    }

    public ItemCatalogue Current => _catalogue.Current;

    /// <summary>Gets the fold of the trends.</summary>
    public TrendsFold Trends => _trends.Current;

    /// <summary>Gets the share of the log's partitions that the trends read, above 0 to 1.</summary>
    public double TrendsShare => (double)_trendPartitions.Length / _log.Shape.PartitionCount;

    /// <summary>Gets the position of the trends.</summary>
    public LogPosition TrendsPosition => _trends.Position;

    /// <exception cref="StateAheadOfLogException">A saved fold contains records that the log does not contain.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        LogRange[] ranges = await _log.GetRangesAsync(cancellationToken).ConfigureAwait(false);
        foreach (INodeFold fold in (INodeFold[])[_catalogue, _trends])
        {
            StateAheadOfLogException.ThrowIfBeyond($"the saved state of {fold.Name}", fold.Position, _log.Shape, ranges);
        }

        _catalogueLoop.Start();
        _trendsLoop.Start();
    }

    public Task StopAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(_catalogueLoop.StopAsync(cancellationToken), _trendsLoop.StopAsync(cancellationToken));

    public void Dispose()
    {
        _catalogueLoop.Dispose();
        _trendsLoop.Dispose();
    }

    public IReadOnlyList<ScoredItem> GetTrending(string? category, TrendWindow window, int count, long nowMs) =>
        _trends.Current.GetTrending(category, window, count, nowMs);

    public IReadOnlyList<ScoredItem> GetCoVisited(ItemId item, int count) => _trends.Current.GetCoVisited(item, count);

    public IReadOnlyList<ScoredItem> GetBoughtNext(ItemId item, int count) => _trends.Current.GetBoughtNext(item, count);

    /// <inheritdoc/>
    public long GetUserCount(ItemId item) => _trends.Current.GetUserCount(item);

    /// <inheritdoc/>
    public long? GetFirstInteractionMs(ItemId item) => _trends.Current.GetFirstInteractionMs(item);

    /// <inheritdoc/>
    public float ReturnScore => _trends.Current.ReturnScore;

    public async ValueTask<bool> WaitUntilAsync(LogPosition position, CancellationToken cancellationToken) =>
        !(_log.KnowsEnd && position.IsBeyond(_log.Shape, await _log.GetRangesAsync(CancellationToken.None).ConfigureAwait(false)))
        && await WaitForAsync(() => Current.Position.Covers(position), cancellationToken).ConfigureAwait(false);

    /// <summary>Waits until the trends include a record, then saves them.</summary>
    /// <exception cref="StoreUnavailableException">The trends could not be saved.</exception>
    public async Task SaveTrendsWithAsync(RecordPosition record, CancellationToken cancellationToken)
    {
        if (!_trendsLoop.Reads(record.Partition))
        {
            return; // the trends have no record of its users
        }

        if (!await _trendsLoop.WaitAsync(() => TrendsPosition.Covers(record), cancellationToken).ConfigureAwait(false))
        {
            throw new OperationCanceledException(cancellationToken);
        }

        await Task.Run(_trendsLoop.Save, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Rebuilds the trends from the first record that the log has; meanwhile the old trends are served.</summary>
    /// <exception cref="InvalidOperationException">The log ends before records of the old trends.</exception>
    /// <exception cref="StoreUnavailableException">The log cannot be read now, or the trends cannot be saved.</exception>
    public async Task RebuildTrendsAsync(Action<double> report, CancellationToken cancellationToken)
    {
        LogRange[] ranges = await _log.GetRangesAsync(cancellationToken).ConfigureAwait(false);
        LogPosition upTo = new(_log.Shape.Epoch, [.. ranges.Select((range, partition) => _trendsLoop.Reads(partition) ? range.End - 1 : -1)]);
        TrendsFold rebuilt = new(_options.ToTrendsOptions());
        long[] next = [.. ranges.Select(range => range.Start)];
        await ReadToAsync(rebuilt, next, upTo, report, cancellationToken).ConfigureAwait(false);
        while (!_trendsLoop.Between(() => HasRead(next, TrendsPosition) && _trends.Replace(rebuilt)))
        {
            await ReadToAsync(rebuilt, next, TrendsPosition, _ => { }, cancellationToken).ConfigureAwait(false);
        }

        await Task.Run(_trendsLoop.Save, cancellationToken).ConfigureAwait(false);
        _gaps.OnRebuilt(TrendsNodeFold.StoreName);
    }

    // Compares with the offsets read, not with the new fold's position, because records that the old fold includes may have been lost since.
    private static bool HasRead(long[] next, LogPosition position)
    {
        for (int partition = 0; partition < position.PartitionCount; partition++)
        {
            if (position[partition] >= next[partition])
            {
                return false;
            }
        }

        return true;
    }

    private ValueTask<bool> WaitForAsync(Func<bool> isInCatalogue, CancellationToken cancellationToken) =>
        isInCatalogue() ? new(true) : new(_catalogueLoop.WaitAsync(isInCatalogue, cancellationToken));

    private async Task ReadToAsync(TrendsFold fold, long[] next, LogPosition upTo, Action<double> report, CancellationToken cancellationToken)
    {
        long total = 1;
        for (int partition = 0; partition < upTo.PartitionCount; partition++)
        {
            total += Math.Max(0, upTo[partition] + 1 - next[partition]);
        }

        long read = 0;
        foreach (int partition in _trendPartitions)
        {
            using ILogReader reader = _log.OpenReader(partition, next[partition]);
            while (next[partition] <= upTo[partition])
            {
                long from = next[partition];
                int count = (int)Math.Min(RebuildChunkMax, upTo[partition] + 1 - from);
                LogChunk chunk = await reader.ReadAsync(count, cancellationToken).ConfigureAwait(false);
                if (chunk.Next <= from)
                {
                    throw new InvalidOperationException(
                        $"partition {partition} of the log ends at offset {from}, before offset {upTo[partition]}, up to which the trends were made: restart the server");
                }

                fold.Apply(_log.Shape.Epoch, partition, chunk.Entries, Current, _types);
                next[partition] = chunk.Next;
                read += next[partition] - from;
                report((double)read / total);
            }
        }
    }

    /// <summary>Returns the saved trends, or empty ones if the saved ones have records of partitions that are not read any more: erasures of the users of these partitions would have no effect.</summary>
    private TrendsFold LoadTrends()
    {
        TrendsFold saved = Load(TrendsNodeFold.StoreName, bytes => TrendsFold.Decode(bytes, _options.ToTrendsOptions()), () => new TrendsFold(_options.ToTrendsOptions()));
        for (int partition = _trendPartitions.Length; partition < _log.Shape.PartitionCount; partition++)
        {
            if (FoldOffsets.After(saved.Position, _log.Shape, partition) > 0)
            {
                LogOtherPartitions(_logger, _trendPartitions.Length);
                return new TrendsFold(_options.ToTrendsOptions());
            }
        }

        return saved;
    }

    private T Load<T>(string name, Func<ReadOnlySequence<byte>, T> decode, Func<T> begin)
    {
        try
        {
            return _store.Load(name) is { } bytes ? decode(bytes) : begin();
        }
        catch (CorruptRecordException e)
        {
            _counters.CountDamagedState();
            string? kept = _store.KeepDamaged(name);
            LogDamaged(_logger, e, name, kept);
            return begin();
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "the saved trends have records of more partitions than the {Count} that are read now (TrendPartitionsMax): they are rebuilt from the log")]
    private static partial void LogOtherPartitions(ILogger logger, int count);

    [LoggerMessage(Level = LogLevel.Error, Message = "the saved state of {Name} is damaged: it is rebuilt from the log; the damaged one is kept as {Kept}")]
    private static partial void LogDamaged(ILogger logger, Exception cause, string name, string? kept);
}
