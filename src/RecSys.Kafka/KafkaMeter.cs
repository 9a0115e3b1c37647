using System.Diagnostics.Metrics;

namespace RecSys.Kafka;

/// <summary>Counts the appends to the topic of the log.</summary>
internal static class KafkaMeter
{
    private static readonly Meter Meter = new("RecSys.Kafka");

    private static readonly Histogram<double> Appends =
        Meter.CreateHistogram<double>("recsys.kafka.append.duration", "s", "Time from an append to the answer of the brokers, by outcome.");

    private static readonly Counter<long> Records =
        Meter.CreateCounter<long>("recsys.kafka.records", description: "Records of appends, by outcome: written, unknown (not confirmed), refused (the queue was full).");

    public static void Ended(int records, TimeSpan duration, bool isConfirmed)
    {
        KeyValuePair<string, object?> outcome = new("outcome", isConfirmed ? "written" : "unknown");
        Appends.Record(duration.TotalSeconds, outcome);
        Records.Add(records, outcome);
    }

    public static void Refused(int records) => Records.Add(records, new KeyValuePair<string, object?>("outcome", "refused"));
}
