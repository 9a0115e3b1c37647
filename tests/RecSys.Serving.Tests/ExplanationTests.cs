using RecSys.Core;
using RecSys.Core.Log;
using RecSys.Core.Models;
using RecSys.Core.Ranking;
using RecSys.Core.Slates;

namespace RecSys.Serving.Tests;

public sealed class ExplanationTests
{
    private static readonly int[] Targets = [4, 24];
    private static readonly string[] Historic = ["affinity", "session", "coVisit", "content", "newest"];

    [Fact]
    public void The_parts_add_up_exactly_and_to_the_slates_score()
    {
        using World world = World.WithModel();
        Busy(world);
        Slate slate = world.Recommend("ann", 20);

        foreach (SlateItem item in slate.Items)
        {
            Explanation why = world.Explain("ann", item.Item.Value, new SlateRequest { Count = 20 });

            double sum = 0;
            foreach (ScorePart part in why.Parts)
            {
                sum += part.Value;
            }

            Assert.Equal(ExplanationOutcome.Shown, why.Outcome);
            Assert.Equal(why.Score, sum);
            Assert.Equal(item.Score, why.Score);
            Assert.Equal(item.Explanation, why.Reason);
            Assert.Equal(World.Ids(slate).IndexOf(item.Item.Value), why.Position);
        }
    }

    [Fact]
    public void A_corrected_rating_is_no_reason()
    {
        using World world = World.WithModel();
        world.Does("ann", "rating", "a00", ago: TimeSpan.FromMinutes(2), value: 5);
        world.Does("ann", "rating", "a00", ago: TimeSpan.FromMinutes(1), value: 1);
        world.Does("ann", "like", "b00");

        Explanation why = world.Explain("ann", "b01");

        Assert.Equal("b00", Assert.Single(why.Because).Item.Value);
        Assert.DoesNotContain(world.Recommend("ann").Items, item => item.Explanation.Contains("a00", StringComparison.Ordinal));
    }

    [Fact]
    public void The_contributions_of_interactions_add_up_to_the_parts_of_the_history()
    {
        using World world = World.WithModel(WithOperator);
        Busy(world);

        Explanation why = world.Explain("ann", "a04");

        double carried = why.Because.Sum(cause => cause.Contribution);
        double expected = why.Parts.Where(part => Historic.Contains(part.Name)).Sum(part => part.Value);
        Assert.True(expected > 0.5);
        Assert.Equal(expected, carried, 1e-9);
        Assert.Equal(why.Because.OrderByDescending(cause => Math.Abs(cause.Contribution)), why.Because);
        Assert.Equal(1, why.ModelShare + why.RecentShare, 1e-12);
    }

    [Fact]
    public void Contributions_are_those_of_the_fold_in()
    {
        ModelContent content = WithOperator(World.ClusterModel());
        using ModelSnapshot model = TestKit.Models.SmallModels.Snapshot(content);
        int[] items = [0, 3, 25];
        float[] weights = [1, 2.5f, 0.5f];
        float[] scores = new float[model.ItemCount];
        new ModelScorer(model).ScoreAll(items, weights, scores);

        for (int index = 0; index < model.ItemCount; index++)
        {
            Assert.Equal(scores[index], Explaining.Causes.OfAffinity(model, items, weights, index).Sum(), 1e-5);
        }
    }

    [Fact]
    public void Interactions_after_the_models_watermark_count_as_recent()
    {
        using World world = World.WithModel(content => content with
        {
            Card = content.Card with { Watermark = Core.Log.LogPosition.Of(new Core.Log.RecordPosition(0, 1, 0)) },
        });
        world.Does("ann", "like", "a00", TimeSpan.FromDays(1));
        Explanation before = world.Explain("ann", "a04");
        world.Does("ann", "click", "a03");
        Explanation after = world.Explain("ann", "a04");
        Slate slate = world.Recommend("ann");

        Assert.Equal(0, before.RecentShare);
        Assert.InRange(after.RecentShare, 0.2, 0.95);
        Assert.False(after.Because.Single(cause => cause.Item.Value == "a00").IsNewerThanModel);
        Assert.True(after.Because.Single(cause => cause.Item.Value == "a03").IsNewerThanModel);
        Assert.Equal("Title a03", after.Because.Single(cause => cause.Item.Value == "a03").Title);
        Assert.Equal((2, 1), (slate.InteractionsHeld, slate.InteractionsSinceModel));
    }

    [Fact]
    public void An_outranked_item_is_explained_by_its_rank_and_the_items_before_it()
    {
        using World world = World.WithModel();
        world.Does("ann", "view", "a00");

        Explanation why = world.Explain("ann", "a15", new SlateRequest { Count = 3 });

        Assert.Equal(ExplanationOutcome.Outranked, why.Outcome);
        Assert.Equal("ranking", why.Stage);
        Assert.True(why.Position >= 3);
        Assert.Contains("behind “Title a", why.Reason, StringComparison.Ordinal);
        Assert.Equal(["passed", "passed", "removed", "notReached"], why.Stages.Select(stage => stage.Outcome));
    }

    [Fact]
    public void An_item_that_only_variety_left_out_is_explained()
    {
        using World world = World.WithModel();
        world.Does("ann", "purchase", "a00");
        SlateRequest request = new() { Count = 4, Diversity = 0.9 };
        string[] byScore = World.Ids(world.Recommend(new SlateRequest { User = new UserId("ann"), Count = 4, Diversity = 0 }));
        string[] varied = World.Ids(world.Recommend(request with { User = new UserId("ann") }));
        string leftOut = byScore.Except(varied).First();

        Explanation why = world.Explain("ann", leftOut, request);

        Assert.Equal(ExplanationOutcome.Outranked, why.Outcome);
        Assert.Equal("selection", why.Stage);
    }

    [Fact]
    public void An_item_that_no_source_returns_is_explained_with_its_score()
    {
        using World world = World.WithModel();
        world.Options.EmbeddingCandidates = 10;
        world.Options.ListCandidates = 1;
        world.Does("ann", "view", "a00");

        Explanation why = world.Explain("ann", "b12", new SlateRequest { Count = 2 });

        Assert.Equal(ExplanationOutcome.NotACandidate, why.Outcome);
        Assert.Equal("candidates", why.Stage);
        Assert.StartsWith("none of embedding, similar, coVisit", why.Reason, StringComparison.Ordinal);
        Assert.NotNull(why.Score);
        Assert.Equal("notReached", why.Stages[1].Outcome);
    }

    [Fact]
    public void An_item_without_any_record_is_unknown()
    {
        using World world = World.WithModel();

        Explanation why = world.Explain("ann", "zzz");

        Assert.Equal(ExplanationOutcome.UnknownItem, why.Outcome);
        Assert.Null(why.Score);
        Assert.Empty(why.Parts);
    }

    [Fact]
    public void An_explanation_does_not_change_the_slate()
    {
        using World world = World.WithModel();
        Busy(world);
        string[] slate = World.Ids(world.Recommend("ann"));

        foreach (string id in World.AllIds())
        {
            Explanation why = world.Explain("ann", id);
            Assert.Equal(slate.Contains(id), why.Outcome == ExplanationOutcome.Shown);
        }
    }

    [Fact]
    public void A_ranker_that_is_not_linear_is_explained_as_a_sum_too()
    {
        using World world = World.WithModel();
        Busy(world);
        IRecommender recommender = world.Make(new Squared());

        Slate slate = World.Now(recommender.RecommendAsync(new SlateRequest { User = new UserId("ann") }, World.Token));
        Explanation why = World.Now(recommender.ExplainAsync(new SlateRequest { User = new UserId("ann") }, slate.Items[3].Item, World.Token));

        Assert.Equal(slate.Items[3].Score, why.Score);
        Assert.Equal(why.Score!.Value, why.Parts.Sum(part => part.Value), 1e-12);
        Assert.Contains(why.Parts, part => part is { Name: "constant", Value: 0.5 });
    }

    [Fact]
    public void A_ranker_that_reads_other_features_is_refused()
    {
        using World world = World.WithModel();

        Assert.Throws<ArgumentException>(() => world.Make(new LinearRanker("odd", [KeyValuePair.Create("price", 1f)])));
    }

    private static void Busy(World world)
    {
        world.Does("ann", "purchase", "a00", TimeSpan.FromDays(20));
        world.Does("ann", "view", "b02", TimeSpan.FromDays(3));
        world.Does("ann", "dislike", "b01", TimeSpan.FromDays(2));
        world.Does("ann", "click", "a03", TimeSpan.FromMinutes(10));
        world.Does("ann", "view", "a03", TimeSpan.FromMinutes(2));
        world.Trends.CoVisited["a03"] = [new(World.Item("a04"), 3), new(World.Item("b04"), 1)];
        world.Trends.Trending.AddRange([new(World.Item("b05"), 3), new(World.Item("a04"), 1)]);
        world.Set("a04", new ItemContent { Title = "Title a04", Categories = [World.Books] });
    }

    private static ModelContent WithOperator(ModelContent content)
    {
        int count = content.Items.Count;
        int[] starts = [.. Enumerable.Range(0, count + 1).Select(i => i * 2)];
        int[] indices = [.. Enumerable.Range(0, count).SelectMany(_ => Targets)];
        float[] scores = [.. Enumerable.Range(0, count).SelectMany(i => new[] { 0.01f * i, -0.02f })];
        return content with { Operator = new SparseRows(starts, indices, scores) };
    }

    private sealed class Squared : IRanker
    {
        public string Name => "squared";

        public IReadOnlyList<string> FeatureNames { get; } =
            ["affinity", "session", "coVisit", "content", "popularity", "trend", "freshness", "affinityRoot", "taste", "boughtNext", "newest"];

        public void Rank(ReadOnlySpan<float> features, int featureCount, Span<float> scores)
        {
            for (int i = 0; i < scores.Length; i++)
            {
                float sum = 0;
                foreach (float value in features.Slice(i * featureCount, featureCount))
                {
                    sum += value;
                }

                scores[i] = 0.5f + (sum * sum);
            }
        }
    }
}
