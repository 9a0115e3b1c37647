using Confluent.Kafka;
using RecSys.Core.Ports;

namespace RecSys.Kafka;

/// <summary>The consumers of a log. A consumer has one position in a partition, so each reader of a partition needs its own; readers of different partitions share a consumer. Safe for concurrent use.</summary>
internal sealed class ConsumerLanes(KafkaInteractionLog log) : IDisposable
{
    /// <summary>The largest number of readers of one partition at the same time.</summary>
    public const int ReadersMax = 64;

    // A reader holds its own lock while it calls Add: nothing calls a reader while it holds this lock.
    private readonly Lock _gate = new();
    private readonly List<ConsumerLane> _lanes = [];
    private bool _isDisposed;

    /// <summary>Gets or sets the function that makes a consumer.</summary>
    internal Func<IConsumer<Ignore, byte[]>> NewConsumer { get; set; } = log.Clients.Consumer;

    /// <summary>Gives a reader to the first consumer that does not read its partition; makes one if there is none.</summary>
    /// <exception cref="OverloadedException">The partition has <see cref="ReadersMax"/> readers.</exception>
    /// <exception cref="StoreUnavailableException">The new consumer failed before it had the reader.</exception>
    public ConsumerLane Add(KafkaReader reader)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            _lanes.RemoveAll(lane => lane.HasEnded);
            foreach (ConsumerLane lane in _lanes)
            {
                if (lane.TryAdd(reader))
                {
                    return lane;
                }
            }

            if (_lanes.Count == ReadersMax)
            {
                throw new OverloadedException($"partition {reader.Partition} has {ReadersMax} readers, and no more are allowed (ReadersMax)");
            }

            ConsumerLane added = new(log, NewConsumer());
            _lanes.Add(added);
            return added.TryAdd(reader)
                ? added
                : throw new StoreUnavailableException($"partition {reader.Partition} of topic {log.Topic} could not be read at offset {reader.Next}: a new consumer failed immediately");
        }
    }

    /// <summary>Ends all readings with an error. A reader that a consumer takes later fails by itself if the log has ended.</summary>
    public void Fail(Exception fault)
    {
        ConsumerLane[] lanes;
        lock (_gate)
        {
            lanes = [.. _lanes];
        }

        Array.ForEach(lanes, lane => lane.Fail(fault));
    }

    /// <summary>Closes all consumers.</summary>
    public void Dispose()
    {
        ConsumerLane[] lanes;
        lock (_gate)
        {
            _isDisposed = true;
            lanes = [.. _lanes];
        }

        Array.ForEach(lanes, lane => lane.Stop());
        Array.ForEach(lanes, lane => lane.Join());
    }
}
