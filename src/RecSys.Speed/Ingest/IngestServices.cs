using Akka.Actor;
using Microsoft.Extensions.Logging;
using RecSys.Core.Ingestion;
using RecSys.Core.Ports;
using RecSys.Speed.Metrics;

namespace RecSys.Speed.Ingest;

/// <summary>Services that the ingest actors of a node share.</summary>
internal sealed record IngestServices(
    IInteractionLog Log,
    ISnapshotTable Table,
    IngestOptions Options,
    IngestStatusRegistry Statuses,
    SpeedCounters Counters,
    TimeProvider Time,
    ILogger Logger)
{
    private volatile bool _isPaused;

    /// <summary>Gets the ranges of the log.</summary>
    public LogRanges Ranges { get; } = new(Log, Time);

    /// <summary>Gets or sets the region of users; set before the first actor starts.</summary>
    public IActorRef Region { get; set; } = ActorRefs.Nobody;

    /// <summary>Gets or sets whether no ingest actor may start on this node, because it stops or its states are replaced.</summary>
    public bool IsPaused
    {
        get => _isPaused;
        set => _isPaused = value;
    }
}
