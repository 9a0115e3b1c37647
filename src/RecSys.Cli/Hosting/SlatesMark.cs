using Microsoft.Extensions.Logging;
using RecSys.Core.Diagnostics;
using RecSys.Core.Ports;
using RecSys.Sqlite;

namespace RecSys.Cli.Hosting;

/// <summary>Saves the end of the impression log in the interaction log, so that the next start detects lost slates.</summary>
/// <remarks>Slates of the last <see cref="Period"/> before a crash are not covered. A normal shutdown covers all.</remarks>
internal sealed partial class SlatesMark(SqliteImpressionLog impressions, SqliteInteractionLog log, TimeProvider time, ILogger<SlatesMark> logger) : PeriodicService(Period, time, logger)
{
    /// <summary>Time between two saves. A save syncs the log once; it is skipped if no slate was shown since the last one.</summary>
    internal static readonly TimeSpan Period = TimeSpan.FromSeconds(5);

    private readonly LogLimiter _notRemembered = new();
    private SlatePosition? _saved;

    /// <summary>Returns the known loss of an impression log, in one line; null if there is none.</summary>
    /// <param name="log">The report on the log.</param>
    /// <param name="impressions">The report on the impression log.</param>
    public static string? Loss(SqliteFileReport log, SqliteFileReport impressions)
    {
        if (log.Slates is not { Slates: > 0 } mark)
        {
            return null;
        }

        return impressions.Condition switch
        {
            SqliteCondition.Missing => $"{impressions.Path} is missing or empty, though slates were recorded",
            SqliteCondition.Sound when impressions.Slates?.IsOfAnotherFileThan(mark) == true =>
                $"{impressions.Path} or its write-ahead log is another file than the one that this server wrote",
            SqliteCondition.Sound when impressions.Slates?.MissingSince(mark) is > 0 and long missing =>
                $"{impressions.Path} lacks its newest slates, {Terminal.Number(missing)} at least: it is an older copy, or its write-ahead log is damaged or missing",
            _ => null,
        };
    }

    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        try
        {
            await impressions.FlushAsync(cancellationToken);
        }
        catch (Exception error) when (error is StoreUnavailableException or OverloadedException or InvalidDataException or InvalidOperationException)
        {
            LogNotWritten(logger, error);
        }

        await SaveAsync();
    }

    /// <summary>Saves the current end in the log, unless that end is saved already. A failure is logged; the next call retries.</summary>
    internal async ValueTask SaveAsync()
    {
        SlatePosition end = impressions.End;
        if (end == _saved)
        {
            return;
        }

        try
        {
            await log.RememberSlatesAsync(end, CancellationToken.None);
            _saved = end;
        }
        catch (Exception error) when (error is StoreUnavailableException or OverloadedException or InvalidDataException or InvalidOperationException)
        {
            // InvalidOperationException: the log is closed, or its tables were changed.
            if (_notRemembered.TryPass(Time, out long leftOut))
            {
                LogNotRemembered(logger, error, leftOut);
            }
        }
    }

    /// <inheritdoc/>
    protected override async Task RunOnceAsync(CancellationToken stoppingToken) => await SaveAsync();

    [LoggerMessage(Level = LogLevel.Warning, Message = "the newest slates that were shown are lost to evaluation")]
    private static partial void LogNotWritten(ILogger logger, Exception cause);

    [LoggerMessage(Level = LogLevel.Warning, Message = "the end of the impression log is not saved in the log; the save is retried ({LeftOut} more failures since the last such line)")]
    private static partial void LogNotRemembered(ILogger logger, Exception cause, long leftOut);
}
