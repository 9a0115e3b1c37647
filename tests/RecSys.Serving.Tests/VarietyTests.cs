using RecSys.Core;
using RecSys.Core.Log;
using RecSys.Core.Slates;

namespace RecSys.Serving.Tests;

public sealed class VarietyTests
{
    [Fact]
    public void A_slate_has_the_categories_of_the_history_in_about_the_same_proportions()
    {
        using World world = World.WithModel();
        world.Options.CauseShareMax = 1;
        world.Options.Calibration = 0.5;
        LikeBooksAndGames(world, "ann", books: 8, games: 2);
        world.Time.Advance(TimeSpan.FromDays(30));

        int games = Games(world.Recommend("ann"));
        world.Options.Calibration = 0;
        int byScore = Games(world.Recommend("ann"));

        Assert.True(games is 2 or 3 && byScore > games, $"{games}, {byScore} by score");
    }

    [Fact]
    public void A_diversity_of_zero_gives_the_order_of_scores()
    {
        using World world = World.WithModel();
        AddNewBooks(world, 5);
        LikeBooksAndGames(world, "ann", books: 7, games: 3);
        world.Options.NewItemShare = 0.5;

        Slate slate = world.Recommend(new SlateRequest { User = new UserId("ann"), Count = 20, Diversity = 0 });

        Assert.Equal(slate.Items.Select(item => item.Score).OrderDescending(), slate.Items.Select(item => item.Score));
        Assert.All(slate.Items, item => Assert.Equal(1, item.Propensity));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(10)]
    [InlineData(20)]
    [InlineData(100)]
    public void A_slate_has_all_items_that_fit_into_it_once(int count)
    {
        for (ulong seed = 0; seed < 20; seed++)
        {
            using World world = World.WithModel();
            world.Options.Seed = seed;
            world.Options.NewItemShare = 0.5;
            world.Options.ExplorationShare = 0.5;
            AddNewBooks(world, 5);
            LikeBooksAndGames(world, "ann", books: (int)seed % 7, games: 1 + ((int)seed % 3));
            int liked = ((int)seed % 7) + 1 + ((int)seed % 3);

            string[] items = World.Ids(world.Recommend("ann", count));

            Assert.Equal(Math.Min(count, (2 * World.PerCluster) + 5 - liked), items.Length);
            Assert.Equal(items.Distinct(), items);
        }
    }

    [Fact]
    public void An_interaction_causes_no_more_items_than_its_share()
    {
        using World world = World.WithCatalogue();
        world.Options.Weights.Content = 0;
        world.Options.RankDecay = 1;
        string[] others = [.. World.AllIds().Where(id => id is not ("a00" or "a01" or "a02" or "a03"))];
        for (int liked = 0; liked < 4; liked++)
        {
            // The first liked item leads to the nine candidates with the highest scores.
            world.Trends.CoVisited[$"a0{liked}"] = [.. others.Skip(9 * liked).Take(9).Select((id, i) => new ScoredItem(World.Item(id), 20 - i))];
            world.Does("ann", "view", $"a0{liked}", TimeSpan.FromHours(4 * liked));
        }

        Slate slate = world.Recommend("ann");
        world.Options.CauseShareMax = 1;
        Slate free = world.Recommend("ann");

        Assert.InRange(MostOfOneCause(slate), 1, 3);
        Assert.InRange(MostOfOneCause(free), 4, 10);
    }

    [Fact]
    public void An_item_keeps_its_place_if_another_interaction_explains_it_nearly_as_well()
    {
        using World world = World.WithCatalogue();
        world.Options.Weights.Content = 0;
        world.Options.RankDecay = 1;
        string[] others = [.. World.AllIds().Where(id => id is not ("a00" or "a01" or "a02"))];
        string[] best = [.. others.Take(10)];
        for (int liked = 0; liked < 3; liked++)
        {
            // All three liked items lead to the same ten candidates; the scores by the last one are slightly higher.
            world.Trends.CoVisited[$"a0{liked}"] = [.. best.Select((id, i) => new ScoredItem(World.Item(id), (20 - i) * (8 + liked)))];
            world.Does("ann", "view", $"a0{liked}", TimeSpan.FromMinutes(3 - liked));
        }

        Slate slate = world.Recommend("ann");

        Assert.Equal(best, World.Ids(slate));
        Assert.Equal(4, MostOfOneCause(slate));
    }

    [Fact]
    public void An_item_that_was_bought_and_viewed_again_causes_no_more_items_than_one_that_was_bought()
    {
        using World world = World.WithCatalogue();
        world.Options.Weights.Content = 0;
        world.Options.RankDecay = 1;
        string[] others = [.. World.AllIds().Where(id => id is not ("a00" or "b00" or "b01"))];
        world.Trends.CoVisited["a00"] = [.. others.Take(12).Select((id, i) => new ScoredItem(World.Item(id), 40 - i))];
        world.Trends.CoVisited["b00"] = [.. others.Skip(12).Take(12).Select((id, i) => new ScoredItem(World.Item(id), 25 - i))];
        world.Trends.CoVisited["b01"] = [.. others.Skip(24).Take(12).Select((id, i) => new ScoredItem(World.Item(id), 25 - i))];
        world.Does("ann", "like", "b01", TimeSpan.FromMinutes(4));
        world.Does("ann", "like", "b00", TimeSpan.FromMinutes(3));
        world.Does("ann", "purchase", "a00", TimeSpan.FromMinutes(2));
        world.Does("ann", "view", "a00", TimeSpan.FromMinutes(1));

        string[] first = World.Ids(world.Recommend("ann"));

        Assert.Equal(3, first.Intersect(others.Take(12)).Count());
    }

    [Fact]
    public void A_purchase_brings_what_others_bought_next()
    {
        using World world = World.WithCatalogue();
        (world.Options.Weights.BoughtNext, world.Options.NewUserWeights.BoughtNext) = (1, 1);
        world.Trends.CoVisited["a00"] = [.. Enumerable.Range(1, 15).Select(i => new ScoredItem(World.Item($"a{i:00}"), 20 - i))];
        world.Trends.BoughtNext["a00"] = [.. Enumerable.Range(5, 6).Select(i => new ScoredItem(World.Item($"b{i:00}"), .1f))];
        world.Does("ann", "view", "a00", TimeSpan.FromMinutes(2));
        string[] viewed = World.Ids(world.Recommend("ann"));

        world.Does("ann", "purchase", "a00", TimeSpan.FromMinutes(1));
        Slate slate = world.Recommend("ann");

        SlateItem[] next = [.. slate.Items.Where(item => item.Sources.Contains("boughtNext"))];
        Assert.True(next.Length >= 3, string.Join(' ', World.Ids(slate)));
        Assert.All(next, item => Assert.Equal("Goes with “Title a00”", item.Explanation));
        Assert.Equal(next[0].Item, slate.Items[3].Item);
        Assert.True(World.Ids(slate).Count(id => id[0] == 'a') <= 3, string.Join(' ', World.Ids(slate)));
        Assert.True(viewed.Count(id => id[0] == 'a') > 3, string.Join(' ', viewed));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(100)]
    public void What_was_bought_once_brings_at_most_three_of_its_kind_with_any_weight(double weight)
    {
        using World world = World.WithModel();
        (world.Options.Weights.BoughtNext, world.Options.NewUserWeights.BoughtNext) = (weight, weight);
        world.Trends.CoVisited["a00"] = [.. Enumerable.Range(1, 15).Select(i => new ScoredItem(World.Item($"a{i:00}"), 20 - i))];
        world.Trends.BoughtNext["a00"] = [.. Enumerable.Range(1, 15).Select(i => new ScoredItem(World.Item($"a{i:00}"), 20 - i))];
        world.Does("ann", "view", "a01", TimeSpan.FromMinutes(3));
        world.Does("ann", "view", "a02", TimeSpan.FromMinutes(2));
        world.Does("ann", "purchase", "a00", TimeSpan.FromMinutes(1));

        string[] shown = World.Ids(world.Recommend("ann"));

        Assert.Equal(10, shown.Length);
        Assert.InRange(shown.Count(id => id[0] == 'a'), 0, 3);
    }

    [Fact]
    public void A_purchase_that_was_viewed_again_brings_what_others_bought_next_and_a_disliked_one_does_not()
    {
        using World world = World.WithCatalogue();
        (world.Options.Weights.BoughtNext, world.Options.NewUserWeights.BoughtNext) = (1, 1);
        world.Trends.BoughtNext["a00"] = [new ScoredItem(World.Item("b07"), .1f)];
        world.Does("ann", "purchase", "a00", TimeSpan.FromMinutes(3));
        world.Does("ann", "view", "a00", TimeSpan.FromMinutes(2));
        Slate after = world.Recommend("ann");

        world.Does("ann", "dislike", "a00", TimeSpan.FromMinutes(1));
        Slate disliked = world.Recommend("ann");

        Assert.Contains(after.Items, item => item.Features["boughtNext"] > 0);
        Assert.DoesNotContain(disliked.Items, item => item.Features["boughtNext"] > 0);
    }

    [Fact]
    public void A_category_exceeds_its_share_of_the_tastes_by_a_bounded_share()
    {
        using World world = World.WithModel();
        world.Options.CauseShareMax = 1;
        world.Options.Calibration = 0;
        LikeBooksAndGames(world, "ann", books: 9, games: 0);
        world.Time.Advance(TimeSpan.FromDays(30));
        world.Does("ann", "view", "b01");
        world.Trends.CoVisited["b01"] = [.. Enumerable.Range(2, 12).Select(i => new ScoredItem(World.Item($"b{i:00}"), 20 - i))];

        int bounded = Games(world.Recommend("ann"));
        world.Options.TasteSurplusMax = 1;
        int free = Games(world.Recommend("ann"));

        Assert.InRange(bounded, 2, 5);
        Assert.True(free > bounded, $"{free}");
    }

    [Fact]
    public void A_share_of_causes_is_exceeded_if_there_are_no_other_candidates()
    {
        using World world = World.WithModel();
        world.Options.CauseShareMax = 0.1;
        world.Does("ann", "purchase", "a00");

        Assert.Equal(39, world.Recommend("ann", 39).Items.Length);
    }

    [Fact]
    public void A_category_of_which_one_item_was_bought_has_at_most_its_share_until_another_item_is_liked()
    {
        using World world = World.WithModel();
        world.Does("ann", "view", "a01", TimeSpan.FromHours(3));
        world.Does("ann", "purchase", "a00", TimeSpan.FromHours(2));

        int bought = 10 - Games(world.Recommend("ann"));
        world.Does("ann", "like", "a02");
        int liked = 10 - Games(world.Recommend("ann"));

        Assert.InRange(bought, 1, 3);
        Assert.True(liked > 3, $"{liked}");
    }

    [Fact]
    public void Three_hidden_items_of_a_category_lower_it_and_the_explanation_counts_them()
    {
        using World world = World.WithModel();
        LikeBooksAndGames(world, "ann", books: 3, games: 3);
        Slate before = world.Recommend("ann");
        world.Does("ann", "hide", "a10");
        world.Does("ann", "hide", "a11");
        Assert.DoesNotContain(world.Explain("ann", "a15").Parts, part => part.Name == "hidden");

        world.Does("ann", "hide", "a12");
        Slate after = world.Recommend("ann");
        ScorePart hidden = world.Explain("ann", "a15").Parts.Single(part => part.Name == "hidden");

        Assert.True(10 - Games(after) < 10 - Games(before), $"{10 - Games(before)} books before, {10 - Games(after)} after");
        Assert.Equal("you hid 3 items of Books", hidden.Text);
        Assert.InRange(hidden.Value, -1, -0.2);
        Assert.DoesNotContain(world.Explain("ann", "b15").Parts, part => part.Name == "hidden");
    }

    [Fact]
    public void The_loss_by_hidden_items_decays()
    {
        using World world = World.WithModel();
        LikeBooksAndGames(world, "ann", books: 3, games: 3);
        foreach (string item in (string[])["a10", "a11", "a12"])
        {
            world.Does("ann", "hide", item);
        }

        double now = Hidden(world);
        world.Time.Advance(TimeSpan.FromDays(90));

        Assert.InRange(Hidden(world) / now, 0.05, 0.3);
    }

    [Fact]
    public void New_items_get_a_bounded_share_of_the_second_half_of_a_slate()
    {
        int shown = 0;
        for (int user = 0; user < 300; user++)
        {
            using World world = World.WithModel();
            world.Options.NewItemShare = 0.1;
            world.Options.Weights.Freshness = 0;
            AddNewBooks(world, 12);
            LikeBooksAndGames(world, $"user{user}", books: 3, games: 0);

            Slate slate = world.Recommend($"user{user}");
            int drawn = slate.Items.Count(item => item.Propensity < 0.5);

            Assert.InRange(drawn, 0, 1);
            Assert.All(slate.Items.Take(5), item => Assert.Equal(1, item.Propensity));
            shown += drawn;
        }

        // The expected share of slates with a new item is 1 − 0.9^5 = 0.41 with the default share, and 1 − 0.8^5 = 0.67 here.
        Assert.InRange(shown, 165, 237);
    }

    [Fact]
    public void New_items_are_not_drawn_if_their_share_is_zero_or_if_they_do_not_fit()
    {
        for (int user = 0; user < 50; user++)
        {
            using World world = World.WithModel();
            world.Options.NewItemShare = user % 2 == 0 ? 0 : 0.5;
            AddNewBooks(world, 12);
            LikeBooksAndGames(world, $"user{user}", books: user % 2 == 0 ? 3 : 0, games: user % 2 == 0 ? 0 : 3);

            Assert.All(world.Recommend($"user{user}").Items, item => Assert.Equal(1, item.Propensity));
        }
    }

    [Fact]
    public void An_item_that_was_added_long_ago_gets_no_place_of_new_items_although_nobody_touched_it()
    {
        using World world = World.WithModel();
        world.Options.NewItemShare = 0.5;
        AddNewBooks(world, 12);

        Assert.Contains(Drawn(world, 20), item => item.StartsWith("a9", StringComparison.Ordinal));
        world.Time.Advance(TimeSpan.FromDays(31));
        Assert.Empty(Drawn(world, 20));
    }

    [Fact]
    public void An_item_is_new_until_enough_users_interacted_with_it()
    {
        using World world = World.WithModel();
        world.Options.NewItemShare = 0.5;
        AddNewBooks(world, 12);
        for (int i = 0; i < 12; i++)
        {
            world.Trends.UserCounts[$"a9{i:00}"] = i == 3 ? 10 : 11;
        }

        Assert.Equal(["a903"], Drawn(world, 60).Distinct());
    }

    [Fact]
    public void An_item_that_was_added_late_is_not_new_if_it_has_older_interactions()
    {
        using World world = World.WithModel();
        world.Options.NewItemShare = 0.5;
        AddNewBooks(world, 12);
        for (int i = 0; i < 12; i++)
        {
            world.Trends.UserCounts[$"a9{i:00}"] = 2;
            world.Trends.FirstMs[$"a9{i:00}"] = world.NowMs - (long)TimeSpan.FromDays(i == 3 ? 29 : 31).TotalMilliseconds;
        }

        Assert.Equal(["a903"], Drawn(world, 60).Distinct());
    }

    [Fact]
    public void A_catalogue_that_was_added_just_now_has_no_new_items()
    {
        using World world = World.WithModel();
        world.Options.NewItemShare = 0.5;
        world.Options.NewItemAge = TimeSpan.FromDays(400);
        world.Set("a900", new ItemContent { Title = "The first item, a year after the opening", Categories = [World.Books] });
        Assert.NotEmpty(Drawn(world, 60));

        foreach (string item in World.AllIds().Skip(1))
        {
            world.Set(item, null);
            world.Set(item, new ItemContent { Title = $"Title {item}", Categories = [World.CategoryOf(item)] });
        }

        world.Time.Advance(TimeSpan.FromSeconds(2));
        Assert.Empty(Drawn(world, 60));
    }

    [Theory]
    [InlineData(1, 1 / 41.0)]
    [InlineData(4, 4 / 44.0)]
    [InlineData(40, 0.2)]
    public void New_items_get_the_share_of_the_catalogue_that_is_new_up_to_a_limit(int newItems, double share)
    {
        using World world = World.WithModel();
        world.Options.NewItemShare = 0.2;
        AddNewBooks(world, newItems);
        LikeBooksAndGames(world, "ann", books: 3, games: 0);

        SlateItem sixth = world.Recommend("ann").Items[5];
        double draws = sixth.Propensity > 0.5 ? 1 - sixth.Propensity : sixth.Propensity * Math.Min(8, newItems);

        Assert.Equal(2 * share, draws, 1e-6);
    }

    [Fact]
    public void The_recorded_propensity_is_the_share_of_slates_that_show_the_item_at_the_position()
    {
        const int Users = 6_000;
        using World world = World.WithModel();
        world.Options.NewItemShare = 0.3;
        world.Options.ExplorationShare = 0.2;
        world.Options.ImpressionSampling = 0;
        AddNewBooks(world, 4);
        Dictionary<string, (int Count, float Propensity)> shown = [];
        for (int user = 0; user < Users; user++)
        {
            LikeBooksAndGames(world, $"user{user}", books: 3, games: 2);
            SlateItem second = world.Recommend($"user{user}", 2).Items[1];
            (int count, float propensity) = shown.GetValueOrDefault(second.Item.Value, (0, second.Propensity));
            Assert.Equal(propensity, second.Propensity);
            shown[second.Item.Value] = (count + 1, propensity);
        }

        Assert.True(shown.Count > 20, $"{shown.Count} items");
        Assert.Equal(1, shown.Values.Sum(item => item.Propensity), 0.05);
        foreach ((string item, (int count, float propensity)) in shown)
        {
            double deviation = Math.Sqrt(propensity * (1 - propensity) / Users);
            Assert.True(Math.Abs((count / (double)Users) - propensity) < 5 * deviation, $"{item}: {count} of {Users}, recorded {propensity}");
        }
    }

    [Fact]
    public void The_reason_of_an_old_item_without_features_is_neither_new_nor_popular()
    {
        using World world = World.WithCatalogue();

        Slate slate = world.Recommend("ann");

        Assert.All(slate.Items, item => Assert.StartsWith("From ", item.Explanation, StringComparison.Ordinal));
    }

    private static int MostOfOneCause(Slate slate) => slate.Items
        .Select(item => item.Explanation)
        .Where(reason => reason.Contains('“', StringComparison.Ordinal))
        .CountBy(reason => reason[reason.IndexOf('“', StringComparison.Ordinal)..])
        .Max(cause => cause.Value);

    private static double Hidden(World world) => world.Explain("ann", "a15").Parts.Single(part => part.Name == "hidden").Value;

    private static void LikeBooksAndGames(World world, string user, int books, int games)
    {
        for (int i = 0; i < books; i++)
        {
            world.Does(user, "like", $"a{i:00}", TimeSpan.FromDays(1 + i));
        }

        for (int i = 0; i < games; i++)
        {
            world.Does(user, "like", $"b{i:00}", TimeSpan.FromDays(1 + i));
        }
    }

    private static void AddNewBooks(World world, int count)
    {
        for (int i = 0; i < count; i++)
        {
            world.Set($"a9{i:00}", new ItemContent { Title = $"Title a9{i:00}", Categories = [World.Books] });
        }
    }

    /// <summary>Returns the items that are drawn as new for a number of users who like books.</summary>
    private static string[] Drawn(World world, int users)
    {
        List<string> drawn = [];
        for (int user = 0; user < users; user++)
        {
            LikeBooksAndGames(world, $"reader{user}", books: 3, games: 0);
            drawn.AddRange(world.Recommend($"reader{user}").Items.Where(item => item.Propensity < 1 && item.Explanation == "New in Books").Select(item => item.Item.Value));
        }

        return [.. drawn];
    }

    private static int Games(Slate slate) => slate.Items.Count(item => item.Item.Value[0] == 'b');
}
