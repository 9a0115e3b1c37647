using System.Buffers;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using RecSys.Core;
using RecSys.Core.Log;
using RecSys.Core.Ports;
using RecSys.Core.Users;
using RecSys.TestKit;
using Xunit;
using static RecSys.Speed.Tests.Records;

namespace RecSys.Speed.Tests.Erasing;

public sealed class ErasureTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_damaged_position_of_the_erasures_skips_no_person()
    {
        Stores stores = new();
        await using (SpeedNode node = await SpeedNode.StartAsync(stores))
        {
            await node.AppendAsync(Erased("ada", await node.AppendAsync(Click("ada", "tea"))));
            await Eventually.TrueAsync(() => stores.Folds.Load("erasures") is not null, "the erasure is done everywhere");
        }

        byte[] position = stores.Folds.Load("erasures")!.Value.ToArray();
        position[2] ^= 1;
        stores.Folds.Save("erasures", new(position));

        await using SpeedNode next = await SpeedNode.StartAsync(stores);
        await Eventually.TrueAsync(() => next.Layer.Counters.Erasures == 1, "the person is erased again");
        Assert.Equal(1, next.Layer.Counters.DamagedStates);
    }

    [Fact]
    public async Task A_position_of_the_erasures_of_another_installation_skips_nobody()
    {
        Stores stores = new();
        await using (SpeedNode node = await SpeedNode.StartAsync(stores))
        {
            await node.AppendAsync(Erased("ada", await node.AppendAsync(Click("ada", "tea"))));
            await Eventually.TrueAsync(() => stores.Folds.Load("erasures") is not null, "the erasure is done everywhere");
        }

        stores.Folds.LoadFault = new CorruptRecordException("the saved state belongs to another installation");

        await using SpeedNode next = await SpeedNode.StartAsync(stores);
        await Eventually.TrueAsync(() => next.Layer.Counters.Erasures == 1, "the person is erased again");
    }

    [Fact]
    public async Task An_erased_person_is_removed_from_every_place_and_no_one_else_is()
    {
        await using SpeedNode node = await SpeedNode.StartAsync();
        LogPosition written = await node.AppendAsync(Item("tea", "Tea"), Click("ada-lovelace", "tea"), Click("bob", "tea"));
        await node.ReadAsync("ada-lovelace", written);

        LogPosition position = await node.AppendAsync(Erased("ada-lovelace", written));
        await Eventually.TrueAsync(() => node.Layer.Counters.Erasures == 1, "the person is erased");
        await Eventually.TrueAsync(() => node.Stores.Folds.Load("erasures") is not null, "the erasure is done everywhere");

        Assert.Equal(0, (await node.ReadAsync("ada-lovelace", position)).Count);
        Assert.Equal(1, (await node.ReadAsync("bob", position)).Count);
        Assert.Equal(0, (await node.Stores.SavedAsync("ada-lovelace"))?.Count);
        LogChunk log = await node.Stores.Log.ReadAsync(0, 0, 100, Cancel);
        Assert.DoesNotContain(log.Entries, entry => entry.Bytes.Span.IndexOf("ada-lovelace"u8) >= 0);
        Assert.Contains(log.Entries, entry => entry.Bytes.Span.IndexOf("bob"u8) >= 0);
        Assert.True(node.Stores.Folds.Load("trends")!.Value.ToArray().AsSpan().IndexOf(Encoding.UTF8.GetBytes("ada-lovelace")) < 0);
    }

    [Fact]
    public async Task A_person_is_erased_once_whatever_the_number_of_partitions()
    {
        CountingPlace place = new();
        await using SpeedNode node = await SpeedNode.StartAsync(Stores.OfPartitions(8), add: services => services.AddSingleton<IErasable>(place));
        LogPosition written = await node.AppendAsync([.. Enumerable.Range(0, 20).Select(user => Click($"user {user}", "tea"))]);

        LogPosition position = await node.AppendAsync([.. Enumerable.Range(0, 20).Select(user => Erased($"user {user}", written))]);

        await Eventually.TrueAsync(
            () => node.Stores.Folds.Load("erasures") is { } saved && ErasurePosition.TryDecode(saved.ToArray(), out LogPosition? read) && read.Covers(position), "all partitions are read");
        Assert.Equal(20, place.Erased);
        Assert.Equal(20, node.Layer.Counters.Erasures);
        Assert.Equal(0, (await node.ReadAsync("user 7", position)).Count);
    }

    [Fact]
    public async Task A_receipt_identifies_one_erasure_and_a_forged_one_none()
    {
        await using SpeedNode node = await SpeedNode.StartAsync();
        LogPosition written = await node.AppendAsync(Click("ada", "tea"));
        LogPosition position = await node.AppendAsync(Erased("ada", written));
        IErasureReceipts receipts = node.Get<IErasureReceipts>();
        Owner ada = SpeedNode.Hash.Of(new UserId("ada"));

        ErasureProgress progress = await EndAsync(node, position);

        Assert.True(progress.IsDone);
        Assert.Null(await receipts.GetAsync(ada, new RecordPosition(0, 0, written[0]), Cancel));
        Assert.Null(await receipts.GetAsync(ada, new RecordPosition(0, 0, 99), Cancel));
        Assert.Null(await receipts.GetAsync(ada, new RecordPosition(1, 0, position[0]), Cancel));
        Assert.Null(await receipts.GetAsync(SpeedNode.Hash.Of(new UserId("bob")), new RecordPosition(0, 0, position[0]), Cancel));
    }

    [Fact]
    public async Task A_receipt_names_what_remains_in_files_of_other_programs()
    {
        await using SpeedNode node = await SpeedNode.StartAsync(add: services => services.AddSingleton<IErasable>(new CountingPlace { Remains = "for a day in a database" }));
        LogPosition written = await node.AppendAsync(Click("ada", "tea"));

        ErasureProgress progress = await EndAsync(node, await node.AppendAsync(Erased("ada", written)));

        Assert.Equal(["for a day in a database"], progress.Remains);
    }

    [Fact]
    public async Task A_receipt_is_not_done_while_a_place_is_unavailable()
    {
        FailingPlace place = new() { Fault = new StoreUnavailableException("away") };
        await using SpeedNode node = await SpeedNode.StartAsync(add: services => services.AddSingleton<IErasable>(place));
        LogPosition written = await node.AppendAsync(Click("ada", "tea"));
        LogPosition position = await node.AppendAsync(Erased("ada", written));
        await Eventually.TrueAsync(() => place.Tries > 0, "the place is asked");

        ErasureProgress? progress = await node.Get<IErasureReceipts>()
            .GetAsync(SpeedNode.Hash.Of(new UserId("ada")), new RecordPosition(0, 0, position[0]), Cancel);

        Assert.False(progress!.IsDone);
    }

    [Theory]
    [InlineData(LogDamageKind.Unreadable, false)]
    [InlineData(LogDamageKind.Missing, false)]
    [InlineData(LogDamageKind.Corrupt, true)]
    public async Task A_receipt_is_not_done_if_bytes_could_not_be_overwritten(LogDamageKind kind, bool isDone)
    {
        await using SpeedNode node = await SpeedNode.StartAsync();
        LogPosition written = await node.AppendAsync(Click("ada", "tea"));
        node.Stores.Log.Integrity.Add(new LogDamage(0, 0, 1, kind));
        LogPosition position = await node.AppendAsync(Erased("ada", written));

        ErasureProgress progress = await EndAsync(node, position);

        Assert.Equal(isDone, progress.IsDone);
        Assert.Equal(isDone, progress.Problem is null);
    }

    [Fact]
    public async Task A_page_that_becomes_unreadable_after_an_erasure_does_not_affect_its_receipt()
    {
        await using SpeedNode node = await SpeedNode.StartAsync();
        LogPosition written = await node.AppendAsync(Click("ada", "tea"));
        LogPosition position = await node.AppendAsync(Erased("ada", written));
        node.Stores.Log.Integrity.Add(new LogDamage(0, position[0] + 1, position[0] + 9, LogDamageKind.Unreadable));

        Assert.True((await EndAsync(node, position)).IsDone);
    }

    [Fact]
    public async Task Records_after_an_erasure_belong_to_a_new_person()
    {
        await using SpeedNode node = await SpeedNode.StartAsync();
        LogPosition written = await node.AppendAsync(Click("ada", "tea"));
        await node.AppendAsync(Erased("ada", written));

        LogPosition position = await node.AppendAsync(Click("ada", "jam"));

        Assert.Equal(["jam"], ItemsOf(await node.ReadAsync("ada", position)));
    }

    [Fact]
    public async Task An_erasure_interrupted_by_a_crash_is_resumed()
    {
        Stores stores = new();
        FailingPlace place = new() { Fault = new StoreUnavailableException("away") };
        LogPosition written;
        await using (SpeedNode node = await SpeedNode.StartAsync(stores, add: services => services.AddSingleton<IErasable>(place)))
        {
            written = await node.AppendAsync(Click("ada", "tea"));
            await node.AppendAsync(Erased("ada", written));
            await Eventually.TrueAsync(() => place.Tries > 0, "the place is asked");
            await node.CrashAsync();
        }

        place.Fault = null;
        await using SpeedNode next = await SpeedNode.StartAsync(stores, add: services => services.AddSingleton<IErasable>(place));

        await Eventually.TrueAsync(() => Equals(place.Erased, (SpeedNode.Hash.Of(new UserId("ada")), written)), "the erasure is resumed");
    }

    [Fact]
    public async Task An_erased_person_stays_erased_after_a_restart()
    {
        Stores stores = new();
        LogPosition position;
        await using (SpeedNode node = await SpeedNode.StartAsync(stores))
        {
            LogPosition written = await node.AppendAsync(Click("ada", "tea"));
            position = await node.AppendAsync(Erased("ada", written));
            await Eventually.TrueAsync(() => node.Layer.Counters.Erasures == 1, "the person is erased");
        }

        await using SpeedNode next = await SpeedNode.StartAsync(stores);
        UserProfile profile = await next.ReadAsync("ada", position);

        Assert.Equal(0, profile.Count);
        Assert.NotNull(profile.ErasedUpTo);
    }

    [Fact]
    public async Task An_erased_state_is_saved_at_once()
    {
        // No other save happens within the test's time: without an immediate save the erasure is not done.
        await using SpeedNode node = await SpeedNode.StartAsync(configure: options => options.SaveAfter = TimeSpan.FromMinutes(10));
        LogPosition written = await node.AppendAsync(Click("ada", "tea"));
        await node.ReadAsync("ada", written);

        await node.AppendAsync(Erased("ada", written));

        await Eventually.TrueAsync(() => node.Layer.Counters.Erasures == 1, "the person is erased");
        Assert.NotNull((await node.Stores.SavedAsync("ada"))?.ErasedUpTo);
    }

    [Fact]
    public async Task Profiles_are_erased_and_saved_before_any_other_place()
    {
        Stores stores = new();
        LookingPlace place = new(async () =>
        {
            bool isTombstoneSaved = (await stores.SavedAsync("guest"))?.ErasedUpTo is not null;
            return (isTombstoneSaved, (await stores.SavedAsync("ada"))?.Aliases.IsEmpty == true);
        });
        await using SpeedNode node = await SpeedNode.StartAsync(stores, add: services => services.AddSingleton<IErasable>(place));
        LogPosition written = await node.AppendAsync(Click("ada", "tea"), Click("guest", "jam"), Merged("ada", "guest"));
        await node.ReadAsync("ada", written);
        await Eventually.TrueAsync(async () => (await stores.SavedAsync("ada"))?.Aliases.Length == 1, "the merge is saved");

        await node.AppendAsync(Erased("guest", written));
        await Eventually.TrueAsync(() => node.Layer.Counters.Erasures == 1, "the person is erased");

        Assert.Equal((true, true), place.Seen);
    }

    /// <summary>Waits until the receipt of ada's erasure is done or has a problem.</summary>
    private static async Task<ErasureProgress> EndAsync(SpeedNode node, LogPosition erasure)
    {
        IErasureReceipts receipts = node.Get<IErasureReceipts>();
        ErasureProgress? progress = null;
        await Eventually.TrueAsync(
            async () =>
            {
                progress = await receipts.GetAsync(SpeedNode.Hash.Of(new UserId("ada")), new RecordPosition(0, 0, erasure[0]), Cancel);
                return progress is { IsDone: true } or { Problem: not null };
            },
            "every place was cleared");
        return progress!;
    }

    /// <summary>Reads the saved state at each erasure.</summary>
    private sealed class LookingPlace(Func<Task<(bool, bool)>> look) : IErasable
    {
        public string Place => "an observer";

        public (bool IsTombstoneSaved, bool IsMergeUndone)? Seen { get; private set; }

        public async ValueTask<long> EraseAsync(Owner owner, LogPosition upTo, CancellationToken cancellationToken)
        {
            Seen ??= await look();
            return 0;
        }
    }

    private sealed class FailingPlace : IErasable
    {
        public string Place => "somewhere";

        public Exception? Fault { get; set; }

        public int Tries { get; private set; }

        public (Owner, LogPosition)? Erased { get; private set; }

        public ValueTask<long> EraseAsync(Owner owner, LogPosition upTo, CancellationToken cancellationToken)
        {
            Tries++;
            if (Fault is { } fault)
            {
                throw fault;
            }

            Erased = (owner, upTo);
            return new(1);
        }
    }

    /// <summary>Counts the persons that are erased from it.</summary>
    private sealed class CountingPlace : IErasable
    {
        private int _erased;

        public string Place => "counted";

        public string? Remains { get; init; }

        public int Erased => Volatile.Read(ref _erased);

        public ValueTask<long> EraseAsync(Owner owner, LogPosition upTo, CancellationToken cancellationToken) => new(Interlocked.Increment(ref _erased));
    }
}
