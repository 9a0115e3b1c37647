using RecSys.Core;
using RecSys.Core.Log;
using RecSys.Core.Ports;
using RecSys.Core.Trends;
using RecSys.Core.Users;
using Xunit;
using static RecSys.Speed.Tests.Records;

namespace RecSys.Speed.Tests;

public sealed class SpeedRebuildTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Rebuilt_profiles_equal_live_ones_and_the_fold_of_the_log()
    {
        await using SpeedNode node = await SpeedNode.StartAsync();
        LogPosition position = await AppendManyAsync(node);
        Dictionary<string, byte[]> live = await EncodedAsync(node, position);

        await node.Get<ISpeedRebuild>().RebuildAsync(RebuildParts.Users, null, Cancel);

        ProfileFold fold = await node.Stores.FoldAsync();
        Dictionary<string, byte[]> rebuilt = await EncodedAsync(node, position);
        foreach ((string user, byte[] bytes) in live)
        {
            Assert.Equal(bytes, rebuilt[user]);
            Assert.Equal(bytes, UserProfileCodec.Encode(fold[SpeedNode.Hash.Of(new UserId(user))]));
        }
    }

    [Fact]
    public async Task A_rebuild_mends_states_that_were_damaged()
    {
        Stores stores = new();
        await using SpeedNode node = await SpeedNode.StartAsync(stores);
        LogPosition position = await AppendManyAsync(node);
        await Eventually.TrueAsync(async () => await stores.CheckpointAsync() is { } saved && saved.Position == position[0] + 1, "all is saved");
        SavedState? row = await stores.Table.LoadAsync(Stores.OwnerOf("user 3"), Cancel);
        await stores.Table.SaveAsync([new SavedState(row!.Value.Owner, row.Value.Revision + 1, new byte[] { 0xff })], Cancel);

        await node.Get<ISpeedRebuild>().RebuildAsync(RebuildParts.Users, null, Cancel);

        ProfileFold fold = await stores.FoldAsync();
        Assert.Equal(
            UserProfileCodec.Encode(fold[SpeedNode.Hash.Of(new UserId("user 3"))]),
            UserProfileCodec.Encode(await node.ReadAsync("user 3", position)));
    }

    [Fact]
    public async Task An_erased_person_stays_erased_through_a_rebuild()
    {
        await using SpeedNode node = await SpeedNode.StartAsync();
        LogPosition written = await node.AppendAsync(Click("ada", "tea"));
        LogPosition position = await node.AppendAsync(Erased("ada", written));
        await Eventually.TrueAsync(() => node.Layer.Counters.Erasures == 1, "the person is erased");

        await node.Get<ISpeedRebuild>().RebuildAsync(RebuildParts.All, null, Cancel);

        Assert.Equal(0, (await node.ReadAsync("ada", position)).Count);
    }

    [Fact]
    public async Task Rebuilt_trends_equal_live_ones_and_go_on()
    {
        await using SpeedNode node = await SpeedNode.StartAsync();
        LogPosition position = await AppendManyAsync(node);
        await node.Get<IItemCatalogue>().WaitUntilAsync(position, Cancel);
        ITrends trends = node.Get<ITrends>();
        await Eventually.TrueAsync(() => node.Get<RecSys.Speed.Folds.NodeFolds>().TrendsPosition.Covers(position), "the trends are folded");
        IReadOnlyList<ScoredItem> live = trends.GetTrending(null, TrendWindow.Day, 20, nowMs: 2_000);

        await node.Get<ISpeedRebuild>().RebuildAsync(RebuildParts.Trends, null, Cancel);

        Assert.NotEmpty(live);
        Assert.Equal(live, trends.GetTrending(null, TrendWindow.Day, 20, nowMs: 2_000));
        LogPosition later = await node.AppendAsync(Click("zoe", "brand new"));
        await Eventually.TrueAsync(() => node.Get<RecSys.Speed.Folds.NodeFolds>().TrendsPosition.Covers(later), "the fold goes on");
        Assert.Contains(trends.GetTrending(null, TrendWindow.Day, 20, nowMs: 2_000), item => item.Item.Value == "brand new");
    }

    [Fact]
    public async Task What_is_written_while_a_rebuild_runs_is_not_lost()
    {
        await using SpeedNode node = await SpeedNode.StartAsync();
        await AppendManyAsync(node);

        Task rebuild = node.Get<ISpeedRebuild>().RebuildAsync(RebuildParts.Users, null, Cancel).AsTask();
        LogPosition position = await node.AppendAsync(Click("user 1", "during", timestampMs: 7_000));
        await rebuild;

        Assert.Contains("during", ItemsOf(await node.ReadAsync("user 1", position)));
    }

    private static async Task<LogPosition> AppendManyAsync(SpeedNode node)
    {
        LogPosition position = LogPosition.Start;
        for (int round = 0; round < 20; round++)
        {
            position = await node.AppendAsync([.. Enumerable.Range(0, 25).Select(
                user => Click($"user {user}", $"item {(user * round) % 11}", timestampMs: 1_000 + ((round * 7) % 13)))]);
        }

        return position;
    }

    private static async Task<Dictionary<string, byte[]>> EncodedAsync(SpeedNode node, LogPosition position)
    {
        Dictionary<string, byte[]> profiles = new(StringComparer.Ordinal);
        for (int user = 0; user < 25; user++)
        {
            profiles[$"user {user}"] = UserProfileCodec.Encode(await node.ReadAsync($"user {user}", position));
        }

        return profiles;
    }
}
