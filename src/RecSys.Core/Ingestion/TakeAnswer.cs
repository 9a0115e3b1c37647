namespace RecSys.Core.Ingestion;

/// <summary>The answer of a user's actor to a <see cref="Take"/>: both the offset that it has and the saved one, so that a lost <see cref="Saved"/> does no harm.</summary>
/// <param name="Owner">Owner of the answering actor's state.</param>
/// <param name="Epoch">Epoch of the log.</param>
/// <param name="Partition">Partition of the offsets.</param>
/// <param name="Ticket">Ticket of the <see cref="Take"/>.</param>
/// <param name="Has">Newest offset that the actor has; −1 if none.</param>
/// <param name="SavedUpTo">Newest offset that the actor knows to be saved; −1 if none. Stays true for every incarnation.</param>
public abstract record TakeAnswer(Owner Owner, int Epoch, int Partition, long Ticket, long Has, long SavedUpTo);

/// <summary>The actor has all records of the <see cref="Take"/>, at least in memory.</summary>
/// <inheritdoc/>
public sealed record Taken(Owner Owner, int Epoch, int Partition, long Ticket, long Has, long SavedUpTo)
    : TakeAnswer(Owner, Epoch, Partition, Ticket, Has, SavedUpTo);

/// <summary>The actor misses records before those of the <see cref="Take"/>, and applied none of them.</summary>
/// <inheritdoc/>
public sealed record Gap(Owner Owner, int Epoch, int Partition, long Ticket, long Has, long SavedUpTo)
    : TakeAnswer(Owner, Epoch, Partition, Ticket, Has, SavedUpTo);
