using RecSys.Core.Diagnostics;
using RecSys.Core.Log;
using RecSys.Core.Models;
using RecSys.Core.Ports;

namespace RecSys.Server.Health;

/// <summary>Checks of a running server: readiness, ingestion, the log's known damage, the catalogue and the served model.</summary>
internal sealed class ServerHealth(
    IInteractionLog log, IClusterControl cluster, IItemCatalogue catalogue, IServedModels models, TimeProvider time) : IHealthChecks
{
    private static readonly TimeSpan ReadyDeadline = TimeSpan.FromSeconds(2);

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<HealthFinding>> CheckAsync(CancellationToken cancellationToken)
    {
        using CancellationTokenSource timeout = new(ReadyDeadline, time);
        using CancellationTokenSource deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        bool isReady = await cluster.IsReadyAsync(deadline.Token).ConfigureAwait(false);
        ModelCard? champion = models.Champion;
        return
        [
            isReady
                ? new("ready", HealthVerdict.Good, "user actors answer and ingestion runs")
                : new("ready", HealthVerdict.Bad, "user actors do not answer, or ingestion has stopped") { Command = "see the server's log" },
            .. await LogAndLagAsync(cancellationToken).ConfigureAwait(false),
            catalogue.Current.Count > 0
                ? new("catalogue", HealthVerdict.Good, $"{catalogue.Current.Count} items")
                : new("catalogue", HealthVerdict.Note, "empty: slates have ids without titles, and cold items no content") { Command = "recsys import items" },
            HealthRules.Model(models.Fallback, champion?.Version.Value, champion is null ? TimeSpan.Zero : time.GetUtcNow() - DateTimeOffset.FromUnixTimeMilliseconds(champion.CreatedAtMs)),
        ];
    }

    private async Task<HealthFinding[]> LogAndLagAsync(CancellationToken cancellationToken)
    {
        try
        {
            ClusterStatus status = await cluster.GetStatusAsync(cancellationToken).ConfigureAwait(false);
            LogRange[] ranges = await log.GetRangesAsync(cancellationToken).ConfigureAwait(false);
            return
            [
                HealthRules.Log(ranges.Sum(range => range.End - range.Start), log.Integrity.DamagedRecords, damage: null),
                HealthRules.SpeedLayer(
                    status.Lag.Max(partition => partition.LagMs) ?? 0, status.Lag.Select(partition => partition.Fault).FirstOrDefault(fault => fault is not null)),
            ];
        }
        catch (StoreUnavailableException away)
        {
            return [new("log", HealthVerdict.Bad, away.Message) { Command = "start the log's brokers; slates are served meanwhile, and interactions are answered 503" }];
        }
    }
}
