using Akka.Actor;
using RecSys.Core.Log;

namespace RecSys.Speed.Ingest;

/// <summary>The status of a partition's ingestion. Written by its actor, read by any thread.</summary>
internal sealed class IngestStatus(int partition, TimeProvider time)
{
    private Lag? _lastLag;
    private long _setAt = time.GetTimestamp();
    private State _state = new(default, 0, 0, null, 0, 0, 0, 0, 0, 0, 0, false, false, null);

    public int Partition { get; } = partition;

    /// <summary>Gets or sets the actor that runs on this node; null if there is none.</summary>
    public IActorRef? Actor
    {
        get => Volatile.Read(ref field);
        set => Volatile.Write(ref field, value);
    }

    /// <summary>Gets or sets whether the partition belongs to this node: its actor runs, or is started again after a fault. False once it was handed to another node.</summary>
    public bool IsHere
    {
        get => Volatile.Read(ref field);
        set => Volatile.Write(ref field, value);
    }

    public State Now => Volatile.Read(ref _state);

    /// <summary>Gets the time since the status was set.</summary>
    public TimeSpan Age => time.GetElapsedTime(Volatile.Read(ref _setAt));

    /// <summary>Gets the last lag of the partition on this node, and when it was set; null if it never had one.</summary>
    public (double LagMs, long SetAt)? LastLag => Volatile.Read(ref _lastLag)?.Value;

    public void Set(State state)
    {
        long now = time.GetTimestamp();
        if (state.LagMs is { } lagMs)
        {
            Volatile.Write(ref _lastLag, new Lag((lagMs, now)));
        }

        Volatile.Write(ref _setAt, now);
        Volatile.Write(ref _state, state);
    }

    private sealed record Lag((double LagMs, long SetAt) Value);

    /// <summary>The status at one moment.</summary>
    /// <param name="Range">Offsets that the partition contains.</param>
    /// <param name="Next">Offset that is read next.</param>
    /// <param name="Checkpoint">The saved checkpoint.</param>
    /// <param name="LagMs">Age of the oldest record that is not read or not known to be applied yet, in milliseconds; null while the actor is not running.</param>
    /// <param name="UnsavedUsers">Users with an unsaved record.</param>
    /// <param name="InFlight">Records sent and not answered.</param>
    /// <param name="Parked">Users that are parked because their saves keep failing, or because the partition moved before they were saved.</param>
    /// <param name="Gaps">Answers that reported missing records.</param>
    /// <param name="Rewinds">Readings of old records for users that lack some.</param>
    /// <param name="Unanswered">Takes that timed out without an answer.</param>
    /// <param name="Probes">Probes sent.</param>
    /// <param name="IsRunning">Whether ingestion was started and has not stopped.</param>
    /// <param name="IsNearRetention">Whether the log will soon delete records that are not ingested yet.</param>
    /// <param name="Fault">Reason why ingestion stopped until a restart or a rebuild, or null.</param>
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
