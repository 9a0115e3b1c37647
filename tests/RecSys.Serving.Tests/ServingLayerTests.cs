using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using RecSys.Core;
using RecSys.Core.Ports;
using RecSys.Core.Ranking;
using RecSys.Core.Slates;

namespace RecSys.Serving.Tests;

public sealed class ServingLayerTests
{
    [Fact]
    public void The_defaults_are_allowed() =>
        Assert.True(new ServingOptionsValidator().Validate(null, new ServingOptions()).Succeeded);

    [Fact]
    public void Options_out_of_range_are_reported_with_their_range()
    {
        ServingOptions options = new() { Deadline = TimeSpan.Zero, Diversity = double.NaN };
        options.Weights.Trend = -1;

        ValidateOptionsResult result = new ServingOptionsValidator().Validate(null, options);

        Assert.Equal(
            [
                "recsys:serving:Deadline is 00:00:00; 00:00:00.0010000 to 00:00:10 is allowed",
                "recsys:serving:Diversity is NaN; 0 to 1 is allowed",
                "recsys:serving:Weights.Trend is -1; 0 to 100 is allowed",
            ],
            result.Failures!);
    }

    [Fact]
    public void The_layer_registers_the_recommender_its_validator_and_its_erasable_cache()
    {
        ServiceCollection services = [];
        services.AddServingLayer(options => options.Diversity = 0.2);

        Assert.Contains(services, service => service.ServiceType == typeof(IRecommender));
        Assert.Contains(services, service => service.ServiceType == typeof(IErasable));
        Assert.Contains(services, service => service.ServiceType == typeof(IValidateOptions<ServingOptions>));
    }

    [Fact]
    public void The_meter_reports_tiers_stages_and_left_out_sources()
    {
        using World world = World.WithModel();
        ConcurrentQueue<string> seen = []; // other tests measure at the same time
        using MeterListener listener = new();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Meter.Name == ServingLayer.MeterName)
            {
                self.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<double>((instrument, _, tags, _) => Note(instrument, tags));
        listener.SetMeasurementEventCallback<long>((instrument, _, tags, _) => Note(instrument, tags));
        listener.Start();
        world.Does("ann", "view", "a00");
        world.Trends.CoVisitedFails = new StoreUnavailableException();

        world.Recommend("ann");

        Assert.Contains("recsys.serving.slates served_by=reduced degraded=true cold=false", seen);
        Assert.Contains("recsys.serving.sources.left_out source=coVisit reason=failed", seen);
        Assert.Contains("recsys.serving.stage.duration stage=ranking", seen);
        Assert.Contains("recsys.serving.slate.duration served_by=reduced", seen);

        void Note(Instrument instrument, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            string text = instrument.Name;
            foreach ((string name, object? value) in tags)
            {
                text += $" {name}={value}";
            }

            seen.Enqueue(text);
        }
    }

    [Fact]
    public async Task Warming_up_is_not_counted_cached_or_recorded()
    {
        using World world = World.WithModel();

        ((Recommender)world.Recommender).CreateWarmUpSlate();
        await world.Impressions.FlushAsync(World.Token);

        Assert.Empty(await world.Impressions.ReadAllAsync(World.Token).ToArrayAsync(World.Token));
        Assert.Equal(0, world.Cache.Count);
        Assert.DoesNotContain(world.Recommend("ann").Items, item => item.Item.Value.StartsWith("warm", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_first_slate_waits_until_its_code_is_compiled()
    {
        using World world = World.WithModel();
        CountingRanker ranker = new();
        ServiceCollection services = [];
        services.AddServingLayer()
            .AddSingleton<IUserProfiles>(world.Profiles).AddSingleton<IItemCatalogue>(world.Catalogue).AddSingleton<ITrends>(world.Trends)
            .AddSingleton<IServedModels>(world.Models).AddSingleton(new OwnerHash(new byte[OwnerHash.KeySizeBytes])).AddSingleton<IRanker>(ranker);
        using ServiceProvider provider = services.BuildServiceProvider();

        await provider.GetRequiredService<IRecommender>().RecommendAsync(new SlateRequest(), World.Token);

        Assert.Equal(2, ranker.Calls);
    }

    [Theory]
    [InlineData(0, null, "count")]
    [InlineData(101, null, "count")]
    [InlineData(10, 1.5, "diversity")]
    [InlineData(10, double.NaN, "diversity")]
    public void A_request_that_cannot_be_served_is_refused_by_field(int count, double? diversity, string field)
    {
        using World world = World.WithModel();
        SlateRequest request = new() { Count = count, Diversity = diversity };

        Assert.Equal(field, request.Problem()!.Field);
        Assert.Throws<ArgumentException>(() => { world.Recommend(request); });
    }

    private sealed class CountingRanker : IRanker
    {
        public int Calls { get; private set; }

        public string Name => "counting";

        public IReadOnlyList<string> FeatureNames => Pipeline.Feature.Names;

        public void Rank(ReadOnlySpan<float> features, int featureCount, Span<float> scores)
        {
            Calls++;
            scores.Clear();
        }
    }
}
