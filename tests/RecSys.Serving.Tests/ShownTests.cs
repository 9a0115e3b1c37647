using RecSys.Core;
using RecSys.Core.Log;
using RecSys.Core.Ranking;
using RecSys.Core.Slates;

namespace RecSys.Serving.Tests;

public sealed class ShownTests
{
    private static readonly SlateRequest OfAnn = new() { User = new UserId("ann") };

    [Fact]
    public void A_shown_item_is_explained_as_recorded_with_its_outcome_now()
    {
        using World world = World.WithModel();
        world.Does("ann", "view", "a00", TimeSpan.FromDays(3));
        Slate slate = world.Recommend("ann");
        SlateItem shown = slate.Items[2];
        world.Time.Advance(TimeSpan.FromSeconds(5));
        world.Does("ann", "view", shown.Item.Value);

        Explanation why = Explain(world, shown.Item, slate)!;

        Assert.Equal((ExplanationOutcome.Shown, 2, shown.Explanation), (why.Outcome, why.Position, why.Reason));
        Assert.Equal(shown.Score, why.Score!.Value, 0.000_01);
        Assert.Equal(shown.Score, why.Parts.Sum(part => part.Value), 0.000_01);
        Assert.Equal((slate.RecommendationId, world.NowMs - 5_000), (why.RecommendationId, why.ShownAtMs));
        Assert.Equal("shown at place 3 of 10", Assert.Single(why.Stages).Detail);
        Assert.StartsWith("since you looked at it, it would be ", why.Since, StringComparison.Ordinal);
        Assert.NotEqual(ExplanationOutcome.Shown, why.Now!.Outcome);
    }

    [Theory]
    [InlineData("purchase", "since you bought it, it is not shown again")]
    [InlineData("hide", "since you hid it, it is not shown again")]
    public void An_item_bought_or_hidden_since_then_is_reported_as_not_shown_again(string type, string since)
    {
        using World world = World.WithModel();
        world.Does("ann", "view", "a00", TimeSpan.FromDays(3));
        Slate slate = world.Recommend("ann");
        world.Does("ann", type, slate.Items[0].Item.Value);

        Assert.StartsWith(since, Explain(world, slate.Items[0].Item, slate)!.Since, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_new_interactions_a_shown_item_keeps_its_position()
    {
        using World world = World.WithModel();
        world.Does("ann", "view", "a00", TimeSpan.FromDays(3));
        Slate slate = world.Recommend("ann");

        Assert.Equal("with nothing new in the history, it is 1st", Explain(world, slate.Items[0].Item, slate)!.Since);

        world.Does("ann", "view", "b00");
        Assert.StartsWith("after 1 interaction with other items, it ", Explain(world, slate.Items[0].Item, slate)!.Since, StringComparison.Ordinal);
    }

    [Fact]
    public void A_slate_that_is_not_recorded_is_not_explained()
    {
        using World world = World.WithModel();
        world.Does("ann", "view", "a00");
        Slate slate = world.Recommend("ann");
        Slate ofBob = world.Recommend("bob");

        Assert.Null(Explain(world, World.Item("b19"), slate));
        Assert.Null(Explain(world, slate.Items[0].Item, slate with { RecommendationId = "unheard-of" }));
        Assert.Null(Explain(world, ofBob.Items[0].Item, ofBob));
    }

    [Fact]
    public void The_parts_of_another_ranker_are_recorded_with_its_constant()
    {
        using World world = World.WithModel();
        world.Does("ann", "view", "a00");
        IRecommender recommender = world.Make(new Offset());
        Slate slate = World.Now(recommender.RecommendAsync(OfAnn, World.Token));

        Explanation why = World.Now(recommender.ExplainShownAsync(OfAnn, slate.Items[0].Item, slate.RecommendationId, World.Token))!;

        Assert.Equal(slate.Items[0].Score, why.Parts.Sum(part => part.Value), 0.000_1);
        Assert.Contains(why.Parts, part => part is { Name: "constant", Value: 3 });
    }

    [Fact]
    public void A_long_reason_is_cut_between_characters()
    {
        using World world = World.WithModel();
        world.Set("a00", new ItemContent { Title = "x" + string.Concat(Enumerable.Repeat("😀", 500)), Categories = [World.Books] });
        world.Does("ann", "purchase", "a00", TimeSpan.FromDays(3));
        Slate slate = world.Recommend("ann");

        string reason = Explain(world, slate.Items[0].Item, slate)!.Reason!;

        Assert.InRange(reason.Length, ImpressionItem.ReasonLengthMax - 1, ImpressionItem.ReasonLengthMax);
        Assert.DoesNotContain("\ufffd", System.Text.Encoding.UTF8.GetString(System.Text.Encoding.UTF8.GetBytes(reason)), StringComparison.Ordinal);
    }

    private static Explanation? Explain(World world, ItemId item, Slate slate) =>
        World.Now(world.Recommender.ExplainShownAsync(OfAnn, item, slate.RecommendationId, World.Token));

    private sealed class Offset : IRanker
    {
        public string Name => "offset";

        public IReadOnlyList<string> FeatureNames => Pipeline.Feature.Names;

        public void Rank(ReadOnlySpan<float> rows, int featureCount, Span<float> scores)
        {
            for (int row = 0; row < scores.Length; row++)
            {
                scores[row] = 3 + rows[row * featureCount];
            }
        }
    }
}
