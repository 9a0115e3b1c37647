using System.Buffers;
using Akka.Actor;
using RecSys.Core.Log;
using RecSys.Core.Ports;
using RecSys.Core.Users;
using RecSys.Speed.Users;
using RecSys.TestKit;
using Xunit;
using static RecSys.Speed.Tests.Records;

namespace RecSys.Speed.Tests.Users;

public sealed class UserActorTests
{
    [Fact]
    public async Task A_click_is_in_the_profile_read_with_its_position()
    {
        await using SpeedNode node = await SpeedNode.StartAsync();

        LogPosition position = await node.AppendAsync(Click("ada", "tea"), Click("bob", "pie"));
        UserProfile ada = await node.ReadAsync("ada", position);

        Assert.Equal("tea", Assert.Single(ada.History.ToArray()).Item.Value);
    }

    [Fact]
    public async Task A_user_without_records_has_an_empty_profile()
    {
        await using SpeedNode node = await SpeedNode.StartAsync();

        Assert.Equal(0, (await node.ReadAsync("nobody")).Count);
    }

    [Fact]
    public async Task An_orderly_restart_loses_no_record_and_rereads_none()
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
    public async Task A_crash_before_the_first_save_loses_no_record()
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
    public async Task An_unsaved_user_is_saved_after_the_save_time_and_the_checkpoint_moves()
    {
        await using SpeedNode node = await SpeedNode.StartAsync();

        await node.AppendAsync(Click("ada", "tea"));

        await Eventually.TrueAsync(async () => await node.Stores.SavedAsync("ada") is { Count: 1 }, "the user is saved");
        await Eventually.TrueAsync(
            async () => await node.Stores.CheckpointAsync() is { Position: 1 }, "the checkpoint is after the record");
    }

    [Fact]
    public async Task Passivation_saves_first_and_the_next_read_loads_the_profile()
    {
        await using SpeedNode node = await SpeedNode.StartAsync(
            configure: options =>
            {
                options.SaveAfter = TimeSpan.FromMinutes(1);
                options.IdleAfter = TimeSpan.FromSeconds(1);
            });
        LogPosition position = await node.AppendAsync(Click("ada", "tea"));
        await node.ReadAsync("ada", position);

        await Eventually.TrueAsync(() => node.Layer.Live.Count == 0, "the idle user is passivated");

        Assert.Equal(1, (await node.Stores.SavedAsync("ada"))?.Count);
        Assert.Equal(["tea"], ItemsOf(await node.ReadAsync("ada", position)));
    }

    [Fact]
    public async Task Above_the_maximum_of_live_users_the_least_recently_used_are_passivated()
    {
        await using SpeedNode node = await SpeedNode.StartAsync(configure: options => options.LiveUsersMax = 100);
        LogRecord[] clicks = [.. Enumerable.Range(0, 400).Select(user => Click($"user {user}", "tea"))];

        LogPosition position = await node.AppendAsync(clicks);

        await Eventually.TrueAsync(() => node.Layer.Live.Wakes >= 400 && node.Layer.Live.Count <= 100, "no more live than may");
        for (int user = 0; user < 400; user += 37)
        {
            Assert.Equal(1, (await node.ReadAsync($"user {user}", position)).Count);
        }
    }

    [Fact]
    public async Task A_damaged_state_is_rebuilt_from_the_log_and_saved_in_its_place()
    {
        Stores stores = new();
        await SaveDamagedAsync(stores, Click("ada", "tea"), Click("bob", "pie"), Click("ada", "jam", timestampMs: 2_000));

        await using SpeedNode node = await SpeedNode.StartAsync(stores);

        Assert.Equal(["jam", "tea"], ItemsOf(await node.ReadAsync("ada")));
        LogPosition later = await node.AppendAsync(Click("ada", "rye", timestampMs: 3_000));
        Assert.Equal(["rye", "jam", "tea"], ItemsOf(await node.ReadAsync("ada", later)));
        await Eventually.TrueAsync(async () => await SavedOrDamagedAsync(stores) is { Count: 3 }, "it is saved");
        Assert.Equal(
            UserProfileCodec.Encode((await stores.FoldAsync())[SpeedNode.Hash.Of(new RecSys.Core.UserId("ada"))]), UserProfileCodec.Encode((await stores.SavedAsync("ada"))!));
        Assert.Equal(1, node.Layer.Counters.DamagedStates);
    }

    [Fact]
    public async Task An_erased_person_whose_tombstone_is_damaged_does_not_come_back()
    {
        Stores stores = new();
        await SaveDamagedAsync(stores, Click("ada", "tea"), Erased("ada", new LogPosition(0, [0])));

        await using SpeedNode node = await SpeedNode.StartAsync(stores);

        UserProfile profile = await node.ReadAsync("ada");
        Assert.Equal(0, profile.Count);
        Assert.Equal(new LogPosition(0, [0]), profile.ErasedUpTo);
    }

    [Fact]
    public async Task After_a_damaged_checkpoint_the_log_is_read_from_its_start_without_changing_a_profile()
    {
        Stores stores = new();
        LogPosition position;
        await using (SpeedNode node = await SpeedNode.StartAsync(stores))
        {
            position = await node.AppendAsync(Click("ada", "tea"), Click("ada", "jam", timestampMs: 2_000));
            await Eventually.TrueAsync(async () => await stores.CheckpointAsync() is { Position: 2 }, "all is saved");
        }

        long damaged = await DamageAsync(stores, RecSys.Core.Ingestion.IngestCheckpoint.KeyOf(0, 0));

        await using SpeedNode next = await SpeedNode.StartAsync(stores);
        Assert.Equal(["jam", "tea"], ItemsOf(await next.ReadAsync("ada", position)));
        LogPosition later = await next.AppendAsync(Click("ada", "rye", timestampMs: 3_000));
        Assert.Equal(["rye", "jam", "tea"], ItemsOf(await next.ReadAsync("ada", later)));
        await Eventually.TrueAsync(
            async () => (await stores.Table.LoadAsync(RecSys.Core.Ingestion.IngestCheckpoint.KeyOf(0, 0), TestContext.Current.CancellationToken))!.Value.Revision > damaged,
            "the checkpoint is saved over the damaged one");
        await Eventually.TrueAsync(async () => await stores.CheckpointAsync() is { Position: 3 }, "it goes on");
    }

    [Fact]
    public async Task A_stale_incarnation_stops_at_a_conflict_and_its_successor_has_all_records()
    {
        Stores stores = new();
        await using SpeedNode node = await SpeedNode.StartAsync(stores, options => options.SaveAfter = TimeSpan.FromMilliseconds(200));
        LogPosition first = await node.AppendAsync(Click("ada", "tea"));
        UserProfile profile = await node.ReadAsync("ada", first);

        // Another node's actor saved meanwhile: this one has not seen that revision.
        await stores.Table.SaveAsync(
            [new SavedState(Stores.OwnerOf("ada"), 1, UserProfileCodec.Encode(UserProfile.Empty))], TestContext.Current.CancellationToken);
        LogPosition second = await node.AppendAsync(Click("ada", "jam", timestampMs: 2_000));

        await Eventually.TrueAsync(() => node.Layer.Counters.Conflicts > 0, "the save conflicts");
        await Eventually.TrueAsync(async () => await stores.SavedAsync("ada") is { Count: 2 }, "the successor saves everything");
        Assert.Equal(["jam", "tea"], ItemsOf(await node.ReadAsync("ada", second)));
        Assert.Equal(1, profile.Count);
    }

    [Fact]
    public async Task Records_that_a_stale_incarnation_had_are_read_again_at_once_and_not_when_the_save_is_late()
    {
        Stores stores = new();
        await using SpeedNode node = await SpeedNode.StartAsync(stores, options => options.SaveAfter = TimeSpan.FromMinutes(5));
        LogPosition position = await node.AppendAsync(Click("ada", "tea"));
        await node.ReadAsync("ada", position);
        await stores.Table.SaveAsync(
            [new SavedState(Stores.OwnerOf("ada"), 1, UserProfileCodec.Encode(UserProfile.Empty))], TestContext.Current.CancellationToken);

        Assert.Single(node.Layer.Live.All()).Actor.Tell(UserCommands.Save.Instance);

        // A late save would be probed after twice SaveAfter; a read would remind the ingest actor too.
        await Eventually.TrueAsync(() => node.Layer.IngestStatuses.Of(0).Now is { Rewinds: > 0, Gaps: > 0 }, "the record is read again");
        Assert.Equal((1, 0), (node.Layer.Counters.Conflicts, node.Layer.Counters.SaveFailures));
    }

    [Fact]
    public async Task A_failed_save_is_retried_until_it_succeeds()
    {
        Stores stores = new();
        await using SpeedNode node = await SpeedNode.StartAsync(stores);
        LogPosition position = await node.AppendAsync(Click("ada", "tea"));
        await node.ReadAsync("ada", position);
        stores.Table.Fault = new StoreUnavailableException("away");
        LogPosition second = await node.AppendAsync(Click("ada", "jam"));
        await node.ReadAsync("ada", second);
        await Eventually.TrueAsync(() => node.Layer.Counters.SaveFailures > 0, "a save fails");

        stores.Table.Fault = null;

        await Eventually.TrueAsync(async () => await stores.SavedAsync("ada") is { Count: 2 }, "the save is tried again");
    }

    [Fact]
    public async Task A_state_that_cannot_be_loaded_is_reported_and_loaded_later()
    {
        Stores stores = new();
        await using SpeedNode node = await SpeedNode.StartAsync(stores);
        await Eventually.TrueAsync(() => node.Layer.IngestStatuses.Of(0).Now.IsRunning, "ingestion runs");
        stores.Table.Fault = new StoreUnavailableException("away");

        await Assert.ThrowsAsync<StoreUnavailableException>(() => node.ReadAsync("ada"));
        stores.Table.Fault = null;

        Assert.Equal(0, (await node.ReadAsync("ada")).Count);
    }

    [Fact]
    public async Task Each_read_of_a_state_that_cannot_be_loaded_is_answered()
    {
        Stores stores = new();
        await using SpeedNode node = await SpeedNode.StartAsync(stores);
        await Eventually.TrueAsync(() => node.Layer.IngestStatuses.Of(0).Now.IsRunning, "ingestion runs");
        stores.Table.Fault = new StoreUnavailableException("away");

        for (int round = 0; round < 100; round++)
        {
            // The first actor may stop between two of these reads.
            Task<UserProfile>[] reads = [.. Enumerable.Range(0, 8).Select(_ => Task.Run(() => node.ReadAsync("ada")))];
            foreach (Task<UserProfile> read in reads)
            {
                StoreUnavailableException error = await Assert.ThrowsAsync<StoreUnavailableException>(() => read);
                Assert.Contains("cannot answer: away", error.Message, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public async Task Records_that_an_actor_lost_when_it_was_killed_are_sent_again()
    {
        await using SpeedNode node = await SpeedNode.StartAsync(configure: options => options.SaveAfter = TimeSpan.FromMinutes(1));
        LogPosition first = await node.AppendAsync(Click("ada", "tea"), Click("bob", "pie"));
        await node.ReadAsync("ada", first);
        RecSys.Speed.Users.LiveUser[] killed = node.Layer.Live.All();
        foreach (RecSys.Speed.Users.LiveUser user in killed)
        {
            user.Actor.Tell(Akka.Actor.Kill.Instance, Akka.Actor.ActorRefs.NoSender);
        }

        await Eventually.TrueAsync(() => !node.Layer.Live.All().Intersect(killed).Any(), "the actors are dead");
        LogPosition second = await node.AppendAsync(Click("ada", "jam", timestampMs: 2_000));

        Assert.Equal(["jam", "tea"], ItemsOf(await node.ReadAsync("ada", second)));
        Assert.True(node.Layer.IngestStatuses.Of(0).Now.Gaps > 0);
    }

    [Fact]
    public async Task A_read_gets_the_records_of_a_dead_actor_from_the_next_one()
    {
        await using SpeedNode node = await SpeedNode.StartAsync(configure: options => options.SaveAfter = TimeSpan.FromMinutes(5));
        LogPosition position = await node.AppendAsync(Click("ada", "tea"));
        await node.ReadAsync("ada", position);
        node.Layer.Live.All().Single().Actor.Tell(Akka.Actor.Kill.Instance, Akka.Actor.ActorRefs.NoSender);

        await Eventually.TrueAsync(() => node.Layer.Live.Count == 0, "the actor is dead");

        // Akka's shard learns of the death a moment later; a read that it sends to the dead actor in between gets no answer.
        UserProfile profile;
        try
        {
            profile = await node.ReadAsync("ada", position);
        }
        catch (StoreUnavailableException)
        {
            profile = await node.ReadAsync("ada", position);
        }

        Assert.Equal(["tea"], ItemsOf(profile));
    }

    [Fact]
    public async Task A_stale_actor_applies_no_records_and_its_successor_has_all()
    {
        Stores stores = new();
        await using SpeedNode node = await SpeedNode.StartAsync(stores);
        Assert.Equal(0, (await node.ReadAsync("ada")).Count);

        await SaveElsewhereAsync(stores);
        await node.AppendAsync(Click("bob", "pie"));
        LogPosition position = await node.AppendAsync(Click("ada", "jam", timestampMs: 2_000));

        Assert.Equal(["jam", "tea"], ItemsOf(await node.ReadAsync("ada", position)));
        Assert.Equal(0, node.Layer.Counters.Conflicts);
    }

    [Fact]
    public async Task A_read_after_a_long_pause_includes_the_save_of_another_incarnation()
    {
        Stores stores = new();
        await using SpeedNode node = await SpeedNode.StartAsync(stores);
        await node.ReadAsync("ada");
        await SaveElsewhereAsync(stores);
        Assert.Equal(0, (await node.ReadAsync("ada")).Count);

        await Eventually.TrueAsync(
            async () =>
            {
                node.Layer.Live.Now += 1_000; // until the pacer's next tick
                return (await node.ReadAsync("ada")).Count == 1;
            },
            "the reader sees it");
    }

    [Fact]
    public async Task Merged_users_are_read_as_one_and_saved_separately()
    {
        await using SpeedNode node = await SpeedNode.StartAsync();

        LogPosition position = await node.AppendAsync(
            Click("guest", "tea"), Click("ada", "pie", timestampMs: 2_000), Merged("ada", from: "guest"));

        Assert.Equal(["pie", "tea"], ItemsOf(await node.ReadAsync("ada", position)));
        Assert.Equal(["tea"], ItemsOf(await node.ReadAsync("guest", position)));
    }

    [Fact]
    public async Task A_read_that_times_out_gets_the_current_profile_marked_as_not_reflecting()
    {
        await using SpeedNode node = await SpeedNode.StartAsync();
        LogPosition position = await node.AppendAsync(Click("ada", "tea"));
        await node.ReadAsync("ada", position);
        using CancellationTokenSource deadline = new(TimeSpan.FromMilliseconds(100));

        ProfileReading reading = await node.Profiles.GetAsync(
            new RecSys.Core.UserId("ada"), LogPosition.Of(new RecordPosition(0, 0, 1_000_000)), deadline.Token);

        Assert.False(reading.IsReflected);
        Assert.Equal(1, reading.Profile.Count);
    }

    [Fact]
    public async Task A_read_does_not_wait_for_a_position_beyond_the_end_of_a_log_that_knows_it()
    {
        await using SpeedNode node = await SpeedNode.StartAsync(new Stores { Log = { KnowsEnd = true } }, options => options.AnswerTimeout = TimeSpan.FromMinutes(1));
        LogPosition position = await node.AppendAsync(Click("ada", "tea"));

        Assert.Equal(1, (await node.ReadAsync("ada", position)).Count);
        ProfileReading reading = await node.Profiles.GetAsync(new RecSys.Core.UserId("ada"), LogPosition.Of(new RecordPosition(0, 0, 1)), CancellationToken.None)
            .AsTask().WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);

        Assert.False(reading.IsReflected);
        Assert.Equal(1, reading.Profile.Count);
    }

    [Fact]
    public async Task An_orderly_stop_saves_all_users()
    {
        Stores stores = new();
        await using SpeedNode node = await SpeedNode.StartAsync(stores, options => options.SaveAfter = TimeSpan.FromMinutes(10));
        LogRecord[] clicks = [.. Enumerable.Range(0, 1_000).Select(user => Click($"user {user}", "tea"))];
        LogPosition position = await node.AppendAsync(clicks);
        await Eventually.TrueAsync(() => node.Layer.Pacer.Waiting == 1_000, "everyone is unsaved");

        await node.StopAsync();

        Assert.Equal(1_000, (await stores.CheckpointAsync())?.Position);
        for (int user = 0; user < 1_000; user++)
        {
            Assert.Equal(1, (await stores.SavedAsync($"user {user}"))?.Count);
        }

        Assert.Equal(999, position[0]);
    }

    /// <summary>Appends records, waits until all are saved, and flips a bit of ada's state.</summary>
    private static async Task SaveDamagedAsync(Stores stores, params LogRecord[] records)
    {
        await using (SpeedNode node = await SpeedNode.StartAsync(stores))
        {
            await node.AppendAsync(records);
            await Eventually.TrueAsync(async () => await stores.CheckpointAsync() is { } saved && saved.Position == records.Length, "all is saved");
        }

        await DamageAsync(stores, Stores.OwnerOf("ada"));
    }

    /// <summary>Flips a bit of a saved state; returns its revision.</summary>
    private static async Task<long> DamageAsync(Stores stores, string key)
    {
        SavedState row = (await stores.Table.LoadAsync(key, TestContext.Current.CancellationToken))!.Value;
        byte[] bytes = row.State.ToArray();
        bytes[bytes.Length / 2] ^= 4;
        await stores.Table.SaveAsync([new SavedState(key, row.Revision + 1, bytes)], TestContext.Current.CancellationToken);
        return row.Revision + 1;
    }

    private static async Task<UserProfile?> SavedOrDamagedAsync(Stores stores)
    {
        try
        {
            return await stores.SavedAsync("ada");
        }
        catch (CorruptRecordException)
        {
            return null;
        }
    }

    /// <summary>Saves a state as another node's actor does, without a message to the actor here.</summary>
    private static async Task SaveElsewhereAsync(Stores stores)
    {
        ArrayBufferWriter<byte> bytes = new();
        new LogRecordCodec(SpeedNode.Hash).Encode(Click("ada", "tea"), bytes);
        UserProfile saved = UserProfile.Empty.Apply(0, 0, [new LogEntry(0, bytes.WrittenMemory)]);
        await stores.Table.SaveAsync([new SavedState(Stores.OwnerOf("ada"), 1, UserProfileCodec.Encode(saved))], TestContext.Current.CancellationToken);
    }
}
