using Akka.Actor;
using Microsoft.Extensions.Logging;
using RecSys.Core.Ingestion;
using RecSys.Core.Ports;
using RecSys.Speed.Metrics;

namespace RecSys.Speed.Ingest;

/// <summary>Services that the ingest actors of a node share.</summary>
/// <param name="Log">Log to ingest.</param>
/// <param name="Table">The states, with the checkpoints.</param>
/// <param name="Options">The limits and times of ingestion.</param>
/// <param name="Statuses">The statuses of this node's partitions.</param>
/// <param name="Counters">The counters of the node.</param>
/// <param name="CheckUsers">Makes the node's user actors of a partition check their states, before they handle further messages.</param>
/// <param name="Time">Clock that drives the ticks and measures the lag.</param>
/// <param name="Logger">The service's log.</param>
internal sealed record IngestServices(
    IInteractionLog Log,
    ISnapshotTable Table,
    IngestOptions Options,
    IngestStatusRegistry Statuses,
    SpeedCounters Counters,
    Action<int> CheckUsers,
    TimeProvider Time,
    ILogger Logger)
{
    private volatile bool _isPaused;

    /// <summary>Gets the ranges of the log.</summary>
    public LogRanges Ranges { get; } = new(Log, Time);

    /// <summary>Gets or sets the region of users; set before the first actor starts.</summary>
    public IActorRef Region { get; set; } = ActorRefs.Nobody;

    /// <summary>Gets or sets whether no ingest actor may start on this node, because it stops.</summary>
    public bool IsPaused
    {
        get => _isPaused;
        set => _isPaused = value;
    }
}
