using Microsoft.Extensions.Time.Testing;
using RecSys.Server.Edge;

namespace RecSys.Server.Tests;

public sealed class ThreadPoolDelayTests
{
    [Fact]
    public void The_delay_is_that_of_the_last_probe_or_of_a_longer_waiting_one()
    {
        FakeTimeProvider time = new();
        using ThreadPoolDelay delay = new(time);
        Assert.Equal(TimeSpan.Zero, delay.Current);

        delay.MarkQueued();
        time.Advance(TimeSpan.FromMilliseconds(50));
        Assert.Equal(50, delay.Current.TotalMilliseconds);
        delay.Execute();
        Assert.Equal(50, delay.Current.TotalMilliseconds);

        delay.MarkQueued();
        time.Advance(TimeSpan.FromMilliseconds(5));
        Assert.Equal(50, delay.Current.TotalMilliseconds);
        delay.Execute();
        Assert.Equal(5, delay.Current.TotalMilliseconds);
    }

    [Fact]
    public async Task The_pool_is_probed_while_the_server_runs()
    {
        using ThreadPoolDelay delay = new(TimeProvider.System);
        await delay.StartAsync(TestContext.Current.CancellationToken);

        while (delay.Current == TimeSpan.Zero)
        {
            await Task.Yield();
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
        }

        await delay.StopAsync(TestContext.Current.CancellationToken);
    }
}
