using RecSys.Core;
using RecSys.Core.Log;
using RecSys.Core.Slates;

namespace RecSys.Serving.Tests;

public sealed class CandidateTests
{
    private static readonly SlateRequest OfAnn = new() { User = new UserId("ann") };

    [Fact]
    public void Only_given_candidates_are_shown_in_the_order_of_the_whole_ranking()
    {
        using World world = World.WithModel();
        world.Does("ann", "like", "a00", TimeSpan.FromDays(30));
        string[] given = ["b05", "a09", "b02", "a03", "a15"];
        string[] expected = [.. World.Ids(world.Recommend("ann", 40)).Where(given.Contains)];

        Slate slate = world.Recommend(OfAnn with { Candidates = World.Items(given) });

        Assert.Equal(5, expected.Length);
        Assert.Equal(expected, World.Ids(slate));
        Assert.All(slate.Items, item => Assert.Contains("request", item.Sources));
        Assert.Equal(ServedBy.Full, slate.ServedBy);
        Assert.Null(slate.Next);
    }

    [Fact]
    public void A_candidate_scores_as_in_a_slate_of_all_items()
    {
        using World world = World.WithModel();
        world.Does("ann", "view", "a07");
        Slate all = world.Recommend(OfAnn with { Count = 40 });

        Slate slate = world.Recommend(OfAnn with { Candidates = World.Items("a08", "b01", "a12") });

        Assert.All(slate.Items, item => Assert.Equal(all.Items.First(other => other.Item == item.Item).Score, item.Score));
    }

    [Fact]
    public void Unknown_candidates_are_last_in_the_given_order_and_are_marked()
    {
        using World world = World.WithModel();
        world.Does("ann", "view", "a07");

        Slate slate = world.Recommend(OfAnn with { Candidates = World.Items("x2", "b19", "x1", "a08"), Diversity = 0.9 });

        Assert.Equal(["a08", "b19", "x2", "x1"], World.Ids(slate));
        Assert.Equal([false, false, true, true], slate.Items.Select(item => item.IsUnknown));
        Assert.Equal("Unknown item, so it is last", slate.Items[3].Explanation);
        Assert.Equal(slate.Items.Select(item => item.Score).OrderDescending(), slate.Items.Select(item => item.Score));
    }

    [Fact]
    public void Filters_apply_to_candidates_and_report_what_they_removed()
    {
        using World world = World.WithModel();
        world.Does("ann", "purchase", "a01");
        world.Set("a02", new ItemContent { IsHidden = true });

        Slate slate = world.Recommend(OfAnn with { Candidates = World.Items("a01", "a02", "a03") });

        Assert.Equal(["a03"], World.Ids(slate));
        Assert.Equal([new FilterReport(FilterReason.Touched, 1), new FilterReport(FilterReason.Hidden, 1)], slate.Filtered);
    }

    [Fact]
    public void A_bought_candidate_is_shown_if_the_request_allows_it()
    {
        using World world = World.WithModel();
        world.Does("ann", "purchase", "a01");

        Assert.Contains("a01", World.Ids(world.Recommend(OfAnn with { Candidates = World.Items("a01", "a03"), Seen = SeenRule.Allow })));
    }

    [Fact]
    public void A_candidate_given_twice_counts_once() =>
        Assert.Equal(["a01"], World.Ids(Ranked(new SlateRequest { Candidates = World.Items("a01", "a01") })));

    [Fact]
    public void The_sources_count_only_the_given_candidates_that_they_return()
    {
        Slate slate = Ranked(new SlateRequest { Candidates = World.Items("a01", "x"), Items = World.Items("a00") });

        Assert.Equal(new SourceReport("request", 2, null), slate.Sources[0]);
        Assert.All(slate.Sources.Skip(1), source => Assert.InRange(source.Count, 0, 1));
    }

    [Fact]
    public void The_pages_of_given_candidates_contain_each_once()
    {
        using World world = World.WithModel();
        SlateRequest request = OfAnn with { Candidates = World.Items(World.AllIds()), Count = 15 };
        List<string> all = [];
        for (string? next = null; all.Count == 0 || next is not null;)
        {
            Slate page = world.Recommend(request with { Cursor = next });
            all.AddRange(World.Ids(page));
            next = page.Next;
        }

        Assert.Equal(World.AllIds(), all.Order());
    }

    [Fact]
    public void Without_a_model_and_without_time_only_given_candidates_are_shown()
    {
        using World world = World.WithCatalogue();
        world.Trends.Trending.AddRange([new(World.Item("b01"), 9), new(World.Item("a05"), 5)]);

        Slate slate = world.Recommend(new SlateRequest { Candidates = World.Items("a01", "a05", "a02"), Waited = TimeSpan.FromMilliseconds(300) });

        Assert.Equal(["a05", "a01", "a02"], World.Ids(slate));
        Assert.True(slate.IsDegraded);
        Assert.Equal("Not ranked, because time ran out", slate.Items[1].Explanation);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(SlateRequest.CandidatesMax + 1)]
    public void Too_few_or_too_many_candidates_are_refused(int count)
    {
        RequestProblem problem = new SlateRequest { Candidates = [.. Enumerable.Repeat(World.Item("a"), count)] }.Problem()!;

        Assert.Equal(("candidates", $"has {count} items; 1 to 1000 are allowed"), (problem.Field, problem.Text));
    }

    [Fact]
    public void The_largest_allowed_number_of_candidates_is_ranked()
    {
        Slate slate = Ranked(new SlateRequest { Candidates = [.. Enumerable.Range(0, SlateRequest.CandidatesMax).Select(i => World.Item($"x{i}"))], Count = 100 });

        Assert.Equal(100, slate.Items.Length);
        Assert.Equal("x0", slate.Items[0].Item.Value);
    }

    [Fact]
    public void A_lookAgain_request_with_candidates_or_a_seen_rule_is_refused()
    {
        SlateRequest again = new() { Scenario = SlateRequest.LookAgain };

        Assert.Equal("candidates", (again with { Candidates = World.Items("a") }).Problem()!.Field);
        Assert.Equal("seen", (again with { Seen = SeenRule.Allow }).Problem()!.Field);
    }

    private static Slate Ranked(SlateRequest request)
    {
        using World world = World.WithModel();
        return world.Recommend(request);
    }
}
