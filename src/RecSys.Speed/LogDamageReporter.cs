using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using RecSys.Core.Log;
using RecSys.Core.Ports;

namespace RecSys.Speed;

/// <summary>Logs damage of the interaction log: each place when it is found, and a summary of the known damage at the start.</summary>
internal sealed partial class LogDamageReporter(IInteractionLog log, ILogger<LogDamageReporter> logger) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (log.Integrity.DamagedRecords is > 0 and var records)
        {
            LogKnown(logger, records, log.Integrity.Places.Length);
        }

        log.Integrity.DamageFound += OnDamage;
        log.Integrity.NewerFound += OnNewer;
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        log.Integrity.DamageFound -= OnDamage;
        log.Integrity.NewerFound -= OnNewer;
        return Task.CompletedTask;
    }

    private void OnDamage(LogDamage damage) => LogFound(logger, damage.ToString(), damage.Count);

    private void OnNewer(RecordPosition record) => LogNewer(logger, record.Partition, record.Offset);

    [LoggerMessage(Level = LogLevel.Error, Message = "the interaction log is damaged at {Place}: {Records} records are lost; all others can be read. Restore the log from a backup, or run `recsys doctor`")]
    private static partial void LogFound(ILogger logger, string place, long records);

    [LoggerMessage(Level = LogLevel.Warning, Message = "the interaction log is known to be damaged: {Records} records at {Places} places are lost; `recsys doctor` lists them")]
    private static partial void LogKnown(ILogger logger, long records, int places);

    [LoggerMessage(Level = LogLevel.Critical, Message = "the record at offset {Offset} of partition {Partition} was written by a newer version: nothing after it is read until this node is upgraded")]
    private static partial void LogNewer(ILogger logger, int partition, long offset);
}
