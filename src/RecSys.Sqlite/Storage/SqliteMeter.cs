using System.Diagnostics.Metrics;

namespace RecSys.Sqlite.Storage;

/// <summary>Counts the work of the files' writers, by the kind of file.</summary>
internal static class SqliteMeter
{
    private static readonly Meter Meter = new("RecSys.Sqlite");

    private static readonly Histogram<double> Commits =
        Meter.CreateHistogram<double>("recsys.sqlite.commit.duration", "s", "Time from the start of a group's transaction to its sync.");

    private static readonly Counter<long> Records =
        Meter.CreateCounter<long>("recsys.sqlite.records", description: "Records, states or slates written, or lost to a failure of the store.");

    private static long _damaged;

    // Observable, so that it is exported as 0 before the first damage: an alert can distinguish "no damage" from "not measured".
    static SqliteMeter() =>
        Meter.CreateObservableCounter(
            "recsys.sqlite.log.damaged", () => Interlocked.Read(ref _damaged), description: "Records of the log that were found damaged or missing, each once.");

    /// <summary>Counts records that were found damaged.</summary>
    public static void Damaged(long records) => Interlocked.Add(ref _damaged, records);

    public static void Group(string file, long records, TimeSpan duration, bool isCommitted)
    {
        KeyValuePair<string, object?> fileTag = new("file", file);
        KeyValuePair<string, object?> outcomeTag = new("outcome", isCommitted ? "written" : "failed");
        Commits.Record(duration.TotalSeconds, fileTag, outcomeTag);
        Records.Add(records, fileTag, outcomeTag);
    }
}
