namespace RecSys.Core.Ingestion;

/// <summary>What an ingest machine remembers of a user: 64 bytes.</summary>
internal struct IngestEntry
{
    public Owner Owner;

    /// <summary>Saved up to here, as far as known; −1: unknown.</summary>
    public long Base;

    /// <summary>The first unsaved record, while <see cref="IsDirty"/>; between two records after a save.</summary>
    public long First;

    /// <summary>The newest record that was sent or is held back.</summary>
    public long Last;

    /// <summary>The newest Take sent.</summary>
    public long Ticket;

    /// <summary>While dirty: when <see cref="First"/> came to stand where it stands. Otherwise: since when nothing is unsaved.</summary>
    public long SinceMs;

    /// <summary>Its group in the chunk that is being handled, or −1; the next free entry, while it is free.</summary>
    public int Group;

    public IngestFlow Flow;
    public byte Tries;
    public bool IsParked;

    /// <summary>Which timer queue it stands in, if any: dirty entries in that of late saves, clean ones in that of what is to be forgotten.</summary>
    public IngestTimers Timers;

    /// <summary>Sent and not known to be saved: in flight is unsaved too.</summary>
    public readonly bool IsDirty => Last > Base;

    /// <summary>What a user who has everything so far has.</summary>
    public readonly long After => long.Max(Last, Base);
}

/// <summary>Whether records go to a user as they are read.</summary>
internal enum IngestFlow : byte
{
    /// <summary>They do.</summary>
    Open,

    /// <summary>Set aside and not answering: they are held back until an answer says what is missing.</summary>
    Silent,

    /// <summary>Something is missing: they are held back until a rewind begins.</summary>
    Marked,

    /// <summary>A rewind is under way, and brings them.</summary>
    Rewinding,
}

[Flags]
internal enum IngestTimers : byte
{
    None = 0,
    LateSave = 1,
    Forget = 2,
}
