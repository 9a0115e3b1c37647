using RecSys.Speed.Ingest;
using Xunit;

namespace RecSys.Speed.Tests.Ingest;

public sealed class IngestStatusRegistryTests
{
    [Fact]
    public void The_lag_is_the_largest_of_all_partitions_and_unknown_while_one_is_not_ingested()
    {
        IngestStatusRegistry registry = new(partitionCount: 2);
        Assert.Null(registry.LagMs);

        registry.Of(0).Set(registry.Of(0).Now with { LagMs = 5 });
        Assert.Null(registry.LagMs);

        registry.Of(1).Set(registry.Of(1).Now with { LagMs = 70 });
        Assert.Equal(70, registry.LagMs);

        registry.Of(0).Set(registry.Of(0).Now with { LagMs = null });
        Assert.Null(registry.LagMs);
    }
}
