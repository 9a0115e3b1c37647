using Confluent.Kafka;
using RecSys.Core.Log;
using RecSys.Core.Ports;

namespace RecSys.Kafka;

/// <summary>Asks the brokers for the offsets of all partitions. Safe for concurrent use: one query runs at a time, and the calls that arrive meanwhile share the next one.</summary>
/// <remarks>
/// A query is a blocking call of a consumer, on a thread of its own. The asynchronous call of librdkafka's administration (ListOffsets, 2.16.0) uses memory that it has freed when the leaders of
/// partitions become unknown during it, as at the stop of a broker, and ends the process.
/// </remarks>
internal sealed class LogOffsets(KafkaClients clients, KafkaLogOptions options, KafkaAddress address, int partitions, TimeProvider time) : IDisposable
{
    private const long Earliest = -2;
    private const long Latest = -1;

    private static readonly TimeSpan LeaderRetryAfter = TimeSpan.FromMilliseconds(50);

    private readonly Lock _gate = new();
    private readonly Lazy<IConsumer<Ignore, byte[]>> _consumer = new(clients.Consumer);
    private Task _running = Task.CompletedTask;
    private Task<LogRange[]>? _next;
    private bool _isDisposed;

    /// <summary>Returns the offsets that each partition contains.</summary>
    /// <exception cref="StoreUnavailableException">The brokers do not answer, or a partition has no leader.</exception>
    public Task<LogRange[]> RangesAsync()
    {
        lock (_gate)
        {
            return _next ??= AfterAsync(_running);
        }
    }

    /// <summary>Waits for the running query, and closes the connections; later queries fail.</summary>
    public void Dispose()
    {
        Task running;
        lock (_gate)
        {
            _isDisposed = true;
            running = _next ?? _running;
        }

        ((IAsyncResult)running).AsyncWaitHandle.WaitOne();
        if (_consumer.IsValueCreated)
        {
            _consumer.Value.Dispose();
        }
    }

    private static bool IsOfLeaders(ErrorCode code) => code is ErrorCode.NotLeaderForPartition or ErrorCode.LeaderNotAvailable
        or ErrorCode.UnknownLeaderEpoch or ErrorCode.FencedLeaderEpoch or ErrorCode.OffsetNotAvailable or ErrorCode.UnknownTopicOrPart;

    private async Task<LogRange[]> AfterAsync(Task before)
    {
        await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ForceYielding);
        Task<LogRange[]> query;
        lock (_gate)
        {
            _next = null;
            query = Task.Factory.StartNew(Query, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            _running = query;
        }

        return await query.ConfigureAwait(false);
    }

    private LogRange[] Query()
    {
        long[] starts = Ask(Earliest);
        return [.. starts.Zip(Ask(Latest), (start, end) => new LogRange(start, end))];
    }

    /// <summary>Asks; while a partition has no leader, as after its creation or a failure, it asks again.</summary>
    private long[] Ask(long which)
    {
        long began = time.GetTimestamp();
        while (true)
        {
            try
            {
                return AskOnce(which);
            }
            catch (TopicPartitionOffsetException error)
            {
                Error cause = error.Results.Select(partition => partition.Error).FirstOrDefault(found => found.IsError) ?? error.Error;
                if (!IsOfLeaders(cause.Code) || time.GetElapsedTime(began) > options.RequestTimeout)
                {
                    throw Unavailable(cause, error);
                }
            }
            catch (KafkaException error)
            {
                if (!IsOfLeaders(error.Error.Code) || time.GetElapsedTime(began) > options.RequestTimeout)
                {
                    throw Unavailable(error.Error, error);
                }
            }

            Task.Delay(LeaderRetryAfter, time, CancellationToken.None).GetAwaiter().GetResult(); // a thread of its own
        }
    }

    private long[] AskOnce(long which)
    {
        lock (_gate)
        {
            if (_isDisposed)
            {
                throw new StoreUnavailableException("the log is closed");
            }
        }

        long[] offsets = new long[partitions];
        Timestamp at = new(which, TimestampType.NotAvailable);
        foreach (TopicPartitionOffset partition in _consumer.Value.OffsetsForTimes(
            Enumerable.Range(0, partitions).Select(partition => new TopicPartitionTimestamp(options.Topic, partition, at)), options.RequestTimeout))
        {
            offsets[partition.Partition.Value] = partition.Offset.Value >= 0
                ? partition.Offset.Value
                : throw new KafkaException(new Error(ErrorCode.Local_TimedOut, "a partition's offset was not answered in time")); // the library reports no error then
        }

        return offsets;
    }

    private StoreUnavailableException Unavailable(Error error, Exception cause) =>
        new($"the brokers at {address.Servers} do not name the offsets of topic {options.Topic}: {clients.ReasonOf(error)}", cause);
}
