using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Microsoft.Extensions.Logging.Abstractions;
using RecSys.Core;
using RecSys.Core.Log;
using RecSys.Core.Ports;
using RecSys.TestKit.Servers;
using Xunit;

namespace RecSys.Kafka.Tests;

/// <summary>What a log requires of its topic, at the start and while it is used.</summary>
[Trait("Category", "Slow")]
public sealed class KafkaTopicTests(SharedBroker broker) : IAsyncLifetime
{
    private readonly KafkaLogOptions _options = Topics.Options(Topics.NewName());
    private Topics _topics = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

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
    public async Task A_topic_is_created_with_what_the_log_needs_and_keeps_records_without_a_limit()
    {
        KafkaInteractionLog log = await _topics.OpenAsync(_options, known: null);

        Assert.Equal(new LogShape(0, 4), log.Shape);
        Assert.True(log.Retention.IsUnlimited);
        Assert.Equal((_options.Topic, 4), (log.Identity.Topic, log.Identity.Partitions));
        KafkaInteractionLog again = await _topics.OpenAsync(_options, log.Identity);
        Assert.Equal(log.Identity, again.Identity);
    }

    [Fact]
    public async Task A_report_names_the_offsets_the_replicas_and_the_deviations_and_creates_no_topic()
    {
        KafkaAddress address = new(_topics.Servers);
        KafkaReport none = await KafkaInteractionLog.InspectAsync(address, _options, known: null, TimeProvider.System, NullLogger.Instance);
        KafkaInteractionLog log = await _topics.OpenAsync(_options, known: null);
        await log.AppendAsync([View("ada"), View("ada")], Cancel);
        KafkaReport sound = await KafkaInteractionLog.InspectAsync(address, _options, log.Identity, TimeProvider.System, NullLogger.Instance);
        KafkaReport other = await KafkaInteractionLog.InspectAsync(address, _options, log.Identity with { TopicId = "other" }, TimeProvider.System, NullLogger.Instance);

        Assert.Null(none.Ranges);
        Assert.Empty(none.Problems);
        Assert.Empty(sound.Problems);
        Assert.Equal((2, 1, true), (sound.Ranges!.Sum(range => range.End), sound.Replicas, sound.Retention!.IsUnlimited));
        Assert.Contains("created again", Assert.Single(other.Problems), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_topic_with_other_settings_is_refused_with_a_line_for_each()
    {
        await _topics.CreateAsync(_options.Topic, 4, ("cleanup.policy", "compact"), ("max.message.bytes", "1000000"));

        InvalidDataException refusal = await Assert.ThrowsAsync<InvalidDataException>(() => _topics.OpenAsync(_options, known: null));

        Assert.Equal(3, refusal.Message.Split("; topic ").Length);
        Assert.Contains("cleanup.policy is compact", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("max.message.bytes is 1000000", refusal.Message, StringComparison.Ordinal);
        Assert.Contains($"--entity-name {_options.Topic} --add-config message.timestamp.type=LogAppendTime", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_topic_with_three_partitions_is_refused()
    {
        await _topics.CreateAsync(_options.Topic, 3, ("max.message.bytes", "2000000"), ("message.timestamp.type", "LogAppendTime"));

        Assert.Contains("power of two", (await Assert.ThrowsAsync<InvalidDataException>(() => _topics.OpenAsync(_options, known: null))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_topic_with_records_is_refused_by_an_installation_that_has_not_used_it()
    {
        await (await _topics.OpenAsync(_options, known: null)).AppendAsync([View("ada")], Cancel);

        InvalidDataException refusal = await Assert.ThrowsAsync<InvalidDataException>(() => _topics.OpenAsync(_options, known: null));

        Assert.Contains("contains records, but this installation has used no topic yet", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_owner_key_is_refused()
    {
        KafkaInteractionLog log = await _topics.OpenAsync(_options, known: null);
        byte[] key = new byte[OwnerHash.KeySizeBytes];
        key[0] = 1;

        Assert.Contains("owner key", (await Assert.ThrowsAsync<InvalidDataException>(() => _topics.OpenAsync(_options, log.Identity, new OwnerHash(key)))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_topic_that_is_missing_is_refused_and_not_created()
    {
        KafkaInteractionLog log = await _topics.OpenAsync(_options, known: null);
        await _topics.Admin.DeleteTopicsAsync([_options.Topic]);
        await UntilAsync(async () => await IsMissingAsync(), "the topic is deleted");

        Assert.Contains("does not exist", (await Assert.ThrowsAsync<InvalidDataException>(() => _topics.OpenAsync(_options, log.Identity))).Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await log.AppendAsync([View("ada")], Cancel));
        Assert.True(await IsMissingAsync());
    }

    [Fact]
    public async Task A_topic_that_is_created_again_ends_the_log_and_nothing_in_it_is_acknowledged()
    {
        KafkaInteractionLog log = await _topics.OpenAsync(_options, known: null);
        int partition = PartitionOf(await log.AppendAsync([View("ada"), View("ada"), View("ada")], Cancel));
        using ILogReader reader = log.OpenReader(partition, 3);
        Task wait = reader.WaitAsync(Cancel).AsTask();
        await _topics.Admin.DeleteTopicsAsync([_options.Topic]);
        await UntilAsync(async () => await IsMissingAsync(), "the topic is deleted");
        await _topics.CreateAsync(_options.Topic, 4, ("max.message.bytes", "2000000"), ("message.timestamp.type", "LogAppendTime"));

        string reason = "";
        await UntilAsync(
            async () =>
            {
                try
                {
                    LogPosition position = await log.AppendAsync([View("ada")], Cancel);
                    Assert.Fail($"a record of another topic was acknowledged at {position[partition]}");
                }
                catch (StoreUnavailableException error)
                {
                    reason = error.Message;
                }

                return reason.Contains("created again", StringComparison.Ordinal);
            },
            "the log ends");

        Assert.Contains("created again", (await Assert.ThrowsAsync<InvalidDataException>(() => wait)).Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await log.GetRangesAsync(Cancel));
        Assert.Contains("created again", (await Assert.ThrowsAsync<InvalidDataException>(() => _topics.OpenAsync(_options, log.Identity))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task More_partitions_end_the_log()
    {
        KafkaInteractionLog log = await _topics.OpenAsync(_options, known: null);
        await _topics.Admin.CreatePartitionsAsync([new PartitionsSpecification { Topic = _options.Topic, IncreaseTo = 8 }]);

        using ILogReader reader = log.OpenReader(0, 0);
        InvalidDataException end = await Assert.ThrowsAsync<InvalidDataException>(async () => await reader.WaitAsync(Cancel));

        Assert.Contains("8 partitions instead of 4", end.Message, StringComparison.Ordinal);
        Assert.Contains("8 partitions", (await Assert.ThrowsAsync<InvalidDataException>(() => _topics.OpenAsync(_options, log.Identity))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_record_above_the_limit_of_the_topic_fails_with_the_reason_and_others_are_stored()
    {
        KafkaInteractionLog log = await _topics.OpenAsync(_options, known: null);
        int partition = PartitionOf(await log.AppendAsync([View("ada")], Cancel));
        await _topics.Admin.IncrementalAlterConfigsAsync(new Dictionary<ConfigResource, List<ConfigEntry>>
        {
            [new ConfigResource { Type = ResourceType.Topic, Name = _options.Topic }] = [new ConfigEntry { Name = "max.message.bytes", Value = "2000", IncrementalOperation = AlterConfigOpType.Set }],
        });
        string text = string.Concat(Enumerable.Range(0, 120).Select(_ => Guid.NewGuid().ToString("N"))); // hardly compressible

        StoreUnavailableException refusal = await Assert.ThrowsAsync<StoreUnavailableException>(
            async () => await log.AppendAsync([View("ada") with { Context = new InteractionContext { Location = text } }], Cancel));

        Assert.Contains("too large", refusal.Message, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(1, (await log.AppendAsync([View("ada")], Cancel))[partition]);
    }

    private static LogRecord.Interaction View(string user) => new(new UserId(user), new ItemId("item"), "view", 1_700_000_000_000);

    private static int PartitionOf(LogPosition position) =>
        Assert.Single(Enumerable.Range(0, position.PartitionCount), partition => position[partition] >= 0);

    private async Task<bool> IsMissingAsync()
    {
        try
        {
            await _topics.Admin.DescribeTopicsAsync(TopicCollection.OfTopicNames([_options.Topic]));
            return false;
        }
        catch (DescribeTopicsException)
        {
            return true;
        }
    }

    private static async Task UntilAsync(Func<Task<bool>> isDone, string what)
    {
        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        patience.CancelAfter(TimeSpan.FromSeconds(60));
        while (!await isDone())
        {
            Assert.False(patience.IsCancellationRequested, $"not within 60 s: {what}");
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, Cancel);
        }
    }
}
