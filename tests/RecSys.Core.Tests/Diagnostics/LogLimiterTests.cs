using RecSys.Core.Diagnostics;
using Xunit;

namespace RecSys.Core.Tests.Diagnostics;

public sealed class LogLimiterTests
{
    [Fact]
    public void A_repeated_failure_is_logged_once_per_period_with_the_number_of_suppressed_ones()
    {
        LogLimiter limiter = new(TimeSpan.FromSeconds(60));
        List<long> counts = [];
        for (long nowMs = 0; nowMs <= 120_000; nowMs += 100)
        {
            if (limiter.TryPass(nowMs, out long leftOut))
            {
                counts.Add(leftOut);
            }
        }

        Assert.Equal([0, 599, 599], counts);
    }

    [Fact]
    public void A_rare_failure_is_always_logged()
    {
        LogLimiter limiter = new(TimeSpan.FromSeconds(60));

        Assert.True(limiter.TryPass(0, out _));
        Assert.True(limiter.TryPass(60_000, out long leftOut));
        Assert.Equal(0, leftOut);
    }
}
