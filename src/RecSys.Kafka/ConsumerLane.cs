using System.Collections.Concurrent;
using Confluent.Kafka;

namespace RecSys.Kafka;

/// <summary>A consumer with its thread, which reads ahead for readers of different partitions. It ends when it has had no reader for a while.</summary>
/// <remarks>All calls to the consumer are made by its thread, so that no message of a partition's former reader is given to the next one.</remarks>
internal sealed class ConsumerLane
{
    /// <summary>Time for which a call waits for a message; a command waits up to this time.</summary>
    private static readonly TimeSpan PollTime = TimeSpan.FromMilliseconds(10);

    private static readonly TimeSpan IdleMax = TimeSpan.FromSeconds(30);

    /// <summary>The largest number of messages that are read before the thread looks for commands again.</summary>
    private const int MessagesMax = 1_000;

    private readonly KafkaInteractionLog _log;
    private readonly IConsumer<Ignore, byte[]> _consumer;
    private readonly Thread _thread;
    private readonly ConcurrentQueue<(Command Command, KafkaReader Reader)> _commands = new();

    // Guards _taken, _readers and _hasEnded. A partition is in _taken from TryAdd until Remove.
    private readonly Lock _gate = new();
    private readonly HashSet<int> _taken = [];

    // The readers whose partitions the consumer reads. Its thread adds and removes them after the calls of TryAdd and Remove, in the order of the calls.
    private readonly Dictionary<int, KafkaReader> _readers = [];
    private volatile bool _isStopping;
    private bool _hasEnded;
    private long _emptySince;

    public ConsumerLane(KafkaInteractionLog log, IConsumer<Ignore, byte[]> consumer)
    {
        _log = log;
        _consumer = consumer;
        _emptySince = log.Time.GetTimestamp();
        _thread = new Thread(Run) { IsBackground = true, Name = "recsys kafka reader" };
        _thread.Start();
    }

    private enum Command
    {
        Add,
        Remove,
        Resume,
    }

    public bool HasEnded
    {
        get
        {
            lock (_gate)
            {
                return _hasEnded;
            }
        }
    }

    /// <summary>Begins to read ahead for a reader; returns false if the consumer reads its partition for another reader, or has ended.</summary>
    public bool TryAdd(KafkaReader reader)
    {
        lock (_gate)
        {
            if (_hasEnded || _isStopping || !_taken.Add(reader.Partition))
            {
                return false;
            }

            _commands.Enqueue((Command.Add, reader));
            return true;
        }
    }

    public void Remove(KafkaReader reader)
    {
        lock (_gate)
        {
            _commands.Enqueue((Command.Remove, reader));
            _taken.Remove(reader.Partition);
        }
    }

    /// <summary>Continues to read ahead for a reader whose partition was paused because it had enough.</summary>
    public void Resume(KafkaReader reader) => _commands.Enqueue((Command.Resume, reader));

    public void Fail(Exception fault)
    {
        KafkaReader[] readers;
        lock (_gate)
        {
            readers = [.. _readers.Values];
        }

        Array.ForEach(readers, reader => reader.Fail(fault));
    }

    public void Stop() => _isStopping = true;

    public void Join() => _thread.Join();

    private void Run()
    {
        Exception? failure = null;
        try
        {
            while (!TryEnd())
            {
                while (_commands.TryDequeue(out (Command Command, KafkaReader Reader) next))
                {
                    CarryOut(next.Command, next.Reader);
                }

                TimeSpan wait = PollTime;
                for (int messages = 0; messages < MessagesMax && TryConsume(wait); messages++)
                {
                    wait = TimeSpan.Zero;
                }
            }
        }
#pragma warning disable CA1031 // The outermost loop of the thread, where an exception would end the process.
        catch (Exception error)
#pragma warning restore CA1031
        {
            failure = error;
            _log.OnLaneFailed(error);
        }

        End(failure);
        _consumer.Dispose();
    }

    /// <summary>Ends the readings; after a failure, the next call of each reader raises it, and later ones continue on another consumer.</summary>
    private void End(Exception? failure)
    {
        HashSet<KafkaReader> left = [];
        lock (_gate)
        {
            _hasEnded = true;
            left.UnionWith(_readers.Values);
            while (_commands.TryDequeue(out (Command Command, KafkaReader Reader) next))
            {
                left.Add(next.Reader);
            }
        }

        foreach (KafkaReader reader in left)
        {
            if (failure is null)
            {
                reader.Fail(new ObjectDisposedException(nameof(KafkaInteractionLog)));
            }
            else
            {
                reader.Interrupt(this, failure);
            }
        }
    }

    /// <summary>Ends the lane if it is stopped, or has had no reader for a while; returns whether it has ended.</summary>
    private bool TryEnd()
    {
        lock (_gate)
        {
            if (_taken.Count > 0 || !_commands.IsEmpty)
            {
                _emptySince = _log.Time.GetTimestamp();
            }

            _hasEnded = _isStopping || _log.Time.GetElapsedTime(_emptySince) > IdleMax;
            return _hasEnded;
        }
    }

    private void CarryOut(Command command, KafkaReader reader)
    {
        TopicPartition place = new(_log.Topic, reader.Partition);
        switch (command)
        {
            case Command.Add:
                lock (_gate)
                {
                    _readers.Add(reader.Partition, reader);
                }

                if (_log.Fault is { } fault)
                {
                    reader.Fail(fault);
                }

                _consumer.IncrementalAssign([new TopicPartitionOffset(place, reader.Arrived)]);
                break;
            case Command.Resume when Reads(reader):
                _consumer.Resume([place]);
                break;
            case Command.Remove when Reads(reader):
                _consumer.Resume([place]); // the library keeps a partition paused when it is assigned again
                _consumer.IncrementalUnassign([place]);
                lock (_gate)
                {
                    _readers.Remove(reader.Partition);
                }

                break;
        }
    }

    private bool Reads(KafkaReader reader)
    {
        lock (_gate)
        {
            return _readers.TryGetValue(reader.Partition, out KafkaReader? current) && ReferenceEquals(current, reader);
        }
    }

    private bool TryConsume(TimeSpan wait)
    {
        ConsumeResult<Ignore, byte[]>? result;
        try
        {
            result = _consumer.Consume(wait);
        }
        catch (ConsumeException error)
        {
            OnError(error);
            return true;
        }
        catch (KafkaException error)
        {
            _log.OnReadError(error.Error);
            return true;
        }

        if (result is null)
        {
            return false;
        }

        KafkaReader? reader = ReaderOf(result.Partition.Value);
        if (result.IsPartitionEOF)
        {
            reader?.Reach(result.Offset.Value);
            _log.Ends.Note(result.Partition.Value, result.Offset.Value);
        }
        else if (reader?.Add(result.Offset.Value, result.Message.Value, TimeOf(result.Message.Timestamp)) == true)
        {
            _consumer.Pause([new TopicPartition(_log.Topic, result.Partition)]);
        }

        return true;
    }

    private KafkaReader? ReaderOf(int partition)
    {
        lock (_gate)
        {
            return _readers.GetValueOrDefault(partition);
        }
    }

    private void OnError(ConsumeException error)
    {
        int partition = error.ConsumerRecord?.Partition.Value ?? -1;
        if (error.Error.Code is ErrorCode.Local_AutoOffsetReset or ErrorCode.OffsetOutOfRange or ErrorCode.Local_LogTruncation && ReaderOf(partition) is { } reader)
        {
            _log.OnOffsetGone(reader);
        }
        else
        {
            _log.OnReadError(error.Error);
        }
    }

    private static long? TimeOf(Timestamp timestamp) => timestamp.Type == TimestampType.LogAppendTime ? timestamp.UnixTimestampMs : null;
}
