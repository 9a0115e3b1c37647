using System.Globalization;
using Akka.Cluster.Sharding;

namespace RecSys.Speed.Ingest;

/// <summary>Finds the ingest actor of a message: one per partition, each in its own shard, so that they spread over the nodes.</summary>
internal sealed class IngestExtractor : IMessageExtractor
{
    public string? EntityId(object message) => (message as IIngestMessage)?.Partition.ToString(CultureInfo.InvariantCulture);

    public object? EntityMessage(object message) => message;

    [Obsolete("Akka asks with the entity id.")]
    public string? ShardId(object message) => EntityId(message);

    public string ShardId(string entityId, object? messageHint) => entityId;
}
