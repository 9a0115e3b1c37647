using RecSys.Core;
using RecSys.Core.Log;
using RecSys.Core.Models;
using RecSys.Core.Slates;

namespace RecSys.Serving.Tests;

public sealed class SourceTests
{
    [Fact]
    public void Items_of_one_time_lead_equally_to_the_next_one_and_a_newer_one_leads_more()
    {
        Assert.Equal(1, Ratio(TimeSpan.Zero), 1e-4);
        Assert.InRange(Ratio(TimeSpan.FromSeconds(1)), 1.4, 1.45); // 1 / 0.7

        static double Ratio(TimeSpan later)
        {
            using World world = World.WithModel();
            world.Does("ann", "view", "a00", TimeSpan.FromHours(1) + later);
            world.Does("ann", "view", "a01", TimeSpan.FromHours(1));
            world.Trends.CoVisited["a00"] = [new(World.Item("b07"), 1)];
            world.Trends.CoVisited["a01"] = [new(World.Item("b08"), 1)];
            Slate slate = world.Recommend(new SlateRequest { User = new UserId("ann"), Count = 40, Diversity = 0 });
            return CoVisitOf("b08") / CoVisitOf("b07");

            double CoVisitOf(string id) => slate.Items.Single(item => item.Item.Value == id).Features["coVisit"];
        }
    }

    [Fact]
    public void The_embedding_source_returns_items_that_match_the_whole_history()
    {
        using World world = World.WithModel();
        world.Does("ann", "like", "b00", TimeSpan.FromDays(30));

        Slate slate = world.Recommend("ann");

        Assert.Equal(["b01", "b02", "b03"], World.Ids(slate).Take(3));
        Assert.All(slate.Items, item => Assert.Contains("embedding", item.Sources));
        Assert.Equal(1, slate.Items[0].Features["affinity"]);
    }

    [Fact]
    public void The_similar_source_returns_the_models_neighbours_of_the_newest_items()
    {
        using World world = World.WithModel();
        world.Does("ann", "view", "a07");

        SlateItem neighbour = world.Recommend(new SlateRequest { User = new UserId("ann"), Count = 20 }).Items.First(item => item.Item.Value == "a08");

        Assert.Contains("similar", neighbour.Sources);
        Assert.Equal(1, neighbour.Features["session"], 0.001);
    }

    [Fact]
    public void Views_of_hours_ago_weigh_less_in_the_session()
    {
        using World world = World.WithModel();
        world.Does("ann", "view", "a07", TimeSpan.FromMinutes(60));

        SlateItem neighbour = world.Recommend("ann", 20).Items.First(item => item.Item.Value == "a08");

        Assert.Equal(0.25, neighbour.Features["session"], 0.001);
    }

    [Fact]
    public void A_last_click_of_a_week_ago_still_leads_to_the_next_item()
    {
        using World world = World.WithModel();
        world.Trends.CoVisited["a10"] = [new(World.Item("a19"), 0.05f)];
        for (int item = 0; item < 10; item++)
        {
            world.Does("ann", "like", $"a{item:00}", TimeSpan.FromDays(40));
        }

        string before = world.Recommend("ann").Items[0].Item.Value;
        world.Does("ann", "view", "a10", TimeSpan.FromDays(7));

        SlateItem first = world.Recommend("ann").Items[0];

        Assert.NotEqual("a19", before);
        Assert.Equal("a19", first.Item.Value);
        Assert.True(first.Features["coVisit"] > 0.5, $"{first.Features["coVisit"]}");
    }

    [Fact]
    public void Few_co_visits_count_less_than_many()
    {
        Assert.Equal(0.5, Feature(evidence: 0.01f), 0.001);
        Assert.Equal(0.9, Feature(evidence: 0.09f), 0.001);

        static double Feature(float evidence)
        {
            using World world = World.WithCatalogue();
            world.Trends.CoVisited["a00"] = [new(World.Item("b07"), evidence)];
            world.Does("ann", "view", "a00");
            return world.Recommend("ann").Items.First(item => item.Item.Value == "b07").Features["coVisit"];
        }
    }

    [Fact]
    public void Older_items_have_fewer_neighbours()
    {
        using World world = World.WithCatalogue();
        world.Options.NeighbourCandidates = 10;
        foreach (string id in (string[])["a00", "b00"])
        {
            world.Trends.CoVisited[id] = [.. Enumerable.Range(0, 15).Select(i => new ScoredItem(World.Item($"{id}-{i:00}"), 1))];
        }

        world.Does("ann", "view", "a00", TimeSpan.FromMinutes(2));
        world.Does("ann", "view", "b00", TimeSpan.FromMinutes(1));

        Slate slate = world.Recommend("ann", 50);

        Assert.Equal(10, World.Ids(slate).Count(id => id.StartsWith("b00-", StringComparison.Ordinal)));
        Assert.Equal(7, World.Ids(slate).Count(id => id.StartsWith("a00-", StringComparison.Ordinal)));
    }

    [Fact]
    public void Popular_items_are_candidates_for_every_user()
    {
        using World world = World.WithModel();
        world.Does("ann", "like", "b00", TimeSpan.FromDays(30));

        Slate slate = world.Recommend("ann", 30);

        Assert.Contains("popular", slate.Items.First(item => item.Item.Value == "a00").Sources);
    }

    [Fact]
    public void Recent_co_visits_return_items_without_a_model()
    {
        using World world = World.WithCatalogue();
        world.Trends.CoVisited["a00"] = [new(World.Item("b07"), 4), new(World.Item("b08"), 2)];
        world.Does("ann", "view", "a00");

        Slate slate = world.Recommend("ann", 25);

        Assert.Equal("b07", World.Ids(slate)[0]);
        Assert.Contains("coVisit", slate.Items[0].Sources);
        Assert.Equal("Because you viewed “Title a00”", slate.Items[0].Explanation);
        Assert.Equal(slate.Items[0].Features["coVisit"] / 2, slate.Items.Single(item => item.Item.Value == "b08").Features["coVisit"], 0.001);
    }

    [Fact]
    public void Content_neighbours_recommend_an_item_without_interactions()
    {
        using World world = World.WithModel(content => WithNewBook(content));
        world.Set("a99", new ItemContent { Title = "Fresh", Categories = [World.Books] });
        world.Does("ann", "view", "a00", TimeSpan.FromMinutes(1));

        Slate slate = world.Recommend("ann", 100);
        SlateItem fresh = slate.Items.First(item => item.Item.Value == "a99");

        Assert.Contains("content", fresh.Sources);
        Assert.True(fresh.Features["content"] > 0.5);
    }

    [Fact]
    public void A_viewed_item_is_similar_to_other_items_and_never_to_itself()
    {
        using World world = World.WithCatalogue();
        world.Does("ann", "view", "a00", TimeSpan.FromMinutes(2));
        world.Does("ann", "view", "a01", TimeSpan.FromMinutes(1));

        Slate slate = world.Recommend(new SlateRequest { User = new UserId("ann"), Count = 100, Seen = SeenRule.Allow });
        SlateItem viewed = slate.Items.First(item => item.Item.Value == "a01");

        Assert.Equal("Similar to “Title a00”", viewed.Explanation);
        Assert.True(viewed.Features["content"] < slate.Items.First(item => item.Item.Value == "a02").Features["content"]);
    }

    [Fact]
    public void An_item_newer_than_the_model_is_returned_by_its_category()
    {
        using World world = World.WithModel();
        world.Options.NewItemShare = 0;
        world.Set("a99", new ItemContent { Title = "Fresh", Categories = [World.Books] });
        world.Does("ann", "view", "a00");

        SlateItem fresh = world.Recommend("ann", 100).Items.First(item => item.Item.Value == "a99");

        Assert.Contains("content", fresh.Sources);
        Assert.Contains("latest", fresh.Sources);
        Assert.Equal(1, fresh.Features["content"], 0.001);
        Assert.Equal("Similar to “Title a00”", fresh.Explanation);
    }

    [Fact]
    public void Trending_and_popular_items_serve_an_unknown_user()
    {
        using World world = World.WithModel();
        world.Trends.Trending.Add(new(World.Item("b15"), 30));

        Slate slate = world.Recommend("nobody");

        Assert.True(slate.IsColdUser);
        Assert.Equal(ServedBy.Full, slate.ServedBy);
        Assert.Equal("b15", slate.Items[0].Item.Value);
        Assert.Equal("Trending in Games", slate.Items[0].Explanation);
        Assert.Matches("^Popular in (Books|Games)$", slate.Items[1].Explanation);
        Assert.Equal(10, slate.Items.Length);
    }

    [Fact]
    public void The_latest_source_returns_an_item_that_was_just_added()
    {
        using World world = World.WithCatalogue();
        world.Set("b99", new ItemContent { Title = "Brand new", Categories = [World.Games] });

        Slate slate = world.Recommend("nobody");

        Assert.Equal("b99", slate.Items[0].Item.Value);
        Assert.Equal("New in Games", slate.Items[0].Explanation);
    }

    [Fact]
    public void The_sources_report_how_many_candidates_they_returned()
    {
        using World world = World.WithModel();
        world.Does("ann", "view", "a00");

        Slate slate = world.Recommend("ann");

        Assert.Equal(40, slate.Sources.First(source => source.Source == "embedding").Count);
        Assert.Equal(3, slate.Sources.First(source => source.Source == "similar").Count);
        Assert.All(slate.Sources, source => Assert.Null(source.LeftOut));
        Assert.Equal(["profile", "candidates", "filters", "ranking", "selection"], slate.Stages.Select(stage => stage.Stage));
    }

    [Fact]
    public void A_session_without_a_user_is_recommended_by_its_items()
    {
        using World world = World.WithModel();

        Slate slate = world.Recommend(new SlateRequest { Items = World.Items("b00", "b03"), Count = 5 });

        Assert.False(slate.IsColdUser);
        Assert.All(slate.Items, item => Assert.Equal('b', item.Item.Value[0]));
        Assert.DoesNotContain("b00", World.Ids(slate));
        Assert.DoesNotContain("b03", World.Ids(slate));
        Assert.Contains("b04", World.Ids(slate).Take(2));
    }

    private static ModelContent WithNewBook(ModelContent content)
    {
        int count = content.Items.Count;
        int at = World.PerCluster;
        List<ItemId> items = [.. content.Items];
        items.Insert(at, World.Item("a99"));
        int[] starts = new int[count + 2];
        Array.Fill(starts, 1, 1, count + 1);
        float[] vectors = new float[(count + 1) * 2];
        vectors[0] = 1;
        vectors[at * 2] = 1;
        return content with
        {
            Card = content.Card with { ItemCount = count + 1 },
            Items = items,
            Origins = [.. content.Origins[..at], EmbeddingOrigin.None, .. content.Origins[at..]],
            Popularity = [.. content.Popularity[..at], 0, .. content.Popularity[at..]],
            Factors = [.. content.Factors[..(at * 3)], 0, 0, 0, .. content.Factors[(at * 3)..]],
            Similar = SparseRows.None,
            ContentDimension = 2,
            ContentVectors = vectors,
            ContentNeighbours = new SparseRows(starts, [at], [0.9f]),
        };
    }
}
