using System.Collections.Concurrent;
using System.Text;
using RecSys.Core;
using RecSys.Core.Ports;
using Xunit;

namespace RecSys.TestKit;

/// <summary>The requirements on every <see cref="IControlStore"/>. An adapter's tests inherit it.</summary>
public abstract class ControlStoreContract
{
    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Opens an empty store.</summary>
    protected abstract IControlStore Open();

    /// <summary>Opens the same rows again, as after a crash: nothing was flushed or closed.</summary>
    protected abstract IControlStore Reopen();

    /// <summary>Opens the same rows beside an open store, as another node does; the store itself if one process alone may use the rows.</summary>
    protected virtual IControlStore OpenBeside(IControlStore store) => store;

    [Fact]
    public async Task A_row_survives_a_crash()
    {
        long? version = await Open().TrySetAsync("model/alias/champion", 0, Bytes("one"), Cancel);

        ControlRow? row = await Reopen().GetAsync("model/alias/champion", Cancel);

        Assert.Equal("model/alias/champion", row?.Key);
        Assert.Equal(version, row?.Version);
        Assert.Equal("one", Text(row));
    }

    [Fact]
    public async Task A_row_is_replaced_only_at_its_version()
    {
        IControlStore store = Open();
        long first = (await store.TrySetAsync("a", 0, Bytes("one"), Cancel))!.Value;
        long? second = await store.TrySetAsync("a", first, Bytes("two"), Cancel);

        Assert.NotNull(second);
        Assert.NotEqual(first, second);
        Assert.Null(await store.TrySetAsync("a", first, Bytes("late"), Cancel));
        Assert.Null(await store.TrySetAsync("a", 0, Bytes("late"), Cancel));
        Assert.Null(await store.TrySetAsync("b", second.Value, Bytes("late"), Cancel));
        Assert.Equal(("two", second), (Text(await store.GetAsync("a", Cancel)), (await store.GetAsync("a", Cancel))?.Version));
        Assert.Null(await store.GetAsync("b", Cancel));
    }

    [Fact]
    public async Task A_repeated_change_is_refused_even_with_the_same_bytes()
    {
        IControlStore store = Open();
        long first = (await store.TrySetAsync("a", 0, Bytes("one"), Cancel))!.Value;
        await store.TrySetAsync("a", first, Bytes("mine"), Cancel);

        Assert.Null(await store.TrySetAsync("a", first, Bytes("mine"), Cancel));
    }

    [Fact]
    public async Task A_row_is_deleted_only_at_its_version_and_the_deletion_survives_a_crash()
    {
        IControlStore store = Open();
        long first = (await store.TrySetAsync("a", 0, Bytes("one"), Cancel))!.Value;
        long second = (await store.TrySetAsync("a", first, Bytes("two"), Cancel))!.Value;

        Assert.False(await store.TryDeleteAsync("a", first, Cancel));
        Assert.NotNull(await store.GetAsync("a", Cancel));
        Assert.True(await store.TryDeleteAsync("a", second, Cancel));
        Assert.False(await store.TryDeleteAsync("a", second, Cancel));
        Assert.Null(await Reopen().GetAsync("a", Cancel));
    }

    [Fact]
    public async Task A_row_that_is_created_again_has_no_version_of_the_deleted_one()
    {
        IControlStore store = Open();
        long first = (await store.TrySetAsync("a", 0, Bytes("one"), Cancel))!.Value;
        long second = (await store.TrySetAsync("a", first, Bytes("two"), Cancel))!.Value;
        await store.TryDeleteAsync("a", second, Cancel);
        store = Reopen();

        long third = (await store.TrySetAsync("a", 0, Bytes("three"), Cancel))!.Value;
        long fourth = (await store.TrySetAsync("a", third, Bytes("four"), Cancel))!.Value;

        Assert.Equal(4, new[] { first, second, third, fourth }.Distinct().Count());
        Assert.Null(await store.TrySetAsync("a", first, Bytes("late"), Cancel));
        Assert.Null(await store.TrySetAsync("a", second, Bytes("late"), Cancel));
    }

    [Fact]
    public async Task The_rows_of_a_prefix_are_read_in_the_order_of_their_keys()
    {
        IControlStore store = Open();
        foreach (string key in (string[])["job/b", "job/a", "job/B", "job_c", "job", "job/", "jo", "job0", "job/a/1", "job/~", "JOB/z"])
        {
            await store.TrySetAsync(key, 0, Bytes(key), Cancel);
        }

        IReadOnlyList<ControlRow> rows = await Reopen().ListAsync("job/", Cancel);

        Assert.Equal(["job/", "job/B", "job/a", "job/a/1", "job/b", "job/~"], rows.Select(row => row.Key));
        Assert.All(rows, row => Assert.Equal(row.Key, Text(row)));
        Assert.Empty(await store.ListAsync("job/c", Cancel));
        Assert.Equal(["job_c"], (await store.ListAsync("job_", Cancel)).Select(row => row.Key));
    }

    [Fact]
    public async Task A_prefix_matches_literally()
    {
        IControlStore store = Open();
        await store.TrySetAsync("a%c/1", 0, Bytes("x"), Cancel);
        await store.TrySetAsync("abc/1", 0, Bytes("x"), Cancel);
        await store.TrySetAsync("a_c/1", 0, Bytes("x"), Cancel);
        await store.TrySetAsync("a*c/1", 0, Bytes("x"), Cancel);

        Assert.Equal(["a%c/1"], (await store.ListAsync("a%", Cancel)).Select(row => row.Key));
        Assert.Equal(["a_c/1"], (await store.ListAsync("a_", Cancel)).Select(row => row.Key));
        Assert.Equal(["a*c/1"], (await store.ListAsync("a*", Cancel)).Select(row => row.Key));
        Assert.Empty(await store.ListAsync("A", Cancel));
    }

    [Fact]
    public async Task Values_of_all_sizes_up_to_the_limit_are_kept()
    {
        IControlStore store = Open();
        long version = 0;
        foreach (int size in (int[])[0, 1, 3_000, 8_192, Limits.ControlValueBytesMax, 5, 0])
        {
            byte[] value = [.. Enumerable.Range(0, size).Select(index => (byte)(index * 31))];
            version = (await store.TrySetAsync("a", version, value, Cancel))!.Value;

            Assert.True((await store.GetAsync("a", Cancel))!.Value.Span.SequenceEqual(value));
        }
    }

    [Fact]
    public async Task A_key_or_value_over_its_limit_is_refused()
    {
        IControlStore store = Open();
        foreach (string key in (string[])["", "with space", "tab\t", "ü", "del\u007f", new('a', Limits.ControlKeyBytesMax + 1)])
        {
            await Assert.ThrowsAnyAsync<ArgumentException>(async () => await store.TrySetAsync(key, 0, Bytes("x"), Cancel));
            await Assert.ThrowsAnyAsync<ArgumentException>(async () => await store.GetAsync(key, Cancel));
            await Assert.ThrowsAnyAsync<ArgumentException>(async () => await store.ListAsync(key, Cancel));
            await Assert.ThrowsAnyAsync<ArgumentException>(async () => await store.TryDeleteAsync(key, 1, Cancel));
        }

        await Assert.ThrowsAnyAsync<ArgumentException>(async () => await store.TrySetAsync("a", -1, Bytes("x"), Cancel));
        await Assert.ThrowsAnyAsync<ArgumentException>(async () => await store.TrySetAsync("a", 0, new byte[Limits.ControlValueBytesMax + 1], Cancel));
        Assert.Null(await store.GetAsync("a", Cancel));
        Assert.NotNull(await store.TrySetAsync(new('a', Limits.ControlKeyBytesMax), 0, Bytes("x"), Cancel));
    }

    [Fact]
    public async Task Of_many_writers_at_once_one_wins_each_version()
    {
        const int Writers = 8;
        const int Rounds = 20;
        IControlStore store = Open();
        IControlStore[] stores = [store, OpenBeside(store)];
        long version = 0;
        for (int round = 0; round < Rounds; round++)
        {
            long?[] outcomes = await Task.WhenAll(Enumerable.Range(0, Writers).Select(writer =>
                Task.Run(async () => await stores[writer % 2].TrySetAsync("a", version, Bytes($"writer {writer}"), Cancel), Cancel)));

            int winner = Assert.Single(Enumerable.Range(0, Writers), writer => outcomes[writer] is not null);
            version = outcomes[winner]!.Value;
            Assert.Equal($"writer {winner}", Text(await stores[round % 2].GetAsync("a", Cancel)));
        }

        bool[] deleted = await Task.WhenAll(Enumerable.Range(0, Writers).Select(writer =>
            Task.Run(async () => await stores[writer % 2].TryDeleteAsync("a", version, Cancel), Cancel)));
        Assert.Single(deleted, isDeleted => isDeleted);
    }

    [Fact]
    public async Task Changes_of_different_rows_at_once_all_succeed()
    {
        IControlStore store = Open();
        IControlStore[] stores = [store, OpenBeside(store)];
        await Task.WhenAll(Enumerable.Range(0, 8).Select(writer => Task.Run(
            async () =>
            {
                long version = 0;
                for (int round = 0; round < 20; round++)
                {
                    version = (await stores[writer % 2].TrySetAsync($"row/{writer}", version, Bytes($"{round}"), Cancel))!.Value;
                }
            },
            Cancel)));

        Assert.Equal(8, (await stores[1].ListAsync("row/", Cancel)).Count(row => Text(row) == "19"));
    }

    [Fact]
    public async Task A_change_is_announced_to_this_node_and_others_with_its_key()
    {
        IControlStore store = Open();
        ConcurrentQueue<string> announced = new();
        foreach (IControlStore listener in new[] { store, OpenBeside(store) }.Distinct())
        {
            announced.Clear();
            TaskCompletionSource isAnnounced = new(TaskCreationOptions.RunContinuationsAsynchronously);
            listener.Changed += key =>
            {
                announced.Enqueue(key);
                if (key == "b")
                {
                    isAnnounced.TrySetResult();
                }
            };
            long a = (await store.TrySetAsync("a", 0, Bytes("x"), Cancel))!.Value;
            await store.TryDeleteAsync("a", a, Cancel);
            long b = (await store.TrySetAsync("b", 0, Bytes("x"), Cancel))!.Value;
            await isAnnounced.Task.WaitAsync(TimeSpan.FromSeconds(30), Cancel);
            Assert.Contains("a", announced);
            await store.TryDeleteAsync("b", b, Cancel);
        }
    }

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private static string? Text(ControlRow? row) => row is null ? null : Encoding.UTF8.GetString(row.Value.Span);
}
