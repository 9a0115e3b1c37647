using RecSys.Core.Log;
using RecSys.Core.Ports;

namespace RecSys.Kafka;

/// <summary>Reads a partition on from an offset; a <see cref="ConsumerLane"/> reads ahead for it.</summary>
internal sealed class KafkaReader(KafkaInteractionLog log, int partition, long from) : ILogReader
{
    /// <summary>Number of bytes of records after which a chunk takes no further record; its last record may exceed it.</summary>
    private const long ChunkBytesMax = 1 << 20;

    private readonly Lock _gate = new();
    private readonly Queue<(long Offset, byte[]? Value, long? AppendedMs)> _ahead = new();

    // Completes at the next change; null while nothing waits for one, so that a message that is read ahead allocates none.
    private TaskCompletionSource? _moved;
    private ConsumerLane? _lane;
    private Exception? _fault;
    private Exception? _interruption;
    private long _aheadBytes;
    private bool _isPaused;
    private bool _isDisposed;

    /// <summary>Gets the partition.</summary>
    public int Partition => partition;

    /// <inheritdoc/>
    public long Next { get; private set; } = from;

    /// <summary>Gets the offset after the last one that arrived, with a record or without.</summary>
    /// <remarks>invariant: Next &lt;= Arrived.</remarks>
    public long Arrived { get; private set; } = from;

    /// <summary>Gets whether the reader was disposed or has failed.</summary>
    public bool HasEnded
    {
        get
        {
            lock (_gate)
            {
                return _isDisposed || _fault is not null;
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask<LogChunk> ReadAsync(int countMax, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(countMax, 1);
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Task moved;
            lock (_gate)
            {
                moved = Moved();
                if (_ahead.Count > 0)
                {
                    LogChunk chunk = Take(countMax);
                    if (chunk.Entries.Length > 0)
                    {
                        return chunk;
                    }

                    continue; // no record there can be read
                }

                if (Next < Arrived)
                {
                    Next = Arrived; // offsets without a record
                }

                ThrowIfEnded();
            }

            if (Next >= log.Ends[partition])
            {
                return new LogChunk(partition, [], Next);
            }

            await WithinTimeoutAsync(moved, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public async ValueTask WaitAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            Task moved;
            lock (_gate)
            {
                ObjectDisposedException.ThrowIf(_isDisposed, this);
                if (_ahead.Count > 0 || Arrived > Next)
                {
                    return;
                }

                ThrowIfEnded();
                moved = Moved();
            }

            if (Next < log.Ends[partition])
            {
                return;
            }

            Attach();
            await moved.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        ConsumerLane? lane;
        lock (_gate)
        {
            _isDisposed = true;
            lane = _lane;
            _lane = null;
            Signal();
        }

        lane?.Remove(this);
    }

    /// <summary>Adds a message; called by the lane.</summary>
    /// <returns>Whether the reader has enough: the lane then pauses the partition, until <see cref="ConsumerLane.Resume"/>.</returns>
    public bool Add(long offset, byte[]? value, long? appendedMs)
    {
        lock (_gate)
        {
            if (offset < Arrived)
            {
                return _isPaused;
            }

            _ahead.Enqueue((offset, value, appendedMs));
            _aheadBytes += value?.Length ?? 0;
            Arrived = offset + 1;
            _isPaused = _aheadBytes >= log.ReadAheadBytesMax;
            Signal();
            return _isPaused;
        }
    }

    /// <summary>Records that the offsets before an end were read; called by the lane.</summary>
    public void Reach(long end)
    {
        lock (_gate)
        {
            if (end > Arrived)
            {
                Arrived = end;
            }

            Signal();
        }
    }

    /// <summary>Reads ahead again, from the offset after the last message that arrived.</summary>
    public void Restart()
    {
        lock (_gate)
        {
            _lane?.Remove(this);
            _lane = null;
            _isPaused = false;
            Signal(); // a pending read or wait attaches the reader again
        }
    }

    /// <summary>Ends the reading ahead by a lane that failed: the next call throws after the records that arrived, and the one after it reads ahead again.</summary>
    public void Interrupt(ConsumerLane lane, Exception reason)
    {
        lock (_gate)
        {
            if (_lane == lane)
            {
                _lane = null;
                _isPaused = false;
                _interruption = reason;
                Signal();
            }
        }
    }

    /// <summary>Ends the reading after the records that arrived.</summary>
    public void Fail(Exception fault)
    {
        lock (_gate)
        {
            _fault ??= fault;
            Signal();
        }
    }

    // The caller holds the lock.
    private void ThrowIfEnded()
    {
        if (_fault is not null)
        {
            throw _fault;
        }

        if (_interruption is { } reason)
        {
            _interruption = null;
            throw new StoreUnavailableException($"partition {partition} of topic {log.Topic} could not be read at offset {Next}: {reason.Message}", reason);
        }
    }

    // The caller holds the lock.
    private LogChunk Take(int countMax)
    {
        List<LogEntry> entries = new(Math.Min(countMax, _ahead.Count));
        long? appendedMs = null;
        long bytes = 0;
        while (entries.Count < countMax && bytes < ChunkBytesMax && _ahead.TryPeek(out (long Offset, byte[]? Value, long? AppendedMs) message))
        {
            RecordPosition position = new(KafkaInteractionLog.Epoch, partition, message.Offset);
            RecordReadability readability = KafkaRecord.TryOpen(message.Value, out ReadOnlyMemory<byte> record)
                ? LogRecordCodec.ReadabilityOf(record.Span)
                : RecordReadability.Corrupt;
            if (readability == RecordReadability.NeedsNewerVersion)
            {
                if (entries.Count > 0)
                {
                    break;
                }

                log.Integrity.AddNewer(position);
                throw NewerRecordException.At(position);
            }

            _ahead.Dequeue();
            _aheadBytes -= message.Value?.Length ?? 0;
            bytes += record.Length;
            Next = message.Offset + 1;
            if (readability == RecordReadability.Readable)
            {
                entries.Add(new LogEntry(message.Offset, record));
                appendedMs = message.AppendedMs;
            }
            else if (readability == RecordReadability.Corrupt)
            {
                log.Integrity.Add(new LogDamage(partition, message.Offset, message.Offset + 1, LogDamageKind.Corrupt));
            }
        }

        if (_isPaused && _aheadBytes < log.ReadAheadBytesMax / 2)
        {
            _isPaused = false;
            _lane?.Resume(this);
        }

        return new LogChunk(partition, [.. entries], Next) { AppendedMs = appendedMs };
    }

    private async Task WithinTimeoutAsync(Task moved, CancellationToken cancellationToken)
    {
        Attach();
        try
        {
            await moved.WaitAsync(log.RequestTimeout, log.Time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException cause)
        {
            throw new StoreUnavailableException($"Kafka does not answer: partition {partition} of topic {log.Topic} could not be read at offset {Next} within {log.RequestTimeout.TotalSeconds:0.#} s", cause);
        }
    }

    private void Attach()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            if (_fault is null)
            {
                _lane ??= log.Lanes.Add(this);
            }
        }
    }

    // The caller holds the lock.
    private Task Moved() => (_moved ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    // The caller holds the lock.
    private void Signal()
    {
        _moved?.TrySetResult();
        _moved = null;
    }
}
