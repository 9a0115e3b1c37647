using RecSys.Core;
using RecSys.Core.Ports;
using RecSys.Core.Slates;
using RecSys.Core.Users;

namespace RecSys.Serving.Tests;

public sealed class OverloadTests
{
    private static SlateRequest Ann => new() { User = new UserId("ann") };

    [Fact]
    public async Task The_wait_before_a_request_is_started_counts_towards_its_deadline()
    {
        using World world = World.WithModel();
        TaskCompletionSource<ProfileReading> never = new();
        world.Profiles.Instead = _ => new(never.Task);

        Task<Slate> pending = world.Recommender.RecommendAsync(Ann with { Waited = TimeSpan.FromMilliseconds(60) }, World.Token).AsTask();
        Assert.False(pending.IsCompleted);
        world.Time.Advance(TimeSpan.FromMilliseconds(30)); // the profile may take 90 of the 150 ms
        Slate slate = await pending.WaitAsync(TimeSpan.FromSeconds(30), World.Token);

        Assert.Equal(["profile late"], slate.DegradedReasons);
        Assert.Equal(60, slate.Stages.Single(stage => stage.Stage == "waited").Ms);
    }

    [Fact]
    public void A_request_that_waited_too_long_is_answered_from_memory()
    {
        using World world = World.WithModel();
        world.Trends.Trending.AddRange([new ScoredItem(World.Item("a05"), 2), new ScoredItem(World.Item("a06"), 1)]);
        world.Does("ann", "like", "b00");
        Slate before = world.Recommend("ann");
        world.Profiles.Instead = _ => throw new InvalidOperationException("there is no time to read a profile");

        Slate known = world.Recommend(Ann with { Waited = TimeSpan.FromMilliseconds(90) });
        Slate unknown = world.Recommend(new SlateRequest { User = new UserId("bob"), Waited = TimeSpan.FromMilliseconds(90), Exclude = World.Items("a05") });

        Assert.Equal(ServedBy.Cached, known.ServedBy);
        Assert.Equal(World.Ids(before), World.Ids(known));
        Assert.Contains("waited too long", known.DegradedReasons);
        Assert.Equal(ServedBy.Trending, unknown.ServedBy);
        Assert.Equal(["waited too long"], unknown.DegradedReasons);
        Assert.Equal(["a06"], World.Ids(unknown));
        Assert.Equal(90, unknown.Stages.Single().Ms);
    }

    [Fact]
    public void A_request_that_waited_many_deadlines_is_refused()
    {
        using World world = World.WithModel();

        Assert.Throws<OverloadedException>(
            () => world.Recommend(Ann with { Waited = world.Options.Deadline * ServingOptions.RefusedAfterDeadlines }));
    }

    [Fact]
    public async Task A_request_above_the_limit_of_simultaneous_slates_is_answered_from_memory()
    {
        using World world = World.WithModel();
        world.Trends.Trending.Add(new ScoredItem(World.Item("a05"), 2));
        world.Options.SlatesAtOnceMax = 1;
        TaskCompletionSource<ProfileReading> late = new();
        world.Profiles.Instead = _ => new(late.Task);
        Task<Slate> first = world.Recommender.RecommendAsync(Ann, World.Token).AsTask();

        Slate second = world.Recommend(Ann);
        late.SetResult(new ProfileReading(UserProfile.Empty, IsReflected: true));
        Slate made = await first;
        Slate third = world.Recommend(Ann);

        Assert.Equal((ServedBy.Trending, "too many slates are being computed"), (second.ServedBy, second.DegradedReasons.Single()));
        Assert.Equal(ServedBy.Full, made.ServedBy);
        Assert.Equal(ServedBy.Full, third.ServedBy);
    }

    [Fact]
    public async Task A_failed_slate_frees_its_place()
    {
        using World world = World.WithModel();
        world.Options.SlatesAtOnceMax = 1;
        world.Profiles.Instead = _ => throw new InvalidOperationException("a fault");
        await Assert.ThrowsAsync<InvalidOperationException>(() => world.Recommender.RecommendAsync(Ann, World.Token).AsTask());

        world.Profiles.Instead = null;
        Assert.Equal(ServedBy.Full, world.Recommend(Ann).ServedBy);
    }
}
