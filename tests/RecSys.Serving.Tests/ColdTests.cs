using RecSys.Core.Slates;

namespace RecSys.Serving.Tests;

public sealed class ColdTests
{
    [Fact]
    public void A_user_without_history_gets_items_of_the_categories_in_their_labels()
    {
        using World world = World.WithModel();
        world.Says("ann", consent: null, ("likes", "[\"Games\",\"Gardening\"]"), ("age", "41"));

        Slate slate = world.Recommend("ann");

        Assert.True(slate.IsColdUser);
        Assert.Equal('b', slate.Items[0].Item.Value[0]);
        Assert.Equal("Because you are interested in Games", slate.Items[0].Explanation);
        Assert.Contains("content", slate.Items[0].Sources);
    }

    [Fact]
    public void A_user_who_likes_one_item_still_gets_what_most_users_like()
    {
        using World world = World.WithModel(content => content with { Card = content.Card with { UserCount = 120 } });
        world.Does("ann", "like", "b19");
        for (int item = 0; item < 20; item++)
        {
            world.Does("bob", "like", $"b{item:00}");
        }

        Assert.Equal("popularity", Heaviest(world, "ann"));
        Assert.Equal("affinity", Heaviest(world, "bob"));

        static string Heaviest(World world, string user)
        {
            SlateItem first = world.Recommend(user).Items[0];
            return world.Explain(user, first.Item.Value).Parts.MaxBy(part => part.Value).Name;
        }
    }

    [Fact]
    public void Labels_still_count_after_the_first_likes()
    {
        using World world = World.WithModel();
        world.Says("ann", consent: null, ("likes", "[\"Games\"]"));
        world.Does("ann", "view", "a19");

        Slate slate = world.Recommend("ann");

        Assert.Equal('b', slate.Items[0].Item.Value[0]);
        Assert.Equal("Because you are interested in Games", slate.Items[0].Explanation);
    }

    [Fact]
    public void Without_a_model_the_slate_is_marked_and_still_has_items()
    {
        using World world = World.WithCatalogue();
        world.Does("ann", "view", "a00");

        Slate slate = world.Recommend("ann");

        Assert.Equal(ServedBy.Reduced, slate.ServedBy);
        Assert.Equal(["no model yet"], slate.DegradedReasons);
        Assert.Null(slate.ModelVersion);
        Assert.Equal(10, slate.Items.Length);
        Assert.Equal('a', slate.Items[0].Item.Value[0]);
        Assert.Equal(1, slate.InteractionsSinceModel);
    }

    [Fact]
    public void An_empty_catalogue_gives_an_empty_slate_and_no_failure()
    {
        using World world = new();

        Slate slate = world.Recommend("ann");

        Assert.Empty(slate.Items);
        Assert.Null(slate.Next);
        Assert.NotEqual(ServedBy.Nothing, slate.ServedBy);
    }

    [Fact]
    public void A_replaced_model_is_used_by_the_next_request()
    {
        using World world = World.WithModel();
        world.Does("ann", "view", "a00");
        world.Recommend("ann");
        world.Models.Serve(TestKit.Models.SmallModels.Snapshot(World.ClusterModel() with { Factors = new float[120] }));

        Slate slate = world.Recommend("ann");

        Assert.NotEmpty(slate.Items);
        Assert.All(slate.Items, item => Assert.Equal(0, item.Features["affinity"]));
    }
}
