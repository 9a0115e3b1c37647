using System.Globalization;
using Akka.Cluster.Sharding;

namespace RecSys.Speed.Ingest;

/// <summary>Finds a message's ingest actor: one a partition, each in a shard of its own, so that they spread over the nodes.</summary>
internal sealed class IngestExtractor : IMessageExtractor
{
    public string? EntityId(object message) => (message as IIngestMessage)?.Partition.ToString(CultureInfo.InvariantCulture);

    public object? EntityMessage(object message) => message;

    [Obsolete("Akka asks with the entity id.")]
    public string? ShardId(object message) => EntityId(message);

    public string ShardId(string entityId, object? messageHint) => entityId;
}
