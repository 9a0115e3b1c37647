namespace RecSys.Kafka;

/// <summary>A topic as the brokers describe it.</summary>
/// <param name="Id">Id that Kafka gave it.</param>
/// <param name="Partitions">Number of partitions.</param>
/// <param name="Replicas">Number of brokers that keep a partition: the fewest of all partitions.</param>
/// <param name="Settings">Settings by their names; null if they were not read.</param>
internal sealed record FoundTopic(string Id, int Partitions, int Replicas, IReadOnlyDictionary<string, string>? Settings);
