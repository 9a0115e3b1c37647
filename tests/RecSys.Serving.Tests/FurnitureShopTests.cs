using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using RecSys.Batch;
using RecSys.Batch.Replay;
using RecSys.Batch.Training;
using RecSys.Core;
using RecSys.Core.Log;
using RecSys.Core.Models;
using RecSys.Core.Ports;
using RecSys.Core.Ranking;
using RecSys.Core.Slates;
using RecSys.Core.Trends;
using RecSys.Numerics;
using RecSys.Serving.Pipeline;

namespace RecSys.Serving.Tests;

/// <summary>Trains on the log of a simulated furniture shop with default settings, and requests a slate of a user who compared four sofas and bought one.</summary>
public sealed class FurnitureShopTests
{
    private const string Buyer = "buyer";
    private const int PerKind = 30;
    private const int Styles = 5;

    private static readonly string[] GoesWithSofas = ["lamp", "rug", "table"];
    private static readonly string[] GoesWithBeds = ["linen", "mattress", "nightstand"];
    private static readonly string[] Others = ["garden", "kitchen"];
    private static readonly string[] Kinds = ["sofa", "bed", .. GoesWithSofas, .. GoesWithBeds, .. Others];

    [Fact]
    public async Task Where_complements_follow_a_purchase_a_training_finds_it_and_slates_show_them()
    {
        (ModelCard card, Slate slate) = await ServedAsync(Shop(hasComplements: true));
        string[] kinds = [.. slate.Items.Select(item => KindOf(item.Item))];

        Assert.True(WeightOf(card) > 0.1, $"{WeightOf(card)}, {card.Verdict}");
        Assert.True(kinds.Count(GoesWithSofas.Contains) >= 3, string.Join(' ', kinds));
        Assert.True(kinds.Count(GoesWithSofas.Contains) > kinds.Count(kind => kind == "bed"), string.Join(' ', kinds));
        Assert.InRange(kinds.Count(kind => kind == "sofa"), 0, 3);
        Assert.Contains(slate.Items, item => GoesWithSofas.Contains(KindOf(item.Item)) && item.Features["boughtNext"] > 0);
    }

    [Fact]
    public async Task Where_any_kind_follows_a_purchase_the_source_stays_off()
    {
        (ModelCard card, Slate slate) = await ServedAsync(Shop(hasComplements: false));

        Assert.True(card.Metrics["fit.boughtNext.low"] <= 0, card.Verdict);
        Assert.Equal(0, WeightOf(card));
        Assert.DoesNotContain(slate.Items, item => item.Sources.Contains("boughtNext"));
        Assert.InRange(slate.Items.Count(item => KindOf(item.Item) == "sofa"), 0, 3);
    }

    private static double WeightOf(ModelCard card) => card.Parameters.GetValueOrDefault(RankingWeights.KnownPrefix + Feature.Names[Feature.BoughtNext]);

    private static string KindOf(ItemId item) => item.Value[..item.Value.IndexOf('-', StringComparison.Ordinal)];

    private static async Task<(ModelCard Card, Slate Slate)> ServedAsync(ReplayWorld world)
    {
        await using ServiceProvider services = new ServiceCollection()
            .AddSingleton(TimeProvider.System)
            .AddSingleton(InteractionTypes.Default)
            .AddSingleton(new OwnerHash(new byte[OwnerHash.KeySizeBytes]))
            .AddServingLayer()
            .BuildServiceProvider();
        ISlateEvaluation slates = services.GetRequiredService<ISlateEvaluation>();
        WorldReplay replay = new(world, new TrendsOptions());
        replay.Apply(0, world.Records.Count);
        replay.Time.MoveTo(world.Records[^1].TimeMs + 60_000);
        LogHistory history = new(new LogPosition(0, [world.Records.Count]), replay.Table(), replay.Current);

        CandidateResult result = new CandidateTrainer(new BatchOptions(), slates).Train(history, world, champion: null, progress: null, World.Token);

        Assert.True(result.Model is not null, result.Verdict.Text);
        using ModelSnapshot model = ModelSnapshot.Of(result.Model);
        using IEvaluatedSlates served = slates.Open(new EvaluatedViews(replay, replay, replay, model, replay.Time, Seed: 1));
        return (result.Model.Card, await served.SlateAsync(new SlateRequest { User = new UserId(Buyer), Count = 10 }, World.Token));
    }

    // Returns the log of 2,500 users, each of whom comes twice within two months, looks at four sofas or beds and buys the last one; a day later they look at three other items and buy the last one:
    // three of five users what goes with the purchase, the others any kind; or all any kind. Each user prefers the items of one style.
    private static ReplayWorld Shop(bool hasComplements)
    {
        SeededRandom random = new(3);
        List<FileAct> acts = [];
        for (int visit = 0; visit < 5_000; visit++)
        {
            string name = string.Create(CultureInfo.InvariantCulture, $"user{visit / 2:0000}");
            int style = visit / 2 % Styles;
            bool isSofa = random.NextInt(2) == 0;
            long startMs = random.NextInt(60 * 24 * 60) * 60_000L;
            Visit(name, style, [isSofa ? "sofa" : "bed"], 4, startMs);
            string[] next = hasComplements && random.NextInt(5) < 3 ? isSofa ? GoesWithSofas : GoesWithBeds : Kinds;
            Visit(name, style, next, 3, startMs + ((20 + random.NextInt(8)) * 3_600_000L));
        }

        Visit(Buyer, style: 0, ["sofa"], 4, 61 * 24 * 3_600_000L);
        return new FileWorld
        {
            Acts = acts,
            Catalogue =
            [
                .. Kinds.SelectMany(kind => Enumerable.Range(0, PerKind).Select(number => (
                    new ItemId(string.Create(CultureInfo.InvariantCulture, $"{kind}-{number:00}")),
                    new ItemContent { Title = string.Create(CultureInfo.InvariantCulture, $"{kind}-{number:00}"), Categories = [kind] }))),
            ],
        }.Build(InteractionTypes.Default);

        void Visit(string user, int style, string[] kinds, int views, long startMs)
        {
            string item = "";
            for (int view = 0; view < views; view++)
            {
                int number = (Math.Min(random.NextInt(PerKind), random.NextInt(PerKind)) / Styles * Styles) + (random.NextInt(5) == 0 ? random.NextInt(Styles) : style);
                item = string.Create(CultureInfo.InvariantCulture, $"{kinds[random.NextInt(kinds.Length)]}-{number:00}");
                acts.Add(new FileAct(user, item) { TimeMs = startMs + (view * 60_000L), Type = "view" });
            }

            acts.Add(new FileAct(user, item) { TimeMs = startMs + (views * 60_000L), Type = "purchase" });
        }
    }
}
