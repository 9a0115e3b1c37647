using Microsoft.Extensions.Logging;
using RecSys.Core.Diagnostics;
using RecSys.Core.Ports;
using RecSys.Kafka;

namespace RecSys.Cli.Hosting;

/// <summary>Commits how far this node has ingested its partitions, so that Kafka's tools show the lag. A failure is logged and changes nothing else.</summary>
internal sealed partial class KafkaLag(KafkaInteractionLog log, IClusterControl cluster, TimeProvider time, ILogger<KafkaLag> logger) : PeriodicService(Period, time, logger)
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(5);

    private readonly LogLimiter _notCommitted = new();
    private readonly Dictionary<int, long> _committed = [];

    /// <inheritdoc/>
    protected override async Task RunOnceAsync(CancellationToken stoppingToken)
    {
        try
        {
            ClusterStatus status = await cluster.GetStatusAsync(stoppingToken);
            Dictionary<int, long> moved = status.Lag
                .Where(partition => partition.LagMs is not null && _committed.GetValueOrDefault(partition.Partition, -1) != partition.Next)
                .ToDictionary(partition => partition.Partition, partition => partition.Next);
            await log.CommitAsync(moved);
            foreach ((int partition, long next) in moved)
            {
                _committed[partition] = next;
            }
        }
        catch (StoreUnavailableException error)
        {
            if (_notCommitted.TryPass(Time, out long leftOut))
            {
                LogNotCommitted(logger, error.Message, leftOut);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Reason}: Kafka's tools show an old lag; the commit is retried ({LeftOut} more failures since the last logged one)")]
    private static partial void LogNotCommitted(ILogger logger, string reason, long leftOut);
}
