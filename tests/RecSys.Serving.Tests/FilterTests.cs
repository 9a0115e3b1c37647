using RecSys.Core;
using RecSys.Core.Log;
using RecSys.Core.Slates;
using RecSys.Serving.Pipeline;

namespace RecSys.Serving.Tests;

public sealed class FilterTests
{
    [Theory]
    [InlineData("purchase", FilterReason.Touched)]
    [InlineData("like", FilterReason.Touched)]
    [InlineData("addToCart", FilterReason.Touched)]
    [InlineData("rating", FilterReason.Touched)]
    [InlineData("dislike", FilterReason.Disliked)]
    [InlineData("hide", FilterReason.Disliked)]
    public void Items_of_final_interactions_are_not_shown_again(string type, FilterReason reason)
    {
        using World world = World.WithModel();
        world.Does("ann", "view", "a00");
        world.Does("ann", type, "a01");

        Removed(world, "a01", reason);
    }

    [Theory]
    [InlineData("view")]
    [InlineData("click")]
    public void Viewed_items_may_be_shown_again(string type)
    {
        using World world = World.WithModel();
        world.Does("ann", type, "a01");

        Assert.Contains("a01", World.Ids(world.Recommend("ann", 30)));
    }

    [Fact]
    public void A_slate_reads_the_present_state_of_each_item_of_the_model()
    {
        using World world = World.WithModel();
        world.Does("ann", "view", "a00");
        Assert.Contains("a01", World.Ids(world.Recommend("ann", 30)));

        world.Set("a01", new ItemContent { Categories = [World.Books], IsHidden = true });
        Assert.DoesNotContain("a01", World.Ids(world.Recommend("ann", 30)));

        world.Set("a01", null);
        Assert.DoesNotContain("a01", World.Ids(world.Recommend("ann", 30)));

        world.Set("a01", new ItemContent { Title = "set again", Categories = [World.Books] });
        Assert.Equal("set again", world.Recommend("ann", 30).Items.Single(item => item.Item == World.Item("a01")).Content?.Title);
    }

    [Fact]
    public void An_item_of_the_model_that_the_catalogue_gets_later_is_read_from_then_on()
    {
        using World world = World.WithModel();
        world.Set("a01", null);
        world.Does("ann", "view", "a00");
        Assert.DoesNotContain("a01", World.Ids(world.Recommend("ann", 30)));

        world.Set("a01", new ItemContent { Categories = [World.Books] });

        Assert.Contains("a01", World.Ids(world.Recommend("ann", 30)));
    }

    [Fact]
    public void An_item_that_was_removed_from_the_cart_is_shown_again()
    {
        using World world = World.WithModel();
        world.Does("ann", "addToCart", "a01", ago: TimeSpan.FromMinutes(1));
        world.Does("ann", "removeFromCart", "a01");

        Assert.Contains("a01", World.Ids(world.Recommend("ann", 30)));
    }

    [Theory]
    [InlineData("purchase", FilterReason.Touched)]
    [InlineData("hide", FilterReason.Disliked)]
    [InlineData("dislike", FilterReason.Disliked)]
    public void An_item_of_an_older_statement_is_not_shown_again(string type, FilterReason reason)
    {
        using World world = World.WithModel();
        world.Does("ann", type, "a01", ago: TimeSpan.FromDays(1));
        for (int i = 0; i <= Limits.HistoryMax; i++)
        {
            world.Does("ann", "view", $"a{2 + (i % 10):00}");
        }

        Removed(world, "a01", reason);
    }

    [Fact]
    public void An_item_is_left_out_by_its_newest_opinion()
    {
        using World world = World.WithModel();
        world.Does("ann", "view", "a00");
        world.Does("ann", "rating", "a01", ago: TimeSpan.FromMinutes(1), value: 1);
        world.Does("ann", "rating", "a01", value: 5);
        world.Does("ann", "purchase", "a02", ago: TimeSpan.FromMinutes(1));
        world.Does("ann", "dislike", "a02");

        Removed(world, "a01", FilterReason.Touched);
        Removed(world, "a02", FilterReason.Disliked);
    }

    [Fact]
    public void Excluded_items_are_not_shown() =>
        RemovedFrom(new SlateRequest { Exclude = World.Items("a01") }, FilterReason.Excluded);

    [Fact]
    public void The_item_that_a_session_looks_at_is_not_shown() =>
        RemovedFrom(new SlateRequest { Items = World.Items("a01") }, FilterReason.InSession);

    [Fact]
    public void Items_of_another_category_are_not_shown() =>
        RemovedFrom(new SlateRequest { Category = World.Games }, FilterReason.OtherCategory);

    [Fact]
    public void Items_of_earlier_pages_are_not_shown()
    {
        string cursor = SlateCursor.After(null, [ItemHash.Of(World.Item("a01"))])!;

        RemovedFrom(new SlateRequest { Cursor = cursor }, FilterReason.ShownBefore);
    }

    [Fact]
    public void A_deleted_item_is_not_shown_even_if_the_model_and_the_trends_have_it() => RemovedBy(null, FilterReason.Deleted);

    [Fact]
    public void A_hidden_item_is_not_shown() => RemovedBy(new ItemContent { IsHidden = true }, FilterReason.Hidden);

    [Fact]
    public void An_item_is_not_shown_before_it_is_available() =>
        RemovedBy(new ItemContent { AvailableFromMs = long.MaxValue }, FilterReason.NotYetAvailable);

    [Fact]
    public void An_item_is_not_shown_after_its_availability_ended() =>
        RemovedBy(new ItemContent { AvailableUntilMs = 1 }, FilterReason.NoLongerAvailable);

    [Theory]
    [InlineData(999, FilterReason.NotYetAvailable)]
    [InlineData(1_000, FilterReason.None)]
    [InlineData(1_999, FilterReason.None)]
    [InlineData(2_000, FilterReason.NoLongerAvailable)]
    public void An_item_is_shown_from_its_first_millisecond_until_its_end(long nowMs, FilterReason expected)
    {
        using World world = World.WithModel();
        world.Set("a01", new ItemContent { AvailableFromMs = 1_000, AvailableUntilMs = 2_000 });

        Assert.Equal(expected, CatalogueFilter.ReasonOf(world.Catalogue.Current, null, nowMs, World.Item("a01"), out _));
    }

    [Fact]
    public void An_item_without_stock_is_not_shown() => RemovedBy(new ItemContent { Stock = 0 }, FilterReason.OutOfStock);

    [Fact]
    public void An_item_is_shown_again_when_it_is_in_stock_again()
    {
        using World world = World.WithModel();
        world.Does("ann", "view", "a00");
        world.Set("a01", new ItemContent { Stock = 0 });
        Assert.DoesNotContain("a01", World.Ids(world.Recommend("ann")));

        world.Set("a01", new ItemContent { Stock = 1 });

        Assert.Contains("a01", World.Ids(world.Recommend("ann")));
    }

    [Fact]
    public void An_item_set_again_after_its_deletion_is_shown_again()
    {
        using World world = World.WithModel();
        world.Does("ann", "view", "a00");
        world.Set("a01", null);
        world.Set("a01", new ItemContent { Title = "Back" });

        Assert.Contains("a01", World.Ids(world.Recommend("ann")));
    }

    [Fact]
    public void A_category_is_served_from_the_whole_model()
    {
        using World world = World.WithModel();
        world.Does("ann", "view", "a00");

        Slate slate = world.Recommend(new SlateRequest { User = new UserId("ann"), Category = World.Games });

        Assert.Equal(10, slate.Items.Length);
        Assert.All(slate.Items, item => Assert.Equal('b', item.Item.Value[0]));
    }

    [Fact]
    public void The_few_visible_items_of_a_mostly_hidden_catalogue_are_found()
    {
        using World world = World.WithModel();
        world.Options.EmbeddingCandidates = 10;
        world.Options.NeighbourCandidates = 1;
        world.Options.ListCandidates = 1;
        world.Does("ann", "view", "a00");
        for (int i = 1; i < World.PerCluster; i++)
        {
            world.Set($"a{i:00}", new ItemContent { IsHidden = i < 17, Categories = [World.Books] });
        }

        Slate slate = world.Recommend("ann", 4);

        Assert.Contains("a17", World.Ids(slate));
        Assert.Contains("a18", World.Ids(slate));
        Assert.Contains("a19", World.Ids(slate));
    }

    [Fact]
    public void Filters_report_how_many_candidates_they_removed()
    {
        using World world = World.WithModel();
        world.Does("ann", "view", "a00");
        world.Set("a05", new ItemContent { IsHidden = true });
        world.Set("a06", new ItemContent { IsHidden = true });

        Slate slate = world.Recommend("ann");

        Assert.Contains(new FilterReport(FilterReason.Hidden, 2), slate.Filtered);
    }

    private static void RemovedBy(ItemContent? content, FilterReason reason)
    {
        using World world = World.WithModel();
        world.Trends.Trending.Add(new(World.Item("a01"), 1));
        world.Does("ann", "view", "a00");
        world.Set("a01", content);
        Removed(world, "a01", reason);
    }

    private static void RemovedFrom(SlateRequest request, FilterReason reason)
    {
        using World world = World.WithModel();
        world.Does("ann", "view", "a00");
        Removed(world, "a01", reason, request);
    }

    private static void Removed(World world, string item, FilterReason reason, SlateRequest? request = null)
    {
        request = (request ?? new SlateRequest()) with { User = new UserId("ann"), Count = 40 };

        Assert.DoesNotContain(item, World.Ids(world.Recommend(request)));
        Explanation why = world.Explain("ann", item, request);
        Assert.Equal(ExplanationOutcome.Filtered, why.Outcome);
        Assert.Equal("filters", why.Stage);
        Assert.Equal(reason.Text(), why.Reason);
    }
}
