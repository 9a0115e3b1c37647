using RecSys.Core.Log;
using RecSys.Core.Users;
using Xunit;
using static RecSys.Speed.Tests.Records;

namespace RecSys.Speed.Tests.Users;

public sealed class UserActorTests
{
    [Fact]
    public async Task A_click_is_in_the_profile_of_whoever_asks_with_its_position()
    {
        await using SpeedNode node = await SpeedNode.StartAsync();

        LogPosition position = await node.AppendAsync(Click("ada", "tea"), Click("bob", "pie"));
        UserProfile ada = await node.ReadAsync("ada", position);

        Assert.Equal("tea", Assert.Single(ada.History.ToArray()).Item.Value);
    }

    [Fact]
    public async Task A_user_who_did_nothing_has_an_empty_profile()
    {
        await using SpeedNode node = await SpeedNode.StartAsync();

        Assert.Equal(0, (await node.ReadAsync("nobody")).Count);
    }

    [Fact]
    public async Task A_restart_in_order_loses_nothing_and_reads_nothing_again()
    {
        Stores stores = new();
        LogPosition position;
        await using (SpeedNode node = await SpeedNode.StartAsync(stores, options => options.SaveAfter = TimeSpan.FromMinutes(1)))
        {
            position = await node.AppendAsync(Click("ada", "tea"), Click("bob", "pie"), Click("ada", "jam"));
            await node.ReadAsync("ada", position);
            await node.ReadAsync("bob", position);
            await node.StopAsync();
        }

        Assert.Equal(3, (await stores.CheckpointAsync())?.Position);
        await using SpeedNode next = await SpeedNode.StartAsync(stores);

        Assert.Equal(2, (await next.ReadAsync("ada", position)).Count);
        Assert.Equal(1, (await next.ReadAsync("bob", position)).Count);
    }

    [Fact]
    public async Task A_crash_before_anything_was_saved_loses_nothing()
    {
        Stores stores = new();
        LogPosition position;
        await using (SpeedNode node = await SpeedNode.StartAsync(stores, options => options.SaveAfter = TimeSpan.FromMinutes(1)))
        {
            position = await node.AppendAsync(Click("ada", "tea"), Click("ada", "jam"));
            await node.ReadAsync("ada", position);
            await node.CrashAsync();
        }

        Assert.Null(await stores.SavedAsync("ada"));
        await using SpeedNode next = await SpeedNode.StartAsync(stores);

        Assert.Equal(2, (await next.ReadAsync("ada", position)).Count);
    }

    [Fact]
    public async Task Whoever_is_unsaved_is_saved_after_a_while_and_the_checkpoint_follows()
    {
        await using SpeedNode node = await SpeedNode.StartAsync();

        await node.AppendAsync(Click("ada", "tea"));

        await Eventually.TrueAsync(async () => await node.Stores.SavedAsync("ada") is { Count: 1 }, "the user is saved");
        await Eventually.TrueAsync(
            async () => await node.Stores.CheckpointAsync() is { Position: 1 }, "the checkpoint is after the record");
    }
}
