using RecSys.Speed.Ingest;
using Xunit;

namespace RecSys.Speed.Tests.Ingest;

public sealed class IngestLagTests
{
    [Fact]
    public void The_lag_is_the_age_of_the_oldest_end_that_was_not_reached()
    {
        IngestLag lag = new();
        lag.OnEnd(10, nowMs: 1_000);
        lag.OnEnd(20, nowMs: 2_000);

        Assert.Equal(500, lag.At(next: 5, nowMs: 1_500));
        Assert.Equal(1_000, lag.At(next: 10, nowMs: 3_000));
        Assert.Equal(0, lag.At(next: 20, nowMs: 9_000));
    }

    [Fact]
    public void Records_from_before_the_first_observation_are_as_old_as_those_read()
    {
        IngestLag lag = new();
        lag.OnEnd(10, nowMs: 1_000);
        lag.OnRead(appendedMs: -60_000);
        lag.OnEnd(20, nowMs: 2_000);

        Assert.Equal(61_500, lag.At(next: 5, nowMs: 1_500));
        Assert.Equal(1_000, lag.At(next: 10, nowMs: 3_000));
    }

    [Fact]
    public void An_unchanged_end_does_not_reduce_the_lag()
    {
        IngestLag lag = new();
        lag.OnEnd(10, nowMs: 1_000);
        lag.OnEnd(10, nowMs: 5_000);

        Assert.Equal(5_000, lag.At(next: 0, nowMs: 6_000));
    }
}
