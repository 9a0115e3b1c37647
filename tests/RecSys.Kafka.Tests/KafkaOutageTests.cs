using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using RecSys.Core;
using RecSys.Core.Log;
using RecSys.Core.Ports;
using RecSys.TestKit.Servers;
using Xunit;

namespace RecSys.Kafka.Tests;

/// <summary>A broker of its own that is stopped, killed and damaged: nothing acknowledged is lost, and what is lost is noticed.</summary>
[Trait("Category", "Slow")]
public sealed class KafkaOutageTests : IAsyncLifetime
{
    private static readonly TimeSpan Away = TimeSpan.FromSeconds(20);

    private readonly KafkaLogOptions _options = Topics.Options(Topics.NewName(), partitions: 1);
    private KafkaServer _server = null!;
    private Topics _topics = null!;
    private int _number;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await KafkaServer.StartAsync(Cancel);
        _topics = new Topics(_server.Servers);
        _options.AppendTimeout = TimeSpan.FromSeconds(2);
        _options.RequestTimeout = TimeSpan.FromSeconds(2);
    }

    public async ValueTask DisposeAsync()
    {
        if (_topics is not null)
        {
            await _topics.DisposeAsync();
        }

        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_broker_that_is_away_for_20_s_costs_no_acknowledged_record()
    {
        _options.QueueRecordsMax = 300;
        KafkaInteractionLog log = await _topics.OpenAsync(_options, known: null);
        ConcurrentQueue<string> acknowledged = [];
        await AppendAsync(log, 100, acknowledged);
        using ILogReader reader = log.OpenReader(0, 0);
        Signal("STOP");
        int refused = 0;
        int unknown = 0;
        Stopwatch clock = Stopwatch.StartNew();
        while (clock.Elapsed < Away)
        {
            await Task.WhenAll(Enumerable.Range(0, 5).Select(async _ =>
            {
                try
                {
                    await AppendAsync(log, 100, acknowledged);
                }
                catch (OverloadedException)
                {
                    Interlocked.Increment(ref refused);
                }
                catch (StoreUnavailableException)
                {
                    Interlocked.Increment(ref unknown);
                }
            }));
            await Assert.ThrowsAsync<StoreUnavailableException>(async () => await log.GetRangesAsync(Cancel));
        }

        Assert.True(refused > 0 && unknown > 0, $"{refused} appends were refused and {unknown} failed");
        Assert.Equal(100, acknowledged.Count);
        Signal("CONT");
        await EventuallyAsync(() => AppendAsync(log, 100, acknowledged));

        HashSet<string> read = await ReadAsync(log, reader);
        Assert.Empty(acknowledged.Except(read));
        Assert.Equal(200, acknowledged.Count);
    }

    [Fact]
    public async Task A_broker_that_is_killed_keeps_what_it_acknowledged_and_the_log_goes_on()
    {
        _options.AppendTimeout = TimeSpan.FromMinutes(2); // longer than a broker takes to start on a busy machine
        KafkaInteractionLog log = await _topics.OpenAsync(_options, known: null);
        ConcurrentQueue<string> acknowledged = [];
        await AppendAsync(log, 1_000, acknowledged);
        using ILogReader reader = log.OpenReader(0, 0);
        int first = (await reader.ReadAsync(100, Cancel)).Entries.Length;
        Assert.NotEqual(0, first);
        Task[] appends = [.. Enumerable.Range(0, 20).Select(_ => AppendAsync(log, 100, acknowledged))];

        await _server.KillAsync(Cancel);
        Task[] during = [.. Enumerable.Range(0, 5).Select(_ => AppendAsync(log, 100, acknowledged))];
        await _server.StartAgainAsync(Cancel);
        await Task.WhenAll([.. appends, .. during]);

        // The same reader reads on, and no record is stored twice: the producer is idempotent.
        HashSet<string> read = await ReadAsync(log, reader);
        Assert.Equal(3_500, acknowledged.Count);
        Assert.Equal(3_500, first + read.Count);
        Assert.Equal(new LogRange(0, 3_500), Assert.Single(await log.GetRangesAsync(Cancel)));
    }

    [Fact]
    public async Task A_reader_whose_offset_is_not_found_while_the_broker_does_not_answer_reads_on_afterwards()
    {
        KafkaInteractionLog log = await _topics.OpenAsync(_options, known: null);
        ConcurrentQueue<string> acknowledged = [];
        await AppendAsync(log, 100, acknowledged);
        using ILogReader reader = log.OpenReader(0, 0);
        await ReadAsync(log, reader);
        Signal("STOP");

        log.OnOffsetGone((KafkaReader)reader); // as the consumer reports in a change of leaders
        foreach (int _ in Enumerable.Range(0, 3))
        {
            await Assert.ThrowsAsync<StoreUnavailableException>(async () => await log.GetRangesAsync(Cancel)); // begins later than the check, so that it has failed too
        }

        Signal("CONT");
        await EventuallyAsync(() => AppendAsync(log, 100, acknowledged));
        HashSet<string> read = await ReadAsync(log, reader);

        Assert.Empty(acknowledged.Skip(100).Except(read));
    }

    [Fact]
    public async Task Lost_records_at_the_end_are_noticed_by_readers_and_at_the_next_read()
    {
        KafkaInteractionLog log = await _topics.OpenAsync(_options, known: null);
        foreach (int _ in Enumerable.Range(0, 20))
        {
            await AppendAsync(log, 10, []);
        }

        using ILogReader reader = log.OpenReader(0, 200);
        await _server.KillAsync(Cancel);
        string file = Directory.GetFiles(Path.Combine(_server.DataFolder, "log", $"{_options.Topic}-0"), "*.log").Single();
        using (FileStream segment = File.OpenWrite(file))
        {
            segment.SetLength(segment.Length / 2);
        }

        await _server.StartAgainAsync(Cancel);

        InvalidDataException loss = await Assert.ThrowsAsync<InvalidDataException>(async () => await reader.WaitAsync(Cancel));
        Assert.Contains("truncated, or lost its newest records", loss.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await log.GetRangesAsync(Cancel));
    }

    [Fact]
    public async Task Without_a_broker_a_log_does_not_open_and_names_the_address()
    {
        await _server.StopAsync(Cancel);

        StoreUnavailableException refusal = await Assert.ThrowsAsync<StoreUnavailableException>(() => _topics.OpenAsync(_options, known: null));

        Assert.Contains(_server.Servers, refusal.Message, StringComparison.Ordinal);
    }

    private async Task AppendAsync(KafkaInteractionLog log, int count, ConcurrentQueue<string> acknowledged)
    {
        string[] items = [.. Enumerable.Range(0, count).Select(_ => string.Create(CultureInfo.InvariantCulture, $"item-{Interlocked.Increment(ref _number)}"))];
        await log.AppendAsync([.. items.Select(item => new LogRecord.Interaction(new UserId("ada"), new ItemId(item), "view", 1_700_000_000_000))], Cancel);
        foreach (string item in items)
        {
            acknowledged.Enqueue(item);
        }
    }

    private static async Task<HashSet<string>> ReadAsync(KafkaInteractionLog log, ILogReader reader)
    {
        HashSet<string> items = [];
        long end = 0;
        await EventuallyAsync(async () => end = (await log.GetRangesAsync(Cancel))[0].End);
        while (reader.Next < end)
        {
            await EventuallyAsync(async () =>
            {
                foreach (LogEntry entry in (await reader.ReadAsync(1_000, Cancel)).Entries)
                {
                    items.Add(((LogRecord.Interaction)LogRecordCodec.Decode(entry.Bytes.Span)!).Item.Value);
                }
            });
        }

        return items;
    }

    private static async Task EventuallyAsync(Func<Task> act)
    {
        Stopwatch clock = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                await act();
                return;
            }
            catch (StoreUnavailableException) when (clock.Elapsed < TimeSpan.FromSeconds(60))
            {
                await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, Cancel);
            }
        }
    }

    private void Signal(string signal)
    {
        using Process kill = Process.Start("kill", [$"-{signal}", _server.ProcessId.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
        Assert.Equal(0, kill.ExitCode);
    }
}
