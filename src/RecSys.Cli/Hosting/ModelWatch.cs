using Microsoft.Extensions.Logging;
using RecSys.Core;
using RecSys.Core.Diagnostics;
using RecSys.Core.Models;
using RecSys.Core.Ports;
using RecSys.Serving;

namespace RecSys.Cli.Hosting;

/// <summary>Logs after the start which models and aliases cannot be used or are another installation's, and from then on which files of models are missing.</summary>
internal sealed partial class ModelWatch(
    PublishedModels published, IModelStore store, ServedModels served, DataFolder folder, OwnerHash hash, TimeProvider time, ILogger<ModelWatch> logger) : PeriodicService(Period, time, logger)
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    private bool _isChecked;

    /// <summary>Checks the models and logs their problems; that of the champion only if its loading has not logged it.</summary>
    internal async Task CheckAsync(CancellationToken cancellationToken)
    {
        try
        {
            await OpenPreviousAsync(cancellationToken);
            foreach (HealthFinding finding in await new ModelChecks(store, folder.Files, isDeep: false, published: [], hash.Installation).CheckAsync(cancellationToken))
            {
                bool isLogged = served.Fallback is not null && finding.Found.Contains(ModelAliases.Champion, StringComparison.Ordinal);
                if (finding.Verdict != HealthVerdict.Good && !isLogged)
                {
                    LogFinding(logger, finding.Found, finding.Command ?? "recsys doctor");
                }
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or StoreUnavailableException)
        {
            LogUnchecked(logger, error.Message);
        }
    }

    /// <inheritdoc/>
    protected override async Task RunOnceAsync(CancellationToken stoppingToken)
    {
        published.ReportMissing();
        if (!_isChecked)
        {
            _isChecked = true;
            await CheckAsync(stoppingToken);
        }

        await published.SaveAsync();
    }

    // Models of other aliases are opened when they are served. Without this, damage of the previous champion would be found only at a rollback. The store remembers the damage, and the checks report it.
    private async Task OpenPreviousAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (await store.GetAliasAsync(ModelAliases.Previous, cancellationToken) is { } previous)
            {
                (await store.OpenAsync(previous, cancellationToken))?.Dispose();
            }
        }
        catch (Exception error) when (error is CorruptModelException or StoreUnavailableException)
        {
            // The checks name the alias and the reason.
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "models: {Found}; to repair it: {Command}")]
    private static partial void LogFinding(ILogger logger, string found, string command);

    [LoggerMessage(Level = LogLevel.Warning, Message = "the models cannot be checked: {Reason}")]
    private static partial void LogUnchecked(ILogger logger, string reason);
}
