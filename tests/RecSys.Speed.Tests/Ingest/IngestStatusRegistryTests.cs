using Microsoft.Extensions.Time.Testing;
using RecSys.Speed.Ingest;
using Xunit;

namespace RecSys.Speed.Tests.Ingest;

public sealed class IngestStatusRegistryTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void The_lag_is_the_largest_of_all_partitions_and_not_known_while_one_is_not_ingested()
    {
        IngestStatusRegistry registry = new(partitionCount: 2, _time);
        Assert.Null(registry.LagMs);

        Set(registry, partition: 0, lagMs: 5);
        Assert.Null(registry.LagMs);

        Set(registry, partition: 1, lagMs: 70);
        Assert.Equal(70, registry.LagMs);

        Set(registry, partition: 0, lagMs: null);
        Assert.Null(registry.LagMs);
    }

    [Fact]
    public void The_lag_of_a_partition_on_another_node_grows_by_itself_until_its_next_report()
    {
        IngestStatusRegistry registry = new(partitionCount: 2, _time);
        Set(registry, partition: 0, lagMs: 0);
        registry.OnReport(partition: 1, lagMs: 20);
        Assert.Equal(20, registry.LagMs);

        _time.Advance(TimeSpan.FromSeconds(30));
        Set(registry, partition: 0, lagMs: 0);
        Assert.Equal(30_020, registry.LagMs);

        registry.OnReport(partition: 1, lagMs: 0);
        Assert.Equal(0, registry.LagMs);
    }

    [Fact]
    public void A_partition_that_moved_to_another_node_has_the_lag_that_this_node_reports()
    {
        IngestStatusRegistry registry = new(partitionCount: 1, _time);
        Set(registry, partition: 0, lagMs: 0);

        Set(registry, partition: 0, lagMs: null);
        registry.OnReport(partition: 0, lagMs: 40);

        Assert.Equal(40, registry.LagMs);
    }

    [Fact]
    public void A_partition_that_leaves_this_node_has_the_last_lag_of_this_node_and_not_that_of_its_node_before()
    {
        IngestStatusRegistry registry = new(partitionCount: 1, _time);
        registry.OnReport(partition: 0, lagMs: 0);
        _time.Advance(TimeSpan.FromSeconds(80));
        Set(registry, partition: 0, lagMs: 30);

        Set(registry, partition: 0, lagMs: null);
        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(1_030, registry.LagMs);
    }

    [Fact]
    public void An_actor_that_no_longer_sets_its_status_grows_stale()
    {
        IngestStatusRegistry registry = new(partitionCount: 1, _time);
        Set(registry, partition: 0, lagMs: 0);

        _time.Advance(TimeSpan.FromSeconds(5));

        Assert.Equal(5_000, registry.LagMs);
    }

    private static void Set(IngestStatusRegistry registry, int partition, double? lagMs) =>
        registry.Of(partition).Set(registry.Of(partition).Now with { LagMs = lagMs });
}
