using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using RecSys.Cli.Hosting;
using RecSys.TestKit;
using Xunit;

namespace RecSys.Cli.Tests.Hosting;

public sealed class PeriodicServiceTests
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(5);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_run_that_throws_is_logged_and_followed_by_the_next()
    {
        FakeTimeProvider time = new();
        using LoggedLines log = new();
        using Counting service = new(time, log);
        await service.StartAsync(Cancel);

        await Eventually.TrueAsync(
            () =>
            {
                time.Advance(Period);
                return service.Runs > 2;
            },
            "the service runs again");
        await service.StopAsync(Cancel);

        Assert.True(service.ExecuteTask!.IsCanceled);
        Assert.StartsWith("Counting failed; it runs again (0 more failures", log.Lines[0], StringComparison.Ordinal);
    }

    private sealed class Counting(TimeProvider time, ILogger logger) : PeriodicService(Period, time, logger)
    {
        private int _runs;

        public int Runs => Volatile.Read(ref _runs);

        protected override Task RunOnceAsync(CancellationToken stoppingToken)
        {
            Interlocked.Increment(ref _runs);
            throw new InvalidTimeZoneException("a fault of the program");
        }
    }
}
