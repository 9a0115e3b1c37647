using System.Collections.Immutable;
using RecSys.Core;
using RecSys.Core.Ports;
using RecSys.Core.Slates;

namespace RecSys.Serving.Tests;

public sealed class PageTests
{
    private static readonly ShelfRequest ForYou = new("forYou");
    private static readonly ShelfRequest Similar = new("similar") { Kind = ShelfKind.Similar, Item = World.Item("a07") };
    private static readonly ShelfRequest Trending = new("trending") { Kind = ShelfKind.Trending };
    private static readonly ShelfRequest Popular = new("popular") { Kind = ShelfKind.Popular };
    private static readonly ShelfRequest Latest = new("latest") { Kind = ShelfKind.Latest };

    [Fact]
    public void No_item_is_twice_on_a_page_and_each_shelf_is_full()
    {
        using World world = Busy();

        ImmutableArray<Shelf> page = Fill(world, Of("ann", Count(ForYou, 6), Count(Similar, 3), Count(Trending, 5), Count(Popular, 6), Count(Latest, 6)));

        Assert.Equal(["forYou", "similar", "trending", "popular", "latest"], page.Select(shelf => shelf.Name));
        Assert.Equal([6, 3, 5, 6, 6], page.Select(shelf => Ids(shelf).Length));
        string[] all = [.. page.SelectMany(Ids)];
        Assert.Equal(all.Distinct(), all);
        Assert.All(page, shelf => Assert.False(shelf.Slate?.IsDegraded ?? shelf.List!.IsDegraded));
    }

    [Fact]
    public void The_first_shelf_equals_a_slate_and_the_next_one_a_slate_without_the_items_of_the_first()
    {
        using World world = Busy();
        string[] alone = World.Ids(world.Recommend("ann", 12));

        ImmutableArray<Shelf> page = Fill(world, Of("ann", Count(ForYou, 6), Count(ForYou, 6) with { Name = "more" }));

        Assert.Equal(alone, page.SelectMany(Ids));
        Assert.Contains(page[1].Slate!.Filtered, report => report is { Reason: FilterReason.OnPage });
    }

    [Fact]
    public void The_next_page_of_a_shelf_repeats_no_item_of_the_earlier_shelves()
    {
        using World world = Busy();
        ImmutableArray<Shelf> page = Fill(world, Of("ann", Count(ForYou, 6), Count(ForYou, 6) with { Name = "more" }));

        Slate next = world.Recommend(new SlateRequest { User = new UserId("ann"), Count = 20, Cursor = page[1].Slate!.Next });

        Assert.NotEmpty(next.Items);
        Assert.Empty(World.Ids(next).Intersect(page.SelectMany(Ids)));
    }

    [Fact]
    public void Lists_of_a_page_leave_out_the_items_that_the_user_bought()
    {
        using World world = Busy();
        world.Does("ann", "purchase", "b15");

        Assert.DoesNotContain("b15", Ids(Fill(world, Of("ann", Trending))[0]));
        Assert.Contains("b15", Ids(Fill(world, Of("bob", Trending))[0]));
    }

    [Fact]
    public void A_trending_shelf_of_a_visitor_has_at_most_two_of_four_items_of_one_category_if_others_trend_too()
    {
        using World world = Busy();
        string[] rising = [.. Enumerable.Range(0, 10).Select(i => $"b{i:00}"), .. Enumerable.Range(0, 10).Select(i => $"a{i:00}")];
        world.Trends.Trending.Clear();
        world.Trends.Trending.AddRange(rising.Select((id, i) => new ScoredItem(World.Item(id), 100 - i)));

        string[] known = Ids(Fill(world, Of("ann", Count(Trending, 4)))[0]);
        string[] visitor = Ids(Fill(world, Of("nobody", Count(Trending, 4)))[0]);
        string[] ofCategory = Ids(Fill(world, Of("nobody", Count(Trending, 4) with { Slate = new SlateRequest { Category = World.Games, Count = 4 } }))[0]);

        Assert.Equal(rising[..4], known);
        Assert.All(known, id => Assert.Equal(World.Games, World.CategoryOf(id)));
        Assert.Equal([.. rising[..2], .. rising[10..12]], visitor);
        Assert.Equal(known, ofCategory);
    }

    [Fact]
    public void A_trending_shelf_of_a_visitor_has_one_category_if_the_others_hardly_trend()
    {
        using World world = Busy();
        ScoredItem[] rising = [.. world.Trends.Trending];
        world.Trends.Trending.Clear();
        world.Trends.Trending.AddRange(rising.Select(item => World.CategoryOf(item.Item.Value) == World.Games ? item : item with { Score = item.Score / 100 }));

        Assert.Equal(World.AllIds().Reverse().Take(5), Ids(Fill(world, Of("nobody", Count(Trending, 5)))[0]));
    }

    [Fact]
    public void A_category_shelf_and_a_lookAgain_shelf_are_recommended_shelves()
    {
        using World world = Busy();
        ShelfRequest games = new("games") { Slate = new SlateRequest { Category = World.Games } };
        ShelfRequest again = new("again") { Slate = new SlateRequest { Scenario = SlateRequest.LookAgain } };

        ImmutableArray<Shelf> page = Fill(world, Of("ann", again, games));

        Assert.Equal(["a07"], Ids(page[0]));
        Assert.All(Ids(page[1]), id => Assert.Equal('b', id[0]));
    }

    [Fact]
    public void If_the_profile_is_late_each_shelf_reports_it()
    {
        using World world = Busy();
        world.Profiles.Instead = _ => throw new StoreUnavailableException("gone");

        ImmutableArray<Shelf> page = Fill(world, Of("ann", ForYou, Trending));

        Assert.Contains("profile unavailable", page[0].Slate!.DegradedReasons);
        Assert.Contains("profile unavailable", page[1].List!.DegradedReasons);
        Assert.NotEmpty(page[1].List!.Items);
    }

    [Fact]
    public void A_page_that_waited_too_long_is_filled_from_memory_without_a_repetition()
    {
        using World world = Busy();

        ImmutableArray<Shelf> page = Fill(world, Of("ann", ForYou, Trending, Similar) with { Waited = TimeSpan.FromMilliseconds(300) });

        Assert.All(page, shelf => Assert.Contains("waited too long", shelf.Slate?.DegradedReasons ?? shelf.List!.DegradedReasons));
        string[] all = [.. page.SelectMany(Ids)];
        Assert.Equal(all.Distinct(), all);
    }

    [Fact]
    public void A_shelf_similar_to_an_unknown_item_is_empty_and_the_others_are_filled()
    {
        using World world = Busy();

        ImmutableArray<Shelf> page = Fill(world, Of("ann", Similar with { Item = World.Item("x") }, ForYou));

        Assert.Equal((ServedBy.Nothing, "the item 'x' is not known"), (page[0].List!.ServedBy, Assert.Single(page[0].List!.DegradedReasons)));
        Assert.Equal(10, Ids(page[1]).Length);
    }

    [Fact]
    public void A_bad_page_is_refused_by_shelf_and_field()
    {
        Assert.Equal("shelves", Of("ann").Problem()!.Field);
        Assert.Equal("shelves", Of("ann", [.. Enumerable.Range(0, 21).Select(i => new ShelfRequest($"{i}"))]).Problem()!.Field);
        Assert.Equal("have 600 items together; at most 500 are allowed", Of("ann", [.. Enumerable.Range(0, 6).Select(i => Count(new ShelfRequest($"{i}"), 100))]).Problem()!.Text);
        Assert.Equal("shelves[1].name", Of("ann", ForYou, ForYou).Problem()!.Field);
        Assert.Equal("shelves[0].count", Of("ann", Count(ForYou, 101)).Problem()!.Field);
        Assert.Equal("shelves[0].itemId", Of("ann", Similar with { Item = null }).Problem()!.Field);
        Assert.Equal("shelves[0].window", Of("ann", ForYou with { Window = Core.Trends.TrendWindow.Day }).Problem()!.Field);
        Assert.Equal("shelves[0].seen", Of("ann", Trending with { Slate = new SlateRequest { Seen = SeenRule.Allow } }).Problem()!.Field);
        Assert.Equal("items", (Of("ann", ForYou) with { Items = [.. Enumerable.Repeat(World.Item("a"), 101)] }).Problem()!.Field);
    }

    private static PageRequest Of(string user, params ShelfRequest[] shelves) => new() { User = new UserId(user), Shelves = [.. shelves] };

    private static ShelfRequest Count(ShelfRequest shelf, int count) => shelf with { Slate = shelf.Slate with { Count = count } };

    private static ImmutableArray<Shelf> Fill(World world, PageRequest request) => World.Now(world.Recommender.PageAsync(request, World.Token));

    private static string[] Ids(Shelf shelf) => [.. (shelf.Slate?.Items ?? shelf.List!.Items).Select(item => item.Item.Value)];

    private static World Busy()
    {
        World world = World.WithModel();
        world.Does("ann", "view", "a07", TimeSpan.FromHours(1));
        world.Trends.Trending.AddRange(World.AllIds().Reverse().Select((id, i) => new ScoredItem(World.Item(id), 100 - i)));
        return world;
    }
}
