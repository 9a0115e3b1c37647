using Microsoft.Extensions.Hosting;
using RecSys.Serving;

namespace RecSys.Cli.Hosting;

/// <summary>Loads the models that another node has set as champion or challenger, even if the announcement was lost.</summary>
internal sealed class AliasPolling(ServedModels served, TimeProvider time) : BackgroundService
{
    /// <summary>Time between two readings of the aliases.</summary>
    internal static readonly TimeSpan Period = TimeSpan.FromSeconds(5);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        using PeriodicTimer timer = new(Period, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            await served.RefreshAsync(isChanged: false, stoppingToken);
        }
    }
}
