namespace RecSys.Actors;

/// <summary>Work that a node does before it joins its cluster, such as the start of shard regions, which members address as soon as the node is a member.</summary>
/// <param name="RunAsync">The work; the actor system exists, and is not yet a member of a cluster.</param>
public sealed record BeforeJoin(Func<CancellationToken, Task> RunAsync);
