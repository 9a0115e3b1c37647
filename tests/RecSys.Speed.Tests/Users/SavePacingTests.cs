using Akka.Actor;
using RecSys.Speed.Users;
using Xunit;

namespace RecSys.Speed.Tests.Users;

public sealed class SavePacingTests
{
    private static readonly IActorRef Ada = NamedRef("ada");
    private static readonly IActorRef Bob = NamedRef("bob");
    private static readonly IActorRef Cem = NamedRef("cem");

    [Fact]
    public void No_user_saves_early_and_the_longest_waiting_saves_first()
    {
        SavePacing pacing = new(saveAfterMs: 30_000, saveSoonAbove: 100, inFlightMax: 10);
        pacing.OnUnsaved(Ada, 0);
        pacing.OnUnsaved(Bob, 10_000);

        Assert.False(pacing.TryNext(29_999, out _));
        Assert.True(pacing.TryNext(30_000, out IActorRef first));
        Assert.False(pacing.TryNext(30_000, out _));
        Assert.True(pacing.TryNext(40_000, out IActorRef second));
        Assert.Equal((Ada, Bob), (first, second));
    }

    [Fact]
    public void At_most_the_allowed_number_save_at_once()
    {
        SavePacing pacing = new(saveAfterMs: 0, saveSoonAbove: 100, inFlightMax: 2);
        pacing.OnUnsaved(Ada, 0);
        pacing.OnUnsaved(Bob, 0);
        pacing.OnUnsaved(Cem, 0);

        Assert.True(pacing.TryNext(0, out IActorRef first));
        Assert.True(pacing.TryNext(0, out _));
        Assert.False(pacing.TryNext(0, out _));
        pacing.OnEnded(first);
        Assert.True(pacing.TryNext(0, out IActorRef third));
        Assert.Equal(Cem, third);
    }

    [Fact]
    public void Above_the_threshold_saves_start_early()
    {
        SavePacing pacing = new(saveAfterMs: 30_000, saveSoonAbove: 2, inFlightMax: 10);
        pacing.OnUnsaved(Ada, 0);
        pacing.OnUnsaved(Bob, 0);
        Assert.False(pacing.TryNext(1, out _));

        pacing.OnUnsaved(Cem, 1);

        Assert.True(pacing.TryNext(1, out IActorRef pressed));
        Assert.Equal(Ada, pressed);
        Assert.False(pacing.TryNext(1, out _));
    }

    [Fact]
    public void At_the_shutdown_all_users_save_at_once()
    {
        SavePacing pacing = new(saveAfterMs: 30_000, saveSoonAbove: 100, inFlightMax: 10);
        pacing.OnUnsaved(Ada, 0);
        pacing.IsDraining = true;

        Assert.True(pacing.TryNext(0, out _));
        Assert.Equal((0, 1), (pacing.Waiting, pacing.InFlight));
    }

    [Fact]
    public void A_stopped_actor_has_neither_a_place_in_the_queue_nor_a_permit()
    {
        SavePacing pacing = new(saveAfterMs: 0, saveSoonAbove: 100, inFlightMax: 1);
        pacing.OnUnsaved(Ada, 0);
        pacing.OnUnsaved(Bob, 0);
        pacing.OnUnsaved(Cem, 0);
        Assert.True(pacing.TryNext(0, out _));

        pacing.OnStopped(Bob);
        pacing.OnStopped(Ada);

        Assert.True(pacing.TryNext(0, out IActorRef next));
        Assert.Equal(Cem, next);
    }

    [Fact]
    public void A_permit_that_is_not_returned_expires()
    {
        SavePacing pacing = new(saveAfterMs: 0, saveSoonAbove: 100, inFlightMax: 1);
        pacing.OnUnsaved(Ada, 0);
        pacing.OnUnsaved(Bob, 0);
        Assert.True(pacing.TryNext(0, out _));
        Assert.False(pacing.TryNext(30_000, out _));

        Assert.True(pacing.TryNext(30_001, out IActorRef next));
        Assert.Equal(Bob, next);
    }

    private static MinimalRef NamedRef(string name) => new(name);

    private sealed class MinimalRef(string name) : MinimalActorRef
    {
        public override ActorPath Path { get; } = new RootActorPath(new Address("akka", "test")) / name;

        public override IActorRefProvider Provider => throw new NotSupportedException();
    }
}
