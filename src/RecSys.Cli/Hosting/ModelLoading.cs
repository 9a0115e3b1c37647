using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using RecSys.Serving;

namespace RecSys.Cli.Hosting;

/// <summary>Loads the aliases' models before the first request, and logs those that cannot be loaded.</summary>
internal sealed partial class ModelLoading(ServedModels models, ILogger<ModelLoading> logger) : IHostedService
{
    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        models.LoadFailed += (version, error) => LogNotLoaded(logger, error, version == default ? "of the alias" : version.ToString(), models.Champion?.Version.Value ?? "none");
        return models.RefreshAsync(isChanged: true, cancellationToken);
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(Level = LogLevel.Error, Message = "the model {Version} cannot be loaded; the served model: {Served}; recsys models list shows the damage, recsys models promote VERSION or recsys train repairs it")]
    private static partial void LogNotLoaded(ILogger logger, Exception error, string version, string served);
}
