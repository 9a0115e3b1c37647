using System.Text;
using RecSys.Core.Log;
using RecSys.Core.Ports;
using RecSys.Sqlite.Impressions;
using RecSys.TestKit;
using Xunit;

namespace RecSys.Sqlite.Tests;

public sealed class SqliteImpressionLogTests : ImpressionLogContract, IAsyncDisposable
{
    private readonly CrashingFolders _folders = new();
    private readonly JumpingTime _clock = new();

    private DataFolder Folder => _folders.Current;

    public ValueTask DisposeAsync() => _folders.DisposeAsync();

    [Fact]
    public async Task No_byte_of_an_erased_persons_slates_remains_in_the_files()
    {
        SqliteImpressionLog log = OpenFile(slatesMax: 6_400);
        for (int number = 0; number < 1_000; number++)
        {
            log.TryAppend(Slate($"r-{number}", number % 5 == 0 ? Ada : Bob));
        }

        await log.FlushAsync(Cancel);

        Assert.Equal(200, await log.EraseAsync(Ada, LogPosition.Start, Cancel));

        for (int number = 0; number < 1_000; number += 45)
        {
            Assert.Equal(
                number % 5 == 0 ? [] : ["impressions.db"], Folder.FilesWith(Encoding.ASCII.GetBytes($"item-of-r-{number}-3")));
        }
    }

    [Fact]
    public async Task Above_the_maximum_the_oldest_slates_are_dropped()
    {
        SqliteImpressionLog log = OpenFile(slatesMax: 640);
        for (int number = 0; number < 2_000; number++)
        {
            log.TryAppend(Slate($"r-{number}", Ada));
        }

        await log.FlushAsync(Cancel);

        List<string> kept = [.. (await AllAsync(log.ReadAllAsync(Cancel))).Select(slate => slate.RecommendationId)];
        Assert.InRange(kept.Count, 640 - 10, 640);
        Assert.Equal(Enumerable.Range(2_000 - kept.Count, kept.Count).Select(number => $"r-{number}"), kept);
        Assert.Equal(kept, (await AllAsync(log.ReadAsync(Ada, Cancel))).Select(slate => slate.RecommendationId));
    }

    [Fact]
    public async Task Slates_that_are_too_old_are_dropped()
    {
        SqliteImpressionLog log = OpenFile();
        for (int day = 0; day < 40; day++)
        {
            log.TryAppend(Slate($"day-{day}", Ada));
            await log.FlushAsync(Cancel);
            _clock.Advance(TimeSpan.FromDays(1));
        }

        Assert.Equal(
            Enumerable.Range(9, 31).Select(day => $"day-{day}"), (await AllAsync(log.ReadAllAsync(Cancel))).Select(slate => slate.RecommendationId));

        _clock.Advance(TimeSpan.FromDays(31));
        IImpressionLog reopened = Reopen();
        Assert.Empty(await AllAsync(reopened.ReadAllAsync(Cancel)));
        Assert.True(reopened.TryAppend(Slate("new", Ada)));
        await reopened.FlushAsync(Cancel);
        Assert.Single(await AllAsync(reopened.ReadAsync(Ada, Cancel)));
    }

    [Fact]
    public async Task A_clock_that_is_briefly_ahead_expires_no_slate()
    {
        SqliteImpressionLog log = OpenFile();
        await AppendAsync(log, "before");
        _clock.Ahead = TimeSpan.FromDays(365);
        await AppendAsync(log, "ahead");
        _clock.Ahead = TimeSpan.Zero;
        await AppendAsync(log, "after");

        Assert.Equal(["before", "ahead", "after"], await IdsAsync(log));
    }

    [Fact]
    public async Task A_clock_that_stays_ahead_counts_after_a_while()
    {
        SqliteImpressionLog log = OpenFile();
        await AppendAsync(log, "before");
        _clock.Ahead = TimeSpan.FromDays(365);
        await AppendAsync(log, "ahead");
        _clock.Advance(AgeClock.DoubtFor);
        await AppendAsync(log, "after");
        _clock.Advance(TimeSpan.FromDays(1));
        await AppendAsync(log, "later");

        Assert.Equal(["after", "later"], await IdsAsync(log));
    }

    [Fact]
    public async Task Slates_dated_in_the_future_are_dropped_with_later_ones()
    {
        _clock.Ahead = TimeSpan.FromDays(365);
        SqliteImpressionLog log = OpenFile();
        await AppendAsync(log, "ahead");
        _clock.Ahead = TimeSpan.Zero;
        await AppendAsync(log, "after");
        _clock.Advance(TimeSpan.FromDays(16));
        await AppendAsync(log, "a fortnight later");
        _clock.Advance(TimeSpan.FromDays(16));
        await AppendAsync(log, "a month later");

        Assert.Equal(["a fortnight later", "a month later"], await IdsAsync(log));
    }

    [Fact]
    public async Task The_end_grows_with_what_is_durable_and_outlives_erasures_and_segments()
    {
        SqliteImpressionLog log = OpenFile(slatesMax: 128);
        Assert.Equal(new SlatePosition(0, 0, 0), log.End);
        await AppendAsync(log, "r-1");
        SlatePosition first = log.End;
        Assert.Equal((0, 1), (first.Segment, first.Slates));

        Assert.Equal(1, await log.EraseAsync(Ada, LogPosition.Start, Cancel));
        Assert.Equal(first, log.End);

        await AppendAsync(log, "r-2");
        await AppendAsync(log, "r-3");
        SlatePosition last = log.End;
        Assert.Equal((1, 1), (last.Segment, last.Slates));
        Assert.Equal(0, last.MissingSince(first));
        Assert.Equal(1, first.MissingSince(last));

        await log.DisposeAsync();
        Assert.Equal(last, SqliteInstallation.InspectImpressions(Folder.File(SqliteImpressionOptions.FileName)).Slates);
        Assert.Equal(last, OpenFile(slatesMax: 128).End);

        _clock.Advance(TimeSpan.FromDays(70));
        SlatePosition expired = ((SqliteImpressionLog)Reopen()).End;
        Assert.Equal((2, 0), (expired.Segment, expired.Slates));
        Assert.Equal(0, expired.MissingSince(last));
    }

    [Fact]
    public async Task Closing_writes_the_queued_slates()
    {
        SqliteImpressionLog log = OpenFile();
        log.TryAppend(Slate("r-1", Ada));

        await log.DisposeAsync();

        Assert.Single(await AllAsync(OpenFile().ReadAsync(Ada, Cancel)));
    }

    [Fact]
    public async Task A_full_queue_is_written_without_waiting_for_more()
    {
        SqliteImpressionLog log = OpenFile(queueSlatesMax: 10, gather: TimeSpan.FromMinutes(1));
        for (int number = 0; number < 100;)
        {
            if (log.TryAppend(Slate($"r-{number}", Ada)))
            {
                number++;
            }
            else
            {
                await Task.Yield();
            }
        }

        await log.FlushAsync(Cancel);

        Assert.Equal(100, (await AllAsync(log.ReadAllAsync(Cancel))).Count);
    }

    private static async Task AppendAsync(SqliteImpressionLog log, string id)
    {
        log.TryAppend(Slate(id, Ada));
        await log.FlushAsync(Cancel);
    }

    private static async Task<IEnumerable<string>> IdsAsync(SqliteImpressionLog log) =>
        (await AllAsync(log.ReadAllAsync(Cancel))).Select(slate => slate.RecommendationId);

    protected override IImpressionLog Open() => OpenFile();

    protected override IImpressionLog Reopen()
    {
        _folders.Crash();
        return OpenFile();
    }

    protected override IImpressionLog OpenWithQueueOf(int slates) => OpenFile(queueSlatesMax: slates);

    private SqliteImpressionLog OpenFile(int queueSlatesMax = 20_000, long slatesMax = 10_000_000, TimeSpan? gather = null)
    {
        SqliteImpressionLog log = SqliteImpressionLog.Open(
            new SqliteImpressionOptions
            {
                Path = Folder.File(SqliteImpressionOptions.FileName),
                QueueSlatesMax = queueSlatesMax,
                SlatesMax = slatesMax,
                Gather = gather ?? TimeSpan.FromMilliseconds(500),
            },
            _clock);
        return _folders.Add(log);
    }
}
