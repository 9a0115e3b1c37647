using RecSys.Core.Log;

namespace RecSys.Core.Ingestion;

/// <summary>Sends a user's records of one partition to the user's actor; without records, it is a probe.</summary>
/// <remarks>
/// <paramref name="Records"/> are all of the user's records with offsets in (<paramref name="After"/>, last of <paramref name="Records"/>].
/// That stays true if the message arrives late: an actor may apply it at any time once it has <paramref name="After"/>.
/// </remarks>
/// <param name="Owner">Owner of the records.</param>
/// <param name="Epoch">Epoch of the log.</param>
/// <param name="Partition">Partition of the records.</param>
/// <param name="Base">Newest offset known to be saved; −1 if unknown. An actor that has less is stale.</param>
/// <param name="After">Offset of the user's newest record before these; −1 if there is none, or if it is unknown.</param>
/// <param name="Ticket">Returned with the answer.</param>
/// <param name="Records">The records in the order of their offsets; they share the memory of their chunk.</param>
public sealed record Take(
    Owner Owner, int Epoch, int Partition, long Base, long After, long Ticket, ReadOnlyMemory<LogEntry> Records)
{
    /// <summary>Gets the owner's text, which is the id of the user's actor. It is formatted once, because sharding reads it several times.</summary>
    public string OwnerText => field ??= Owner.ToString();

    /// <summary>Gets whether the message contains no records.</summary>
    public bool IsProbe => Records.IsEmpty;

    /// <summary>Gets the offset up to which an actor has all records once it has applied these.</summary>
    public long Last => Records.IsEmpty ? After : Records.Span[^1].Offset;
}
