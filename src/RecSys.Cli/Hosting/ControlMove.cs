using Microsoft.Extensions.Hosting;
using RecSys.Core.Erasures;
using RecSys.Core.Jobs;
using RecSys.Core.Ports;
using RecSys.Sqlite;

namespace RecSys.Cli.Hosting;

/// <summary>Moves the control rows of a node that was the only one to the store that all nodes share, before other services read them.</summary>
/// <remarks>Rows about the node itself are deleted, because they have the address that it had as the only node, for which receipts of erasures would wait. Any other row is deleted only after the shared store has a row of its key, so that after a crash the move is repeated without a change.</remarks>
internal sealed class ControlMove(SqliteControlStore own, IControlStore shared) : IHostedService
{
    private const char FirstOfKeys = '!';
    private const char LastOfKeys = '~';

    // Earlier versions of the program wrote rows with this prefix about the model that a node serves.
    private const string ServedModelPrefix = "model/served/";

    // The progress of erasures has offsets of the node's own log; the progress in the shared log is determined again from the node's folds.
    private static readonly string[] OfOneNode = [StoredErasure.AllPrefix, ServedModelPrefix, StoredJob.CoordinatorKey];

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        for (char first = FirstOfKeys; first <= LastOfKeys; first++)
        {
            foreach (ControlRow row in await own.ListAsync(first.ToString(), cancellationToken))
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
