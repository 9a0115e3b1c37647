using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using RecSys.Core.Ports;
using RecSys.TestKit;
using Xunit;

namespace RecSys.Actors.Tests;

/// <summary>A started system of one node for a test.</summary>
internal sealed class RunningSystem : IAsyncDisposable
{
    private RunningSystem(ISnapshotTable table, ILoggerFactory loggers) => System = new RecSysActorSystem(
        Options.Create(new ActorsOptions { Hocon = VerifyingSerializer.Hocon }), table, loggers, TimeProvider.System, []);

    public RecSysActorSystem System { get; }

    public static async Task<RunningSystem> StartAsync(ISnapshotTable? table = null, ILoggerFactory? loggers = null)
    {
        RunningSystem running = new(table ?? new InMemorySnapshotTable(), loggers ?? NullLoggerFactory.Instance);
        await running.System.StartAsync(TestContext.Current.CancellationToken);
        return running;
    }

    public async ValueTask DisposeAsync()
    {
        await System.StopAsync(CancellationToken.None);
        System.Dispose();
    }
}
