using Akka.Actor;

namespace RecSys.Actors;

/// <summary>The steps of an orderly end, in this order; the log closes after the last.</summary>
public enum ShutdownStep
{
    /// <summary>This node says that it is no longer ready, so that nothing new is sent to it.</summary>
    ReadinessFalls = 0,

    /// <summary>Requests that were begun are answered.</summary>
    HttpDrains = 1,

    /// <summary>Nothing more is read from the log.</summary>
    IngestStops = 2,

    /// <summary>Users with something unsaved save it.</summary>
    UsersSave = 3,
}

internal static class ShutdownSteps
{
    public static string PhaseOf(ShutdownStep step) => step switch
    {
        ShutdownStep.ReadinessFalls => CoordinatedShutdown.PhaseBeforeServiceUnbind,
        ShutdownStep.HttpDrains => CoordinatedShutdown.PhaseServiceRequestsDone,
        ShutdownStep.IngestStops => "recsys-ingest-stops",
        ShutdownStep.UsersSave => "recsys-users-save",
        _ => throw new ArgumentOutOfRangeException(nameof(step), step, "unknown step"),
    };
}
