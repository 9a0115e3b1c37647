namespace RecSys.Core.Ingestion;

/// <summary>A hint that a user's state was saved. It may be lost, late, repeated or from a predecessor, and is true all the same.</summary>
/// <param name="Owner">Whose state.</param>
/// <param name="Epoch">The log's epoch.</param>
/// <param name="Partition">The partition that the offset belongs to.</param>
/// <param name="UpTo">The newest record that the saved state holds.</param>
public sealed record Saved(Owner Owner, int Epoch, int Partition, long UpTo);
