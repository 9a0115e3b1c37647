using System.ComponentModel.DataAnnotations;

namespace RecSys.Kafka;

/// <summary>Options of the interaction log on Kafka. Section <c>recsys:kafka</c>.</summary>
public sealed class KafkaLogOptions
{
    /// <summary>Path of the section in appsettings.json.</summary>
    public const string Section = "recsys:kafka";

    /// <summary>Gets or sets the brokers, as in kafka://broker-1:9092,broker-2:9092; without them the log is in the data folder. Set by <c>--log</c>.</summary>
    /// <value>No default.</value>
    public string? Url { get; set; }

    /// <summary>Gets or sets the topic of the log. It is created if it does not exist, and belongs to one installation.</summary>
    /// <value>The default is recsys-log.</value>
    [Required]
    public string Topic { get; set; } = "recsys-log";

    /// <summary>Gets or sets the number of partitions of a topic that is created, a power of two; it never changes afterwards.</summary>
    /// <value>The default is 8; 1 to 256.</value>
    [Range(1, 256)]
    public int Partitions { get; set; } = 8;

    /// <summary>Gets or sets the number of brokers that keep each partition of a topic that is created; −1 for the default of the brokers.</summary>
    /// <value>The default is −1; −1 to 9.</value>
    [Range(-1, 9)]
    public int ReplicationFactor { get; set; } = -1;

    /// <summary>Gets or sets the consumer group whose committed offsets show how far the log is ingested, for Kafka's lag tools; no consumer joins the group. Empty commits none.</summary>
    /// <value>The default is recsys.</value>
    public string Group { get; set; } = "recsys";

    /// <summary>Gets or sets the largest number of records that may wait for the brokers; further ones are refused as overload.</summary>
    /// <value>The default is 200,000; 1 to 10,000,000.</value>
    [Range(1, 10_000_000)]
    public int QueueRecordsMax { get; set; } = 200_000;

    /// <summary>Gets or sets the largest number of encoded bytes that may wait for the brokers; further ones are refused as overload.</summary>
    /// <value>The default is 64 MiB; 4 MiB to 1 GiB.</value>
    [Range(4L << 20, 1L << 30)]
    public long QueueBytesMax { get; set; } = 64L << 20;

    /// <summary>Gets or sets the time after which an append that the brokers have not confirmed fails; it is then unknown whether its records are stored.</summary>
    /// <value>The default is 10 s; 1 s to 5 min.</value>
    [Range(typeof(TimeSpan), "00:00:01", "00:05:00")]
    public TimeSpan AppendTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Gets or sets the time after which a read or a query that the brokers have not answered fails.</summary>
    /// <value>The default is 5 s; 1 s to 5 min.</value>
    [Range(typeof(TimeSpan), "00:00:01", "00:05:00")]
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Gets or sets the largest number of bytes that are read ahead for each reader of a partition.</summary>
    /// <value>The default is 4 MiB; 1 MiB to 256 MiB.</value>
    [Range(1L << 20, 256L << 20)]
    public long ReadAheadBytesMax { get; set; } = 4L << 20;

    /// <summary>Gets further options of librdkafka by their names, such as security.protocol, sasl.mechanism, sasl.username, sasl.password and ssl.ca.location. Those that the log depends on cannot be set.</summary>
    /// <value>The default is none.</value>
    public Dictionary<string, string> Options { get; } = [];
}
