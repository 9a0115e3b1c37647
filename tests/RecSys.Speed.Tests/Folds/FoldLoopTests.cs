using System.Buffers;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using RecSys.Core;
using RecSys.Core.Catalogue;
using RecSys.Core.Log;
using RecSys.Core.Trends;
using RecSys.Speed.Folds;
using RecSys.TestKit;
using Xunit;
using static RecSys.Speed.Tests.Records;

namespace RecSys.Speed.Tests.Folds;

public sealed class FoldLoopTests : IAsyncDisposable
{
    private readonly InMemoryInteractionLog _log = new(new LogRecordCodec(SpeedNode.Hash));

    private readonly InMemoryFoldStore _store = new();
    private readonly FoldGaps _gaps;

    public FoldLoopTests() => _gaps = new FoldGaps(_store, NullLogger<FoldGaps>.Instance);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _log.DisposeAsync();

    [Fact]
    public async Task Trends_wait_until_the_catalogue_has_applied_the_same_record()
    {
        CatalogueNodeFold catalogue = new(new CatalogueFold());
        using FoldLoop catalogueLoop = LoopOf(catalogue);
        TrendsNodeFold trends = new(new TrendsFold(), catalogue.Current, catalogueLoop, InteractionTypes.Default);
        await _log.AppendAsync([Item("tea", "Tea"), Click("ada", "tea")], Cancel);

        Task first = trends.WaitForOthersAsync(new RecordPosition(0, 0, 0), Cancel).AsTask();
        Task second = trends.WaitForOthersAsync(new RecordPosition(0, 0, 1), Cancel).AsTask();
        Assert.False(first.IsCompleted); // the catalogue's loop has not begun, so nothing can have ended the wait
        Assert.False(second.IsCompleted);

        catalogueLoop.Start();
        await Task.WhenAll(first, second).WaitAsync(TimeSpan.FromSeconds(10), Cancel);
        Assert.True(catalogue.Position.Covers(new RecordPosition(0, 0, 1)));
        await catalogueLoop.StopAsync(Cancel);
    }

    [Fact]
    public async Task A_cancelled_wait_for_the_catalogue_applies_no_record()
    {
        CatalogueNodeFold catalogue = new(new CatalogueFold());
        using FoldLoop catalogueLoop = LoopOf(catalogue);
        TrendsNodeFold trends = new(new TrendsFold(), catalogue.Current, catalogueLoop, InteractionTypes.Default);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => trends.WaitForOthersAsync(new RecordPosition(0, 0, 0), new CancellationToken(canceled: true)).AsTask());
    }

    [Fact]
    public async Task A_loop_applies_records_after_the_wait_for_the_last_of_them()
    {
        WaitingFold fold = new();
        using FoldLoop loop = LoopOf(fold);
        await _log.AppendAsync([Item("tea", "Tea"), Click("ada", "tea")], Cancel);

        loop.Start();
        RecordPosition awaited = await fold.IsAwaited.WaitAsync(TimeSpan.FromSeconds(10), Cancel);
        Assert.Equal(0, fold.Applied); // the wait is not over, so the loop is in it
        fold.GoOn();
        await Eventually.TrueAsync(() => fold.Applied == 2, "the records are applied");

        Assert.Equal(new RecordPosition(0, 0, 1), awaited);
        await loop.StopAsync(Cancel);
    }

    [Fact]
    public async Task Trends_do_not_wait_for_a_catalogue_that_does_not_read_their_partition()
    {
        const int OfItems = 1;
        CatalogueNodeFold catalogue = new(new CatalogueFold());
        using FoldLoop catalogueLoop = LoopOf(catalogue, OfItems);
        TrendsNodeFold trends = new(new TrendsFold(), catalogue.Current, catalogueLoop, InteractionTypes.Default);

        await trends.WaitForOthersAsync(new RecordPosition(0, 0, 7), Cancel).AsTask().WaitAsync(TimeSpan.FromSeconds(10), Cancel);

        Task ofItems = trends.WaitForOthersAsync(new RecordPosition(0, OfItems, 7), Cancel).AsTask();
        Assert.False(ofItems.IsCompleted);
    }

    [Fact]
    public async Task A_fold_whose_next_records_are_removed_goes_on_after_them_and_notes_them()
    {
        WaitingFold fold = new();
        using FoldLoop loop = LoopOf(fold);
        await _log.AppendAsync([Item("tea", "Tea"), Click("ada", "tea")], Cancel);
        loop.Start();
        await fold.IsAwaited.WaitAsync(TimeSpan.FromSeconds(10), Cancel);
        await _log.AppendAsync([Click("bob", "tea"), Click("eve", "tea"), Click("zoe", "tea")], Cancel);
        _log.Trim(partition: 0, start: 4);

        fold.GoOn();
        await Eventually.TrueAsync(() => fold.Applied == 3, "the first two records and the last one are applied");

        Assert.Equal([new RemovedRecords.Place("waiting", 0, 2, 4, 2)], _gaps.Removed.Places);
        Assert.Equal(_gaps.Removed.Places, new FoldGaps(_store, NullLogger<FoldGaps>.Instance).Removed.Places);
        await loop.StopAsync(Cancel);
    }

    [Fact]
    public async Task A_save_that_fails_for_an_unknown_reason_is_reported_at_once_and_records_are_still_applied()
    {
        WaitingFold fold = new() { EncodeFault = new InvalidOperationException("a fault of the codec") };
        using LoggedLines lines = new(LogLevel.Critical);
        using FoldLoop loop = new(fold, _log, [0], _store, _gaps, TimeSpan.FromMilliseconds(1), TimeProvider.System, lines);
        loop.Start();

        await Eventually.TrueAsync(() => lines.Lines.Count > 0, "the fault is reported");
        fold.GoOn();
        await _log.AppendAsync([Item("tea", "Tea")], Cancel);
        await Eventually.TrueAsync(() => fold.Applied == 1, "the record is applied");

        Assert.Equal(["the state of waiting is not saved any more until a restart, which reads the log from the last saved position on"], lines.Lines);
    }

    private FoldLoop LoopOf(INodeFold fold, params int[] partitions) => new(
        fold, _log, partitions.Length == 0 ? [0] : partitions, _store, _gaps, TimeSpan.FromHours(1), TimeProvider.System, NullLogger.Instance);

    /// <summary>A fold that counts records, and makes its loop wait before the first.</summary>
    private sealed class WaitingFold : INodeFold
    {
        private readonly TaskCompletionSource<RecordPosition> _awaited = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _goOn = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _applied;

        public Task<RecordPosition> IsAwaited => _awaited.Task;

        public int Applied => Volatile.Read(ref _applied);

        public string Name => "waiting";

        public LogPosition Position => LogPosition.Start;

        public bool HasChanged => EncodeFault is not null;

        public Exception? EncodeFault { get; init; }

        public void GoOn() => _goOn.TrySetResult();

        public async ValueTask WaitForOthersAsync(RecordPosition record, CancellationToken cancellationToken)
        {
            _awaited.TrySetResult(record);
            await _goOn.Task.WaitAsync(cancellationToken);
        }

        public void Apply(int epoch, int partition, ReadOnlySpan<LogEntry> entries) => Interlocked.Add(ref _applied, entries.Length);

        public void MoveTo(int epoch, int partition, long next)
        {
        }

        public ReadOnlySequence<byte> Encode() => EncodeFault is { } fault ? throw fault : ReadOnlySequence<byte>.Empty;
    }
}
