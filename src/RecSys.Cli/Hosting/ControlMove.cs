using Microsoft.Extensions.Hosting;
using RecSys.Core.Erasures;
using RecSys.Core.Jobs;
using RecSys.Core.Ports;
using RecSys.Sqlite;

namespace RecSys.Cli.Hosting;

/// <summary>Moves the control rows that a node had alone to the store that nodes share, before other services read them.</summary>
/// <remarks>Rows about the node itself, as its address was when it was alone, are deleted: receipts of erasures would wait for that address. Another row is deleted only after the shared store has it, or another value of its key: a crash in between moves it again, which changes nothing.</remarks>
internal sealed class ControlMove(SqliteControlStore own, IControlStore shared) : IHostedService
{
    private const char FirstOfKeys = '!';
    private const char LastOfKeys = '~';

    // What earlier versions of the program wrote about the model that a node serves.
    private const string ServedModelPrefix = "model/served/";

    // The progress of erasures has offsets of the node's own log; the shared one is found again from the node's folds.
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
