using RecSys.Core.Log;

namespace RecSys.Core.Ingestion;

/// <summary>Tells a user's actor its records of one partition, and what it must already have; without records: a probe.</summary>
/// <remarks>
/// It says: these are all of the user's records in (<paramref name="After"/>, last of <paramref name="Records"/>]. That stays true
/// however late it comes, so that an actor may take it in at any time once it has <paramref name="After"/>.
/// </remarks>
/// <param name="Owner">Whose records.</param>
/// <param name="Epoch">The log's epoch.</param>
/// <param name="Partition">The partition that was read.</param>
/// <param name="Base">What is known to be saved of this partition; −1: unknown. Who has less is stale.</param>
/// <param name="After">The offset of the newest record before these; −1: none, or unknown.</param>
/// <param name="Ticket">Comes back with the answer.</param>
/// <param name="Records">The records, in the order of their offsets; they share their chunk's memory.</param>
public sealed record Take(
    Owner Owner, int Epoch, int Partition, long Base, long After, long Ticket, ReadOnlyMemory<LogEntry> Records)
{
    /// <summary>Whether it only asks.</summary>
    public bool IsProbe => Records.IsEmpty;

    /// <summary>The offset up to which whoever took it in has everything.</summary>
    public long Last => Records.IsEmpty ? After : Records.Span[^1].Offset;
}
