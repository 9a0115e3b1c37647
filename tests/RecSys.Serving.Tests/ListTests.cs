using RecSys.Core;
using RecSys.Core.Log;
using RecSys.Core.Ports;
using RecSys.Core.Slates;

namespace RecSys.Serving.Tests;

public sealed class ListTests
{
    [Fact]
    public void Similar_items_are_the_models_neighbours_with_the_reason()
    {
        using World world = World.WithModel();

        ItemList list = Similar(world, new SimilarRequest(World.Item("a05")))!;

        Assert.Equal(["a06", "a07", "a08"], list.Items.Take(3).Select(item => item.Item.Value));
        Assert.All(list.Items, item => Assert.Equal("Similar to “Title a05”", item.Explanation));
        Assert.DoesNotContain(list.Items, item => item.Item.Value == "a05");
        Assert.Equal(ServedBy.Full, list.ServedBy);
    }

    [Fact]
    public void Similar_items_exclude_bought_items_and_do_not_depend_on_the_users_taste()
    {
        using World world = World.WithModel();
        world.Does("ann", "purchase", "a06");
        world.Does("ann", "view", "b00");

        ItemList list = Similar(world, new SimilarRequest(World.Item("a05")) { User = new UserId("ann") })!;

        Assert.Equal(["a07", "a08"], list.Items.Take(2).Select(item => item.Item.Value));
        Assert.All(list.Items, item => Assert.Equal('a', item.Item.Value[0]));
    }

    [Fact]
    public void Similar_items_of_a_category_are_of_that_category()
    {
        using World world = World.WithModel();
        world.Set("a06", new ItemContent { Categories = [World.Games] });

        ItemList list = Similar(world, new SimilarRequest(World.Item("a05")) { Category = World.Games })!;

        Assert.Equal(["a06"], list.Items.Select(item => item.Item.Value));
    }

    [Fact]
    public void An_unknown_item_has_no_similar_items()
    {
        using World world = World.WithModel();

        Assert.Null(Similar(world, new SimilarRequest(World.Item("zzz"))));
    }

    [Fact]
    public void An_item_that_only_the_trends_have_has_similar_items()
    {
        using World world = World.WithCatalogue();
        world.Trends.CoVisited["zzz"] = [new(World.Item("a01"), 1)];

        Assert.Equal("a01", Similar(world, new SimilarRequest(World.Item("zzz")))!.Items.Single().Item.Value);
    }

    [Fact]
    public void Trending_items_are_those_of_the_category_that_may_be_shown()
    {
        using World world = World.WithModel();
        world.Trends.Trending.AddRange([new(World.Item("b00"), 9), new(World.Item("a00"), 8), new(World.Item("a01"), 4)]);
        world.Set("a00", null);

        ItemList all = World.Now(world.Recommender.TrendingAsync(new ItemListRequest(), World.Token));
        ItemList books = World.Now(world.Recommender.TrendingAsync(new ItemListRequest { Category = World.Books }, World.Token));

        Assert.Equal(["b00", "a01"], all.Items.Select(item => item.Item.Value));
        Assert.Equal(["a01"], books.Items.Select(item => item.Item.Value));
        Assert.Equal("Trending in Books", books.Items[0].Explanation);
        Assert.Equal("Trending in Games", all.Items[0].Explanation);
        Assert.Equal(1, all.Items[0].Score);
    }

    [Fact]
    public void If_the_trends_fail_the_previous_list_is_served()
    {
        using World world = World.WithModel();
        world.Trends.Trending.Add(new(World.Item("b00"), 9));
        World.Now(world.Recommender.TrendingAsync(new ItemListRequest(), World.Token));
        world.Time.Advance(TimeSpan.FromMinutes(5));
        world.Trends.TrendingFails = new StoreUnavailableException();

        ItemList list = World.Now(world.Recommender.TrendingAsync(new ItemListRequest(), World.Token));
        ItemList none = World.Now(world.Recommender.TrendingAsync(new ItemListRequest { Category = World.Games }, World.Token));

        Assert.Equal((ServedBy.Reduced, "b00"), (list.ServedBy, list.Items[0].Item.Value));
        Assert.Equal(ServedBy.Nothing, none.ServedBy);
    }

    [Fact]
    public void Latest_items_are_newest_first_without_hidden_ones_however_many_are_hidden()
    {
        using World world = World.WithCatalogue();
        world.Set("a90", new ItemContent { Categories = [World.Books] });
        for (int i = 0; i < 100; i++)
        {
            world.Time.Advance(TimeSpan.FromSeconds(1));
            world.Set($"h{i}", new ItemContent { IsHidden = true });
        }

        ItemList list = World.Now(world.Recommender.LatestAsync(new ItemListRequest { Count = 5 }, World.Token));

        Assert.Equal(5, list.Items.Length);
        Assert.Equal("a90", list.Items[0].Item.Value);
        Assert.Equal("New in Books", list.Items[0].Explanation);
    }

    [Fact]
    public void Popular_items_are_those_of_the_trends_followed_by_those_of_the_model()
    {
        using World world = World.WithModel();
        world.Trends.AllTime.Add(new(World.Item("b09"), 50));

        ItemList list = World.Now(world.Recommender.PopularAsync(new ItemListRequest { Category = World.Games, Count = 3 }, World.Token));

        Assert.Equal(["b09", "b00", "b01"], list.Items.Select(item => item.Item.Value));
        Assert.All(list.Items, item => Assert.Equal("Popular in Games", item.Explanation));
    }

    private static ItemList? Similar(World world, SimilarRequest request) =>
        World.Now(world.Recommender.SimilarAsync(request, World.Token));
}
