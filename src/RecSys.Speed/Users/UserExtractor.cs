using System.Globalization;
using Akka.Cluster.Sharding;
using RecSys.Core;
using RecSys.Core.Ingestion;

namespace RecSys.Speed.Users;

/// <summary>Finds the user actor of a message: the entity is the owner's text, the shard its first byte.</summary>
internal sealed class UserExtractor : IMessageExtractor
{
    private static readonly string[] Shards =
        [.. Enumerable.Range(0, Limits.ShardCount).Select(shard => shard.ToString(CultureInfo.InvariantCulture))];

    public string? EntityId(object message) => OwnerOf(message) is { } owner ? owner.ToString() : null;

    public object? EntityMessage(object message) => message;

    [Obsolete("Akka asks with the entity id.")]
    public string? ShardId(object message) => OwnerOf(message) is { } owner ? Shards[owner.Shard] : null;

    public string ShardId(string entityId, object? messageHint) =>
        (messageHint is null ? null : OwnerOf(messageHint)) is { } owner ? Shards[owner.Shard]
        : Owner.TryParse(entityId, out Owner parsed) ? Shards[parsed.Shard]
        : throw new ArgumentException($"'{entityId}' is no owner", nameof(entityId));

    private static Owner? OwnerOf(object message) => message switch
    {
        Take take => take.Owner,
        IUserMessage other => other.Owner,
        _ => null,
    };
}
