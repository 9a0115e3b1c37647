using Akka.Actor;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using RecSys.Core.Ingestion;
using RecSys.Core.Log;
using RecSys.Core.Ports;
using RecSys.Core.Users;
using RecSys.Speed.Ingest;
using RecSys.Speed.Users;
using RecSys.TestKit;
using Xunit;
using static RecSys.Speed.Tests.Records;

namespace RecSys.Speed.Tests.Ingest;

public sealed class IngestActorTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Ingestion_resumes_after_the_log_was_unavailable()
    {
        Stores stores = new();
        await using SpeedNode node = await SpeedNode.StartAsync(stores);
        LogPosition first = await node.AppendAsync(Click("ada", "tea"));
        await node.ReadAsync("ada", first);
        stores.Log.Fault = new StoreUnavailableException("away");
        await Task.Yield();
        stores.Log.Fault = null;

        LogPosition second = await node.AppendAsync(Click("ada", "jam", timestampMs: 2_000));

        Assert.Equal(["jam", "tea"], ItemsOf(await node.ReadAsync("ada", second)));
    }

    [Fact]
    public async Task A_checkpoint_of_another_ingest_actor_makes_this_one_restart_from_it()
    {
        Stores stores = new();
        await using SpeedNode node = await SpeedNode.StartAsync(stores);
        await node.AppendAsync(Click("ada", "tea"));
        await Eventually.TrueAsync(async () => await stores.CheckpointAsync() is { Position: 1 }, "a checkpoint is saved");
        string key = IngestCheckpoint.KeyOf(0, 0);
        SavedState? mine = await stores.Table.LoadAsync(key, Cancel);
        await stores.Table.SaveAsync([new SavedState(key, mine!.Value.Revision + 1, mine.Value.State)], Cancel);

        LogPosition second = await node.AppendAsync(Click("bob", "pie"));

        await Eventually.TrueAsync(() => node.Layer.Counters.IngestRestarts > 0, "ingestion restarts");
        Assert.Equal(["pie"], ItemsOf(await node.ReadAsync("bob", second)));
        await Eventually.TrueAsync(async () => await stores.CheckpointAsync() is { Position: 2 }, "its checkpoint goes on");
    }

    [Fact]
    public async Task An_actor_that_leaves_with_its_users_saves_a_checkpoint_after_them()
    {
        Stores stores = new();
        await using SpeedNode node = await SpeedNode.StartAsync(stores, options => options.SaveAfter = TimeSpan.FromMinutes(5));
        LogPosition position = await node.AppendAsync([.. Enumerable.Range(0, 40).Select(user => Click($"user {user}", "tea"))]);
        for (int user = 0; user < 40; user++)
        {
            await node.ReadAsync($"user {user}", position);
        }

        stores.Log.Fault = new StoreUnavailableException("away"); // a successor does not begin
        foreach (IActorRef actor in (IActorRef[])[node.Layer.IngestStatuses.Of(0).Actor!, .. node.Layer.Live.All().Select(user => user.Actor)])
        {
            actor.Tell(EntityStop.Instance);
        }

        await Eventually.TrueAsync(async () => await stores.CheckpointAsync() is { Position: 40 }, "the last checkpoint includes what the users saved");
        stores.Log.Fault = null;
    }

    [Fact]
    public async Task A_user_who_cannot_be_saved_does_not_hold_back_the_checkpoint_of_an_actor_that_leaves()
    {
        Stores stores = new();
        await using SpeedNode node = await SpeedNode.StartAsync(stores, options => options.SaveAfter = TimeSpan.FromMinutes(5));
        LogPosition position = await node.AppendAsync([.. Enumerable.Range(0, 40).Select(user => Click($"user {user}", "tea"))]);
        for (int user = 0; user < 40; user++)
        {
            await node.ReadAsync($"user {user}", position);
        }

        // Another node saved the first user meanwhile: the save at the end conflicts.
        await stores.Table.SaveAsync(
            [new SavedState(Stores.OwnerOf("user 0"), 1, UserProfileCodec.Encode(UserProfile.Empty))], TestContext.Current.CancellationToken);
        stores.Log.Fault = new StoreUnavailableException("away"); // a successor does not begin
        foreach (IActorRef actor in (IActorRef[])[node.Layer.IngestStatuses.Of(0).Actor!, .. node.Layer.Live.All().Select(user => user.Actor)])
        {
            actor.Tell(EntityStop.Instance);
        }

        await Eventually.TrueAsync(async () => await stores.CheckpointAsync() is { Position: 40 }, "the last checkpoint includes what the others saved");
        ParkedUser parked = Assert.Single((await stores.CheckpointAsync())!.Parked);
        Assert.Equal((Stores.OwnerOf("user 0"), 0L, 0L), (parked.Owner.ToString(), parked.First, parked.Last));
        stores.Log.Fault = null;
        Assert.Equal(1, (await node.ReadAsync("user 0", position)).Count);
    }

    [Fact]
    public async Task The_lag_counts_records_that_were_sent_and_that_no_user_has_applied()
    {
        Stores stores = new();
        await using SpeedNode node = await SpeedNode.StartAsync(stores);
        await Eventually.TrueAsync(() => node.Profiles.LagMs is 0, "ingestion runs");
        TaskCompletionSource held = new(TaskCreationOptions.RunContinuationsAsynchronously);
        stores.Table.Hold = held.Task;

        await node.AppendAsync(Click("ada", "tea"));

        await Eventually.TrueAsync(() => node.Layer.IngestStatuses.Of(0).Now is { Next: 1, LagMs: > 300 }, "the record is read, and the lag grows");
        stores.Table.Hold = null;
        held.SetResult();
        await Eventually.TrueAsync(() => node.Profiles.LagMs is 0, "the record is applied");
    }

    [Fact]
    public async Task Every_partition_learns_of_a_save_without_a_probe()
    {
        const int Partitions = 8;
        TimeSpan saveAfter = TimeSpan.FromSeconds(3);
        FakeTimeProvider time = new();
        Stores stores = Stores.OfPartitions(Partitions);
        await using SpeedNode node = await SpeedNode.StartAsync(stores, options => options.SaveAfter = saveAfter, services => services.AddSingleton<TimeProvider>(time));
        LogPosition written = await node.AppendAsync(Click("ada", "tea"));
        await node.AppendAsync(Erased("ada", written)); // one record in each partition
        await Eventually.TrueAsync(
            () => node.Layer.IngestStatuses.All.Sum(status => status.Now.Next) == 1 + Partitions && node.Layer.IngestStatuses.All.All(status => status.Now.InFlight == 0) && node.Layer.Pacer.Waiting == 1,
            "the user has all records and waits for the save");

        time.Advance(saveAfter); // half the time after which the partitions probe a user that is not saved

        await Eventually.TrueAsync(() => node.Layer.IngestStatuses.All.Sum(status => status.Now.UnsavedUsers) == 0, "all partitions know that the user is saved");
        Assert.All(node.Layer.IngestStatuses.All, status => Assert.Equal(0, status.Now.Probes));
    }

    [Fact]
    public async Task Several_partitions_are_ingested_concurrently()
    {
        Stores stores = new() { Log = new InMemoryInteractionLog(new LogRecordCodec(SpeedNode.Hash), partitionCount: 4) };
        await using SpeedNode node = await SpeedNode.StartAsync(stores);

        LogPosition position = await node.AppendAsync([.. Enumerable.Range(0, 40).Select(user => Click($"user {user}", "tea"))]);

        for (int user = 0; user < 40; user++)
        {
            Assert.Equal(1, (await node.ReadAsync($"user {user}", position)).Count);
        }

        Assert.Equal(4, (await node.Get<IClusterControl>().GetStatusAsync(Cancel)).Lag.Count);
    }

    [Fact]
    public async Task Ingestion_stops_with_a_fault_if_the_log_deleted_records_that_were_not_ingested()
    {
        Stores stores = new();
        await using (SpeedNode node = await SpeedNode.StartAsync(stores))
        {
            await node.ReadAsync("ada", await node.AppendAsync(Click("ada", "tea")));
        }

        await stores.Log.AppendAsync([Click("ada", "jam"), Click("ada", "pie"), Click("ada", "rye")], Cancel);
        stores.Log.Trim(partition: 0, start: 3);
        await using SpeedNode next = await SpeedNode.StartAsync(stores);

        IngestStatus status = next.Layer.IngestStatuses.Of(0);
        await Eventually.TrueAsync(() => status.Now.Fault is not null, "the ingest stops");
        Assert.False(status.Now.IsRunning);
        Assert.Contains("recsys rebuild", status.Now.Fault, StringComparison.Ordinal);
        Assert.Equal(["tea"], ItemsOf(await next.ReadAsync("ada")));
    }

    [Fact]
    public async Task A_record_of_a_newer_version_stops_the_ingest_before_it_and_the_node_is_not_ready()
    {
        Stores stores = new();
        await using SpeedNode node = await SpeedNode.StartAsync(stores);
        LogPosition before = await node.AppendAsync(Click("ada", "tea"));
        stores.Log.AppendNewer(partition: 0);
        await node.AppendAsync(Click("ada", "jam", timestampMs: 2_000));

        IngestStatus status = node.Layer.IngestStatuses.Of(0);
        await Eventually.TrueAsync(() => status.Now.Fault is not null, "the ingest stops");

        Assert.Contains("upgrade this node", status.Now.Fault, StringComparison.Ordinal);
        Assert.Equal(["tea"], ItemsOf(await node.ReadAsync("ada", before)));
        Assert.False(await node.Get<IClusterControl>().IsReadyAsync(Cancel));
        Assert.Equal(status.Now.Fault, Assert.Single((await node.Get<IClusterControl>().GetStatusAsync(Cancel)).Lag).Fault);
        await Eventually.TrueAsync(async () => await stores.CheckpointAsync() is { Position: 1 }, "what came before is saved");
    }

    [Fact]
    public async Task Old_records_that_cannot_be_read_again_do_not_stop_the_ingestion_of_new_ones()
    {
        Stores stores = new();
        await using SpeedNode node = await SpeedNode.StartAsync(stores, options => options.SaveAfter = TimeSpan.FromMinutes(5));
        await node.ReadAsync("ada", await node.AppendAsync(Click("ada", "tea")));
        stores.Log.UnreadableBefore = 1;

        // Another node saved the user meanwhile: the records of this node's actor have to be read again.
        await stores.Table.SaveAsync([new SavedState(Stores.OwnerOf("ada"), 1, UserProfileCodec.Encode(UserProfile.Empty))], Cancel);
        Assert.Single(node.Layer.Live.All()).Actor.Tell(UserCommands.Save.Instance);
        await Eventually.TrueAsync(() => stores.Log.UnreadableReads > 0, "the old record is read again");

        for (int record = 0; record < 3; record++)
        {
            LogPosition position = await node.AppendAsync(Click("bob", $"pie {record}", timestampMs: record));
            Assert.Equal(record + 1, (await node.ReadAsync("bob", position)).Count);
        }

        Assert.Equal(1, stores.Log.UnreadableReads);
        Assert.Null(node.Layer.IngestStatuses.Of(0).Now.Fault);
        Assert.True(await node.Get<IClusterControl>().IsReadyAsync(Cancel));
        stores.Log.UnreadableBefore = 3;
        stores.Log.AppendNewer(partition: 0);
        await Eventually.TrueAsync(() => node.Layer.IngestStatuses.Of(0).Now.Fault is not null, "a fault of the reading of new records is reported");
    }

    [Fact]
    public async Task A_damaged_record_is_skipped_and_the_records_around_it_are_ingested()
    {
        Stores stores = new();
        await stores.Log.AppendAsync([Click("ada", "tea"), Click("ada", "jam", timestampMs: 2_000), Click("ada", "pie", timestampMs: 3_000)], Cancel);
        stores.Log.Damage(partition: 0, offset: 1);

        await using SpeedNode node = await SpeedNode.StartAsync(stores);

        Assert.Equal(["pie", "tea"], ItemsOf(await node.ReadAsync("ada", new LogPosition(0, [2]))));
        Assert.Equal([new LogDamage(0, 1, 2, LogDamageKind.Corrupt)], stores.Log.Integrity.Places);
    }

    [Fact]
    public async Task The_state_of_the_node_shows_the_progress_of_ingestion()
    {
        await using SpeedNode node = await SpeedNode.StartAsync();
        LogPosition position = await node.AppendAsync(Click("ada", "tea"), Click("bob", "pie"));
        await node.ReadAsync("bob", position);
        IClusterControl control = node.Get<IClusterControl>();

        Assert.True(await control.IsReadyAsync(Cancel));
        await Eventually.TrueAsync(
            async () => (await control.GetStatusAsync(Cancel)).Lag is [{ End: 2, Next: 2, Checkpoint: 2, UnsavedUsers: 0, LagMs: 0 }],
            "all is read and saved");
        ClusterStatus status = await control.GetStatusAsync(Cancel);
        Assert.Equal("up", Assert.Single(status.Nodes).Status);
        Assert.True(status.LiveUsers >= 2);
    }

    [Fact]
    public async Task A_node_stays_ready_while_the_store_of_the_states_is_away()
    {
        Stores stores = new();
        await using SpeedNode node = await SpeedNode.StartAsync(stores);
        await node.ReadAsync("ada", await node.AppendAsync(Click("ada", "tea")));
        stores.Table.Fault = new StoreUnavailableException("away");

        Assert.True(await node.Get<IClusterControl>().IsReadyAsync(Cancel));
    }

    [Fact]
    public async Task A_node_stays_ready_while_the_log_is_away()
    {
        Stores stores = new();
        await using SpeedNode node = await SpeedNode.StartAsync(stores);
        await node.ReadAsync("ada", await node.AppendAsync(Click("ada", "tea")));
        stores.Log.Fault = new StoreUnavailableException("away");

        Assert.True(await node.Get<IClusterControl>().IsReadyAsync(Cancel));
        stores.Log.Fault = null;
    }

    [Fact]
    public async Task A_stopping_node_is_not_ready()
    {
        await using SpeedNode node = await SpeedNode.StartAsync();
        IClusterControl control = node.Get<IClusterControl>();

        await node.StopAsync();

        Assert.False(await control.IsReadyAsync(Cancel));
    }
}
