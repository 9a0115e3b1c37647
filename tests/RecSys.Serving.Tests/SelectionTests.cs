using RecSys.Core;
using RecSys.Core.Ranking;
using RecSys.Core.Slates;

namespace RecSys.Serving.Tests;

public sealed class SelectionTests
{
    [Fact]
    public void Diversity_mixes_the_clusters()
    {
        using World world = World.WithModel();
        world.Does("ann", "purchase", "a00");

        int plain = Games(world.Recommend(new SlateRequest { User = new UserId("ann"), Count = 6, Diversity = 0 }));
        Slate varied = world.Recommend(new SlateRequest { User = new UserId("ann"), Count = 6, Diversity = 0.8 });

        Assert.Equal(0, plain);
        Assert.Equal('a', varied.Items[0].Item.Value[0]);
        Assert.Equal('b', varied.Items[1].Item.Value[0]);
    }

    [Fact]
    public void Variety_follows_the_scores_of_a_ranker_even_if_all_are_negative()
    {
        Assert.Equal(Ids(offset: 3), Ids(offset: -3));

        static string[] Ids(float offset)
        {
            using World world = World.WithModel();
            world.Does("ann", "purchase", "a00");
            SlateRequest request = new() { User = new UserId("ann"), Count = 10, Diversity = 0.3 };
            return World.Ids(World.Now(world.Make(new Offset(offset)).RecommendAsync(request, World.Token)));
        }
    }

    [Fact]
    public void A_category_has_at_most_its_share_if_there_are_other_candidates()
    {
        using World world = World.WithModel();
        world.Options.CategoryShareMax = 0.5;
        world.Does("ann", "purchase", "a00");

        Slate slate = world.Recommend("ann");

        Assert.Equal(5, Games(slate));
        Assert.Equal(10, slate.Items.Length);
    }

    [Fact]
    public void A_share_that_is_not_a_whole_number_of_items_is_rounded_up()
    {
        using World world = World.WithModel();
        world.Options.CategoryShareMax = 0.45;
        world.Does("ann", "purchase", "a00");

        Assert.Equal(5, Games(world.Recommend("ann")));
    }

    [Fact]
    public void A_category_limit_is_exceeded_if_there_are_no_other_candidates()
    {
        using World world = World.WithModel();
        world.Options.CategoryShareMax = 0.1;
        world.Does("ann", "purchase", "a00");

        Assert.Equal(39, world.Recommend("ann", 39).Items.Length);
    }

    [Fact]
    public void A_cold_slate_spreads_over_the_categories()
    {
        using World world = World.WithModel();
        world.Trends.Trending.AddRange(Enumerable.Range(0, 10).Select(i => new ScoredItem(World.Item($"b{i:00}"), 100 - i)));

        Slate slate = world.Recommend("nobody");

        Assert.InRange(Games(slate), 3, 6);
    }

    [Fact]
    public void The_same_request_at_the_same_time_gives_the_same_slate()
    {
        string[] first = Explored(out float[] firstPropensities);
        string[] second = Explored(out float[] secondPropensities);

        Assert.Equal(first, second);
        Assert.Equal(firstPropensities, secondPropensities);
    }

    [Fact]
    public void Exploration_keeps_the_first_position_and_reports_its_propensities()
    {
        string[] explored = Explored(out float[] propensities);
        using World world = World.WithModel();
        world.Does("ann", "purchase", "a00");
        string[] plain = World.Ids(world.Recommend("ann", 20));

        Assert.Equal(plain[0], explored[0]);
        Assert.Equal(1, propensities[0]);
        Assert.NotEqual(plain, explored);
        Assert.Equal(explored.Distinct(), explored);
        Assert.All(propensities[1..], propensity => Assert.True(propensity is 0.5f or (> 0 and <= 0.5f / 18), $"{propensity}"));
        Assert.Contains(propensities, propensity => propensity < 0.5f);
    }

    [Fact]
    public async Task Impressions_are_recorded_with_their_propensities()
    {
        using World world = World.WithModel();
        world.Does("ann", "purchase", "a00");

        Slate slate = world.Recommend("ann");
        await world.Impressions.FlushAsync(World.Token);
        SlateImpression impression = await world.Impressions.ReadAsync(World.OwnerOf("ann"), World.Token).SingleAsync(World.Token);

        Assert.Equal(slate.RecommendationId, impression.RecommendationId);
        Assert.Equal(slate.Items.Select(item => item.Item), impression.Items.Select(item => item.Item));
        Assert.All(impression.Items, item => Assert.Equal(1, item.Propensity));
        Assert.Equal(world.NowMs, impression.TimestampMs);
    }

    [Fact]
    public async Task Impressions_are_sampled()
    {
        using World world = World.WithModel();
        world.Options.ImpressionSampling = 0.25;
        for (int i = 0; i < 400; i++)
        {
            world.Recommend(new SlateRequest());
        }

        await world.Impressions.FlushAsync(World.Token);
        int noted = await world.Impressions.ReadAllAsync(World.Token).CountAsync(World.Token);

        Assert.InRange(noted, 70, 130);
    }

    [Fact]
    public async Task A_user_that_refused_profiling_gets_no_personal_slate_and_leaves_no_impression()
    {
        using World world = World.WithModel();
        world.Does("ann", "purchase", "b00");
        world.Says("ann", consent: false);

        Slate slate = world.Recommend("ann");
        await world.Impressions.FlushAsync(World.Token);

        Assert.True(slate.IsColdUser);
        Assert.All(slate.Items, item => Assert.Equal(0, item.Features["affinity"]));
        Assert.DoesNotContain("b00", World.Ids(slate));
        Assert.Equal(0, await world.Impressions.ReadAsync(World.OwnerOf("ann"), World.Token).CountAsync(World.Token));
    }

    [Fact]
    public void Ids_sort_by_time_and_do_not_repeat()
    {
        using World world = World.WithModel();
        List<string> ids = [];
        for (int i = 0; i < 100; i++)
        {
            ids.Add(world.Recommend(new SlateRequest()).RecommendationId);
            world.Time.Advance(TimeSpan.FromMilliseconds(1));
        }

        Assert.Equal(ids.Order(StringComparer.Ordinal).Distinct(), ids);
        Assert.All(ids, id => Assert.Equal(26, id.Length));
    }

    private static string[] Explored(out float[] propensities)
    {
        using World world = World.WithModel();
        world.Options.ExplorationShare = 0.5;
        world.Does("ann", "purchase", "a00");
        Slate slate = world.Recommend("ann", 20);
        propensities = [.. slate.Items.Select(item => item.Propensity)];
        return World.Ids(slate);
    }

    private static int Games(Slate slate) => slate.Items.Count(item => item.Item.Value[0] == 'b');

    /// <summary>Scores by the affinity plus a constant.</summary>
    private sealed class Offset(float offset) : IRanker
    {
        public string Name => "offset";

        public IReadOnlyList<string> FeatureNames => Pipeline.Feature.Names;

        public void Rank(ReadOnlySpan<float> features, int featureCount, Span<float> scores)
        {
            for (int row = 0; row < scores.Length; row++)
            {
                scores[row] = offset + features[row * featureCount];
            }
        }
    }
}
