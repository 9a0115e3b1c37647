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

        Assert.Equal(500, lag.At(next: 5, unappliedMs: null, nowMs: 1_500));
        Assert.Equal(1_000, lag.At(next: 10, unappliedMs: null, nowMs: 3_000));
        Assert.Equal(0, lag.At(next: 20, unappliedMs: null, nowMs: 9_000));
    }

    [Fact]
    public void Records_from_before_the_first_observation_are_as_old_as_those_read()
    {
        IngestLag lag = new();
        lag.OnEnd(10, nowMs: 1_000);
        lag.OnRead(appendedMs: -60_000);
        lag.OnEnd(20, nowMs: 2_000);

        Assert.Equal(61_500, lag.At(next: 5, unappliedMs: null, nowMs: 1_500));
        Assert.Equal(1_000, lag.At(next: 10, unappliedMs: null, nowMs: 3_000));
    }

    [Fact]
    public void A_record_that_was_read_and_not_applied_is_as_old_as_when_it_was_sent_and_the_time_since()
    {
        IngestLag lag = new();
        lag.OnEnd(10, nowMs: 1_000);
        lag.OnSent(lag.Unread(next: 0, nowMs: 5_000), sentMs: 5_000);
        lag.OnEnd(20, nowMs: 6_000);
        lag.OnSent(lag.Unread(next: 10, nowMs: 6_500), sentMs: 6_500);

        Assert.Equal(7_000 - 1_000, lag.At(next: 20, unappliedMs: 5_000, nowMs: 7_000));
        Assert.Equal(7_000 - 6_000, lag.At(next: 20, unappliedMs: 6_500, nowMs: 7_000));
        Assert.Equal(7_000 - 6_800, lag.At(next: 20, unappliedMs: 6_800, nowMs: 7_000));
        Assert.Equal(0, lag.At(next: 20, unappliedMs: null, nowMs: 7_000));
    }

    [Fact]
    public void An_unchanged_end_does_not_reduce_the_lag()
    {
        IngestLag lag = new();
        lag.OnEnd(10, nowMs: 1_000);
        lag.OnEnd(10, nowMs: 5_000);

        Assert.Equal(5_000, lag.At(next: 0, unappliedMs: null, nowMs: 6_000));
    }
}
