using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using RecSys.Core.Diagnostics;

namespace RecSys.Cli.Hosting;

/// <summary>A hosted service that runs once per period. An exception is logged, and the next run follows: it would otherwise stop the server, which can answer without this service.</summary>
internal abstract partial class PeriodicService(TimeSpan period, TimeProvider time, ILogger logger) : BackgroundService
{
    private readonly LogLimiter _failures = new();

    /// <summary>Gets the clock of the periods.</summary>
    protected TimeProvider Time => time;

    /// <summary>Runs once; calls do not overlap.</summary>
    protected abstract Task RunOnceAsync(CancellationToken stoppingToken);

    /// <inheritdoc/>
    protected sealed override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        using PeriodicTimer timer = new(period, time);
        do
        {
            try
            {
                await RunOnceAsync(stoppingToken);
            }
#pragma warning disable CA1031 // The outermost loop, where an unknown exception would end the process.
            catch (Exception error) when (error is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
#pragma warning restore CA1031
            {
                if (_failures.TryPass(time, out long leftOut))
                {
                    LogFailed(logger, error, GetType().Name, leftOut);
                }
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Service} failed; it runs again ({LeftOut} more failures since the last such line)")]
    private static partial void LogFailed(ILogger logger, Exception cause, string service, long leftOut);
}
