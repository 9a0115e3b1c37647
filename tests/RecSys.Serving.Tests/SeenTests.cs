using RecSys.Core;
using RecSys.Core.Slates;

namespace RecSys.Serving.Tests;

public sealed class SeenTests
{
    private static readonly SlateRequest OfAnn = new() { User = new UserId("ann") };

    [Fact]
    public void One_of_ten_places_has_a_seen_item_if_there_are_other_candidates()
    {
        using World world = World.WithModel();
        ViewsTheBest(world, 8);

        Slate slate = world.Recommend("ann");

        SlateItem seen = Assert.Single(slate.Items, item => item.SeenAtMs is not null);
        Assert.StartsWith("You looked at this on ", seen.Explanation, StringComparison.Ordinal);
        Assert.Equal(10, slate.Items.Length);
    }

    [Fact]
    public void A_seen_item_is_not_first_if_there_are_other_candidates()
    {
        using World world = World.WithModel();
        world.Options.SeenPenalty = 0;
        ViewsTheBest(world, 8);

        Slate slate = world.Recommend("ann");

        SlateItem seen = Assert.Single(slate.Items, item => item.SeenAtMs is not null);
        Assert.Equal(slate.Items.Max(item => item.Score), seen.Score);
        Assert.Null(slate.Items[0].SeenAtMs);
        Assert.NotNull(world.Recommend(OfAnn with { Candidates = [seen.Item] }).Items[0].SeenAtMs);
    }

    [Fact]
    public void A_slate_of_fewer_than_ten_has_no_place_for_seen_items()
    {
        using World world = World.WithModel();
        ViewsTheBest(world, 8);

        Assert.All(world.Recommend("ann", 9).Items, item => Assert.Null(item.SeenAtMs));
    }

    [Fact]
    public void Seen_items_fill_the_slate_if_there_are_no_other_candidates()
    {
        using World world = World.WithModel();
        ViewsTheBest(world, World.PerCluster);

        Slate slate = world.Recommend(OfAnn with { Category = World.Books });

        Assert.Equal(10, slate.Items.Length);
    }

    [Fact]
    public void An_item_seen_often_or_just_now_loses_more_score()
    {
        using World world = World.WithModel();
        world.Options.KnownItems = 0;
        world.Options.SeenShareMax = 1;
        world.Does("ann", "view", "a01", TimeSpan.FromDays(28));
        world.Does("ann", "view", "a02", TimeSpan.FromDays(28));
        world.Does("ann", "view", "a02", TimeSpan.FromDays(28));
        world.Does("ann", "view", "a03");

        Assert.Equal(-0.125, PartOf(world, "a01"), 0.001);
        Assert.Equal(-0.25, PartOf(world, "a02"), 0.001);
        Assert.Equal(-0.5, PartOf(world, "a03"), 0.001);
    }

    [Fact]
    public void The_score_of_a_seen_item_is_the_sum_of_its_parts()
    {
        using World world = World.WithModel();
        ViewsTheBest(world, 3);
        SlateItem seen = world.Recommend("ann", 20).Items.First(item => item.SeenAtMs is not null);

        Explanation explanation = world.Explain("ann", seen.Item.Value, new SlateRequest { Count = 20 });

        Assert.Equal(seen.Score, explanation.Score!.Value, 0.000_01);
        Assert.Equal(explanation.Score.Value, explanation.Parts.Sum(part => part.Value), 0.000_01);
        Assert.Contains(explanation.Parts, part => part.Name == "seen" && part.Text.StartsWith("you looked at this", StringComparison.Ordinal));
    }

    [Fact]
    public void A_seen_item_without_a_place_is_explained_by_the_share_of_seen_items()
    {
        using World world = World.WithModel();
        world.Options.SeenPenalty = 0;
        ViewsTheBest(world, 8);
        string[] shown = World.Ids(world.Recommend("ann"));
        string left = Enumerable.Range(0, 8).Select(i => $"a{i:00}").First(id => !shown.Contains(id));

        Explanation explanation = world.Explain("ann", left);

        Assert.Equal("the user has seen it, and at most 1 of 10 places go to items seen before", explanation.Reason);
    }

    [Theory]
    [InlineData("view", SeenRule.Exclude, false)]
    [InlineData("purchase", SeenRule.Exclude, false)]
    [InlineData("view", SeenRule.Allow, true)]
    [InlineData("purchase", SeenRule.Allow, true)]
    [InlineData("addToCart", SeenRule.Demote, true)]
    [InlineData("hide", SeenRule.Allow, false)]
    [InlineData("dislike", SeenRule.Demote, false)]
    public void The_rule_of_a_request_applies_to_all_seen_items_except_disliked_ones(string type, SeenRule seen, bool comes)
    {
        using World world = World.WithModel();
        world.Does("ann", "view", "a05");
        world.Does("ann", type, "a01");

        Slate slate = world.Recommend(OfAnn with { Seen = seen, Count = 40 });

        Assert.Equal(comes, World.Ids(slate).Contains("a01"));
    }

    [Fact]
    public void An_allowed_seen_item_keeps_its_score_and_its_reason()
    {
        using World world = World.WithModel();
        world.Options.KnownItems = 0;
        world.Does("ann", "view", "a01");

        SlateItem seen = world.Recommend(OfAnn with { Count = 20, Seen = SeenRule.Allow }).Items.First(item => item.Item.Value == "a01");

        Assert.DoesNotContain("looked at", seen.Explanation, StringComparison.Ordinal);
        Assert.Equal(world.NowMs, seen.SeenAtMs);
    }

    [Fact]
    public void An_anonymous_session_may_return_to_earlier_items_but_not_to_the_current_one()
    {
        using World world = World.WithModel();

        Slate slate = world.Recommend(new SlateRequest { Items = World.Items("a01", "a02", "a03", "a04", "a05") });

        Assert.Equal(3, slate.Items.Count(item => item.SeenAtMs is not null));
        Assert.DoesNotContain("a05", World.Ids(slate));
        Assert.Equal("You looked at this today", slate.Items.First(item => item.SeenAtMs is not null).Explanation);
    }

    [Fact]
    public void A_session_returns_to_seen_items_as_often_as_users_return()
    {
        using World world = World.WithModel();
        SlateRequest session = new() { Items = World.Items("a01", "a02", "a03", "a04", "a05"), Seen = SeenRule.Allow };
        double before = ScoreOf(world.Recommend(session), "a05");
        world.Trends.ReturnScore = 0.5f;

        Slate slate = world.Recommend(session);

        Assert.Equal(["a05", "a04", "a03"], World.Ids(slate).Take(3));
        Assert.True(ScoreOf(slate, "a05") > before);
        Assert.All(slate.Items.Take(3), item => Assert.Equal("You looked at this today", item.Explanation));

        static double ScoreOf(Slate slate, string id) => slate.Items.FirstOrDefault(item => item.Item.Value == id)?.Score ?? 0;
    }

    [Fact]
    public void The_return_score_has_no_effect_on_a_known_user()
    {
        using World world = World.WithModel();
        world.Does("ann", "view", "a01");
        string[] before = World.Ids(world.Recommend("ann"));
        world.Trends.ReturnScore = 0.5f;

        Assert.Equal(before, World.Ids(world.Recommend("ann")));
    }

    [Fact]
    public void The_items_of_a_basket_are_left_out_if_the_request_excludes_seen_items()
    {
        using World world = World.WithModel();

        Slate slate = world.Recommend(new SlateRequest { Items = World.Items("a01", "a02"), Seen = SeenRule.Exclude, Count = 40 });

        Assert.Empty(World.Ids(slate).Intersect(["a01", "a02"]));
        Assert.Contains(new FilterReport(FilterReason.Seen, 1), slate.Filtered);
    }

    [Fact]
    public void For_a_user_who_refused_consent_no_item_is_marked_as_seen()
    {
        using World world = World.WithModel();
        world.Does("ann", "view", "a00");
        world.Says("ann", consent: false);

        Assert.All(world.Recommend("ann").Items, item => Assert.Null(item.SeenAtMs));
    }

    [Fact]
    public void A_lookAgain_slate_has_the_seen_items_that_were_not_bought_newest_first()
    {
        using World world = World.WithModel();
        world.Does("ann", "view", "b03", TimeSpan.FromDays(60));
        world.Does("ann", "view", "a01", TimeSpan.FromDays(20));
        world.Does("ann", "click", "a02", TimeSpan.FromMinutes(3));
        world.Does("ann", "view", "a03");
        world.Does("ann", "addToCart", "a03");
        world.Does("ann", "view", "a04");
        world.Does("ann", "hide", "a04");
        world.Does("ann", "view", "a05");
        world.Does("ann", "purchase", "a05");

        Slate slate = world.Recommend(OfAnn with { Scenario = SlateRequest.LookAgain });

        Assert.Equal(["a02", "a01", "b03"], World.Ids(slate));
        Assert.Equal(["You looked at this today", "You looked at this on 4 November", "You looked at this on 25 September"], slate.Items.Select(item => item.Explanation));
        Assert.Equal(ServedBy.Full, slate.ServedBy);
        Assert.Null(slate.Next);
        Assert.All(slate.Items, item => Assert.Contains("history", item.Sources));
    }

    [Theory]
    [InlineData(0, "view", "You looked at this today")]
    [InlineData(1, "click", "You looked at this yesterday")]
    [InlineData(6, "view", "You looked at this on Thursday")]
    [InlineData(7, "view", "You looked at this on 17 November")]
    [InlineData(400, "view", "You looked at this on 20 October 2026")]
    public void The_reason_names_the_day(int daysAgo, string type, string reason)
    {
        using World world = World.WithModel();
        world.Time.SetUtcNow(new DateTimeOffset(2027, 11, 24, 12, 0, 0, TimeSpan.Zero));
        world.Does("ann", type, "a01", TimeSpan.FromDays(daysAgo));

        Assert.Equal(reason, world.Recommend(OfAnn with { Scenario = SlateRequest.LookAgain }).Items[0].Explanation);
    }

    [Theory]
    [InlineData("product_view", "You looked at this today")]
    [InlineData("play", "You played this today")]
    [InlineData("save", "You chose this today")]
    public void The_reason_has_the_words_of_the_type(string type, string reason)
    {
        using World world = World.WithModel();
        world.Types = new(
        [
            new("product_view", Weight: 1, InteractionKind.View), new("play", Weight: 1, InteractionKind.View) { Did = "played" },
            new("save", Weight: 4, InteractionKind.View) { Did = null },
        ]);
        world.Does("ann", type, "a01");

        Assert.Equal(reason, world.Recommend(OfAnn with { Scenario = SlateRequest.LookAgain }).Items[0].Explanation);
    }

    [Fact]
    public void A_lookAgain_slate_of_a_user_without_seen_items_is_empty()
    {
        using World world = World.WithModel();

        Slate slate = world.Recommend(OfAnn with { Scenario = SlateRequest.LookAgain });

        Assert.Empty(slate.Items);
        Assert.Equal(ServedBy.Full, slate.ServedBy);
    }

    [Fact]
    public void An_item_that_was_never_seen_is_not_in_a_lookAgain_slate_and_the_explanation_reports_it()
    {
        using World world = World.WithModel();
        world.Does("ann", "view", "a01");

        Explanation explanation = world.Explain("ann", "a02", new SlateRequest { Scenario = SlateRequest.LookAgain });

        Assert.Equal((ExplanationOutcome.NotACandidate, "the history does not contain it"), (explanation.Outcome, explanation.Reason));
    }

    [Fact]
    public void Exploration_keeps_the_share_of_seen_items_and_its_propensities()
    {
        using World world = World.WithModel();
        world.Options.ExplorationShare = 0.5;
        ViewsTheBest(world, 15);

        Slate slate = world.Recommend("ann", 20);

        Assert.InRange(slate.Items.Count(item => item.SeenAtMs is not null), 0, 2);
        Assert.All(slate.Items, item => Assert.InRange(item.Propensity, 0.000_1f, 1));
    }

    private static void ViewsTheBest(World world, int count)
    {
        for (int i = 0; i < count; i++)
        {
            world.Does("ann", "view", $"a{i:00}", TimeSpan.FromDays(2));
        }
    }

    private static double PartOf(World world, string item) =>
        world.Explain("ann", item, new SlateRequest { Count = 40 }).Parts.Single(part => part.Name == "seen").Value;
}
