using Akka.Actor;
using RecSys.Speed.Users;
using Xunit;

namespace RecSys.Speed.Tests.Users;

public sealed class LiveUsersTests
{
    [Fact]
    public void An_idle_user_is_picked_once()
    {
        LiveUsers live = new();
        LiveUser idle = Add(live);
        live.Now = 100;
        LiveUser used = Add(live);

        Assert.Equal([idle], Pick(live, liveMax: 10, idleTicks: 50));
        Assert.Empty(Pick(live, liveMax: 10, idleTicks: 50));
        live.Remove(idle);
        Assert.Equal(1, live.Count);
        Assert.Equal(0, used.Slot);
    }

    [Fact]
    public void Above_the_maximum_the_least_recently_used_are_picked_more_often()
    {
        LiveUsers live = new();
        List<LiveUser> users = [];
        for (int i = 0; i < 1_000; i++)
        {
            live.Now = i;
            users.Add(Add(live));
        }

        List<LiveUser> picked = Pick(live, liveMax: 900, idleTicks: 1_000_000);

        Assert.Equal(100, picked.Count);
        Assert.Equal(100, picked.Distinct().Count());
        Assert.True(picked.Average(user => user.UsedAt) < 400, "an average pick would be 500");
    }

    [Fact]
    public void At_most_the_allowed_number_are_stopping_at_once()
    {
        LiveUsers live = new();
        for (int i = 0; i < 100; i++)
        {
            Add(live);
        }

        List<LiveUser> first = Pick(live, liveMax: 10, idleTicks: 1_000, retiringMax: 20);
        Assert.Equal(20, first.Count);
        Assert.Empty(Pick(live, liveMax: 10, idleTicks: 1_000, retiringMax: 20));
        first.ForEach(live.Remove);
        Assert.Equal(20, Pick(live, liveMax: 10, idleTicks: 1_000, retiringMax: 20).Count);
    }

    private static LiveUser Add(LiveUsers live)
    {
        LiveUser user = new(ActorRefs.Nobody, 0);
        live.Add(user);
        return user;
    }

    private static List<LiveUser> Pick(LiveUsers live, int liveMax, int idleTicks, int retiringMax = int.MaxValue)
    {
        List<LiveUser> picked = [];
        live.Pick(liveMax, idleTicks, scan: live.Count, retiringMax, picked);
        return picked;
    }
}
