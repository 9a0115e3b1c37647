using RecSys.Core.Models;
using RecSys.Core.Slates;

namespace RecSys.Serving.Tests;

public class NewestMatchTests
{
    [Fact]
    public void Items_like_the_newest_liked_ones_come_first_whatever_their_age()
    {
        using World world = ByNewestAlone();
        Likes(world, "a", 12, TimeSpan.FromDays(300));
        Likes(world, "b", 8, TimeSpan.FromDays(200));

        SlateItem first = world.Recommend("ann").Items[0];

        Assert.StartsWith("b", first.Item.Value, StringComparison.Ordinal);
        Assert.Contains("“Title b", first.Explanation, StringComparison.Ordinal);
    }

    [Fact]
    public void Many_older_likes_count_less_than_few_newer_ones()
    {
        using World world = ByNewestAlone();
        Likes(world, "b", 12, TimeSpan.FromDays(300));
        Likes(world, "a", 8, TimeSpan.FromDays(200));

        Assert.StartsWith("a", world.Recommend("ann").Items[0].Item.Value, StringComparison.Ordinal);
    }

    [Fact]
    public void Items_that_were_not_liked_have_no_part()
    {
        using World world = ByNewestAlone();
        Likes(world, "a", 3, TimeSpan.FromDays(10));
        for (int item = 0; item < 5; item++)
        {
            world.Does("ann", "rating", $"b{item:00}", TimeSpan.FromDays(1), value: 1);
        }

        Assert.StartsWith("a", world.Recommend("ann").Items[0].Item.Value, StringComparison.Ordinal);
    }

    [Fact]
    public void The_match_is_the_cosine_with_the_weighted_sum_of_unit_embeddings()
    {
        using World world = ByNewestAlone();
        using ModelSnapshot model = TestKit.Models.SmallModels.Snapshot(World.ClusterModel());
        world.Does("ann", "like", "b00", TimeSpan.FromDays(2));
        world.Does("ann", "like", "a00", TimeSpan.FromDays(1));
        double[] older = Unit(model, "b00");
        double[] newer = Unit(model, "a00");
        double[] sum = [.. newer.Zip(older, (one, other) => one + (0.9 * other))];
        double norm = Math.Sqrt(sum.Sum(value => value * value));

        double expected = Unit(model, "a05").Zip(sum, (one, other) => one * other / norm).Sum();

        Explanation why = world.Explain("ann", "a05");
        double weight = 2 * expected;
        Assert.Equal(weight, why.Parts.Single(part => part.Name == "newest").Value, 1e-4);
        Assert.Equal(weight, why.Because.Sum(cause => cause.Contribution), 1e-4);
        Assert.Equal(["a00", "b00"], why.Because.Select(cause => cause.Item.Value));
    }

    [Fact]
    public void An_embedding_that_was_only_estimated_matches_nothing()
    {
        using World world = ByNewestAlone(content => content with
        {
            Origins = [.. content.Items.Select(item => item == World.Item("a05") ? EmbeddingOrigin.Estimated : EmbeddingOrigin.Trained)],
        });
        Likes(world, "a", 3, TimeSpan.FromDays(10));

        Assert.Equal(0, PartOf("a05"));
        Assert.InRange(PartOf("a06"), 0.1, 2);

        double PartOf(string item) => world.Explain("ann", item).Parts.Single(part => part.Name == "newest").Value;
    }

    private static World ByNewestAlone(Func<ModelContent, ModelContent>? change = null)
    {
        World world = World.WithModel(change);
        world.Options.Weights = OnlyNewest();
        world.Options.NewUserWeights = OnlyNewest();
        return world;
    }

    private static BlendWeights OnlyNewest() =>
        new() { Affinity = 0, Session = 0, CoVisit = 0, Content = 0, Popularity = 0, Trend = 0, Freshness = 0, Newest = 2 };

    private static void Likes(World world, string cluster, int count, TimeSpan ago)
    {
        for (int item = 0; item < count; item++)
        {
            world.Does("ann", "like", $"{cluster}{item:00}", ago - TimeSpan.FromHours(item));
        }
    }

    private static double[] Unit(ModelSnapshot model, string item)
    {
        Assert.True(model.TryGetIndex(World.Item(item), out int index));
        double[] values = [.. model.FactorsOf(index).ToArray().Select(value => (double)value)];
        double norm = Math.Sqrt(values.Sum(value => value * value));
        return [.. values.Select(value => value / norm)];
    }
}
