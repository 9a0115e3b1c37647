using System.Globalization;
using RecSys.Batch.Evaluation;
using RecSys.Batch.Ranking;
using RecSys.Batch.Replay;
using RecSys.Core;
using RecSys.Core.Models;
using RecSys.Core.Ports;
using RecSys.Core.Ranking;
using RecSys.Core.Trends;
using RecSys.Core.Users;
using RecSys.Numerics;
using RecSys.TestKit.Models;
using Xunit;

namespace RecSys.Batch.Tests.Ranking;

/// <summary>Checks the fit in a world of 60 items with two random features, where one of the features determines which items users touch.</summary>
public sealed class RankingFitTests
{
    private const long CutMs = 1_000;
    private static readonly InteractionTypes Types = FileWorld.TypesWithPairs(InteractionTypes.Default);
    private static readonly string[] Items = [.. Enumerable.Range(0, 60).Select(item => string.Create(CultureInfo.InvariantCulture, $"item{item:00}"))];
    private static readonly RankingWeights Present = new(["first", "second"], [1, 0.1], [3, 4]);
    private static readonly RankingWeights Optional = new(["first", "second"], [1, 0], [3, 0]);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public void Fitted_weights_predict_the_next_interactions()
    {
        RankingFitResult result = Fit(World(bySecond: true));

        Assert.NotNull(result.Weights);
        Assert.True(result.Weights.Known[1] > 2 * Math.Abs(result.Weights.Known[0]), result.Text);
        Assert.Equal(Present.NewUsers, result.Weights.NewUsers);
        Assert.True(result.Figures["fit.ndcg@10"] > result.Figures["fit.default.ndcg@10"]);
        Assert.StartsWith("fitted weights: ", result.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Confidences_rise_with_the_score_and_are_in_the_mean_the_share_that_is_liked_next()
    {
        FittedConfidence curve = Fit(World(bySecond: true)).Confidence!;
        RankingWeights weights = Fit(World(bySecond: true)).Weights!;
        ReplayWorld world = World(bySecond: true);

        // Ten of 60 items are shown, each user takes ten, and the best item of the moment more often than others.
        (double sum, double hits, int count) = (0, 0, 0);
        NextLikes next = new(world, _ => true);
        for (int at = 100; at < world.Records.Count - 400; at++)
        {
            int[] liked = next.Of(world.Records[at].User, at);
            foreach ((string item, double score) in Items.Select(item => (item, Score: ScoreOf((int)world.Records[at].TimeMs, item, weights))).OrderByDescending(one => one.Score).Take(10))
            {
                sum += 1 / (1 + Math.Exp(-(curve.Offset + (curve.Score * score) + (curve.Evidence * Math.Log(1)))));
                hits += liked.Contains(world.ItemNumbers[new ItemId(item)]) ? 1 : 0;
                count++;
            }
        }

        Assert.True(curve.Score > 0);
        Assert.InRange(sum / count, (hits / count) - 0.03, (hits / count) + 0.03);

        static double ScoreOf(int timeMs, string item, RankingWeights weights) => Features(timeMs, item).Zip(weights.Known, (value, weight) => value * weight).Sum();
    }

    [Fact]
    public void A_low_limit_of_candidates_does_not_bias_the_weights()
    {
        // The current weights order by the first feature, which does not influence what users take.
        RankingWeights fitted = Fit(World(bySecond: true), new RankingFitOptions { CandidatesMax = 20 }).Weights!;

        Assert.True(fitted.Known[1] > 2 * Math.Abs(fitted.Known[0]), string.Join(' ', fitted.Known));
    }

    [Fact]
    public void The_same_log_gives_the_same_weights()
    {
        ReplayWorld world = World(bySecond: true);

        Assert.Equal(Fit(world).Weights!.Known, Fit(world).Weights!.Known);
        Assert.Equal(Fit(world).Confidence, Fit(world).Confidence);
    }

    [Fact]
    public void Fitted_weights_do_not_raise_the_difference_between_the_first_and_the_tenth_score()
    {
        RankingWeights fitted = Fit(World(bySecond: true)).Weights!;

        Assert.InRange(Spread(fitted) / Spread(Present), 0.5, 1.05);

        static double Spread(RankingWeights weights) => Enumerable.Range(0, 500).Average(round =>
        {
            double[] scores = [.. Items.Select(item => Features(round * 7, item).Zip(weights.Known, (value, weight) => value * weight).Sum()).OrderDescending()];
            return scores[0] - scores[9];
        });
    }

    [Fact]
    public void Weights_that_may_be_worse_are_not_used()
    {
        // Users touch random items, so there is nothing to fit except noise.
        RankingFitResult result = Fit(World(bySecond: null));

        Assert.Null(result.Weights);
        Assert.True(result.IsJudged);
        Assert.StartsWith("fitted weights not taken: ", result.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void An_optional_feature_gets_a_weight_where_slates_are_better_with_it()
    {
        RankingFitResult result = FitOptional(World(bySecond: true));

        Assert.True(result.Figures["fit.second.low"] > 0, result.Text);
        Assert.True(result.Weights!.Known[1] > 0, result.Text);
        Assert.Contains(", with second (difference +", result.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void An_optional_feature_gets_no_weight_where_slates_are_not_better_with_it()
    {
        RankingFitResult result = FitOptional(World(bySecond: false));

        Assert.True(result.Figures["fit.second.low"] <= 0, result.Text);
        Assert.Equal(0, result.Weights!.Known[1]);
        Assert.True(result.Weights.Known[0] > 0, result.Text);
        Assert.Contains(", without second (difference ", result.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(false, false)]
    public void An_optional_feature_that_costs_nothing_gets_a_weight_where_slates_are_better_by_more_than_a_standard_error(bool bySecond, bool getsWeight)
    {
        RankingFitResult result = FitOptional(World(bySecond), isCostly: false);

        double middle = (result.Figures["fit.second.low"] + result.Figures["fit.second.high"]) / 2;
        double error = (result.Figures["fit.second.high"] - result.Figures["fit.second.low"]) / (2 * 1.96);
        Assert.Equal(getsWeight, middle > error);
        Assert.Equal(getsWeight, result.Weights!.Known[1] > 0);
    }

    [Fact]
    public void An_optional_feature_that_no_candidate_has_is_not_judged()
    {
        int sets = 0;
        FeatureSlates slates = new(Items, (views, _, item) => [Features((int)views.Time.GetUtcNow().ToUnixTimeMilliseconds(), item)[0], 0], Optional)
        {
            OptionalFeatures = [new("second", IsCostly: true)],
            Judged = weights => sets = Math.Max(sets, weights.Count),
        };

        RankingFitResult result = Fitter(slates).Fit(World(bySecond: false), _ => true, CutMs, Model(), Cancel);

        Assert.Equal(2, sets);
        Assert.Equal(0, result.Weights!.Known[1]);
        Assert.DoesNotContain("second", result.Text, StringComparison.Ordinal);
        Assert.False(result.Figures.ContainsKey("fit.second.low"));
    }

    [Fact]
    public void Too_few_questions_give_no_weights()
    {
        RankingFitResult result = Fit(World(bySecond: true), new RankingFitOptions { QuestionsMin = 5_000 });

        Assert.Null(result.Weights);
        Assert.False(result.IsJudged);
        Assert.Contains("5000 are needed", result.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_is_asked_if_fitted_weights_would_have_no_effect()
    {
        FeatureSlates slates = new(Items, (_, _, _) => throw new InvalidOperationException("asked"), weights: null);

        Assert.Null(Fitter(slates).Fit(World(bySecond: true), _ => true, CutMs, Model(), Cancel).Weights);
    }

    [Fact]
    public void Records_that_are_not_applied_and_later_records_are_not_seen()
    {
        ReplayWorld world = World(bySecond: true);
        int asked = 0;
        FeatureSlates slates = new(
            Items,
            (views, request, item) =>
            {
                UserProfile profile = views.Profiles.GetAsync(request.User!.Value, after: null, Cancel).AsTask().GetAwaiter().GetResult().Profile;
                long nowMs = views.Time.GetUtcNow().ToUnixTimeMilliseconds();
                foreach (ProfileInteraction interaction in profile.History)
                {
                    Assert.True(interaction.TimestampMs < nowMs && interaction.TimestampMs < 4_000, $"{interaction.TimestampMs} is seen at {nowMs}");
                }

                Assert.InRange(nowMs, CutMs, 3_999);
                asked++;
                return Features((int)nowMs, item);
            },
            Present);

        Fitter(slates).Fit(world, at => world.Records[at].TimeMs < 4_000, CutMs, Model(), Cancel);

        Assert.True(asked > 0);
    }

    private static RankingFitResult Fit(ReplayWorld world, RankingFitOptions? options = null) =>
        Fitter(new FeatureSlates(Items, (views, _, item) => Features((int)views.Time.GetUtcNow().ToUnixTimeMilliseconds(), item), Present), options)
            .Fit(world, _ => true, CutMs, Model(), Cancel);

    private static RankingFitResult FitOptional(ReplayWorld world, bool isCostly = true) =>
        Fitter(new FeatureSlates(Items, (views, _, item) => Features((int)views.Time.GetUtcNow().ToUnixTimeMilliseconds(), item), Optional) { OptionalFeatures = [new("second", isCostly)] })
            .Fit(world, _ => true, CutMs, Model(), Cancel);

    private static RankingFit Fitter(ISlateEvaluation slates, RankingFitOptions? options = null) =>
        new(options ?? new RankingFitOptions(), new GateOptions { Rounds = 200 }, slates, new TrendsOptions(), seed: 1);

    private static ModelSnapshot Model() => ModelSnapshot.Of(SmallModels.Content(Items));

    // Returns two random values for each item at each time.
    private static float[] Features(int timeMs, string item)
    {
        SeededRandom random = new((ulong)((timeMs * 64) + int.Parse(item.AsSpan(4), CultureInfo.InvariantCulture)));
        return [(float)random.NextDouble(), (float)random.NextDouble()];
    }

    // Returns a world of 40 users with one interaction per millisecond. After the cut, each interaction is with the best of some items by the second feature, by the first one, or with a random item.
    private static ReplayWorld World(bool? bySecond)
    {
        SeededRandom random = new(5);
        List<FileAct> acts = [];
        for (int timeMs = 900; timeMs < 5_000; timeMs++)
        {
            string[] drawn = [.. Enumerable.Range(0, bySecond is null ? 1 : 15).Select(_ => Items[random.NextInt(Items.Length)])];
            string taken = drawn.MaxBy(item => Features(timeMs, item)[bySecond == false ? 0 : 1])!;
            acts.Add(new FileAct(string.Create(CultureInfo.InvariantCulture, $"user{random.NextInt(40)}"), taken) { TimeMs = timeMs, Type = "view" });
        }

        return new FileWorld { Acts = acts }.Build(Types);
    }
}
