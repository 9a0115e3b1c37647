namespace RecSys.Core.Ingestion;

/// <summary>The state of one user in an <see cref="IngestMachine"/>: 64 bytes.</summary>
internal struct IngestEntry
{
    public Owner Owner;

    // invariant: while IsUnsaved: -1 <= Base < First <= Last < IngestMachine.Next, or Last is ahead of Next during a rewind
    // invariant: otherwise: Last <= Base

    /// <summary>Newest offset known to be saved; −1 if unknown.</summary>
    public long Base;

    /// <summary>Offset of the first unsaved record while <see cref="IsUnsaved"/>; after a save of some of the records, the offset after <see cref="Base"/>.</summary>
    public long First;

    /// <summary>Newest offset that was sent or is held back.</summary>
    public long Last;

    /// <summary>Ticket of the newest Take that was sent.</summary>
    public long Ticket;

    /// <summary>While <see cref="IsUnsaved"/>, the time at which <see cref="First"/> was set; otherwise the time of the last save.</summary>
    public long SinceMs;

    /// <summary>Index of the user's group in the current chunk, or −1; of a free entry, index of the next free one.</summary>
    public int Group;

    public IngestFlow Flow;

    /// <summary>Number of late saves of the unsaved records while other users were saved; at <see cref="IngestOptions.SaveTriesMax"/> the user is parked.</summary>
    public byte Tries;

    public bool IsParked;

    /// <summary>Timer queues that contain the entry: unsaved entries are in the queue for late saves, saved ones in the queue for removal.</summary>
    public IngestTimers Timers;

    /// <summary>Gets whether a record is not known to be saved; records in flight count as unsaved.</summary>
    public readonly bool IsUnsaved => Last > Base;

    /// <summary>Gets the newest offset that the user's actor has once it has applied everything sent.</summary>
    public readonly long After => long.Max(Last, Base);
}

/// <summary>The state of sending a user's records: whether they are sent as they are read.</summary>
internal enum IngestFlow : byte
{
    /// <summary>Records are sent.</summary>
    Open,

    /// <summary>The user is parked and the actor does not answer: records are held back until an answer reports the missing ones.</summary>
    Silent,

    /// <summary>The actor misses records. No further records are sent to it until a rewind begins.</summary>
    Marked,

    /// <summary>A rewind is under way and sends the records.</summary>
    Rewinding,
}

[Flags]
internal enum IngestTimers : byte
{
    None = 0,
    LateSave = 1,
    Forget = 2,
}
