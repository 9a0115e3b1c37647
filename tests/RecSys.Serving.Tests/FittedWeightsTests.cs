using System.Collections.Immutable;
using RecSys.Core;
using RecSys.Core.Models;
using RecSys.Core.Ports;
using RecSys.Core.Ranking;
using RecSys.Core.Slates;
using RecSys.Serving.Pipeline;
using RecSys.Serving.Ranking;

namespace RecSys.Serving.Tests;

public sealed class FittedWeightsTests
{
    private static readonly RankingWeights Defaults = RankerChoice.WeightsOf(new ServingOptions());

    [Fact]
    public void The_fitted_weights_of_the_model_are_used()
    {
        using World world = Served(Changed(Feature.Affinity, 7));

        Assert.Equal(7, AffinityWeight(world), 1e-4);
    }

    [Fact]
    public void What_users_bought_next_is_read_only_with_a_fitted_weight_and_a_purchase()
    {
        Assert.Equal(0, Calls(weight: 0, "purchase"));
        Assert.Equal(0, Calls(weight: 1, "view"));
        Assert.Equal(1, Calls(weight: 1, "purchase"));

        static int Calls(double weight, string type)
        {
            using World world = Served(Changed(Feature.BoughtNext, weight));
            world.Does("ann", type, "a02");
            world.Recommend("ann");
            return world.Trends.BoughtNextCalls;
        }
    }

    [Fact]
    public void Lists_of_similar_items_have_weights_of_their_own()
    {
        using World world = Served(Changed(Feature.Session, -7), options => options.SimilarWeights.Session = 3);

        ItemList list = World.Now(world.Recommender.SimilarAsync(new SimilarRequest(World.Item("a05")), World.Token))!;

        SlateItem nearest = list.Items[0];
        Assert.StartsWith("a", nearest.Item.Value, StringComparison.Ordinal);
        Assert.True(nearest.Score >= 3 * nearest.Features.Values[Feature.Session]);
        Assert.True(nearest.Features.Values[Feature.Session] > 0);
    }

    [Fact]
    public void A_negative_weight_lowers_the_score_and_is_never_the_reason()
    {
        using World world = Served(Changed(Feature.Affinity, -1));

        Explanation explanation = Explain(world);

        Assert.True(explanation.Parts.Single(part => part.Name == "affinity").Value < 0);
        Assert.Equal(explanation.Score!.Value, explanation.Parts.Sum(part => part.Value), 1e-5);
        Assert.All(world.Recommend("ann").Items, item => Assert.DoesNotContain("Because you", item.Explanation, StringComparison.Ordinal));
    }

    [Fact]
    public void Without_fitted_weights_in_the_model_those_of_the_settings_are_used()
    {
        using World world = Served(weights: null);

        Assert.Equal(Defaults.Known[Feature.Affinity], AffinityWeight(world), 1e-4);
    }

    [Theory]
    [InlineData("weights.affinity", 101)]
    [InlineData("newUserWeights.trend", -1e300)]
    [InlineData("weights.another", 1)]
    public void Weights_that_are_not_allowed_or_are_of_other_features_have_no_effect(string name, double value)
    {
        using World world = World.WithModel(content => content with
        {
            Card = content.Card with { Parameters = Changed(Feature.Affinity, 7).WriteTo(content.Card.Parameters).SetItem(name, value) },
        });
        LikeALot(world);

        Assert.Equal(Defaults.Known[Feature.Affinity], AffinityWeight(world), 1e-4);
    }

    [Fact]
    public void Fitted_weights_of_which_one_is_missing_have_no_effect()
    {
        using World world = World.WithModel(content => content with
        {
            Card = content.Card with { Parameters = Changed(Feature.Affinity, 7).WriteTo(content.Card.Parameters).Remove("weights.trend") },
        });
        LikeALot(world);

        Assert.Equal(Defaults.Known[Feature.Affinity], AffinityWeight(world), 1e-4);
    }

    [Fact]
    public void Weights_that_the_settings_change_are_used_instead_of_fitted_ones()
    {
        using World world = Served(Changed(Feature.Affinity, 7), options => options.Weights.Affinity = 5);

        Assert.Equal(5, AffinityWeight(world), 1e-4);
    }

    [Fact]
    public void Fitted_weights_can_be_turned_off()
    {
        using World world = Served(Changed(Feature.Affinity, 7), options => options.FittedWeights = false);

        Assert.Equal(1, AffinityWeight(world), 1e-4);
    }

    [Fact]
    public void Confidences_follow_the_curve_that_was_fitted_with_the_model()
    {
        using World world = ServedWithCurve();

        Assert.All(world.Recommend("ann").Items, item => Assert.Equal(1 / (1 + Math.Exp(3 - (0.5 * item.Score) + (0.2 * Math.Log(3)))), item.Confidence, 1e-12));
    }

    [Fact]
    public void A_curve_of_the_settings_is_used_instead_of_a_fitted_one()
    {
        using World world = ServedWithCurve(options => options.Confidence.Offset = -1);

        Assert.All(world.Recommend("ann").Items, item => Assert.Equal(1 / (1 + Math.Exp(1 - (2 * item.Score) - (0.3 * Math.Log(3)))), item.Confidence, 1e-12));
    }

    [Fact]
    public void A_fitted_curve_is_not_used_for_scores_of_other_weights()
    {
        using World world = ServedWithCurve(options => options.Weights.Affinity = 5);

        Assert.All(world.Recommend("ann").Items, item => Assert.Equal(1 / (1 + Math.Exp(2 - (2 * item.Score) - (0.3 * Math.Log(3)))), item.Confidence, 1e-12));
    }

    [Theory]
    [InlineData("confidence.score", 0)]
    [InlineData("confidence.offset", double.NaN)]
    [InlineData("confidence.evidence", 1e9)]
    public void A_fitted_curve_that_is_not_allowed_has_no_effect(string name, double value)
    {
        FittedConfidence curve = new(-3, 0.5, -0.2);

        Assert.Equal(curve, FittedConfidence.Read(curve.WriteTo(ImmutableSortedDictionary<string, double>.Empty)));
        Assert.Null(FittedConfidence.Read(curve.WriteTo(ImmutableSortedDictionary<string, double>.Empty).SetItem(name, value)));
    }

    [Fact]
    public void Weights_are_fitted_only_if_they_would_be_used()
    {
        LinearRanker pluggedIn = new("own", [.. Feature.Names.Select(name => KeyValuePair.Create(name, 1f))]);

        Assert.NotNull(Evaluation(new ServingOptions()).Weights);
        Assert.Null(Evaluation(new ServingOptions { FittedWeights = false }).Weights);
        Assert.Null(Evaluation(new ServingOptions { NewUserWeights = new BlendWeights() }).Weights);
        Assert.Null(Evaluation(new ServingOptions(), pluggedIn).Weights);

        static SlateEvaluation Evaluation(ServingOptions options, IRanker? ranker = null) =>
            new(new OwnerHash(new byte[OwnerHash.KeySizeBytes]), InteractionTypes.Default, ranker, options);
    }

    [Fact]
    public async Task Candidates_have_all_features_and_slates_read_what_users_bought_next_only_with_a_weight()
    {
        using World world = Served(weights: null);
        world.Does("ann", "purchase", "a01");
        world.Trends.BoughtNext["a01"] = [new(World.Item("b19"), 1)];
        using ModelSnapshot model = RecSys.TestKit.Models.SmallModels.Snapshot(World.ClusterModel());
        using IEvaluatedSlates slates = new SlateEvaluation(new OwnerHash(new byte[OwnerHash.KeySizeBytes]), world.Types, ranker: null, world.Options)
            .Open(new EvaluatedViews(world.Profiles, world.Catalogue, world.Trends, model, world.Time, Seed: 1));
        SlateRequest request = new() { User = new UserId("ann"), Count = 10 };

        await slates.SlateAsync(request, World.Token);
        await slates.ItemsAsync(request, [Defaults, Changed(Feature.BoughtNext, -1)], World.Token);
        Assert.Equal(0, world.Trends.BoughtNextCalls);

        CandidateFeatures candidates = await slates.CandidatesAsync(request, World.Token);
        Assert.Equal(1, world.Trends.BoughtNextCalls);
        int row = candidates.Items.ToList().IndexOf(World.Item("b19"));
        Assert.True(candidates.Rows.Span[(row * Feature.Count) + Feature.BoughtNext] > 0);
    }

    [Fact]
    public async Task Candidates_have_the_features_that_were_ranked_and_leave_out_seen_items()
    {
        using World world = Served(weights: null);
        using ModelSnapshot model = RecSys.TestKit.Models.SmallModels.Snapshot(World.ClusterModel());
        using IEvaluatedSlates slates = new SlateEvaluation(new OwnerHash(new byte[OwnerHash.KeySizeBytes]), world.Types, ranker: null, world.Options)
            .Open(new EvaluatedViews(world.Profiles, world.Catalogue, world.Trends, model, world.Time, Seed: 1));
        SlateRequest request = new() { User = new UserId("ann"), Count = 10 };

        CandidateFeatures candidates = await slates.CandidatesAsync(request, World.Token);
        Slate slate = await slates.SlateAsync(request, World.Token);

        Assert.Equal(candidates.Items.Count * Feature.Count, candidates.Rows.Length);
        Assert.DoesNotContain(World.Item("a00"), candidates.Items);
        foreach (SlateItem item in slate.Items)
        {
            int row = candidates.Items.ToList().IndexOf(item.Item);
            Assert.Equal(item.Features.Values, candidates.Rows.Slice(row * Feature.Count, Feature.Count).ToArray());
        }
    }

    [Fact]
    public async Task Items_with_several_sets_of_weights_are_those_of_a_slate_with_each()
    {
        RankingWeights[] sets = [Defaults, Changed(Feature.Affinity, -50), Changed(Feature.CoVisit, -50), Defaults, Changed(Feature.BoughtNext, 50), Defaults];
        using World world = Served(weights: null);
        world.Does("ann", "purchase", "a01");
        world.Trends.BoughtNext["a01"] = [new(World.Item("b19"), 1)];
        using ModelSnapshot model = RecSys.TestKit.Models.SmallModels.Snapshot(World.ClusterModel());
        SlateRequest request = new() { User = new UserId("ann"), Count = 10 };

        using IEvaluatedSlates slates = Open(model);
        RankedItems[] items = await slates.ItemsAsync(request, sets, World.Token);

        Assert.NotEqual(items[0].Items, items[1].Items);
        Assert.Equal(items[0].Items, items[3].Items);
        Assert.Equal(World.Item("b19"), items[4].Items[0]);
        Assert.Equal(items[0].Items, items[5].Items);
        for (int i = 0; i < sets.Length; i++)
        {
            ModelContent content = World.ClusterModel();
            using ModelSnapshot weighted = RecSys.TestKit.Models.SmallModels.Snapshot(content with { Card = content.Card with { Parameters = sets[i].WriteTo(content.Card.Parameters) } });
            using IEvaluatedSlates alone = Open(weighted);
            Slate slate = await alone.SlateAsync(request, World.Token);
            Assert.Equal(slate.Items.Select(item => item.Item), items[i].Items);
            Assert.Equal(slate.Items.Select(item => item.Score), items[i].Scores);
            Assert.Equal(2, items[i].KnownLikes);
        }

        IEvaluatedSlates Open(ModelSnapshot served) =>
            new SlateEvaluation(new OwnerHash(new byte[OwnerHash.KeySizeBytes]), world.Types, ranker: null, world.Options)
                .Open(new EvaluatedViews(world.Profiles, world.Catalogue, world.Trends, served, world.Time, Seed: 1));
    }

    private static RankingWeights Changed(int feature, double weight) => new(Feature.Names, Defaults.Known.SetItem(feature, weight), Defaults.NewUsers);

    private static World ServedWithCurve(Action<ServingOptions>? configure = null)
    {
        World world = World.WithModel(content => content with
        {
            Card = content.Card with { Parameters = new FittedConfidence(-3, 0.5, -0.2).WriteTo(content.Card.Parameters) },
        });
        configure?.Invoke(world.Options);
        LikeALot(world);
        return world;
    }

    private static World Served(RankingWeights? weights, Action<ServingOptions>? configure = null)
    {
        World world = World.WithModel(content => weights is null ? content : content with
        {
            Card = content.Card with { Parameters = weights.WriteTo(content.Card.Parameters) },
        });
        configure?.Invoke(world.Options);
        LikeALot(world);
        return world;
    }

    private static void LikeALot(World world)
    {
        world.Options.KnownItems = 0;
        world.Does("ann", "like", "a00");
        world.Does("ann", "like", "a01");
    }

    private static Explanation Explain(World world) =>
        world.Recommender.ExplainAsync(new SlateRequest { User = new UserId("ann") }, World.Item("a05"), World.Token).AsTask().GetAwaiter().GetResult();

    // Returns the weight by which the affinity of an item was multiplied in its score.
    private static double AffinityWeight(World world)
    {
        Explanation explanation = Explain(world);
        double affinity = world.Recommend(new SlateRequest { User = new UserId("ann"), Count = 40, Diversity = 0 }).Items.Single(item => item.Item == World.Item("a05")).Features["affinity"];
        return explanation.Parts.Single(part => part.Name == "affinity").Value / affinity;
    }
}
