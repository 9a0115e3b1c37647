namespace RecSys.Core.Ingestion;

/// <summary>A reading of old records: the users that wait for one and, while it runs, its members and position.</summary>
internal sealed class Rewind(IngestReading reading)
{
    public IngestReading Reading { get; } = reading;

    /// <summary>Gets the entries that were marked since the last rewind began, with the offset that the actor reported, or −1; some may no longer need it.</summary>
    public Dictionary<int, long> Waiting { get; } = [];

    /// <summary>Gets the entries that take part in the running rewind.</summary>
    public Dictionary<int, Member> Members { get; } = [];

    public bool IsRunning { get; set; }

    // invariant: while IsRunning: Position <= max(Until + 1, IngestMachine.Next)

    /// <summary>Gets or sets the offset that is read next.</summary>
    public long Position { get; set; }

    /// <summary>Gets or sets the newest offset of all members, as of when each joined.</summary>
    public long Until { get; set; }

    /// <summary>Gets or sets the earliest time for the next rewind.</summary>
    public long NotBeforeMs { get; set; }

    /// <summary>A user that takes part.</summary>
    /// <param name="SentTo">Newest offset sent; at first the newest unsaved one that the actor has, or −1.</param>
    /// <param name="FirstTicket">Ticket of the first Take sent; a gap that answers an older Take is ignored.</param>
    public readonly record struct Member(long SentTo, long FirstTicket);
}
