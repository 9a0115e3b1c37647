namespace RecSys.Core.Ingestion;

/// <summary>A second reading: who waits for one, and, while it runs, who is served and how far it is.</summary>
internal sealed class Rewind(IngestReading reading)
{
    public IngestReading Reading { get; } = reading;

    /// <summary>Entries marked since the last one began, with what their actors said that they have, or −1; some may have been resolved meanwhile.</summary>
    public Dictionary<int, long> Waiting { get; } = [];

    /// <summary>The entries that are served, while it runs.</summary>
    public Dictionary<int, Member> Members { get; } = [];

    public bool IsRunning { get; set; }

    /// <summary>The offset that is read next.</summary>
    public long Position { get; set; }

    /// <summary>The newest record that a member had when it joined.</summary>
    public long Until { get; set; }

    /// <summary>The earliest time at which the next one may begin.</summary>
    public long NotBeforeMs { get; set; }

    /// <summary>A user who is served.</summary>
    /// <param name="SentTo">The newest record sent, at first the newest unsaved one that the actor has; −1: none.</param>
    /// <param name="FirstTicket">The first Take sent; a gap that answers an older one is old news.</param>
    public readonly record struct Member(long SentTo, long FirstTicket);
}
