namespace RecSys.Actors;

/// <summary>Work that a node does before it joins its cluster, as the start of shard regions: members address them as soon as the node is one.</summary>
/// <param name="RunAsync">The work; the actor system exists, and is no member of a cluster yet.</param>
public sealed record BeforeJoin(Func<CancellationToken, Task> RunAsync);
