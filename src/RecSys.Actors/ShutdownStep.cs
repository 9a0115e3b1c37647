using Akka.Actor;

namespace RecSys.Actors;

/// <summary>The steps of the shutdown, in this order; the log closes after the last.</summary>
public enum ShutdownStep
{
    /// <summary>The node reports that it is not ready, so that it gets no new requests.</summary>
    ReadinessFalls = 0,

    /// <summary>Requests in progress are answered.</summary>
    HttpDrains = 1,

    /// <summary>Reading of the log stops.</summary>
    IngestStops = 2,

    /// <summary>Unsaved users are saved.</summary>
    UsersSave = 3,

    /// <summary>Shards leave this node: other nodes take them over, if there are any.</summary>
    ShardsLeave = 4,
}

internal static class ShutdownSteps
{
    public static string PhaseOf(ShutdownStep step) => step switch
    {
        ShutdownStep.ReadinessFalls => CoordinatedShutdown.PhaseBeforeServiceUnbind,
        ShutdownStep.HttpDrains => CoordinatedShutdown.PhaseServiceRequestsDone,
        ShutdownStep.IngestStops => "recsys-ingest-stops",
        ShutdownStep.UsersSave => "recsys-users-save",
        ShutdownStep.ShardsLeave => CoordinatedShutdown.PhaseClusterShardingShutdownRegion,
        _ => throw new ArgumentOutOfRangeException(nameof(step), step, "unknown step"),
    };
}
