using Microsoft.Extensions.Hosting;
using RecSys.Core.Ports;
using RecSys.Sqlite;

namespace RecSys.Cli.Hosting;

/// <summary>Moves the control rows that a node had alone to the store that nodes share, before other services read them.</summary>
/// <remarks>A row is deleted here only after the shared store has it, or another value of its key: a crash in between moves it again, which changes nothing.</remarks>
internal sealed class ControlMove(SqliteControlStore own, IControlStore shared) : IHostedService
{
    private const char FirstOfKeys = '!';
    private const char LastOfKeys = '~';

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        for (char first = FirstOfKeys; first <= LastOfKeys; first++)
        {
            foreach (ControlRow row in await own.ListAsync(first.ToString(), cancellationToken))
            {
                await shared.TrySetAsync(row.Key, 0, row.Value, cancellationToken);
                await own.TryDeleteAsync(row.Key, row.Version, cancellationToken);
            }
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
