using RecSys.Core.Log;

namespace RecSys.Speed.Ingest;

/// <summary>What a partition's ingest shows of itself. Written by its actor, read by anyone.</summary>
internal sealed class IngestStatus(int partition)
{
    private State _state = new(default, 0, 0, null, 0, 0, 0, 0, 0, 0, 0, false, false, null);

    public int Partition { get; } = partition;

    public State Now => Volatile.Read(ref _state);

    public void Set(State state) => Volatile.Write(ref _state, state);

    /// <summary>One moment of it.</summary>
    /// <param name="Range">What the partition holds.</param>
    /// <param name="Next">The offset that is read next.</param>
    /// <param name="Checkpoint">What is saved.</param>
    /// <param name="LagMs">The age of the oldest record not read yet, in milliseconds; null while it is not running.</param>
    /// <param name="UnsavedUsers">Users with something unsaved.</param>
    /// <param name="InFlight">Records told and not answered.</param>
    /// <param name="Parked">Users set aside because their saves keep failing.</param>
    /// <param name="Gaps">Answers that something was missing.</param>
    /// <param name="Rewinds">Second readings.</param>
    /// <param name="Unanswered">Takes that nobody answered in time.</param>
    /// <param name="Probes">Probes sent.</param>
    /// <param name="IsRunning">Whether it was started and has not stopped.</param>
    /// <param name="IsNearRetention">Whether the log soon forgets what is not ingested yet.</param>
    /// <param name="Fault">Why it stopped for good, or null.</param>
    public sealed record State(
        LogRange Range,
        long Next,
        long Checkpoint,
        double? LagMs,
        int UnsavedUsers,
        int InFlight,
        int Parked,
        long Gaps,
        long Rewinds,
        long Unanswered,
        long Probes,
        bool IsRunning,
        bool IsNearRetention,
        string? Fault);
}
