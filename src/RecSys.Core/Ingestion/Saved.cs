namespace RecSys.Core.Ingestion;

/// <summary>A hint that a user's state was saved. The hint may be lost, late or repeated; one of an earlier incarnation of the actor is also true.</summary>
/// <param name="Owner">Owner of the state.</param>
/// <param name="Epoch">Epoch of the log.</param>
/// <param name="Partition">Partition of the offset.</param>
/// <param name="UpTo">Newest offset that the saved state contains.</param>
public sealed record Saved(Owner Owner, int Epoch, int Partition, long UpTo);
