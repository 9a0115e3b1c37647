using Confluent.Kafka;
using RecSys.Core;
using RecSys.Core.Log;
using RecSys.Core.Ports;
using RecSys.TestKit;
using RecSys.TestKit.Servers;
using Xunit;

namespace RecSys.Kafka.Tests;

/// <summary>The contract of a log, kept with a real broker.</summary>
[Trait("Category", "Slow")]
public sealed class KafkaInteractionLogTests(SharedBroker broker) : InteractionLogContract, IAsyncLifetime
{
    private Topics _topics = null!;
    private KafkaLogOptions _options = Topics.Options(Topics.NewName());
    private KafkaInteractionLog? _log;

    protected override LogCapabilities Capabilities => LogCapabilities.Holes | LogCapabilities.Trimming;

    protected override int ReadersOfOnePartition => 8;

    public async ValueTask InitializeAsync()
    {
        KafkaServer server = await broker.GetAsync(Cancel);
        _topics = new Topics(server.Servers);
    }

    public async ValueTask DisposeAsync()
    {
        if (_topics is not null)
        {
            await _topics.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_message_of_another_program_is_damage_and_costs_no_record()
    {
        IInteractionLog log = Open();
        int partition = PartitionWith(await log.AppendAsync(Views(Ada, 0, 1), Cancel));
        using IProducer<byte[], byte[]> other = _topics.Producer();
        await other.ProduceAsync(new TopicPartition(_options.Topic, partition), new Message<byte[], byte[]> { Value = "{\"user\":\"ada\"}"u8.ToArray() }, Cancel);
        await other.ProduceAsync(new TopicPartition(_options.Topic, partition), new Message<byte[], byte[]> { Value = null! }, Cancel);
        await log.AppendAsync(Views(Ada, 1, 1), Cancel);

        Assert.Equal([0, 3], (await ReadAllAsync(log)).Select(entry => entry.Position.Offset));
        Assert.Equal(2, log.Integrity.DamagedRecords);
    }

    [Fact]
    public async Task A_consumer_that_fails_is_replaced_and_its_reader_goes_on()
    {
        KafkaInteractionLog log = (KafkaInteractionLog)Open();
        int partition = PartitionWith(await log.AppendAsync(Views(Ada, 0, 5), Cancel));
        int made = 0;
        log.Lanes.NewConsumer = () =>
        {
            IConsumer<Ignore, byte[]> consumer = log.Clients.Consumer();
            if (made++ == 0)
            {
                consumer.Dispose(); // each call to it throws
            }

            return consumer;
        };
        using ILogReader reader = log.OpenReader(partition, 0);

        StoreUnavailableException failed = await Assert.ThrowsAsync<StoreUnavailableException>(async () => await reader.ReadAsync(10, Cancel));

        Assert.Contains($"partition {partition} of topic {log.Topic} could not be read at offset 0", failed.Message, StringComparison.Ordinal);
        Assert.Equal(5, (await reader.ReadAsync(10, Cancel)).Entries.Length);
        Assert.Equal(2, made);
    }

    [Fact]
    public async Task Readers_that_start_again_while_all_readings_end_do_not_block_them()
    {
        KafkaInteractionLog log = (KafkaInteractionLog)Open();
        int partition = PartitionWith(await log.AppendAsync(Views(Ada, 0, 1), Cancel));
        InvalidDataException end = new("the topic is another one");
        foreach (int _ in Enumerable.Range(0, 150))
        {
            KafkaReader reader = (KafkaReader)log.OpenReader(partition, 0);
            Assert.Single((await reader.ReadAsync(1, Cancel)).Entries); // the consumer has the reader
            Task wait = reader.WaitAsync(Cancel).AsTask();
            using Barrier both = new(2);
            Task again = Task.Run(
                () =>
                {
                    both.SignalAndWait(Cancel);
                    reader.Restart();
                    return reader.WaitAsync(Cancel).AsTask();
                },
                Cancel);
            Task ending = Task.Run(
                () =>
                {
                    both.SignalAndWait(Cancel);
                    log.Lanes.Fail(end);
                },
                Cancel);

            await ending.WaitAsync(TimeSpan.FromSeconds(30), Cancel);
            reader.Dispose();
            await Task.WhenAll(wait, again).WaitAsync(TimeSpan.FromSeconds(30), Cancel).ContinueWith(_ => { }, TaskScheduler.Default);
        }
    }

    [Fact]
    public async Task Lag_tools_see_the_committed_offsets_of_the_group_without_a_member()
    {
        KafkaInteractionLog log = (KafkaInteractionLog)Open();
        int partition = PartitionWith(await log.AppendAsync(Views(Ada, 0, 5), Cancel));

        await log.CommitAsync(new Dictionary<int, long> { [partition] = 3 });

        using IConsumer<Ignore, Ignore> tool = new ConsumerBuilder<Ignore, Ignore>(new ConsumerConfig { BootstrapServers = _topics.Servers, GroupId = _options.Group }).Build();
        TopicPartitionOffset committed = Assert.Single(tool.Committed([new TopicPartition(_options.Topic, partition)], TimeSpan.FromSeconds(30)));
        Assert.Equal(3, committed.Offset.Value);
    }

    [Fact]
    public async Task A_group_that_another_program_has_joined_refuses_the_commit_and_the_log_goes_on()
    {
        KafkaInteractionLog log = (KafkaInteractionLog)Open();
        int partition = PartitionWith(await log.AppendAsync(Views(Ada, 0, 1), Cancel));
        using IConsumer<Ignore, Ignore> member = new ConsumerBuilder<Ignore, Ignore>(new ConsumerConfig { BootstrapServers = _topics.Servers, GroupId = _options.Group }).Build();
        member.Subscribe(_options.Topic);
        while (member.Assignment.Count == 0)
        {
            member.Consume(TimeSpan.FromMilliseconds(100));
        }

        await Assert.ThrowsAsync<StoreUnavailableException>(() => log.CommitAsync(new Dictionary<int, long> { [partition] = 1 }));

        Assert.Equal(1, (await log.AppendAsync(Views(Ada, 1, 1), Cancel))[partition]);
        member.Close();
    }

    [Fact]
    public async Task A_chunk_has_the_time_at_which_the_broker_appended_it()
    {
        IInteractionLog log = Open();
        int partition = PartitionWith(await log.AppendAsync(Views(Ada, 0, 1), Cancel));

        Assert.NotNull((await log.ReadAsync(partition, 0, 1, Cancel)).AppendedMs);
    }

    [Fact]
    public async Task A_reader_that_falls_behind_gets_every_record_once()
    {
        _options.ReadAheadBytesMax = 1 << 20;
        IInteractionLog log = Open();
        string text = new('x', 7_000);
        LogRecord[] records = [.. Enumerable.Range(0, 900).Select(number => View(Ada, $"item-{number}") with { Context = new InteractionContext { Location = text } })];
        int partition = 0;
        foreach (LogRecord[] batch in records.Chunk(100))
        {
            partition = PartitionWith(await log.AppendAsync(batch, Cancel)); // 6 MB, six times what is read ahead
        }

        using ILogReader reader = log.OpenReader(partition, 0);
        List<long> read = [];
        while (reader.Next < records.Length)
        {
            read.AddRange((await reader.ReadAsync(10, Cancel)).Entries.Select(entry => entry.Offset));
        }

        Assert.Equal(Enumerable.Range(0, records.Length).Select(number => (long)number), read);
    }

    [Fact]
    public async Task A_reader_reads_on_where_another_one_left_that_was_paused_because_it_had_read_enough_ahead()
    {
        const int Enough = 43; // 43 records of 24,600 to 24,900 bytes exceed 1 MiB; 42 records and the first one do not
        const int Records = 151;
        _options.ReadAheadBytesMax = 1 << 20;
        IInteractionLog log = Open();
        int partition = PartitionWith(await log.AppendAsync([View(Ada, "item-0")], Cancel));
        string text = new('x', Limits.TextBytesMax);
        InteractionContext context = new() { Location = text, Device = text, Time = text };
        foreach (int[] batch in Enumerable.Range(1, Records - 1).Chunk(25))
        {
            await log.AppendAsync([.. batch.Select(number => View(Ada, $"item-{number}") with { Context = context })], Cancel);
        }

        using (KafkaReader paused = (KafkaReader)log.OpenReader(partition, 0))
        {
            Assert.NotEmpty((await paused.ReadAsync(1, Cancel)).Entries);
            await Eventually.TrueAsync(() => paused.Arrived == 1 + Enough, "the reader has read enough ahead");
        }

        using ILogReader next = log.OpenReader(partition, 1);
        long read = 1;
        while (next.Next < Records)
        {
            read += (await next.ReadAsync(100, Cancel)).Entries.Length;
        }

        Assert.Equal(Records, read);
    }

    protected override IInteractionLog Open()
    {
        if (_log is not null)
        {
            _options = Topics.Options(Topics.NewName());
        }

        return _log = OpenNow(known: null);
    }

    protected override IInteractionLog Reopen() => OpenNow(_log!.Identity);

    protected override IInteractionLog OpenWithQueueOf(int records)
    {
        _options.QueueRecordsMax = records;
        return Open();
    }

    // Kafka keeps messages as they are: a copy of the topic gets a damaged one.
    protected override IInteractionLog ReopenDamaged(int partition, long offset)
    {
        KafkaLogOptions from = _options;
        using IConsumer<byte[], byte[]> consumer = new ConsumerBuilder<byte[], byte[]>(new ConsumerConfig { BootstrapServers = _topics.Servers, GroupId = "copy", EnablePartitionEof = true, EnableAutoCommit = false }).Build();
        using IProducer<byte[], byte[]> producer = _topics.Producer();
        IInteractionLog copy = Open();
        foreach (int every in Enumerable.Range(0, copy.Shape.PartitionCount))
        {
            consumer.Assign(new TopicPartitionOffset(from.Topic, every, 0));
            while (consumer.Consume(Cancel) is { IsPartitionEOF: false } read)
            {
                if (every == partition && read.Offset.Value == offset)
                {
                    read.Message.Value[^1] ^= 1;
                }

                producer.Produce(new TopicPartition(_options.Topic, every), new Message<byte[], byte[]> { Key = read.Message.Key, Value = read.Message.Value });
            }
        }

        producer.Flush(Cancel);
        return Reopen();
    }

    protected override async Task AppendHolesAsync(int partition, int count)
    {
        for (int hole = 0; hole < count; hole++)
        {
            // The marker of an empty transaction would not be written: the aborted record and the marker are both offsets without a record.
            using IProducer<byte[], byte[]> producer = _topics.Producer(transactionalId: $"holes-{Guid.NewGuid():N}");
            producer.InitTransactions(TimeSpan.FromSeconds(30));
            producer.BeginTransaction();
            await producer.ProduceAsync(new TopicPartition(_options.Topic, partition), new Message<byte[], byte[]> { Value = [1, 2, 3, 4, 5] }, Cancel);
            producer.AbortTransaction(TimeSpan.FromSeconds(30));
        }
    }

    protected override async Task TrimAsync(int partition, long start) =>
        await _topics.Admin.DeleteRecordsAsync([new TopicPartitionOffset(_options.Topic, partition, start)]);

    private static int PartitionWith(LogPosition position) =>
        Assert.Single(Enumerable.Range(0, position.PartitionCount), partition => position[partition] >= 0);

    private KafkaInteractionLog OpenNow(KafkaLogIdentity? known) => _topics.OpenAsync(_options, known).GetAwaiter().GetResult();
}
