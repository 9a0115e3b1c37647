using System.Diagnostics.Metrics;

namespace RecSys.Postgres.Storage;

/// <summary>Counts the calls of the database.</summary>
internal static class PostgresMeter
{
    private static readonly Meter Meter = new("RecSys.Postgres");

    private static readonly Histogram<double> Calls =
        Meter.CreateHistogram<double>("recsys.postgres.call.duration", "s", "Time of a call of PostgreSQL, with its repetitions.");

    private static readonly Counter<long> States =
        Meter.CreateCounter<long>("recsys.postgres.states", description: "States saved, or refused because another node had saved a newer revision.");

    public static void Call(string call, TimeSpan duration, bool isDone) =>
        Calls.Record(duration.TotalSeconds, new KeyValuePair<string, object?>("call", call), new KeyValuePair<string, object?>("outcome", isDone ? "done" : "failed"));

    public static void Saved(long saved, long conflicts)
    {
        States.Add(saved, new KeyValuePair<string, object?>("outcome", "saved"));
        States.Add(conflicts, new KeyValuePair<string, object?>("outcome", "conflict"));
    }
}
