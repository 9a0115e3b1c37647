using System.Text;
using RecSys.Core;
using RecSys.Core.Log;
using RecSys.Core.Ports;
using RecSys.Core.Users;
using RecSys.TestKit;
using Xunit;
using static RecSys.Speed.Tests.Records;

namespace RecSys.Speed.Tests.Erasing;

/// <summary>A user who was merged into another and is erased is removed from the other too, in the live profile, the saved one and a rebuilt one.</summary>
public sealed class MergeErasureTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_user_links_to_an_erased_user_and_no_place_has_the_id()
    {
        await using SpeedNode node = await SpeedNode.StartAsync();
        LogPosition written = await node.AppendAsync(
            Click("ada", "tea"), Click("guest-7781", "jam"), Merged("ada", "guest-7781"), Merged("bob", "guest-7781"), Merged("guest-7781", "eve"));
        Assert.Equal(["jam", "tea"], ItemsOf(await node.ReadAsync("ada", written)).Order(StringComparer.Ordinal));

        await node.AppendAsync(Erased("guest-7781", written));
        await Eventually.TrueAsync(() => node.Layer.Counters.Erasures == 1, "the person is erased");

        Assert.Equal(["tea"], ItemsOf(await node.ReadAsync("ada", await node.Stores.Log.GetEndAsync(Cancel))));
        await NamedNowhereAsync(node.Stores, "guest-7781");
        await LiveIsWhatTheLogGivesAsync(node, "ada", "bob", "eve", "guest-7781");
    }

    [Fact]
    public async Task An_erasure_interrupted_by_a_crash_undoes_the_merge_after_the_restart()
    {
        Stores stores = new();
        await using (SpeedNode node = await SpeedNode.StartAsync(stores))
        {
            LogPosition written = await node.AppendAsync(Click("ada", "tea"), Merged("ada", "guest-7781"));
            await node.ReadAsync("ada", written);
            await Eventually.TrueAsync(async () => (await stores.SavedAsync("ada"))?.Aliases.Length == 1, "the merge is saved");
            stores.Table.Fault = new StoreUnavailableException("away");
            await node.AppendAsync(Erased("guest-7781", written));
            await Eventually.TrueAsync(
                async () => (await RecordsAsync(stores)).Any(record => record is LogRecord.MergeErased), "the merge is undone in the log");
            await node.CrashAsync();
        }

        Assert.Single((await stores.SavedAsync("ada"))!.Aliases);
        await using SpeedNode next = await SpeedNode.StartAsync(stores);
        await Eventually.TrueAsync(() => next.Layer.Counters.Erasures == 1, "the erasure is resumed");

        Assert.Empty((await stores.SavedAsync("ada"))!.Aliases);
        await NamedNowhereAsync(stores, "guest-7781");
        await LiveIsWhatTheLogGivesAsync(next, "ada", "guest-7781");
    }

    [Fact]
    public async Task A_state_of_an_earlier_version_is_saved_without_the_id_of_the_merged_user()
    {
        Stores stores = new();
        await stores.Log.AppendAsync([Merged("ada", "guest-7781")], Cancel);

        // Version 1 as it was: one partition at offset 0, no history, one alias with its id beside its owner.
        byte[] owner = new byte[Owner.SizeBytes];
        SpeedNode.Hash.Of(new UserId("guest-7781")).WriteTo(owner);
        byte[] old = [1, 0, 1, 0, 1, 0, 0, 0, 0, 1, 10, .. "guest-7781"u8, .. owner, 0, 0, 1];
        await stores.Table.SaveAsync([new SavedState(Stores.OwnerOf("ada"), 1, old)], Cancel);

        await using (SpeedNode node = await SpeedNode.StartAsync(stores))
        {
            UserProfile profile = await node.ReadAsync("ada");
            Assert.Equal(SpeedNode.Hash.Of(new UserId("guest-7781")), Assert.Single(profile.Aliases).Owner);
            await node.StopAsync();
        }

        ReadOnlyMemory<byte> saved = (await stores.Table.LoadAsync(Stores.OwnerOf("ada"), Cancel))!.Value.State;
        Assert.True(saved.Span.IndexOf("guest-7781"u8) < 0);
        Assert.Single((await stores.SavedAsync("ada"))!.Aliases);
    }

    [Theory]
    [Trait("Category", "Slow")]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task After_merges_erasures_saves_and_restarts_in_any_order_live_profiles_equal_the_log(int seed)
    {
        string[] users = ["user-0", "user-1", "user-2", "user-3", "user-4"];
        Random random = new(seed);
        Stores stores = new();
        SpeedNode node = await SpeedNode.StartAsync(stores);
        try
        {
            for (int step = 0; step < 40; step++)
            {
                string user = users[random.Next(users.Length)];
                string other = users[random.Next(users.Length)];
                switch (random.Next(10))
                {
                    case < 4:
                        await node.AppendAsync(Merged(user, other));
                        break;
                    case < 6:
                        await node.AppendAsync(Click(user, $"item-{step}"));
                        break;
                    case < 8:
                        await node.AppendAsync(Erased(user, await stores.Log.GetEndAsync(Cancel)));
                        break;
                    case 8:
                        await node.ReadAsync(user, await stores.Log.GetEndAsync(Cancel));
                        break;
                    default:
                        await node.CrashAsync();
                        await node.DisposeAsync();
                        node = await SpeedNode.StartAsync(stores);
                        break;
                }
            }

            IErasureReceipts receipts = node.Get<IErasureReceipts>();
            foreach ((long offset, LogRecord.PersonErased erased) in (await stores.Log.ReadAsync(0, 0, 1_000, Cancel)).Entries
                .Select(entry => (entry.Offset, Record: LogRecordCodec.Decode(entry.Bytes.Span) as LogRecord.PersonErased))
                .Where(entry => entry.Record is not null).Select(entry => (entry.Offset, entry.Record!)))
            {
                await Eventually.TrueAsync(
                    async () => (await receipts.GetAsync(erased.Owner, new RecordPosition(0, 0, offset), Cancel))?.IsDone == true, $"the erasure at {offset} is done");
            }

            await LiveIsWhatTheLogGivesAsync(node, users);
        }
        finally
        {
            await node.DisposeAsync();
        }
    }

    private static async Task LiveIsWhatTheLogGivesAsync(SpeedNode node, params string[] users)
    {
        LogPosition end = await node.Stores.Log.GetEndAsync(Cancel);
        ProfileFold fold = await node.Stores.FoldAsync();
        foreach (string user in users)
        {
            ProfileReading reading = await node.Profiles.GetAsync(new UserId(user), end, Cancel);
            Assert.True(reading.IsReflected);
            UserProfile rebuilt = fold[SpeedNode.Hash.Of(new UserId(user))];
            Assert.Equal(rebuilt.ErasedUpTo, reading.Own.ErasedUpTo);
            Assert.Equal(rebuilt.Aliases.Select(alias => alias.Owner), reading.Own.Aliases.Select(alias => alias.Owner));
            Assert.Equal(ItemsOf(rebuilt), ItemsOf(reading.Own));
        }
    }

    private static async Task NamedNowhereAsync(Stores stores, string id)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(id);
        LogChunk log = await stores.Log.ReadAsync(0, 0, 1_000, Cancel);
        Assert.DoesNotContain(log.Entries, entry => entry.Bytes.Span.IndexOf(bytes) >= 0);
        foreach (string user in (string[])["ada", "bob", "eve", id])
        {
            Assert.False((await stores.Table.LoadAsync(Stores.OwnerOf(user), Cancel))?.State.Span.IndexOf(bytes) >= 0, user);
        }
    }

    private static async Task<List<LogRecord>> RecordsAsync(Stores stores)
    {
        LogChunk log = await stores.Log.ReadAsync(0, 0, 1_000, Cancel);
        return [.. log.Entries.Select(entry => LogRecordCodec.Decode(entry.Bytes.Span)).OfType<LogRecord>()];
    }
}
