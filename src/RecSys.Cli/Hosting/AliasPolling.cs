using Microsoft.Extensions.Logging;
using RecSys.Serving;

namespace RecSys.Cli.Hosting;

/// <summary>Loads the models that another node has set as champion or challenger, even if the announcement was lost.</summary>
internal sealed class AliasPolling(ServedModels served, TimeProvider time, ILogger<AliasPolling> logger) : PeriodicService(Period, time, logger)
{
    /// <summary>Time between two readings of the aliases.</summary>
    internal static readonly TimeSpan Period = TimeSpan.FromSeconds(5);

    /// <inheritdoc/>
    protected override Task RunOnceAsync(CancellationToken stoppingToken) => served.RefreshAsync(isChanged: false, stoppingToken);
}
