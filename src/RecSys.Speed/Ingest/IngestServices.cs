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
    IActorRef Users,
    IngestOptions Options,
    IngestStatusRegistry Board,
    SpeedCounters Counters,
    TimeProvider Time,
    ILogger Logger);
