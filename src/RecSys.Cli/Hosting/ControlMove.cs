using Microsoft.Extensions.Hosting;
using RecSys.Core.Erasures;
using RecSys.Core.Jobs;
using RecSys.Core.Ports;
using RecSys.Sqlite;

namespace RecSys.Cli.Hosting;

/// <summary>Moves the control rows of a node that has run alone into the store that all nodes share, before other services read them.</summary>
/// <remarks>Rows about the node itself are deleted: they contain the address that it had when it ran alone, and erasures would wait for a node with that address. Any other row is deleted only after the shared store has a row with its key, so that the move can be repeated after a crash.</remarks>
internal sealed class ControlMove(SqliteControlStore own, IControlStore shared) : IHostedService
{
    // The store lists rows by a prefix; each key begins with a printable character of ASCII.
    private const char FirstPrefix = '!';
    private const char LastPrefix = '~';

    // Earlier versions of the program wrote rows with this prefix about the model that a node serves.
    private const string ServedModelPrefix = "model/served/";

    // The progress of erasures consists of offsets of the node's own log; the progress in the shared log is determined again from the node's folds.
    private static readonly string[] OfOneNode = [StoredErasure.AllPrefix, ServedModelPrefix, StoredJob.CoordinatorKey];

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        for (char start = FirstPrefix; start <= LastPrefix; start++)
        {
            foreach (ControlRow row in await own.ListAsync(start.ToString(), cancellationToken))
            {
                if (!OfOneNode.Any(prefix => row.Key.StartsWith(prefix, StringComparison.Ordinal)))
                {
                    await shared.TrySetAsync(row.Key, 0, row.Value, cancellationToken);
                }

                await own.TryDeleteAsync(row.Key, row.Version, cancellationToken);
            }
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
