using System.Diagnostics.Metrics;
using RecSys.Core.Slates;

namespace RecSys.Serving;

/// <summary>The metrics of the serving layer, on the meter <see cref="Name"/>.</summary>
internal sealed class ServingMetrics : IDisposable
{
    public const string Name = "RecSys.Serving";

    private readonly Meter _meter = new(Name);
    private readonly Histogram<double> _slateDuration;
    private readonly Histogram<double> _stageDuration;
    private readonly Counter<long> _slates;
    private readonly Counter<long> _leftOut;
    private readonly Counter<long> _impressionsLost;

    public ServingMetrics()
    {
        _slateDuration = _meter.CreateHistogram<double>("recsys.serving.slate.duration", "ms", "Time to create a slate, by degradation tier.");
        _stageDuration = _meter.CreateHistogram<double>("recsys.serving.stage.duration", "ms", "Time of each stage of a slate.");
        _slates = _meter.CreateCounter<long>("recsys.serving.slates", "{slate}", "Slates created, by tier, degradation and cold user.");
        _leftOut = _meter.CreateCounter<long>("recsys.serving.sources.left_out", "{source}", "Candidate sources left out, by source and reason.");
        _impressionsLost = _meter.CreateCounter<long>("recsys.serving.impressions.lost", "{slate}", "Slates that were not recorded because the queue of the impression log was full.");
    }

    public void SlateCreated(Slate slate, TimeSpan elapsed)
    {
        KeyValuePair<string, object?> servedBy = new("served_by", slate.ServedBy.Name());
        _slateDuration.Record(elapsed.TotalMilliseconds, servedBy);
        _slates.Add(1, servedBy, new("degraded", slate.IsDegraded ? "true" : "false"), new("cold", slate.IsColdUser ? "true" : "false"));
        foreach (StageTime stage in slate.Stages)
        {
            _stageDuration.Record(stage.Ms, new KeyValuePair<string, object?>("stage", stage.Stage));
        }

        foreach (SourceReport source in slate.Sources)
        {
            if (source.LeftOut is { } reason)
            {
                _leftOut.Add(1, new("source", source.Source), new("reason", reason));
            }
        }
    }

    public void ImpressionLost() => _impressionsLost.Add(1);

    public void Dispose() => _meter.Dispose();
}
