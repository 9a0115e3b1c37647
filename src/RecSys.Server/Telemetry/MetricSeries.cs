using System.Diagnostics.Metrics;
using OpenTelemetry.Metrics;
using RecSys.Core.Log;

namespace RecSys.Server.Telemetry;

/// <summary>Limits the number of series of an instrument: OpenTelemetry allocates the memory of all of them when the instrument is created, and allows 2,000 by default.</summary>
internal static class MetricSeries
{
    /// <summary>The start of the names of RecSys's meters.</summary>
    public const string Meters = "RecSys.";

    /// <summary>The largest number of series of an instrument whose tags have few values, such as tiers, stages or problem codes.</summary>
    public const int CountMax = 200;

    /// <summary>The start of the names of instruments with a series for each partition.</summary>
    private const string OfPartitions = "recsys.ingest.";

    /// <summary>Returns the configuration of an instrument of RecSys; null for one of another library.</summary>
    public static MetricStreamConfiguration? Limit(Instrument instrument) =>
        instrument.Meter.Name.StartsWith(Meters, StringComparison.Ordinal)
            ? new MetricStreamConfiguration { CardinalityLimit = instrument.Name.StartsWith(OfPartitions, StringComparison.Ordinal) ? LogPosition.PartitionsMax : CountMax }
            : null;
}
