using System.Globalization;
using Akka.Cluster.Sharding;
using RecSys.Core;
using RecSys.Core.Ingestion;
using RecSys.Speed.Ingest;
using RecSys.Speed.Users;

namespace RecSys.Speed.Sharding;

/// <summary>Finds the actor of a message: that of a user, or the ingest actor of a partition.</summary>
/// <remarks>
/// A user's entity id is the owner's text and the shard its first byte. Partition p's ingest actor is in shard p, which is one of the
/// partition's shards of users, so that both are on one node.
/// </remarks>
internal sealed class SpeedExtractor : IMessageExtractor
{
    /// <summary>The start of the entity id of an ingest actor; the id is shorter than an owner's text.</summary>
    private const string Ingest = "partition-";

    private static readonly string[] Shards =
        [.. Enumerable.Range(0, Limits.ShardCount).Select(shard => shard.ToString(CultureInfo.InvariantCulture))];

    private static readonly string[] Partitions = [.. Shards.Select(partition => Ingest + partition)];

    /// <summary>Returns whether an entity is an ingest actor, and its partition.</summary>
    public static bool IsIngest(string entityId, out int partition)
    {
        partition = -1;
        return entityId.Length < Owner.TextLength
            && entityId.StartsWith(Ingest, StringComparison.Ordinal)
            && int.TryParse(entityId.AsSpan(Ingest.Length), NumberStyles.None, CultureInfo.InvariantCulture, out partition);
    }

    public string? EntityId(object message) =>
        message is Take take ? take.OwnerText
        : PartitionOf(message) is { } partition ? Partitions[partition]
        : OwnerOf(message) is { } owner ? owner.ToString()
        : null;

    public object? EntityMessage(object message) => message;

    [Obsolete("Akka passes the entity id, not a message.")]
    public string? ShardId(object message) =>
        PartitionOf(message) is { } partition ? Shards[partition]
        : OwnerOf(message) is { } owner ? Shards[owner.Shard]
        : null;

    public string ShardId(string entityId, object? messageHint) =>
        (messageHint is null ? null : OwnerOf(messageHint)) is { } owner ? Shards[owner.Shard]
        : IsIngest(entityId, out int partition) ? Shards[partition]
        : Owner.TryParse(entityId, out Owner parsed) ? Shards[parsed.Shard]
        : throw new ArgumentException($"'{entityId}' is neither the id of an owner nor that of a partition", nameof(entityId));

    private static int? PartitionOf(object message) => message switch
    {
        IIngestMessage toPartition => toPartition.Partition,
        Saved saved => saved.Partition,
        _ => null,
    };

    private static Owner? OwnerOf(object message) => message switch
    {
        Take take => take.Owner,
        IUserMessage other => other.Owner,
        _ => null,
    };
}
