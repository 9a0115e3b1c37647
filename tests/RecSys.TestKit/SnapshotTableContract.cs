using System.Collections.Concurrent;
using RecSys.Core.Ports;
using Xunit;

namespace RecSys.TestKit;

/// <summary>The requirements on every <see cref="ISnapshotTable"/>. An adapter's tests inherit it.</summary>
public abstract class SnapshotTableContract
{
    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Opens an empty table.</summary>
    protected abstract ISnapshotTable Open();

    /// <summary>Opens the same data again, as after a crash: nothing was flushed or closed.</summary>
    protected abstract ISnapshotTable Reopen();

    /// <summary>Opens an empty table of which at most this many states may wait.</summary>
    protected abstract ISnapshotTable OpenWithQueueOf(int states);

    [Fact]
    public async Task A_saved_state_survives_a_crash()
    {
        await Open().SaveAsync([new("ada", Revision: 1, new byte[] { 1, 2, 3 })], Cancel);

        SavedState? loaded = await Reopen().LoadAsync("ada", Cancel);

        Assert.Equal("ada", loaded?.Owner);
        Assert.Equal(1, loaded?.Revision);
        Assert.Equal([1, 2, 3], loaded?.State.ToArray());
    }

    [Fact]
    public async Task A_later_save_replaces_the_earlier_one_whatever_their_sizes()
    {
        ISnapshotTable table = Open();
        int[] sizes = [0, 10, 3_000, 2_999, 256, 257, 100_000, 0, 1, 4 << 20, 40];
        for (int revision = 1; revision <= sizes.Length; revision++)
        {
            byte[] state = Bytes(sizes[revision - 1], revision);

            Assert.Equal([SaveOutcome.Saved], await table.SaveAsync([new("ada", revision, state)], Cancel));

            SavedState? loaded = await table.LoadAsync("ada", Cancel);
            Assert.Equal(revision, loaded?.Revision);
            Assert.True(loaded!.Value.State.Span.SequenceEqual(state));
        }
    }

    [Fact]
    public async Task A_late_save_from_a_stale_writer_conflicts_and_does_not_fail_others()
    {
        ISnapshotTable table = Open();
        await table.SaveAsync([new("ada", Revision: 1, new byte[] { 1 })], Cancel);
        await table.SaveAsync([new("ada", Revision: 2, new byte[] { 2 })], Cancel);

        SaveOutcome[] outcomes = await table.SaveAsync(
            [new("ada", Revision: 2, new byte[] { 9 }), new("bob", Revision: 1, new byte[] { 1 })], Cancel);

        Assert.Equal([SaveOutcome.Conflict, SaveOutcome.Saved], outcomes);
        Assert.Equal([2], (await table.LoadAsync("ada", Cancel))?.State.ToArray());
        Assert.Equal([1], (await table.LoadAsync("bob", Cancel))?.State.ToArray());
    }

    [Fact]
    public async Task A_save_that_skips_a_revision_or_has_an_old_one_conflicts()
    {
        ISnapshotTable table = Open();
        await table.SaveAsync([new("ada", Revision: 1, new byte[] { 1 })], Cancel);
        await table.SaveAsync([new("ada", Revision: 2, new byte[] { 2 })], Cancel);

        Assert.Equal([SaveOutcome.Conflict], await table.SaveAsync([new("ada", Revision: 4, new byte[] { 4 })], Cancel));
        Assert.Equal([SaveOutcome.Conflict], await table.SaveAsync([new("ada", Revision: 1, new byte[] { 1 })], Cancel));
        Assert.Equal([SaveOutcome.Conflict], await table.SaveAsync([new("bob", Revision: 2, new byte[] { 2 })], Cancel));
        Assert.Equal([2], (await table.LoadAsync("ada", Cancel))?.State.ToArray());
        Assert.Null(await table.LoadAsync("bob", Cancel));
    }

    [Fact]
    public async Task A_repeated_save_is_saved_if_its_bytes_are_the_same()
    {
        await Open().SaveAsync([new("ada", Revision: 1, new byte[] { 1, 2 })], Cancel);
        ISnapshotTable table = Reopen();

        Assert.Equal([SaveOutcome.Saved], await table.SaveAsync([new("ada", Revision: 1, new byte[] { 1, 2 })], Cancel));
        Assert.Equal([SaveOutcome.Conflict], await table.SaveAsync([new("ada", Revision: 1, new byte[] { 1, 3 })], Cancel));
        Assert.Equal([SaveOutcome.Conflict], await table.SaveAsync([new("ada", Revision: 1, new byte[] { 1, 2, 3 })], Cancel));
    }

    [Fact]
    public async Task One_group_may_save_an_owner_twice()
    {
        ISnapshotTable table = Open();

        SaveOutcome[] outcomes = await table.SaveAsync(
            [new("ada", Revision: 1, new byte[] { 1 }), new("ada", Revision: 2, new byte[] { 2 })], Cancel);

        Assert.Equal([SaveOutcome.Saved, SaveOutcome.Saved], outcomes);
        Assert.Equal(2, (await table.LoadAsync("ada", Cancel))?.Revision);
    }

    [Fact]
    public async Task Of_many_writers_at_once_one_wins_each_revision()
    {
        const int Writers = 8;
        const int Revisions = 20;
        ISnapshotTable table = Open();
        for (int revision = 1; revision <= Revisions; revision++)
        {
            SaveOutcome[][] outcomes = await Task.WhenAll(Enumerable.Range(0, Writers).Select(writer =>
                Task.Run(async () => await table.SaveAsync([new("ada", revision, Bytes(500, writer))], Cancel), Cancel)));

            int winner = Assert.Single(Enumerable.Range(0, Writers), writer => outcomes[writer][0] == SaveOutcome.Saved);
            Assert.True((await table.LoadAsync("ada", Cancel))!.Value.State.Span.SequenceEqual(Bytes(500, winner)));
        }
    }

    [Fact]
    public async Task A_load_includes_each_completed_save_while_others_save()
    {
        ISnapshotTable table = Open();
        await Task.WhenAll(Enumerable.Range(0, 8).Select(owner => Task.Run(
            async () =>
            {
                for (int revision = 1; revision <= 25; revision++)
                {
                    await table.SaveAsync([new($"owner{owner}", revision, Bytes(300 * revision, revision))], Cancel);
                    SavedState? loaded = await table.LoadAsync($"owner{owner}", Cancel);
                    Assert.Equal(revision, loaded?.Revision);
                    Assert.True(loaded!.Value.State.Span.SequenceEqual(Bytes(300 * revision, revision)));
                }
            },
            Cancel)));
    }

    [Fact]
    public async Task An_owner_that_never_saved_has_no_state() =>
        Assert.Null(await Open().LoadAsync("nobody", Cancel));

    [Fact]
    public async Task An_empty_group_completes_at_once() =>
        Assert.Empty(await Open().SaveAsync([], Cancel));

    [Fact]
    public async Task A_state_over_a_limit_is_refused_with_its_whole_group()
    {
        ISnapshotTable table = Open();

        await Assert.ThrowsAnyAsync<ArgumentException>(async () =>
            await table.SaveAsync([new("ada", 1, new byte[] { 1 }), new(new string('a', 101), 1, new byte[] { 1 })], Cancel));
        await Assert.ThrowsAnyAsync<ArgumentException>(async () =>
            await table.SaveAsync([new("ada", 1, new byte[] { 1 }), new("bob", 1, new byte[(4 << 20) + 1])], Cancel));
        await Assert.ThrowsAnyAsync<ArgumentException>(async () =>
            await table.SaveAsync([new("ada", 1, new byte[] { 1 }), new("bob", 0, new byte[] { 1 })], Cancel));

        Assert.Null(await table.LoadAsync("ada", Cancel));
    }

    [Fact]
    public async Task Saves_beyond_the_queue_limit_are_refused_and_the_others_are_saved()
    {
        ISnapshotTable table = OpenWithQueueOf(10);
        ConcurrentBag<string> saved = [];
        int refused = 0;

        // The queue has room for one group: those that arrive while it is written are refused.
        for (int round = 0; round < 1_000 && refused == 0; round++)
        {
            await Task.WhenAll(Enumerable.Range(0, 8).Select(writer => Task.Run(
                async () =>
                {
                    string owner = $"{round}-{writer}";
                    try
                    {
                        await table.SaveAsync([.. Enumerable.Range(0, 10).Select(row => new SavedState($"{owner}-{row}", 1, Bytes(5_000, row)))], Cancel);
                        saved.Add(owner);
                    }
                    catch (OverloadedException)
                    {
                        Interlocked.Increment(ref refused);
                    }
                },
                Cancel)));
        }

        List<string> rows = [];
        await foreach (SavedState state in table.ReadAllAsync(Cancel))
        {
            rows.Add(state.Owner);
        }

        Assert.NotEqual(0, refused);
        Assert.Equal(
            saved.SelectMany(owner => Enumerable.Range(0, 10).Select(row => $"{owner}-{row}")).Order(StringComparer.Ordinal),
            rows);
    }

    [Fact]
    public async Task All_rows_are_read_in_the_order_of_their_owners()
    {
        ISnapshotTable table = Open();
        string[] owners = [.. Enumerable.Range(0, 1_000).Select(number => $"{(char)('A' + (number % 50))}{number}")];
        await table.SaveAsync([.. owners.Select((owner, number) => new SavedState(owner, 1, Bytes(number, number)))], Cancel);

        List<SavedState> rows = [];
        await foreach (SavedState state in Reopen().ReadAllAsync(Cancel))
        {
            rows.Add(state);
        }

        Assert.Equal(owners.Order(StringComparer.Ordinal), rows.Select(row => row.Owner));
        Assert.All(rows, row => Assert.True(row.State.Span.SequenceEqual(Bytes(row.State.Length, row.State.Length))));
    }

    [Fact]
    public async Task A_replacement_is_invisible_until_it_replaces_all_rows()
    {
        ISnapshotTable table = Open();
        await table.SaveAsync([new("ada", 1, new byte[] { 1 }), new("bob", 1, new byte[] { 2 })], Cancel);

        await using (ISnapshotReplacement replacement = await table.BeginReplacementAsync(Cancel))
        {
            await replacement.PutAsync([("ada", new byte[] { 7 }), ("zoe", Bytes(3_000, 3))], Cancel);
            await replacement.PutAsync([("ada", Bytes(2_000, 8))], Cancel);
            Assert.Equal(Bytes(2_000, 8), (await replacement.LoadAsync("ada", Cancel))?.ToArray());
            Assert.Null(await replacement.LoadAsync("bob", Cancel));
            Assert.Equal([1], (await table.LoadAsync("ada", Cancel))?.State.ToArray());
            Assert.Null(await table.LoadAsync("zoe", Cancel));
            Assert.Equal([SaveOutcome.Saved], await table.SaveAsync([new("ada", 2, new byte[] { 5 })], Cancel));
            await replacement.CommitAsync(Cancel);
        }

        ISnapshotTable reopened = Reopen();
        foreach (ISnapshotTable now in (ISnapshotTable[])[table, reopened])
        {
            Assert.Equal(Bytes(2_000, 8), (await now.LoadAsync("ada", Cancel))?.State.ToArray());
            Assert.Equal(Bytes(3_000, 3), (await now.LoadAsync("zoe", Cancel))?.State.ToArray());
            Assert.Null(await now.LoadAsync("bob", Cancel));
        }

        SavedState ada = (await reopened.LoadAsync("ada", Cancel))!.Value;
        Assert.Equal([SaveOutcome.Conflict, SaveOutcome.Saved], await reopened.SaveAsync([new("ada", 3, new byte[] { 9 }), ada with { Revision = ada.Revision + 1 }], Cancel));
    }

    [Fact]
    public async Task A_replacement_that_is_not_committed_changes_nothing_and_another_can_begin()
    {
        ISnapshotTable table = Open();
        await table.SaveAsync([new("ada", 1, new byte[] { 1 })], Cancel);
        await using (ISnapshotReplacement replacement = await table.BeginReplacementAsync(Cancel))
        {
            await replacement.PutAsync([("ada", new byte[] { 7 }), ("zoe", new byte[] { 8 })], Cancel);
            await Assert.ThrowsAsync<InvalidOperationException>(async () => await table.BeginReplacementAsync(Cancel));
        }

        await using ISnapshotReplacement next = await table.BeginReplacementAsync(Cancel);

        Assert.Null(await next.LoadAsync("zoe", Cancel));
        Assert.Equal([1], (await table.LoadAsync("ada", Cancel))?.State.ToArray());
        Assert.Null(await table.LoadAsync("zoe", Cancel));
    }

    private static byte[] Bytes(int length, int seed)
    {
        byte[] bytes = new byte[length];
        for (int index = 0; index < length; index++)
        {
            bytes[index] = (byte)((index * 31) + seed);
        }

        return bytes;
    }
}
