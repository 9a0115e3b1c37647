using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using RecSys.Core.Log;
using RecSys.TestKit;
using Xunit;
using static RecSys.Speed.Tests.Records;

namespace RecSys.Speed.Tests;

public sealed class SpeedMeterTests
{
    [Fact]
    public async Task The_meter_reports_the_work_of_the_layer()
    {
        using OwnMeters meters = new();
        await using SpeedNode node = await SpeedNode.StartAsync(add: services => services.AddSingleton<IMeterFactory>(meters));
        LogPosition position = await node.AppendAsync(Click("ada", "tea"), Click("bob", "pie"));
        await node.ReadAsync("ada", position);
        await Eventually.TrueAsync(() => node.Layer.Counters.Saves >= 2, "both are saved");
        await Eventually.TrueAsync(() => node.Layer.IngestStatuses.Of(0).Now.Next == 2, "the status shows that they are read");

        ConcurrentDictionary<string, double> seen = Read(meters);

        Assert.Equal(2, seen["recsys.ingest.position"]);
        Assert.True(seen["recsys.users.saves"] >= 2);
        Assert.True(seen["recsys.users.wakes"] >= 2);
        Assert.True(seen["recsys.users.live"] >= 2);
        Assert.Equal(1, seen["recsys.ingest.running"]);
        Assert.Equal(1, seen["recsys.trends.share"]);
        foreach (string name in new[]
        {
            "recsys.ingest.lag", "recsys.ingest.unsaved_users", "recsys.ingest.gaps", "recsys.ingest.rewinds",
            "recsys.actors.dead_letters", "recsys.actors.unhandled", "recsys.shards.silent", "recsys.users.merge_cuts", "recsys.states.cut", "recsys.folds.removed_records",
        })
        {
            Assert.True(seen.ContainsKey(name), $"{name} is missing");
        }
    }

    private static ConcurrentDictionary<string, double> Read(IMeterFactory meters)
    {
        ConcurrentDictionary<string, double> seen = [];
        using MeterListener listener = new();
        listener.InstrumentPublished = (instrument, own) =>
        {
            if (instrument.Meter.Name == SpeedMeter.Name && instrument.Meter.Scope == meters)
            {
                own.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<double>((instrument, value, _, _) => seen[instrument.Name] = value);
        listener.SetMeasurementEventCallback<long>((instrument, value, _, _) => seen[instrument.Name] = value);
        listener.SetMeasurementEventCallback<int>((instrument, value, _, _) => seen[instrument.Name] = value);
        listener.Start();
        listener.RecordObservableInstruments();
        return seen;
    }

    /// <summary>Creates meters whose scope separates them from those of other nodes in the process.</summary>
    private sealed class OwnMeters : IMeterFactory
    {
        private readonly List<Meter> _meters = [];

        public Meter Create(MeterOptions options)
        {
            Meter meter = new(options.Name, options.Version, options.Tags, scope: this);
            _meters.Add(meter);
            return meter;
        }

        public void Dispose() => _meters.ForEach(meter => meter.Dispose());
    }
}
