using RecSys.Core;
using RecSys.Core.Log;
using RecSys.Core.Ports;
using RecSys.Core.Slates;
using RecSys.Core.Users;

namespace RecSys.Serving.Tests;

public sealed class LadderTests
{
    [Fact]
    public async Task A_missing_profile_does_not_delay_the_slate_beyond_the_deadline()
    {
        using World world = World.WithModel();
        TaskCompletionSource<ProfileReading> never = new();
        world.Profiles.Instead = _ => new(never.Task);

        Task<Slate> pending = world.Recommender.RecommendAsync(new SlateRequest { User = new UserId("ann") }, World.Token).AsTask();
        Assert.False(pending.IsCompleted);
        world.Time.Advance(TimeSpan.FromMilliseconds(90));
        Slate slate = await pending;

        Assert.Equal(ServedBy.Batch, slate.ServedBy);
        Assert.Equal(["profile late"], slate.DegradedReasons);
        Assert.Equal(10, slate.Items.Length);
    }

    [Fact]
    public async Task A_slate_reports_that_merged_users_were_left_out_of_the_profile()
    {
        using World world = World.WithModel();
        world.Profiles.Instead = _ => new(new ProfileReading(UserProfile.Empty, IsReflected: true) { HasMoreMerged = true });

        Slate slate = await world.Recommender.RecommendAsync(new SlateRequest { User = new UserId("ann") }, World.Token);

        Assert.Equal(ServedBy.Reduced, slate.ServedBy);
        Assert.Equal(["only 16 of the users merged into this one are read"], slate.DegradedReasons);
        Assert.Equal(10, slate.Items.Length);
    }

    [Fact]
    public async Task A_profile_read_that_waits_for_its_token_ends_in_time()
    {
        using World world = World.WithModel();
        world.Profiles.Instead = token => new(Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token)
            .ContinueWith(_ => new ProfileReading(UserProfile.Empty, false), TaskScheduler.Default));

        Task<Slate> pending = world.Recommender.RecommendAsync(new SlateRequest { User = new UserId("ann") }, World.Token).AsTask();
        world.Time.Advance(TimeSpan.FromMilliseconds(90));
        Slate slate = await pending;

        Assert.NotEmpty(slate.Items);
    }

    [Fact]
    public void Without_a_profile_the_requests_own_items_lead_the_model()
    {
        using World world = World.WithModel();
        world.Profiles.Instead = _ => throw new StoreUnavailableException();

        Slate slate = world.Recommend(new SlateRequest { User = new UserId("ann"), Items = World.Items("b00") });

        Assert.Equal(ServedBy.Batch, slate.ServedBy);
        Assert.Equal(["profile unavailable"], slate.DegradedReasons);
        Assert.All(slate.Items, item => Assert.Equal('b', item.Item.Value[0]));
    }

    [Fact]
    public void Without_a_profile_the_cached_slate_is_served()
    {
        using World world = World.WithModel();
        world.Does("ann", "like", "b00");
        Slate before = world.Recommend("ann");
        world.Time.Advance(TimeSpan.FromSeconds(20));
        world.Set(before.Items[0].Item.Value, null);
        world.Profiles.Instead = _ => throw new StoreUnavailableException();

        Slate slate = world.Recommend("ann");

        Assert.Equal(ServedBy.Cached, slate.ServedBy);
        Assert.True(slate.IsDegraded);
        Assert.Equal(World.Ids(before).Skip(1), World.Ids(slate));
        Assert.Equal(20_000, slate.FreshnessMs);
        Assert.NotEqual(before.RecommendationId, slate.RecommendationId);
    }

    [Fact]
    public void A_cached_slate_has_current_prices_and_stock()
    {
        using World world = World.WithModel();
        world.Does("ann", "like", "b00");
        Slate before = world.Recommend("ann");
        world.Set(before.Items[0].Item.Value, new ItemContent { Stock = 0 });
        world.Set(before.Items[1].Item.Value, new ItemContent { Price = 19.90m });
        world.Profiles.Instead = _ => throw new StoreUnavailableException();

        Slate slate = world.Recommend("ann");

        Assert.Equal(ServedBy.Cached, slate.ServedBy);
        Assert.Equal(World.Ids(before).Skip(1), World.Ids(slate));
        Assert.Equal(19.90m, slate.Items[0].Content?.Price);
    }

    [Fact]
    public void A_cached_slate_is_not_served_for_long_nor_to_another_request()
    {
        using World world = World.WithModel();
        world.Does("ann", "like", "b00");
        world.Recommend("ann");
        world.Profiles.Instead = _ => throw new StoreUnavailableException();

        Assert.Equal(ServedBy.Batch, world.Recommend("ann", count: 9).ServedBy);
        Assert.Equal(ServedBy.Batch, world.Recommend("bob").ServedBy);
        world.Time.Advance(TimeSpan.FromSeconds(61));
        Assert.Equal(ServedBy.Batch, world.Recommend("ann").ServedBy);
    }

    [Fact]
    public async Task An_erasure_removes_the_cached_slates()
    {
        using World world = World.WithModel();
        world.Does("ann", "like", "b00");
        world.Does("bob", "like", "b00");
        world.Recommend("ann");
        world.Recommend("bob");

        long removed = await world.Cache.EraseAsync(World.OwnerOf("ann"), LogPosition.Start, World.Token);
        world.Profiles.Instead = _ => throw new StoreUnavailableException();

        Assert.Equal(1, removed);
        Assert.Equal(ServedBy.Batch, world.Recommend("ann").ServedBy);
        Assert.Equal(ServedBy.Cached, world.Recommend("bob").ServedBy);
    }

    [Fact]
    public async Task A_slate_started_before_an_erasure_is_not_cached_after_it()
    {
        using World world = World.WithModel();
        world.Does("ann", "like", "b00");
        TaskCompletionSource<ProfileReading> slow = new();
        world.Profiles.Instead = _ => new(slow.Task);
        Task<Slate> pending = world.Recommender.RecommendAsync(new SlateRequest { User = new UserId("ann") }, World.Token).AsTask();

        await world.Cache.EraseAsync(World.OwnerOf("ann"), LogPosition.Start, World.Token);
        slow.SetResult(new ProfileReading(world.Profiles.Profiles["ann"], true));
        await pending;
        world.Profiles.Instead = _ => throw new StoreUnavailableException();

        Assert.Equal(ServedBy.Batch, world.Recommend("ann").ServedBy);
    }

    [Fact]
    public void The_cache_keeps_the_newest_slates_up_to_its_limit()
    {
        using World world = World.WithModel();
        world.Options.CachedSlates = 2;
        foreach (string user in new[] { "ann", "bob", "cid" })
        {
            world.Does(user, "like", "b00");
            world.Recommend(user);
        }

        world.Profiles.Instead = _ => throw new StoreUnavailableException();

        Assert.Equal(ServedBy.Batch, world.Recommend("ann").ServedBy);
        Assert.Equal(ServedBy.Cached, world.Recommend("bob").ServedBy);
        Assert.Equal(ServedBy.Cached, world.Recommend("cid").ServedBy);
    }

    [Fact]
    public void A_late_source_is_left_out_and_reported()
    {
        using World world = World.WithModel();
        world.Does("ann", "view", "a00");
        world.Does("ann", "view", "a01");
        world.Trends.CoVisited["a01"] = [new(World.Item("b10"), 1)];
        world.Trends.CoVisitedTakes = TimeSpan.FromMilliseconds(50);

        Slate slate = world.Recommend("ann", 40);

        Assert.Equal(ServedBy.Reduced, slate.ServedBy);
        Assert.Contains("source coVisit late", slate.DegradedReasons);
        Assert.Contains(new SourceReport("coVisit", 0, "late"), slate.Sources);
        Assert.All(slate.Items, item => Assert.DoesNotContain("coVisit", item.Sources));
        Assert.All(slate.Items, item => Assert.Equal(0, item.Features["coVisit"]));
        Assert.Contains("a02", World.Ids(slate));
    }

    [Fact]
    public void When_time_is_up_later_sources_are_not_started_and_the_slate_uses_the_others()
    {
        using World world = World.WithModel();
        world.Does("ann", "view", "a00");
        world.Trends.TrendingTakes = TimeSpan.FromMilliseconds(200);

        Slate slate = world.Recommend("ann");

        Assert.Equal(["source trending late", "source latest late", "source popular late"], slate.DegradedReasons);
        Assert.Equal(10, slate.Items.Length);
        Assert.All(slate.Items, item => Assert.Equal(0, item.Features["trend"]));
    }

    [Fact]
    public void A_failing_source_is_left_out_and_reported()
    {
        using World world = World.WithModel();
        world.Does("ann", "view", "a00");
        world.Trends.CoVisitedFails = new StoreUnavailableException();

        Slate slate = world.Recommend("ann");

        Assert.Equal(["source coVisit failed"], slate.DegradedReasons);
        Assert.Equal(10, slate.Items.Length);
    }

    [Fact]
    public void A_programming_error_in_a_source_is_not_swallowed()
    {
        using World world = World.WithModel();
        world.Does("ann", "view", "a00");
        world.Trends.CoVisitedFails = new InvalidOperationException("a bug");

        Assert.Throws<InvalidOperationException>(() => { world.Recommend("ann"); });
    }

    [Fact]
    public async Task When_all_time_is_used_the_last_trending_items_are_served()
    {
        using World world = World.WithModel();
        world.Trends.Trending.Add(new(World.Item("b03"), 2));
        world.Recommend("nobody");
        world.Trends.TrendingFails = new StoreUnavailableException();

        Slate slate = await OutOfTime(world);

        Assert.Equal(ServedBy.Trending, slate.ServedBy);
        Assert.Equal(["b03"], World.Ids(slate));
        Assert.True(slate.IsDegraded);
    }

    [Fact]
    public async Task Without_trending_items_the_latest_items_are_served()
    {
        using World world = World.WithModel();

        Slate slate = await OutOfTime(world);

        Assert.Equal(ServedBy.Trending, slate.ServedBy);
        Assert.Equal(10, slate.Items.Length);
        Assert.StartsWith("New in ", slate.Items[0].Explanation, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_slate_without_any_source_is_marked()
    {
        using World world = new();
        world.Trends.TrendingFails = new StoreUnavailableException();

        Slate slate = await OutOfTime(world);

        Assert.Equal(ServedBy.Nothing, slate.ServedBy);
        Assert.Empty(slate.Items);
        Assert.True(slate.IsDegraded);
    }

    [Fact]
    public async Task A_caller_that_disconnects_cancels_the_request()
    {
        using World world = World.WithModel();
        using CancellationTokenSource leaving = new();
        TaskCompletionSource<ProfileReading> never = new();
        world.Profiles.Instead = _ => new(never.Task);
        Task<Slate> pending = world.Recommender.RecommendAsync(new SlateRequest { User = new UserId("ann") }, leaving.Token).AsTask();

        await leaving.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => pending);
    }

    [Fact]
    public void A_slate_waits_for_a_requested_position_and_reports_whether_it_is_reflected()
    {
        using World world = World.WithModel();
        LogPosition position = world.Does("ann", "view", "a00");
        LogPosition later = LogPosition.Of(new RecordPosition(0, 1, 99));

        Slate reflected = world.Recommend(new SlateRequest { User = new UserId("ann"), After = position });
        Assert.Equal(position, world.Profiles.AskedAfter);
        Slate missing = world.Recommend(new SlateRequest { User = new UserId("ann"), After = later });
        Slate unasked = world.Recommend("ann");
        world.Catalogue.Reflects = false;
        Slate behind = world.Recommend(new SlateRequest { User = new UserId("ann"), After = position });

        Assert.True(reflected.IsReflected);
        Assert.False(missing.IsReflected);
        Assert.Null(unasked.IsReflected);
        Assert.False(behind.IsReflected);
    }

    private static async Task<Slate> OutOfTime(World world)
    {
        world.Profiles.Instead = _ =>
        {
            world.Time.Advance(TimeSpan.FromMilliseconds(150));
            throw new StoreUnavailableException();
        };
        return await world.Recommender.RecommendAsync(new SlateRequest { User = new UserId("ann") }, World.Token);
    }
}
