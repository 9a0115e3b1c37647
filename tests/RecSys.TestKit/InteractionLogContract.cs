using System.Collections.Concurrent;
using System.Collections.Immutable;
using RecSys.Core;
using RecSys.Core.Log;
using RecSys.Core.Ports;
using Xunit;

namespace RecSys.TestKit;

/// <summary>The requirements on every <see cref="IInteractionLog"/>, erasure included. An adapter's tests inherit it.</summary>
public abstract class InteractionLogContract
{
    protected static readonly OwnerHash Hash = new(new byte[OwnerHash.KeySizeBytes]);

    protected static readonly LogRecordCodec Codec = new(Hash);

    protected static readonly UserId Ada = new("ada@example.org");

    protected static readonly UserId Bob = new("bob@example.org");

    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Gets what the adapter can do of what not every log can.</summary>
    protected abstract LogCapabilities Capabilities { get; }

    /// <summary>Gets the number of readers of one partition that are opened together.</summary>
    protected virtual int ReadersOfOnePartition => 100;

    /// <summary>Opens an empty log over <see cref="Codec"/>.</summary>
    protected abstract IInteractionLog Open();

    /// <summary>Opens the same data again, as after a crash: nothing was flushed or closed.</summary>
    protected abstract IInteractionLog Reopen();

    /// <summary>Opens the same data again, after the stored bytes of one record were damaged.</summary>
    protected abstract IInteractionLog ReopenDamaged(int partition, long offset);

    /// <summary>Opens an empty log of which at most this many records may wait.</summary>
    protected abstract IInteractionLog OpenWithQueueOf(int records);

    /// <summary>Appends offsets without a record to a partition; needs <see cref="LogCapabilities.Holes"/>.</summary>
    protected virtual Task AppendHolesAsync(int partition, int count) => throw new NotSupportedException();

    /// <summary>Removes the records of a partition before an offset; needs <see cref="LogCapabilities.Trimming"/>.</summary>
    protected virtual Task TrimAsync(int partition, long start) => throw new NotSupportedException();

    [Fact]
    public async Task Acknowledged_records_of_every_kind_survive_a_crash()
    {
        LogRecord[] records =
        [
            new LogRecord.Interaction(Ada, new ItemId("book/1"), "view", 1_000)
            {
                Value = 4.5, Id = "i-1", RecommendationId = "r-1", Context = new InteractionContext { Location = "Berlin" },
            },
            new LogRecord.InteractionRetracted(Ada, "i-1", 2_000),
            new LogRecord.UserChanged(Ada, ImmutableSortedDictionary<string, string>.Empty.Add("city", "\"Berlin\""), true, false, 3_000),
            new LogRecord.UsersMerged(Ada, Bob, Hash.Of(Bob), 4_000),
            new LogRecord.ItemChanged(new ItemId("book/1"), new ItemContent { Title = "Über Bücher" }, 5_000),
            new LogRecord.PersonErased(Hash.Of(Bob), new LogPosition(0, [3]), 6_000),
        ];
        await Open().AppendAsync(records, Cancel);

        List<(RecordPosition Position, LogRecord? Record)> read = await ReadAllAsync(Reopen());

        LogRecord?[] inOrder = [.. read.Where(entry => entry.Position.Partition == read[^1].Position.Partition).Select(entry => entry.Record)];
        Assert.IsType<LogRecord.PersonErased>(inOrder[^1]);
        Assert.Equal(
            records.Select(Encoded).Order(StringComparer.Ordinal),
            read.Select(entry => Encoded(entry.Record!)).Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task An_append_returns_the_offset_of_its_last_record_and_offsets_continue_after_a_crash()
    {
        LogPosition first = await Open().AppendAsync(Views(Ada, 0, 10), Cancel);
        IInteractionLog log = Reopen();
        LogPosition second = await log.AppendAsync(Views(Ada, 10, 5), Cancel);

        int partition = PartitionOf(first);
        Assert.Equal(9, first[partition]);
        Assert.Equal(14, second[partition]);
        Assert.Equal(new LogRange(0, 15), (await log.GetRangesAsync(Cancel))[partition]);
        Assert.Equal(
            Enumerable.Range(0, 15).Select(number => (long)number), (await ReadAllAsync(log)).Select(entry => entry.Position.Offset));
    }

    [Fact]
    public async Task A_read_returns_the_time_of_the_append_if_known()
    {
        long before = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        LogPosition position = await Open().AppendAsync(Views(Ada, 0, 3), Cancel);
        long after = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();

        LogChunk chunk = await Reopen().ReadAsync(PartitionOf(position), 0, 10, Cancel);

        Assert.True(chunk.AppendedMs is null || (chunk.AppendedMs >= before && chunk.AppendedMs <= after), $"{before} to {after}: {chunk.AppendedMs}");
    }

    [Fact]
    public async Task An_append_of_no_records_changes_no_offset()
    {
        IInteractionLog log = Open();

        LogPosition position = await log.AppendAsync([], Cancel);

        Assert.Equal(log.Shape.Epoch, position.Epoch);
        Assert.Equal(-1, position[0]);
        Assert.All(await log.GetRangesAsync(Cancel), range => Assert.Equal(new LogRange(0, 0), range));
    }

    [Fact]
    public async Task Reading_continues_from_any_offset_with_any_count()
    {
        IInteractionLog log = Open();
        int partition = 0;
        int appended = 0;
        foreach (int count in (int[])[1, 1, 3_000, 1, 9_000, 2, 500])
        {
            partition = PartitionOf(await log.AppendAsync(Views(Ada, appended, count), Cancel));
            appended += count;
        }

        foreach (IInteractionLog opened in (IInteractionLog[])[log, Reopen()])
        {
            foreach (int countMax in (int[])[1, 7, 4_096, int.MaxValue])
            {
                long next = Math.Max(0, appended - (Math.Min(countMax, 10_000) * 50L));
                while (next < appended)
                {
                    LogChunk chunk = await opened.ReadAsync(partition, next, countMax, Cancel);
                    Assert.InRange(chunk.Entries.Length, 1, countMax);
                    foreach (LogEntry entry in chunk.Entries)
                    {
                        Assert.Equal(next, entry.Offset);
                        Assert.Equal($"item-{next}", Assert.IsType<LogRecord.Interaction>(LogRecordCodec.Decode(entry.Bytes.Span)).Item.Value);
                        next++;
                    }

                    Assert.Equal(next, chunk.Next);
                }
            }

            LogChunk end = await opened.ReadAsync(partition, appended, 10, Cancel);
            Assert.Empty(end.Entries);
            Assert.Equal(appended, end.Next);
            Assert.Empty((await opened.ReadAsync(partition, appended + 1_000, 10, Cancel)).Entries);
        }
    }

    [Fact]
    public async Task Many_callers_at_once_each_find_their_records_together_and_in_order()
    {
        IInteractionLog log = Open();
        ConcurrentDictionary<int, LogPosition> positions = [];
        await Task.WhenAll(Enumerable.Range(0, 16).Select(caller => Task.Run(
            async () =>
            {
                for (int batch = 0; batch < 20; batch++)
                {
                    positions[(caller * 20) + batch] = await log.AppendAsync(
                        [.. Enumerable.Range(0, 30).Select(row => View(Ada, $"{caller}-{batch}-{row}"))], Cancel);
                }
            },
            Cancel)));

        Dictionary<long, string> items = (await ReadAllAsync(Reopen()))
            .ToDictionary(entry => entry.Position.Offset, entry => ((LogRecord.Interaction)entry.Record!).Item.Value);
        Assert.Equal(16 * 20 * 30, items.Count);
        foreach ((int number, LogPosition position) in positions)
        {
            long last = position[PartitionOf(position)];
            for (int row = 0; row < 30; row++)
            {
                Assert.Equal($"{number / 20}-{number % 20}-{row}", items[last - 29 + row]);
            }
        }
    }

    [Fact]
    public async Task A_reader_that_follows_the_log_gets_every_record_once_during_appends()
    {
        const int Total = 3_000;
        IInteractionLog log = Open();
        int partition = PartitionOf(await log.AppendAsync([View(Ada, "item-0")], Cancel));
        Task<List<long>>[] readers = [.. Enumerable.Range(0, 4).Select(reader => Task.Run(() => FollowAsync(log, partition, Total, 1 + (reader * 100)), Cancel))];

        for (int number = 1; number < Total; number += 7)
        {
            await log.AppendAsync(Views(Ada, number, Math.Min(7, Total - number)), Cancel);
        }

        foreach (Task<List<long>> reader in readers)
        {
            Assert.Equal(Enumerable.Range(0, Total).Select(number => (long)number), await reader);
        }
    }

    [Fact]
    public async Task A_wait_ends_when_the_record_is_appended_and_not_before()
    {
        IInteractionLog log = Open();
        int partition = PartitionOf(await log.AppendAsync(Views(Ada, 0, 2), Cancel));

        using (ILogReader before = log.OpenReader(partition, 1))
        {
            await before.WaitAsync(Cancel);
        }

        ILogReader[] readers = [.. Enumerable.Range(0, ReadersOfOnePartition).Select(_ => log.OpenReader(partition, 2))];
        Task[] waiters = [.. readers.Select(reader => reader.WaitAsync(Cancel).AsTask())];
        Assert.All(waiters, waiter => Assert.False(waiter.IsCompleted));
        await log.AppendAsync(Views(Ada, 2, 1), Cancel);

        await Task.WhenAll(waiters).WaitAsync(TimeSpan.FromSeconds(30), Cancel);
        Array.ForEach(readers, reader => reader.Dispose());
    }

    [Fact]
    public async Task A_wait_can_be_cancelled()
    {
        using CancellationTokenSource giveUp = new();
        using ILogReader reader = Open().OpenReader(0, 0);
        Task waiter = reader.WaitAsync(giveUp.Token).AsTask();

        await giveUp.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiter);
    }

    [Fact]
    public async Task A_call_cancelled_beforehand_appends_no_record()
    {
        IInteractionLog log = Open();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            async () => await log.AppendAsync([View(Ada, "book")], new CancellationToken(canceled: true)));

        Assert.Empty(await ReadAllAsync(log));
    }

    [Fact]
    public async Task Appends_beyond_the_queue_limit_are_refused_and_all_others_are_stored()
    {
        IInteractionLog log = OpenWithQueueOf(10);
        ConcurrentBag<string> acknowledged = [];
        int refused = 0;

        // The queue has room for one batch: those that arrive while it is written are refused.
        for (int round = 0; round < 1_000 && refused == 0; round++)
        {
            await Task.WhenAll(Enumerable.Range(0, 8).Select(caller => Task.Run(
                async () =>
                {
                    try
                    {
                        await log.AppendAsync([.. Enumerable.Range(0, 10).Select(row => View(Ada, $"{round}-{caller}-{row}"))], Cancel);
                        acknowledged.Add($"{round}-{caller}");
                    }
                    catch (OverloadedException)
                    {
                        Interlocked.Increment(ref refused);
                    }
                },
                Cancel)));
        }

        Assert.NotEqual(0, refused);
        Assert.Equal(
            acknowledged.SelectMany(batch => Enumerable.Range(0, 10).Select(row => $"{batch}-{row}")).Order(StringComparer.Ordinal),
            (await ReadAllAsync(log)).Select(entry => ((LogRecord.Interaction)entry.Record!).Item.Value).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_record_over_its_limit_is_refused_and_nothing_of_its_batch_is_stored()
    {
        IInteractionLog log = Open();
        ImmutableSortedDictionary<string, string> labels = Enumerable.Range(0, 256).ToImmutableSortedDictionary(
            number => $"label-{number}", _ => $"\"{new string('x', 8_000)}\"", StringComparer.Ordinal);

        ArgumentException refusal = await Assert.ThrowsAnyAsync<ArgumentException>(
            async () => await log.AppendAsync([View(Ada, "book"), new LogRecord.UserChanged(Ada, labels, null, false, 1)], Cancel));

        Assert.Contains("at most", refusal.Message, StringComparison.Ordinal);
        Assert.Empty(await ReadAllAsync(log));
    }

    [Fact]
    public async Task Records_of_nearly_the_largest_size_are_kept_among_small_ones()
    {
        IInteractionLog log = Open();
        LogRecord user = new LogRecord.UserChanged(Ada, LongLabels(15), null, false, 1);
        LogRecord item = new LogRecord.ItemChanged(new ItemId("large"), new ItemContent { Labels = LongLabels(120) }, 1);

        await log.AppendAsync([View(Ada, "before"), user, View(Ada, "after")], Cancel);
        await log.AppendAsync([item], Cancel);

        List<(RecordPosition Position, LogRecord? Record)> read = await ReadAllAsync(Reopen());
        Assert.Equal(
            [Encoded(View(Ada, "before")), Encoded(user), Encoded(View(Ada, "after"))],
            read.Where(entry => entry.Record is not LogRecord.ItemChanged).Select(entry => Encoded(entry.Record!)));
        Assert.Equal(Encoded(item), Encoded(Assert.Single(read, entry => entry.Record is LogRecord.ItemChanged).Record!));

        static ImmutableSortedDictionary<string, string> LongLabels(int count) => Enumerable.Range(0, count).ToImmutableSortedDictionary(
            number => $"label-{number}", _ => $"\"{new string('x', 8_000)}\"", StringComparer.Ordinal);
    }

    [Fact]
    public async Task Arguments_out_of_range_are_refused()
    {
        IInteractionLog log = Open();

        await Assert.ThrowsAnyAsync<ArgumentException>(async () => await log.ReadAsync(log.Shape.PartitionCount, 0, 1, Cancel));
        await Assert.ThrowsAnyAsync<ArgumentException>(async () => await log.ReadAsync(0, -1, 1, Cancel));
        await Assert.ThrowsAnyAsync<ArgumentException>(async () => await log.ReadAsync(0, 0, 0, Cancel));
        Assert.ThrowsAny<ArgumentException>(() => log.OpenReader(-1, 0));
    }

    [Fact]
    public async Task A_reader_passes_offsets_without_a_record_also_at_the_end()
    {
        Needs(LogCapabilities.Holes);
        IInteractionLog log = Open();
        int partition = PartitionOf(await log.AppendAsync(Views(Ada, 0, 3), Cancel));
        await AppendHolesAsync(partition, 2);
        long after = (await log.AppendAsync(Views(Ada, 3, 2), Cancel))[partition];
        await AppendHolesAsync(partition, 1);
        long end = (await log.GetRangesAsync(Cancel))[partition].End;
        Assert.True(after >= 6 && end > after + 1, $"no hole before {after} or before the end {end}");

        using ILogReader reader = log.OpenReader(partition, 0);
        List<long> read = [];
        while (reader.Next < end)
        {
            long next = reader.Next;
            await reader.WaitAsync(Cancel);
            read.AddRange((await reader.ReadAsync(2, Cancel)).Entries.Select(entry => entry.Offset));
            Assert.True(reader.Next > next, $"the reader stays at {next}, before the end {end}");
        }

        Assert.Equal([0, 1, 2, after - 1, after], read);
        Assert.Equal(end, reader.Next);
        Assert.Empty((await reader.ReadAsync(2, Cancel)).Entries);
        Assert.Equal(0, log.Integrity.DamagedRecords);
    }

    [Fact]
    public async Task Reading_removed_records_fails_and_reading_from_the_start_does_not()
    {
        Needs(LogCapabilities.Trimming);
        IInteractionLog log = Open();
        int partition = PartitionOf(await log.AppendAsync(Views(Ada, 0, 10), Cancel));
        await TrimAsync(partition, 4);

        Assert.Equal(new LogRange(4, 10), (await log.GetRangesAsync(Cancel))[partition]);
        Assert.Equal(4, (await log.ReadAsync(partition, 4, 10, Cancel)).Entries[0].Offset);
        using ILogReader reader = log.OpenReader(partition, 3);
        await Assert.ThrowsAsync<InvalidDataException>(async () =>
        {
            await reader.WaitAsync(Cancel);
            await reader.ReadAsync(10, Cancel);
        });
        Assert.Equal(3, reader.Next);
        Assert.Equal(10, (await log.AppendAsync(Views(Ada, 10, 1), Cancel))[partition]);
    }

    [Fact]
    public async Task Several_readers_of_a_partition_read_at_their_own_pace()
    {
        IInteractionLog log = Open();
        int partition = PartitionOf(await log.AppendAsync(Views(Ada, 0, 30), Cancel));
        using ILogReader slow = log.OpenReader(partition, 0);
        using ILogReader quick = log.OpenReader(partition, 0);

        Assert.Equal([0, 1], (await slow.ReadAsync(2, Cancel)).Entries.Select(entry => entry.Offset));
        await ReadToAsync(quick, 30);
        Assert.Equal([2, 3], (await slow.ReadAsync(2, Cancel)).Entries.Select(entry => entry.Offset));
        using (ILogReader again = log.OpenReader(partition, 28))
        {
            Assert.Equal([28, 29], (await again.ReadAsync(10, Cancel)).Entries.Select(entry => entry.Offset));
        }

        Assert.Empty((await quick.ReadAsync(1, Cancel)).Entries);
        await log.AppendAsync(Views(Ada, 30, 1), Cancel);
        Assert.Equal([30], (await quick.ReadAsync(5, Cancel)).Entries.Select(entry => entry.Offset));
        Assert.Equal(4, slow.Next);

        static async Task ReadToAsync(ILogReader reader, long end)
        {
            while (reader.Next < end)
            {
                Assert.NotEmpty((await reader.ReadAsync(7, Cancel)).Entries);
            }
        }
    }

    [Fact]
    public async Task A_cancelled_read_or_wait_leaves_the_reader_where_it_was()
    {
        IInteractionLog log = Open();
        int partition = PartitionOf(await log.AppendAsync(Views(Ada, 0, 2), Cancel));
        using ILogReader reader = log.OpenReader(partition, 2);
        using CancellationTokenSource giveUp = new();
        Task wait = reader.WaitAsync(giveUp.Token).AsTask();

        await giveUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => wait);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await reader.ReadAsync(1, giveUp.Token));

        Assert.Equal(2, reader.Next);
        await log.AppendAsync(Views(Ada, 2, 1), Cancel);
        await reader.WaitAsync(Cancel);
        Assert.Equal(2, Assert.Single((await reader.ReadAsync(1, Cancel)).Entries).Offset);
    }

    [Fact]
    public async Task An_erased_person_is_removed_up_to_the_position_and_all_others_keep_their_offsets()
    {
        Needs(LogCapabilities.Erasing);
        IInteractionLog log = Open();
        await log.AppendAsync([View(Ada, "ada-1"), View(Bob, "bob-1"), new LogRecord.InteractionRetracted(Ada, "ada-2", 1)], Cancel);
        await log.AppendAsync([new LogRecord.UserChanged(Ada, ImmutableSortedDictionary<string, string>.Empty, true, true, 2)], Cancel);
        await log.AppendAsync(
            [new LogRecord.UsersMerged(Bob, Ada, Hash.Of(Ada), 3), new LogRecord.ItemChanged(new ItemId("book"), ItemContent.Empty, 4)], Cancel);
        LogPosition upTo = await EndAsync(log);
        await log.AppendAsync([new LogRecord.PersonErased(Hash.Of(Ada), upTo, 5), View(Ada, "new-1")], Cancel);

        long erased = await Erasable(log).EraseAsync(Hash.Of(Ada), upTo, Cancel);

        Assert.Equal(4, erased);
        Assert.Equal(0, await Erasable(log).EraseAsync(Hash.Of(Ada), upTo, Cancel));
        foreach (IInteractionLog opened in (IInteractionLog[])[log, Reopen()])
        {
            List<(RecordPosition Position, LogRecord? Record)> read = await ReadAllAsync(opened);
            Assert.Equal(7, read.Count(entry => entry.Record is not LogRecord.PersonErased));
            Assert.Equal(3, read.Count(entry => entry.Record is null));
            Assert.Contains(read, entry => entry.Record is LogRecord.UsersLinked linked && linked.Target == Hash.Of(Bob) && linked.From == Hash.Of(Ada));
            Assert.Contains(read, entry => entry.Record is LogRecord.PersonErased person && person.Owner == Hash.Of(Ada));
            Assert.Contains(read, entry => entry.Record is LogRecord.ItemChanged);
            Assert.Equal(
                ["bob-1", "new-1"],
                read.Select(entry => entry.Record).OfType<LogRecord.Interaction>().Select(record => record.Item.Value).Order(StringComparer.Ordinal));
        }
    }

    [Fact]
    public async Task Erasing_the_target_of_a_merge_erases_the_link()
    {
        Needs(LogCapabilities.Erasing);
        IInteractionLog log = Open();
        await log.AppendAsync([new LogRecord.UsersMerged(Ada, Bob, Hash.Of(Bob), 1), View(Bob, "bob-1")], Cancel);

        Assert.Equal(1, await Erasable(log).EraseAsync(Hash.Of(Ada), await EndAsync(log), Cancel));

        Assert.Equal([null, "bob-1"], (await ReadAllAsync(log)).OrderBy(entry => entry.Record is not null).Select(entry => (entry.Record as LogRecord.Interaction)?.Item.Value));
    }

    [Fact]
    public async Task A_person_is_erased_while_appends_and_reads_continue()
    {
        Needs(LogCapabilities.Erasing);
        IInteractionLog log = Open();
        for (int batch = 0; batch < 50; batch++)
        {
            await log.AppendAsync([.. Enumerable.Range(0, 100).Select(row => View(row % 10 == 0 ? Ada : Bob, $"{batch}-{row}"))], Cancel);
        }

        LogPosition upTo = await EndAsync(log);
        Task<long>[] erasures = [.. Enumerable.Range(0, 3).Select(_ => Task.Run(async () => await Erasable(log).EraseAsync(Hash.Of(Ada), upTo, Cancel), Cancel))];
        int more = 0;
        do
        {
            await log.AppendAsync([View(Ada, $"later-{more}"), View(Bob, $"later-{more}")], Cancel);
            more++;
            await ReadAllAsync(log);
        }
        while (!erasures.All(erasure => erasure.IsCompleted));

        await Task.WhenAll(erasures);
        foreach (IInteractionLog opened in (IInteractionLog[])[log, Reopen()])
        {
            List<(RecordPosition Position, LogRecord? Record)> read = await ReadAllAsync(opened);
            Assert.Equal(500, read.Count(entry => entry.Record is null));
            Assert.Equal(4_500 + more, read.Count(entry => entry.Record is LogRecord.Interaction interaction && interaction.User == Bob));
            Assert.Equal(
                more, read.Count(entry => entry.Record is LogRecord.Interaction interaction && interaction.User == Ada && interaction.Item.Value.StartsWith("later-", StringComparison.Ordinal)));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    [InlineData(19)]
    public async Task A_damaged_record_is_skipped_and_listed_and_costs_no_other(int damaged)
    {
        int partition = PartitionOf(await Open().AppendAsync(Views(Ada, 0, 20), Cancel));
        IInteractionLog log = ReopenDamaged(partition, damaged);

        List<long> read = [];
        for (long next = 0; next < 20;)
        {
            LogChunk chunk = await log.ReadAsync(partition, next, 1, Cancel);
            Assert.True(chunk.Next > next, "a read that begins at the damaged record goes on behind it");
            read.AddRange(chunk.Entries.Select(entry => entry.Offset));
            next = chunk.Next;
        }

        Assert.Equal(Enumerable.Range(0, 20).Where(offset => offset != damaged).Select(offset => (long)offset), read);
        Assert.Equal([new LogDamage(partition, damaged, damaged + 1, LogDamageKind.Corrupt)], log.Integrity.Places);
        Assert.Equal(1, log.Integrity.DamagedRecords);
        Assert.Equal(new LogRange(0, 20), (await log.GetRangesAsync(Cancel))[partition]);
        Assert.Equal(20, (await log.AppendAsync([View(Ada, "next")], Cancel))[partition]);
    }

    [Fact]
    public async Task A_person_is_erased_around_a_damaged_record_which_stays_listed()
    {
        Needs(LogCapabilities.Erasing);
        IInteractionLog before = Open();
        int partition = PartitionOf(await before.AppendAsync(Views(Ada, 0, 10), Cancel));
        LogPosition upTo = await EndAsync(before);
        IInteractionLog log = ReopenDamaged(partition, 4);

        Assert.Equal(9, await Erasable(log).EraseAsync(Hash.Of(Ada), upTo, Cancel));

        List<(RecordPosition Position, LogRecord? Record)> read = await ReadAllAsync(log);
        Assert.All(read, entry => Assert.Null(entry.Record));
        Assert.DoesNotContain(read, entry => entry.Position.Offset == 4 && entry.Position.Partition == partition);
        Assert.Equal([new LogDamage(partition, 4, 5, LogDamageKind.Corrupt)], log.Integrity.Places);
    }

    protected static LogRecord.Interaction View(UserId user, string item) => new(user, new ItemId(item), "view", 1_700_000_000_000);

    protected static LogRecord[] Views(UserId user, int from, int count) =>
        [.. Enumerable.Range(from, count).Select(number => View(user, $"item-{number}"))];

    /// <summary>Returns the position of the newest record of each partition.</summary>
    protected static async Task<LogPosition> EndAsync(IInteractionLog log) =>
        new(log.Shape.Epoch, [.. (await log.GetRangesAsync(Cancel)).Select(range => range.End - 1)]);

    protected static async Task<List<(RecordPosition Position, LogRecord? Record)>> ReadAllAsync(IInteractionLog log)
    {
        List<(RecordPosition, LogRecord?)> records = [];
        LogRange[] ranges = await log.GetRangesAsync(Cancel);
        for (int partition = 0; partition < ranges.Length; partition++)
        {
            long next = ranges[partition].Start;
            while (next < ranges[partition].End)
            {
                LogChunk chunk = await log.ReadAsync(partition, next, 1_000, Cancel);
                Assert.NotEmpty(chunk.Entries);
                records.AddRange(chunk.Entries.Select(entry =>
                    (new RecordPosition(log.Shape.Epoch, partition, entry.Offset), LogRecordCodec.Decode(entry.Bytes.Span))));
                next = chunk.Next;
            }
        }

        return records;
    }

    private void Needs(LogCapabilities needed) =>
        Assert.SkipUnless((Capabilities & needed) == needed, $"the log does not have the capability {needed}");

    private static IErasable Erasable(IInteractionLog log) => Assert.IsAssignableFrom<IErasable>(log);

    private static int PartitionOf(LogPosition position) =>
        Assert.Single(Enumerable.Range(0, position.PartitionCount), partition => position[partition] >= 0);

    private static async Task<List<long>> FollowAsync(IInteractionLog log, int partition, int until, int countMax)
    {
        List<long> offsets = [];
        using ILogReader reader = log.OpenReader(partition, 0);
        while (reader.Next < until)
        {
            await reader.WaitAsync(Cancel);
            LogChunk chunk = await reader.ReadAsync(countMax, Cancel);
            Assert.NotEmpty(chunk.Entries);
            Assert.Equal(chunk.Next, reader.Next);
            offsets.AddRange(chunk.Entries.Select(entry => entry.Offset));
        }

        return offsets;
    }

    private static string Encoded(LogRecord record)
    {
        System.Buffers.ArrayBufferWriter<byte> buffer = new();
        Codec.Encode(record, buffer);
        return Convert.ToHexString(buffer.WrittenSpan);
    }
}
