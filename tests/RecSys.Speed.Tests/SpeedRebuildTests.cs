using RecSys.Core;
using RecSys.Core.Jobs;
using RecSys.Core.Log;
using RecSys.Core.Ports;
using RecSys.Core.Trends;
using RecSys.Core.Users;
using RecSys.TestKit;
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

        await node.Get<ISpeedRebuild>().RebuildAsync(RebuildParts.Users, RebuildLosses.None, null, Cancel);

        ProfileFold fold = await node.Stores.FoldAsync();
        Dictionary<string, byte[]> rebuilt = await EncodedAsync(node, position);
        foreach ((string user, byte[] bytes) in live)
        {
            Assert.Equal(bytes, rebuilt[user]);
            Assert.Equal(bytes, UserProfileCodec.Encode(fold[SpeedNode.Hash.Of(new UserId(user))]));
        }
    }

    [Fact]
    public async Task A_rebuild_repairs_damaged_states()
    {
        Stores stores = new();
        await using SpeedNode node = await SpeedNode.StartAsync(stores);
        LogPosition position = await AppendManyAsync(node);
        await Eventually.TrueAsync(async () => await stores.CheckpointAsync() is { } saved && saved.Position == position[0] + 1, "all is saved");
        SavedState? row = await stores.Table.LoadAsync(Stores.OwnerOf("user 3"), Cancel);
        await stores.Table.SaveAsync([new SavedState(row!.Value.Owner, row.Value.Revision + 1, new byte[] { 0xff })], Cancel);

        await node.Get<ISpeedRebuild>().RebuildAsync(RebuildParts.Users, RebuildLosses.None, null, Cancel);

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

        await node.Get<ISpeedRebuild>().RebuildAsync(RebuildParts.All, RebuildLosses.None, null, Cancel);

        Assert.Equal(0, (await node.ReadAsync("ada", position)).Count);
    }

    [Fact]
    public async Task Rebuilt_trends_equal_live_ones_and_continue()
    {
        await using SpeedNode node = await SpeedNode.StartAsync();
        LogPosition position = await AppendManyAsync(node);
        await node.Get<IItemCatalogue>().WaitUntilAsync(position, Cancel);
        ITrends trends = node.Get<ITrends>();
        await Eventually.TrueAsync(() => node.Get<RecSys.Speed.Folds.NodeFolds>().TrendsPosition.Covers(position), "the trends are folded");
        IReadOnlyList<ScoredItem> live = trends.GetTrending(null, TrendWindow.Day, 20, nowMs: 2_000);

        await node.Get<ISpeedRebuild>().RebuildAsync(RebuildParts.Trends, RebuildLosses.None, null, Cancel);

        Assert.NotEmpty(live);
        Assert.Equal(live, trends.GetTrending(null, TrendWindow.Day, 20, nowMs: 2_000));
        LogPosition later = await node.AppendAsync(Click("zoe", "brand new"));
        await Eventually.TrueAsync(() => node.Get<RecSys.Speed.Folds.NodeFolds>().TrendsPosition.Covers(later), "the fold goes on");
        Assert.Contains(trends.GetTrending(null, TrendWindow.Day, 20, nowMs: 2_000), item => item.Item.Value == "brand new");
    }

    [Fact]
    public async Task Records_written_during_a_rebuild_are_not_lost()
    {
        await using SpeedNode node = await SpeedNode.StartAsync();
        await AppendManyAsync(node);

        Task rebuild = node.Get<ISpeedRebuild>().RebuildAsync(RebuildParts.Users, RebuildLosses.None, null, Cancel).AsTask();
        LogPosition position = await node.AppendAsync(Click("user 1", "during", timestampMs: 7_000));
        await rebuild;

        Assert.Contains("during", ItemsOf(await node.ReadAsync("user 1", position)));
    }

    [Fact]
    public async Task A_rebuild_from_a_damaged_log_is_refused_unless_the_damage_is_accepted()
    {
        Stores stores = new();
        await using SpeedNode node = await SpeedNode.StartAsync(stores);
        LogPosition position = await AppendManyAsync(node);
        Dictionary<string, byte[]> before = await EncodedAsync(node, position);
        stores.Log.Damage(partition: 0, offset: 7); // of user 7

        InvalidOperationException refusal = await Assert.ThrowsAsync<InvalidOperationException>(
            () => node.Get<ISpeedRebuild>().RebuildAsync(RebuildParts.All, RebuildLosses.None, null, Cancel).AsTask());

        Assert.Contains("partition 0, offset 7: corrupt", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("--accept-damage", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(before, await EncodedAsync(node, position));
        await node.Get<ISpeedRebuild>().RebuildAsync(RebuildParts.All, RebuildLosses.Damaged, null, Cancel);
        Assert.Equal(19, (await node.ReadAsync("user 7")).Count);
        Assert.Equal(20, (await node.ReadAsync("user 8")).Count);
        Assert.Equal(1, stores.Log.Integrity.DamagedRecords);
    }

    [Fact]
    public async Task A_record_of_a_newer_version_ends_a_rebuild_before_any_change()
    {
        Stores stores = new();
        await using SpeedNode node = await SpeedNode.StartAsync(stores);
        LogPosition position = await AppendManyAsync(node);
        Dictionary<string, byte[]> before = await EncodedAsync(node, position);
        stores.Log.AppendNewer(partition: 0);

        await Assert.ThrowsAsync<NewerRecordException>(
            () => node.Get<ISpeedRebuild>().RebuildAsync(RebuildParts.All, RebuildLosses.Damaged, null, Cancel).AsTask());

        Assert.Equal(before, await EncodedAsync(node, position));
    }

    [Fact]
    public async Task A_failed_rebuild_keeps_the_old_states()
    {
        Stores stores = new();
        await using SpeedNode node = await SpeedNode.StartAsync(stores);
        LogPosition position = await AppendManyAsync(node);
        Dictionary<string, byte[]> before = await EncodedAsync(node, position);
        using CancellationTokenSource stop = new();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => node.Get<ISpeedRebuild>().RebuildAsync(
            RebuildParts.Users, RebuildLosses.None, new SynchronousProgress(made =>
            {
                if (made.Done > 0.5)
                {
                    stop.Cancel();
                }
            }), stop.Token).AsTask());

        Assert.Equal(before, await EncodedAsync(node, position));
        LogPosition later = await node.AppendAsync(Click("user 1", "later", timestampMs: 9_000));
        Assert.Contains("later", ItemsOf(await node.ReadAsync("user 1", later)));
    }

    [Fact]
    public async Task A_person_whose_erasure_record_is_lost_stays_erased_in_a_rebuild()
    {
        Stores stores = new();
        await using SpeedNode node = await SpeedNode.StartAsync(stores);
        LogPosition written = await node.AppendAsync(Click("ada", "tea"));
        LogPosition erased = await node.AppendAsync(Erased("ada", written));
        await Eventually.TrueAsync(() => node.Layer.Counters.Erasures == 1, "the person is erased");
        stores.Log.Damage(partition: 0, offset: erased[0]);

        await node.Get<ISpeedRebuild>().RebuildAsync(RebuildParts.All, RebuildLosses.Damaged, null, Cancel);

        Assert.Equal(written, (await node.ReadAsync("ada")).ErasedUpTo);
    }

    [Fact]
    public async Task A_server_that_starts_with_only_tombstones_rebuilds_the_other_states_from_the_log()
    {
        Stores stores = new();
        LogPosition written;
        LogPosition erased;
        await using (SpeedNode node = await SpeedNode.StartAsync(stores))
        {
            written = await node.AppendAsync(Click("ada", "tea"));
            await node.AppendAsync(Click("bob", "tea"));
            erased = await node.AppendAsync(Erased("ada", written));
            await Eventually.TrueAsync(() => node.Layer.Counters.Erasures == 1, "the person is erased");
        }

        stores.Log.Damage(partition: 0, offset: erased[0]);
        await ErasedStates.KeepOnlyErasuresAsync(stores.Table, await stores.Log.GetEndAsync(Cancel), Cancel);
        await using SpeedNode again = await SpeedNode.StartAsync(stores);
        LogPosition later = await again.AppendAsync(Click("ada", "milk"));

        UserProfile ada = await again.ReadAsync("ada", later);
        Assert.Equal(written, ada.ErasedUpTo);
        Assert.Equal(["milk"], ItemsOf(ada));
        Assert.Equal(["tea"], ItemsOf(await again.ReadAsync("bob", later)));
    }

    [Fact]
    public async Task Trends_are_rebuilt_from_a_log_whose_newest_record_is_lost()
    {
        Stores stores = new();
        await using SpeedNode node = await SpeedNode.StartAsync(stores);
        LogPosition position = await AppendManyAsync(node);
        await Eventually.TrueAsync(() => node.Get<RecSys.Speed.Folds.NodeFolds>().TrendsPosition.Covers(position), "the trends are folded");
        stores.Log.Damage(partition: 0, offset: position[0]);

        await node.Get<ISpeedRebuild>().RebuildAsync(RebuildParts.Trends, RebuildLosses.Damaged, null, Cancel);

        Assert.NotEmpty(node.Get<ITrends>().GetTrending(null, TrendWindow.Day, 20, nowMs: 2_000));
    }

    [Fact]
    public async Task Where_the_log_no_longer_begins_at_0_states_are_kept_and_completed()
    {
        Stores stores = new();
        await using SpeedNode node = await SpeedNode.StartAsync(stores);
        LogPosition position = await AppendManyAsync(node);
        Dictionary<string, byte[]> before = await EncodedAsync(node, position);
        await UntilSavedAsync(stores, position);
        stores.Log.Trim(partition: 0, start: 300);

        await node.Get<ISpeedRebuild>().RebuildAsync(RebuildParts.Users, RebuildLosses.None, null, Cancel);

        Assert.Equal(before, await EncodedAsync(node, position));
        LogPosition later = await node.AppendAsync(Click("user 1", "later", timestampMs: 9_000));
        Assert.Equal(21, (await node.ReadAsync("user 1", later)).Count);
    }

    [Fact]
    public async Task A_rebuild_is_refused_where_removed_records_are_in_no_readable_state_unless_the_loss_is_accepted()
    {
        Stores stores = new();
        await using SpeedNode node = await SpeedNode.StartAsync(stores);
        LogPosition position = await AppendManyAsync(node);
        await UntilSavedAsync(stores, position);
        SavedState row = (await stores.Table.LoadAsync(Stores.OwnerOf("user 3"), Cancel))!.Value;
        await stores.Table.SaveAsync([row with { Revision = row.Revision + 1, State = new byte[] { 0xff } }], Cancel);
        stores.Log.Trim(partition: 0, start: 300);

        InvalidOperationException refusal = await Assert.ThrowsAsync<InvalidOperationException>(
            () => node.Get<ISpeedRebuild>().RebuildAsync(RebuildParts.Users, RebuildLosses.None, null, Cancel).AsTask());

        Assert.Contains("partition 0, which begins at offset 300: 0 removed records are not known to be in the states, and the states of 1 users", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("--accept-loss", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(row.Revision + 1, (await stores.Table.LoadAsync(row.Owner, Cancel))!.Value.Revision);
        await node.Get<ISpeedRebuild>().RebuildAsync(RebuildParts.Users, RebuildLosses.Removed, null, Cancel);
        Assert.Equal(8, (await node.ReadAsync("user 3", position)).Count); // of 12 rounds of 25 records, 8 are left
        Assert.Equal(20, (await node.ReadAsync("user 4", position)).Count);
    }

    [Fact]
    public async Task Records_that_were_removed_before_they_were_ingested_are_counted_and_ingestion_goes_on_once_the_loss_is_accepted()
    {
        Stores stores = new();
        await using (SpeedNode first = await SpeedNode.StartAsync(stores))
        {
            await UntilSavedAsync(stores, await AppendManyAsync(first));
        }

        await stores.Log.AppendAsync([Click("user 1", "unread"), Click("user 1", "unread too")], Cancel);
        LogPosition kept = await stores.Log.AppendAsync([Click("user 1", "kept", timestampMs: 8_000)], Cancel);
        stores.Log.Trim(partition: 0, start: kept[0]);
        await using SpeedNode node = await SpeedNode.StartAsync(stores);
        await Eventually.TrueAsync(() => node.Layer.IngestStatuses.Of(0).Now.Fault is not null, "ingestion stops");

        InvalidOperationException refusal = await Assert.ThrowsAsync<InvalidOperationException>(
            () => node.Get<ISpeedRebuild>().RebuildAsync(RebuildParts.Users, RebuildLosses.None, null, Cancel).AsTask());
        await node.Get<ISpeedRebuild>().RebuildAsync(RebuildParts.Users, RebuildLosses.Removed, null, Cancel);

        Assert.Contains("2 removed records are not known to be in the states, and the states of 0 users", refusal.Message, StringComparison.Ordinal);
        UserProfile profile = await node.ReadAsync("user 1", await node.AppendAsync(Click("user 1", "later", timestampMs: 9_000)));
        Assert.Equal(["later", "kept"], ItemsOf(profile).Take(2));
        Assert.Equal(22, profile.Count);
        Assert.Null(node.Layer.IngestStatuses.Of(0).Now.Fault);
    }

    [Fact]
    public async Task Trends_are_not_rebuilt_without_removed_records_unless_the_loss_is_accepted()
    {
        Stores stores = new();
        await using SpeedNode node = await SpeedNode.StartAsync(stores);
        LogPosition position = await AppendManyAsync(node);
        await Eventually.TrueAsync(() => node.Get<RecSys.Speed.Folds.NodeFolds>().TrendsPosition.Covers(position), "the trends are folded");
        stores.Log.Trim(partition: 0, start: 300);
        ITrends trends = node.Get<ITrends>();
        IReadOnlyList<ScoredItem> before = trends.GetTrending(null, TrendWindow.Day, 20, nowMs: 2_000);

        InvalidOperationException refusal = await Assert.ThrowsAsync<InvalidOperationException>(
            () => node.Get<ISpeedRebuild>().RebuildAsync(RebuildParts.Trends, RebuildLosses.None, null, Cancel).AsTask());

        Assert.Contains("would lack the 300 removed records", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(before, trends.GetTrending(null, TrendWindow.Day, 20, nowMs: 2_000));
        await node.Get<ISpeedRebuild>().RebuildAsync(RebuildParts.Trends, RebuildLosses.Removed, null, Cancel);
        Assert.NotEqual(before, trends.GetTrending(null, TrendWindow.Day, 20, nowMs: 2_000));
    }

    [Fact]
    public async Task Folds_of_a_new_node_note_the_removed_records_until_they_are_rebuilt_and_a_damaged_state_is_counted_as_cut()
    {
        Stores stores = new();
        await using (SpeedNode first = await SpeedNode.StartAsync(stores))
        {
            await UntilSavedAsync(stores, await AppendManyAsync(first));
        }

        stores.Log.Trim(partition: 0, start: 300);
        SavedState row = (await stores.Table.LoadAsync(Stores.OwnerOf("user 3"), Cancel))!.Value;
        await stores.Table.SaveAsync([row with { Revision = row.Revision + 1, State = new byte[] { 0xff } }], Cancel);
        await using SpeedNode node = await SpeedNode.StartAsync(stores.OfAnotherNode());
        RecSys.Speed.Folds.FoldGaps gaps = node.Get<RecSys.Speed.Folds.FoldGaps>();
        await Eventually.TrueAsync(() => gaps.Removed.Places.Length == 3, "the removed records are noted");

        Assert.All(gaps.Removed.Places, place => Assert.Equal((0, 0L, 300L), (place.Partition, place.From, place.To)));
        Assert.Equal(["catalogue", "erasures", "trends"], gaps.Removed.Places.Select(place => place.Fold).Order());
        Assert.Equal(8, (await node.ReadAsync("user 3")).Count);
        Assert.Equal(1, node.Layer.Counters.CutStates);
        await node.Get<ISpeedRebuild>().RebuildAsync(RebuildParts.Trends, RebuildLosses.Removed, null, Cancel);
        Assert.Equal(["catalogue", "erasures"], gaps.Removed.Places.Select(place => place.Fold).Order());
    }

    [Fact]
    public async Task States_of_records_that_the_log_does_not_have_are_replaced_and_ingestion_starts_again()
    {
        Stores stores = new();
        await using (SpeedNode first = await SpeedNode.StartAsync(stores))
        {
            await first.AppendAsync(Click("ada", "tea"));
            await UntilSavedAsync(stores, await first.AppendAsync(Click("bob", "tea"), Click("ada", "milk")));
        }

        Stores shorter = new() { Table = stores.Table };
        await shorter.Log.AppendAsync([Click("ada", "tea")], Cancel);
        await using SpeedNode node = await SpeedNode.StartAsync(shorter);
        await Eventually.TrueAsync(() => node.Layer.IngestStatuses.Of(0).Now.Fault is not null, "ingestion stops");

        await node.Get<ISpeedRebuild>().RebuildAsync(RebuildParts.Users, RebuildLosses.None, null, Cancel);

        LogPosition later = await node.AppendAsync(Click("ada", "salt", timestampMs: 9_000));
        Assert.Equal(["salt", "tea"], ItemsOf(await node.ReadAsync("ada", later)));
        Assert.Empty(ItemsOf(await node.ReadAsync("bob", later)));
    }

    private static Task UntilSavedAsync(Stores stores, LogPosition position) =>
        Eventually.TrueAsync(async () => await stores.CheckpointAsync() is { } saved && saved.Position == position[0] + 1, "all is saved");

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

    private sealed class SynchronousProgress(Action<JobProgress> report) : IProgress<JobProgress>
    {
        public void Report(JobProgress value) => report(value);
    }
}
