using System.Diagnostics.Metrics;
using RecSys.Batch.Evaluation;
using RecSys.Core.Jobs;
using RecSys.Core.Models;

namespace RecSys.Batch;

/// <summary>The metrics of the batch layer, on the meter <see cref="Name"/>.</summary>
public sealed class BatchMeter : IDisposable
{
    /// <summary>The name of the meter.</summary>
    public const string Name = "RecSys.Batch";

    private readonly Meter _meter = new(Name);
    private readonly TimeProvider _clock;
    private readonly Histogram<double> _trainingSeconds;
    private readonly Counter<long> _verdicts;
    private readonly Counter<long> _jobs;
    private long _championCreatedAtMs;
    private double _parityError;
    private int _isRunning;

    /// <summary>Creates the meter and its instruments.</summary>
    /// <param name="clock">Clock from which the age of the champion is computed.</param>
    public BatchMeter(TimeProvider clock)
    {
        ArgumentNullException.ThrowIfNull(clock);
        _clock = clock;
        _trainingSeconds = _meter.CreateHistogram<double>("recsys.batch.training.duration", "s", "Duration of a training, including reading and publishing.");
        _verdicts = _meter.CreateCounter<long>("recsys.batch.gate.verdicts", description: "Verdicts of the gate on candidates, by outcome.");
        _jobs = _meter.CreateCounter<long>("recsys.batch.jobs", description: "Jobs that ended, by kind and state.");
        _meter.CreateObservableGauge("recsys.batch.model.age", AgeSeconds, "s", "Time since the champion was published; no value without a champion.");
        _meter.CreateObservableGauge(
            "recsys.batch.parity.error", () => Volatile.Read(ref _parityError), description: "The largest relative difference between a user's embedding by fold-in and by a last half-step of training, in the newest model.");
        _meter.CreateObservableGauge("recsys.batch.running", () => Volatile.Read(ref _isRunning), description: "Whether a job runs.");
    }

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();

    internal void Trained(TimeSpan duration) => _trainingSeconds.Record(duration.TotalSeconds);

    internal void Judged(GateOutcome outcome) =>
        _verdicts.Add(1, new KeyValuePair<string, object?>("outcome", outcome switch
        {
            GateOutcome.NotWorse => "notWorse",
            GateOutcome.Worse => "worse",
            _ => "tooLittleToJudge",
        }));

    internal void Parity(double error) => Volatile.Write(ref _parityError, error);

    internal void Champion(ModelCard? card) => Volatile.Write(ref _championCreatedAtMs, card?.CreatedAtMs ?? 0);

    internal void Running(bool isRunning) => Volatile.Write(ref _isRunning, isRunning ? 1 : 0);

    internal void Ended(JobStatus job) =>
        _jobs.Add(1, new("kind", job.Kind.ToString()), new KeyValuePair<string, object?>("state", job.State.ToString()));

    private IEnumerable<Measurement<double>> AgeSeconds()
    {
        long createdAtMs = Volatile.Read(ref _championCreatedAtMs);
        if (createdAtMs > 0)
        {
            yield return new Measurement<double>(Math.Max(0, _clock.GetUtcNow().ToUnixTimeMilliseconds() - createdAtMs) / 1000.0);
        }
    }
}
