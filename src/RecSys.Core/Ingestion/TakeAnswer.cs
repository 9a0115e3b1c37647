namespace RecSys.Core.Ingestion;

/// <summary>What a user's actor answers to a <see cref="Take"/>: always with both what it has and what it has saved, so that a lost <see cref="Saved"/> does no harm.</summary>
/// <param name="Owner">Whose actor answers.</param>
/// <param name="Epoch">The log's epoch.</param>
/// <param name="Partition">The partition that the offsets belong to.</param>
/// <param name="Ticket">The ticket of the <see cref="Take"/>.</param>
/// <param name="Has">The newest record that the actor has; −1: none.</param>
/// <param name="SavedUpTo">The newest record that it knows to be saved; −1: none. True for good, from whomever it comes.</param>
public abstract record TakeAnswer(Owner Owner, int Epoch, int Partition, long Ticket, long Has, long SavedUpTo);

/// <summary>The actor has all that the <see cref="Take"/> told, in memory at least.</summary>
/// <inheritdoc/>
public sealed record Taken(Owner Owner, int Epoch, int Partition, long Ticket, long Has, long SavedUpTo)
    : TakeAnswer(Owner, Epoch, Partition, Ticket, Has, SavedUpTo);

/// <summary>Something before the <see cref="Take"/>'s records is missing, and none of them was taken in.</summary>
/// <inheritdoc/>
public sealed record Gap(Owner Owner, int Epoch, int Partition, long Ticket, long Has, long SavedUpTo)
    : TakeAnswer(Owner, Epoch, Partition, Ticket, Has, SavedUpTo);
