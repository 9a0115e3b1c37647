using System.Globalization;
using RecSys.Core;
using RecSys.Core.Log;
using RecSys.Core.Ports;
using RecSys.Core.Trends;
using RecSys.Speed.Folds;
using RecSys.TestKit;
using Xunit;
using static RecSys.Speed.Tests.Records;

namespace RecSys.Speed.Tests.Folds;

public sealed class NodeFoldsTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_item_is_in_the_catalogue_after_a_wait_for_its_position()
    {
        await using SpeedNode node = await SpeedNode.StartAsync();

        LogPosition position = await node.AppendAsync(Item("tea", "Green tea"));
        bool isThere = await node.Get<IItemCatalogue>().WaitUntilAsync(position, Cancel);

        Assert.True(isThere);
        Assert.True(node.Get<IItemCatalogue>().Current.TryGet(new ItemId("tea"), out var item));
        Assert.Equal("Green tea", item.Content.Title);
    }

    [Fact]
    public async Task The_end_of_a_log_whose_last_offsets_hold_no_record_is_reached_by_folds_and_profiles()
    {
        await using SpeedNode node = await SpeedNode.StartAsync();
        await node.AppendAsync(Click("ada", "tea"));
        node.Stores.Log.AppendHoles(partition: 0, count: 5);
        LogPosition end = await node.Stores.Log.GetEndAsync(Cancel);
        Assert.Equal(5, end[0]);

        await node.Get<IItemCatalogue>().WaitUntilAsync(end, Cancel);
        await Eventually.TrueAsync(() => node.Get<RecSys.Speed.Folds.NodeFolds>().TrendsPosition.Covers(end), "the trends are folded");

        Assert.Equal(1, (await node.ReadAsync("ada", end)).Count);
        await Eventually.TrueAsync(async () => await node.Stores.CheckpointAsync() is { Position: 6 }, "the checkpoint is at the end");
    }

    [Fact]
    public async Task A_wait_for_an_unreachable_position_ends_at_its_deadline()
    {
        await using SpeedNode node = await SpeedNode.StartAsync();
        using CancellationTokenSource deadline = new(TimeSpan.FromMilliseconds(50));

        Assert.False(await node.Get<IItemCatalogue>().WaitUntilAsync(LogPosition.Of(new RecordPosition(0, 0, 99)), deadline.Token));
    }

    [Fact]
    public async Task A_position_beyond_the_end_of_a_log_that_knows_it_is_not_waited_for()
    {
        await using SpeedNode node = await SpeedNode.StartAsync(new Stores { Log = { KnowsEnd = true } });
        LogPosition position = await node.AppendAsync(Item("tea", "Green tea"));

        Assert.True(await node.Get<IItemCatalogue>().WaitUntilAsync(position, Cancel));
        Assert.False(await node.Get<IItemCatalogue>().WaitUntilAsync(LogPosition.Of(new RecordPosition(0, 0, 1)), Cancel));
    }

    [Fact]
    public async Task Items_of_many_users_trend_and_items_of_one_user_are_co_visited()
    {
        await using SpeedNode node = await SpeedNode.StartAsync();
        LogPosition position = await node.AppendAsync(
            Item("tea", "Tea"), Item("jam", "Jam"),
            Click("ada", "tea"), Click("ada", "jam", timestampMs: 1_001), Click("bob", "tea", timestampMs: 1_002));
        await node.Get<IItemCatalogue>().WaitUntilAsync(position, Cancel);
        ITrends trends = node.Get<ITrends>();

        await Eventually.TrueAsync(() => trends.GetCoVisited(new ItemId("tea"), 5).Count == 1, "co-visits are folded");

        Assert.Equal("tea", trends.GetTrending(null, TrendWindow.Day, 5, nowMs: 2_000)[0].Item.Value);
        Assert.Equal("jam", trends.GetCoVisited(new ItemId("tea"), 5)[0].Item.Value);
        Assert.NotEmpty(trends.GetTrending("things", TrendWindow.Day, 5, nowMs: 2_000));
    }

    [Fact]
    public async Task A_restart_continues_from_the_saved_folds_and_counts_no_record_twice()
    {
        Stores stores = new();
        float before;
        await using (SpeedNode node = await SpeedNode.StartAsync(stores))
        {
            LogPosition position = await node.AppendAsync(Item("tea", "Tea"), Click("ada", "tea"));
            await node.Get<IItemCatalogue>().WaitUntilAsync(position, Cancel);
            await Eventually.TrueAsync(() => Score(node) > 0, "the click is folded");
            before = Score(node);
        }

        await using SpeedNode next = await SpeedNode.StartAsync(stores);
        LogPosition later = await next.AppendAsync(Item("jam", "Jam"));
        await next.Get<IItemCatalogue>().WaitUntilAsync(later, Cancel);

        Assert.Equal(2, next.Get<IItemCatalogue>().Current.Count);
        Assert.Equal(before, Score(next));

        static float Score(SpeedNode node) =>
            node.Get<ITrends>().GetTrending(null, TrendWindow.Day, 1, nowMs: 2_000) is [var best] ? best.Score : 0;
    }

    [Fact]
    public async Task Trends_of_some_partitions_have_the_users_of_these_alone_and_erasures_do_not_wait_for_the_others()
    {
        Stores stores = Stores.OfPartitions(4);
        await using (SpeedNode all = await SpeedNode.StartAsync(stores))
        {
            await all.AppendAsync([.. Enumerable.Range(0, 40).Select(user => ClickOf(user, stores))]);
            await Eventually.TrueAsync(() => Trending(all).SequenceEqual(["p0", "p1", "p2", "p3"]), "all partitions are folded");
            Assert.Equal(1, all.Get<NodeFolds>().TrendsShare);
        }

        await using SpeedNode node = await SpeedNode.StartAsync(stores, options => options.TrendPartitionsMax = 2);
        await node.AppendAsync([.. Enumerable.Range(40, 40).Select(user => ClickOf(user, stores))]);

        await Eventually.TrueAsync(() => Trending(node).SequenceEqual(["p0", "p1"]), "the trends are folded anew from two partitions");
        Assert.Equal(0.5, node.Get<NodeFolds>().TrendsShare);
        await node.Get<NodeFolds>().SaveTrendsWithAsync(new RecordPosition(0, 3, 0), Cancel);
        await node.Get<NodeFolds>().RebuildTrendsAsync(_ => { }, Cancel);
        Assert.Equal(["p0", "p1"], Trending(node));

        static LogRecord ClickOf(int user, Stores stores)
        {
            string name = string.Create(CultureInfo.InvariantCulture, $"user {user}");
            return Click(name, string.Create(CultureInfo.InvariantCulture, $"p{stores.Log.Shape.PartitionOf(SpeedNode.Hash.Of(new UserId(name)))}"));
        }

        static IEnumerable<string> Trending(SpeedNode node) =>
            node.Get<ITrends>().GetTrending(null, TrendWindow.Day, 10, nowMs: 2_000).Select(item => item.Item.Value).Order(StringComparer.Ordinal);
    }

    [Theory]
    [InlineData("catalogue")]
    [InlineData("trends")]
    [InlineData("erasures")]
    public async Task A_log_that_ends_before_a_saved_position_is_refused_at_the_start(string fold)
    {
        Stores stores = new();
        await using (SpeedNode node = await SpeedNode.StartAsync(stores))
        {
            LogPosition position = await node.AppendAsync(Item("tea", "Tea"), Item("jam", "Jam"), Click("ada", "tea"));
            await node.Get<IItemCatalogue>().WaitUntilAsync(position, Cancel);
            await Eventually.TrueAsync(() => node.Get<RecSys.Speed.Folds.NodeFolds>().TrendsPosition.Covers(position), "the trends are folded");
        }

        Stores older = new();
        await older.Log.AppendAsync([Item("tea", "Tea"), Item("jam", "Jam")], Cancel);
        older.Folds.Save(fold, fold == "erasures" ? new(System.Text.Encoding.ASCII.GetBytes(new LogPosition(0, [2]).ToString())) : stores.Folds.Load(fold)!.Value);

        StateAheadOfLogException refusal = await Assert.ThrowsAsync<StateAheadOfLogException>(() => SpeedNode.StartAsync(older));

        Assert.Contains(fold, refusal.Message, StringComparison.Ordinal);
        Assert.Contains("the log ends at 2", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_damaged_saved_state_is_rebuilt_from_the_log()
    {
        Stores stores = new();
        await stores.Log.AppendAsync([Item("tea", "Tea"), Click("ada", "tea")], Cancel);
        stores.Folds.Save("catalogue", new([1, 2, 3]));
        stores.Folds.Save("trends", new([4]));

        await using SpeedNode node = await SpeedNode.StartAsync(stores);
        await node.Get<IItemCatalogue>().WaitUntilAsync(LogPosition.Of(new RecordPosition(0, 0, 1)), Cancel);

        Assert.Equal(1, node.Get<IItemCatalogue>().Current.Count);
        await Eventually.TrueAsync(
            () => node.Get<ITrends>().GetTrending(null, TrendWindow.Day, 1, nowMs: 2_000).Count == 1, "the trends are rebuilt");
    }
}
