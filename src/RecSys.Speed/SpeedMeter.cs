using System.Diagnostics.Metrics;
using Microsoft.Extensions.Hosting;
using RecSys.Speed.Folds;
using RecSys.Speed.Ingest;
using RecSys.Speed.Metrics;
using RecSys.Speed.Users;

namespace RecSys.Speed;

/// <summary>The meter <c>RecSys.Speed</c>: metrics of this node's speed layer. All values are observed on demand.</summary>
/// <remarks>It is a hosted service, so that it is created although no other service depends on it.</remarks>
internal sealed class SpeedMeter : IHostedService, IDisposable
{
    /// <summary>Name of the meter.</summary>
    public const string Name = "RecSys.Speed";

    private readonly Meter _meter;

    public SpeedMeter(
        IngestStatusRegistry statuses, LiveUsers live, PacerStatus pacer, SpeedCounters counters, ShardStatus shards, FoldGaps gaps, NodeFolds folds, IMeterFactory? meters = null)
    {
        _meter = meters?.Create(Name) ?? new Meter(Name);
        Gauge("recsys.ingest.lag", "s", "the age of the oldest record that is not read or not known to be applied", state => state.LagMs / 1_000);
        Gauge("recsys.ingest.end", "{record}", "the offset that the log's next record will get", state => state.Range.End);
        Gauge("recsys.ingest.position", "{record}", "the offset that is read next", state => state.Next);
        Gauge("recsys.ingest.checkpoint", "{record}", "the offset before which all records are saved, except those of parked users", state => state.Checkpoint);
        Gauge("recsys.ingest.unsaved_users", "{user}", "users with an unsaved record", state => state.UnsavedUsers);
        Gauge("recsys.ingest.in_flight", "{record}", "records sent to user actors and not yet answered", state => state.InFlight);
        Gauge("recsys.ingest.parked_users", "{user}", "parked users: their saves keep failing, or the partition moved before they were saved", state => state.Parked);
        Gauge("recsys.ingest.running", "1", "1 while the partition is ingested, 0 if ingestion stopped", state => state.IsRunning ? 1 : 0);
        Gauge("recsys.ingest.near_retention", "1", "1 if the log will soon delete records that are not ingested yet", state => state.IsNearRetention ? 1 : 0);
        Counter("recsys.ingest.gaps", "{answer}", "answers of user actors that lack earlier records of the log", state => state.Gaps);
        Counter("recsys.ingest.rewinds", "{reading}", "rereads of the log for missing records", state => state.Rewinds);
        Counter("recsys.ingest.unanswered", "{message}", "messages that a user actor did not answer in time", state => state.Unanswered);
        Counter("recsys.ingest.probes", "{message}", "probes of user actors that did not answer or save in time", state => state.Probes);
        _meter.CreateObservableCounter("recsys.ingest.restarts", () => counters.IngestRestarts, "{restart}", "starts of ingest actors after a fault");
        _meter.CreateObservableGauge("recsys.users.live", () => live.Count, "{user}", "user actors in memory");
        _meter.CreateObservableCounter("recsys.users.wakes", () => live.Wakes, "{user}", "user actors started");
        _meter.CreateObservableCounter("recsys.users.passivated", () => counters.Passivated, "{user}", "user actors that were passivated, because they were idle or above the maximum");
        _meter.CreateObservableGauge("recsys.users.unsaved", () => pacer.Waiting, "{user}", "users that wait to be saved");
        _meter.CreateObservableGauge("recsys.users.saving", () => pacer.InFlight, "{user}", "users that are being saved");
        _meter.CreateObservableCounter("recsys.users.saves", () => counters.Saves, "{save}", "saves that are durable");
        _meter.CreateObservableCounter("recsys.users.save_conflicts", () => counters.Conflicts, "{save}", "refused saves of stale actors");
        _meter.CreateObservableCounter("recsys.users.save_failures", () => counters.SaveFailures, "{save}", "saves that failed and are retried");
        _meter.CreateObservableCounter("recsys.users.load_failures", () => counters.LoadFailures, "{load}", "states that could not be loaded");
        _meter.CreateObservableCounter("recsys.states.damaged", () => counters.DamagedStates, "{state}", "damaged saved states that were found: they are rebuilt from the log, or the log is read again");
        _meter.CreateObservableCounter("recsys.states.cut", () => counters.CutStates, "{state}", "damaged saved states that were rebuilt from a log without its first records");
        _meter.CreateObservableGauge("recsys.folds.removed_records", () => gaps.Removed.Count, "{record}", "records that retention removed before the folds of this node had read them");
        _meter.CreateObservableGauge("recsys.trends.share", () => folds.TrendsShare, "1", "the share of the log's partitions that the trends read");
        _meter.CreateObservableCounter("recsys.users.erasures", () => counters.Erasures, "{person}", "erasures for which the shared stores and the stores of this node are cleared; each node counts every erasure");
        _meter.CreateObservableCounter("recsys.users.merge_cuts", () => counters.MergeCuts, "{read}", "reads of a profile that left out some of the users merged into it, because more are merged than one read includes");
        _meter.CreateObservableGauge("recsys.shards.started", () => shards.Started, "{shard}", "shards of users on this node that answered the last probe");
        _meter.CreateObservableGauge("recsys.shards.silent", () => shards.Silent, "{shard}", "shards of users on this node that do not answer");
        _meter.CreateObservableCounter("recsys.actors.dead_letters", () => counters.DeadLetters, "{message}", "messages without a recipient");
        _meter.CreateObservableCounter("recsys.actors.unhandled", () => counters.Unhandled, "{message}", "messages that no recipient handled");

        void Gauge(string name, string unit, string description, Func<IngestStatus.State, double?> value) =>
            _meter.CreateObservableGauge(name, () => Observe(value), unit, description);

        void Counter(string name, string unit, string description, Func<IngestStatus.State, double?> value) =>
            _meter.CreateObservableCounter(name, () => Observe(value), unit, description);

        IEnumerable<Measurement<double>> Observe(Func<IngestStatus.State, double?> value) =>
            statuses.All
                .Select(status => (status.Partition, Value: value(status.Now)))
                .Where(observed => observed.Value is not null)
                .Select(observed => new Measurement<double>(observed.Value!.Value, new KeyValuePair<string, object?>("partition", observed.Partition)));
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _meter.Dispose();
}
