using Microsoft.Extensions.Time.Testing;
using RecSys.Core.Log;
using RecSys.Core.Ports;
using RecSys.Speed.Ingest;
using RecSys.TestKit;
using Xunit;
using static RecSys.Speed.Tests.Records;

namespace RecSys.Speed.Tests.Ingest;

public sealed class LogRangesTests
{
    private readonly FakeTimeProvider _time = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task All_actors_of_a_node_share_one_reading_per_interval()
    {
        await using InMemoryInteractionLog log = new(new LogRecordCodec(SpeedNode.Hash));
        LogRanges ranges = new(log, _time);
        LogRange[] first = await ranges.GetAsync(Cancel);
        await log.AppendAsync([Click("ada", "tea")], Cancel);

        Assert.Same(first, await ranges.GetAsync(Cancel));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(1, (await ranges.GetAsync(Cancel))[0].End);
    }

    [Fact]
    public async Task A_failed_reading_is_not_kept()
    {
        await using InMemoryInteractionLog log = new(new LogRecordCodec(SpeedNode.Hash));
        LogRanges ranges = new(log, _time);
        log.Fault = new StoreUnavailableException("away");
        await Assert.ThrowsAsync<StoreUnavailableException>(() => ranges.GetAsync(Cancel));

        log.Fault = null;

        Assert.Single(await ranges.GetAsync(Cancel));
    }
}
