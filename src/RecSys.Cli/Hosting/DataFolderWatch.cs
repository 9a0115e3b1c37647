using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace RecSys.Cli.Hosting;

/// <summary>Stops the server when its data folder is renamed, replaced or removed: files opened by path could then belong to another installation.</summary>
/// <remarks>Works on Linux only, and only if the folder itself is locked; see <see cref="FolderLock.IsInPlace"/>.</remarks>
internal sealed partial class DataFolderWatch(
    DataFolder folder, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<DataFolderWatch> logger) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using PeriodicTimer timer = new(Period, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            if (!folder.IsInPlace)
            {
                LogMoved(logger, folder.Path);
                lifetime.StopApplication();
                return;
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Critical, Message = "the data folder {Folder} was renamed, replaced or removed, so this server stops: restore the folder and start the server again")]
    private static partial void LogMoved(ILogger logger, string folder);
}
