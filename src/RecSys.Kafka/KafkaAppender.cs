using System.Buffers;
using Confluent.Kafka;
using RecSys.Core;
using RecSys.Core.Log;
using RecSys.Core.Ports;

namespace RecSys.Kafka;

/// <summary>Encodes records on the caller's thread and hands them to one idempotent producer. In each partition, the records of one append follow each other. Safe for concurrent use.</summary>
internal sealed class KafkaAppender : IDisposable
{
    /// <summary>The longest time after the time-out of an append for which it waits for the producer's reports.</summary>
    private static readonly TimeSpan ReportMax = TimeSpan.FromSeconds(5);

    private readonly KafkaClients _clients;
    private readonly KafkaLogOptions _options;
    private readonly LogRecordCodec _codec;
    private readonly AckedEnds _ends;
    private readonly TimeProvider _time;
    private readonly Lock[] _partitions;
    private readonly Lock _replacing = new();
    private IProducer<byte[], byte[]> _producer;
    private long _queuedRecords;
    private long _queuedBytes;
    private volatile bool _isProducerFatal;

    public KafkaAppender(KafkaClients clients, KafkaLogOptions options, LogRecordCodec codec, AckedEnds ends, TimeProvider time)
    {
        _clients = clients;
        _options = options;
        _codec = codec;
        _ends = ends;
        _time = time;
        _partitions = [.. Enumerable.Range(0, ends.Count).Select(_ => new Lock())];
        _producer = clients.Producer(OnFatal);
    }

    private LogShape Shape => new(KafkaInteractionLog.Epoch, _ends.Count);

    private string QueueLimits =>
        $"{nameof(KafkaLogOptions.QueueRecordsMax)} = {_options.QueueRecordsMax} records and {nameof(KafkaLogOptions.QueueBytesMax)} = {_options.QueueBytesMax} bytes";

    /// <summary>Appends records; the task ends when all messages are acknowledged or have failed, and fails if any of them failed.</summary>
    public async Task<LogPosition> AppendAsync(IReadOnlyList<LogRecord> records)
    {
        List<(int Partition, Message<byte[], byte[]> Message)> messages = Encode(records);
        long bytes = messages.Sum(entry => (long)entry.Message.Value.Length);
        if (messages.Count > _options.QueueRecordsMax || bytes > _options.QueueBytesMax)
        {
            throw new ArgumentException($"{messages.Count} records of {bytes} bytes exceed the limits of the queue, {QueueLimits}; append fewer records at a time", nameof(records));
        }

        if (Interlocked.Add(ref _queuedRecords, messages.Count) > _options.QueueRecordsMax | Interlocked.Add(ref _queuedBytes, bytes) > _options.QueueBytesMax)
        {
            Free(messages.Count, bytes);
            KafkaMeter.Refused(messages.Count);
            throw new OverloadedException($"the queue of appends is full: {QueueLimits}; retry later");
        }

        PendingAppend append = new(_ends, messages.Count, bytes, _time.GetTimestamp(), OnEnd);
        IProducer<byte[], byte[]> producer = Producer();
        foreach (IGrouping<int, (int Partition, Message<byte[], byte[]> Message)> group in messages.GroupBy(entry => entry.Partition))
        {
            Send(producer, append, group.Key, [.. group.Select(entry => entry.Message)]);
        }

        try
        {
            return await append.Done.WaitAsync(_options.AppendTimeout + ReportMax, _time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // The producer reports each message soon after the time-out of an append at the latest, unless it was closed.
            append.Abandon("the producer did not report it");
            return await append.Done.ConfigureAwait(false);
        }
    }

    /// <summary>Waits for the queued appends, at most <see cref="KafkaLogOptions.AppendTimeout"/>, and closes the producer.</summary>
    public void Dispose()
    {
        _producer.Flush(_options.AppendTimeout);
        _producer.Dispose();
    }

    // The lock of the partition ensures that no record of another append comes between those of this one.
    private void Send(IProducer<byte[], byte[]> producer, PendingAppend append, int partition, Message<byte[], byte[]>[] messages)
    {
        TopicPartition place = new(_options.Topic, partition);
        int sent = 0;
        string? failure = null;
        lock (_partitions[partition])
        {
            try
            {
                for (; sent < messages.Length; sent++)
                {
                    producer.Produce(place, messages[sent], append.OnReport);
                }
            }
            catch (KafkaException error)
            {
                failure = _clients.WithoutSecrets(error.Error.Reason);
            }
            catch (ObjectDisposedException)
            {
                failure = "the log is closed";
            }
        }

        if (failure is not null)
        {
            append.NotSent(messages.Length - sent, failure);
        }
    }

    private void OnFatal(Error error) => _isProducerFatal = true;

    /// <summary>Returns the producer; after an error from which it cannot recover, a new one.</summary>
    private IProducer<byte[], byte[]> Producer()
    {
        if (_isProducerFatal)
        {
            lock (_replacing)
            {
                if (_isProducerFatal)
                {
                    IProducer<byte[], byte[]> old = _producer;
                    _producer = _clients.Producer(OnFatal);
                    _isProducerFatal = false;
                    _ = Task.Run(() =>
                    {
                        old.Flush(_options.AppendTimeout * 2); // waits until it has reported the failure of its appends
                        old.Dispose();
                    });
                }
            }
        }

        return _producer;
    }

    private void OnEnd(PendingAppend append, bool isConfirmed)
    {
        Free(append.Records, append.Bytes);
        KafkaMeter.Ended(append.Records, _time.GetElapsedTime(append.Began), isConfirmed);
    }

    private void Free(int records, long bytes)
    {
        Interlocked.Add(ref _queuedRecords, -records);
        Interlocked.Add(ref _queuedBytes, -bytes);
    }

    private List<(int Partition, Message<byte[], byte[]> Message)> Encode(IReadOnlyList<LogRecord> records)
    {
        List<(int, Message<byte[], byte[]>)> messages = new(records.Count);
        ArrayBufferWriter<byte> buffer = new(256);
        foreach (LogRecord record in records)
        {
            Owner? owner = _codec.OwnerOf(record);
            buffer.ResetWrittenCount();
            LogRecordCodec.Encode(record, owner, buffer);
            if (buffer.WrittenCount > Limits.RecordBytesMax)
            {
                throw new ArgumentException($"a record has {buffer.WrittenCount} bytes, but at most {Limits.RecordBytesMax} ({nameof(Limits.RecordBytesMax)}) are allowed", nameof(records));
            }

            byte[] value = KafkaRecord.Frame(buffer.WrittenSpan);
            if (record is LogRecord.PersonErased)
            {
                messages.AddRange(Enumerable.Range(0, _ends.Count).Select(partition => (partition, MessageOf(owner, value))));
            }
            else
            {
                messages.Add((record is LogRecord.ItemChanged item ? Shape.PartitionOf(item.Item) : Shape.PartitionOf(owner!.Value), MessageOf(owner, value)));
            }
        }

        return messages;
    }

    private static Message<byte[], byte[]> MessageOf(Owner? owner, byte[] value)
    {
        byte[]? key = null;
        if (owner is { } present)
        {
            key = new byte[Owner.SizeBytes];
            present.WriteTo(key);
        }

        return new Message<byte[], byte[]> { Key = key!, Value = value };
    }
}
