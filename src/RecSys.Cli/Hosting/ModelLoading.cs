using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using RecSys.Core.Models;
using RecSys.Serving;

namespace RecSys.Cli.Hosting;

/// <summary>Loads the aliases' models before the first request, and logs those that cannot be loaded.</summary>
internal sealed partial class ModelLoading(ServedModels models, ILogger<ModelLoading> logger) : IHostedService
{
    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        models.LoadFailed += (version, error) => LogNotLoaded(logger, error, version);
        return models.RefreshAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(Level = LogLevel.Error, Message = "model {Version} cannot be loaded; the one that serves goes on serving")]
    private static partial void LogNotLoaded(ILogger logger, Exception error, ModelVersion version);
}
