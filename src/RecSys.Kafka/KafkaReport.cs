using RecSys.Core.Log;

namespace RecSys.Kafka;

/// <summary>The report on the topic of a log.</summary>
/// <param name="Problems">What differs from what the log needs, each with its remedy; empty if nothing does.</param>
public sealed record KafkaReport(IReadOnlyList<string> Problems)
{
    /// <summary>Gets the offsets of the partitions; null if there is no topic.</summary>
    public IReadOnlyList<LogRange>? Ranges { get; init; }

    /// <summary>Gets the number of brokers that keep a partition, the fewest of all partitions; 0 if there is no topic.</summary>
    public int Replicas { get; init; }

    /// <summary>Gets for how long the topic keeps records; null if there is no topic.</summary>
    public KafkaRetention? Retention { get; init; }
}
