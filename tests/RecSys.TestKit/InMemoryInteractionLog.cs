using System.Buffers;
using RecSys.Core;
using RecSys.Core.Log;
using RecSys.Core.Ports;

namespace RecSys.TestKit;

/// <summary>An interaction log in memory, of any number of partitions, that passes <see cref="InteractionLogContract"/>; its calls can be made to fail.</summary>
public sealed class InMemoryInteractionLog : IInteractionLog, IErasable
{
    /// <summary>Marks an offset without a record.</summary>
    private static readonly byte[] Hole = [0];

    private readonly LogRecordCodec _codec;
    private readonly Records _records;
    private readonly List<byte[]?>[] _partitions;
    private readonly int _queueRecordsMax;
    private int _waiting;

    public InMemoryInteractionLog(LogRecordCodec codec, int partitionCount = 1, int queueRecordsMax = int.MaxValue, int epoch = 0)
        : this(codec, new Records(partitionCount), queueRecordsMax, epoch)
    {
    }

    private InMemoryInteractionLog(LogRecordCodec codec, Records records, int queueRecordsMax, int epoch)
    {
        _codec = codec;
        _records = records;
        _partitions = records.Partitions;
        _queueRecordsMax = queueRecordsMax;
        Shape = new LogShape(epoch, _partitions.Length);
    }

    /// <summary>Gets or sets the exception that every call throws, before it has an effect; null: calls succeed.</summary>
    public Exception? Fault { get; set; }

    /// <summary>Gets or sets the offset before which no record can be read, in any partition, as in a damaged file; 0: all can.</summary>
    public long UnreadableBefore { get; set; }

    /// <summary>Gets the number of reads that failed because of <see cref="UnreadableBefore"/>.</summary>
    public int UnreadableReads { get; private set; }

    public LogShape Shape { get; }

    public LogIntegrity Integrity { get; } = new();

    public bool KnowsEnd { get; set; }

    public string Place => "log";

    public bool IsShared => true;

    /// <summary>Loses a record, as damage of a file does.</summary>
    public void Damage(int partition, long offset)
    {
        lock (_partitions)
        {
            _partitions[partition][(int)offset] = null;
        }
    }

    /// <summary>Removes the records of a partition before an offset, as retention does.</summary>
    public void Trim(int partition, long start)
    {
        lock (_partitions)
        {
            _records.Starts[partition] = start;
        }
    }

    /// <summary>Appends offsets without a record, as the markers of transactions and compaction leave them.</summary>
    public void AppendHoles(int partition, int count)
    {
        TaskCompletionSource appended;
        lock (_partitions)
        {
            _partitions[partition].AddRange(Enumerable.Repeat(Hole, count));
            appended = _records.Renew();
        }

        appended.SetResult();
    }

    /// <summary>Appends a record that only a newer program understands.</summary>
    public void AppendNewer(int partition)
    {
        TaskCompletionSource appended;
        lock (_partitions)
        {
            _partitions[partition].Add([2, 1]);
            appended = _records.Renew();
        }

        appended.SetResult();
    }

    /// <summary>Returns the partition of an owner's records.</summary>
    public int PartitionOf(Owner owner) => Shape.PartitionOf(owner);

    /// <summary>Opens another log over the same records, as after a restart or on another node.</summary>
    public InMemoryInteractionLog Reopen() => new(_codec, _records, _queueRecordsMax, Shape.Epoch);

    public async ValueTask<LogPosition> AppendAsync(IReadOnlyList<LogRecord> records, CancellationToken cancellationToken)
    {
        Begin(cancellationToken);
        List<(int Partition, byte[] Bytes)> encoded = [];
        foreach (LogRecord record in records)
        {
            ArrayBufferWriter<byte> buffer = new();
            _codec.Encode(record, buffer);
            if (buffer.WrittenCount > Limits.RecordBytesMax)
            {
                throw new ArgumentException($"a record has more than {nameof(Limits.RecordBytesMax)} = {Limits.RecordBytesMax} bytes", nameof(records));
            }

            byte[] bytes = buffer.WrittenSpan.ToArray();
            encoded.AddRange(PartitionsOf(record).Select(partition => (partition, bytes)));
        }

        if (Interlocked.Add(ref _waiting, records.Count) > _queueRecordsMax)
        {
            Interlocked.Add(ref _waiting, -records.Count);
            throw new OverloadedException($"more than {_queueRecordsMax} records wait");
        }

        await Task.Yield();
        long[] last = new long[_partitions.Length];
        Array.Fill(last, -1);
        TaskCompletionSource appended;
        lock (_partitions)
        {
            foreach ((int partition, byte[] bytes) in encoded)
            {
                last[partition] = _partitions[partition].Count;
                _partitions[partition].Add(bytes);
            }

            appended = _records.Renew();
        }

        Interlocked.Add(ref _waiting, -records.Count);
        appended.SetResult();
        return new LogPosition(Shape.Epoch, [.. last]);
    }

    public ILogReader OpenReader(int partition, long from)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(partition);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(partition, _partitions.Length);
        ArgumentOutOfRangeException.ThrowIfNegative(from);
        return new Reader(this, partition, from);
    }

    private ValueTask<LogChunk> ReadAsync(int partition, long from, int countMax, CancellationToken cancellationToken)
    {
        Begin(cancellationToken);
        ArgumentOutOfRangeException.ThrowIfLessThan(countMax, 1);
        lock (_partitions)
        {
            List<byte[]?> records = _partitions[partition];
            if (from < _records.Starts[partition])
            {
                throw new InvalidDataException($"partition {partition} begins at offset {_records.Starts[partition]}: offset {from} was removed");
            }

            if (from < UnreadableBefore)
            {
                UnreadableReads++;
                throw new InvalidDataException($"partition {partition} cannot be read at offset {from}");
            }

            List<LogEntry> entries = [];
            long next = from;
            for (; next < records.Count && entries.Count < countMax; next++)
            {
                if (records[(int)next] is not { } bytes)
                {
                    Integrity.Add(new LogDamage(partition, next, next + 1, LogDamageKind.Corrupt));
                }
                else if (ReferenceEquals(bytes, Hole))
                {
                    continue;
                }
                else if (LogRecordCodec.ReadabilityOf(bytes) != RecordReadability.NeedsNewerVersion)
                {
                    entries.Add(new LogEntry(next, bytes));
                }
                else if (entries.Count > 0)
                {
                    break;
                }
                else
                {
                    RecordPosition newer = new(Shape.Epoch, partition, next);
                    Integrity.AddNewer(newer);
                    throw NewerRecordException.At(newer);
                }
            }

            return new(new LogChunk(partition, [.. entries], next));
        }
    }

    /// <summary>Waits until the end of a partition is after an offset.</summary>
    public async ValueTask WaitAsync(int partition, long from, CancellationToken cancellationToken)
    {
        while (true)
        {
            Begin(cancellationToken);
            Task appended;
            lock (_partitions)
            {
                if (_partitions[partition].Count > from)
                {
                    return;
                }

                appended = _records.Appended.Task;
            }

            await appended.WaitAsync(cancellationToken);
        }
    }

    public ValueTask<LogRange[]> GetRangesAsync(CancellationToken cancellationToken)
    {
        Begin(cancellationToken);
        lock (_partitions)
        {
            return new([.. _partitions.Select((records, partition) => new LogRange(_records.Starts[partition], records.Count))]);
        }
    }

    public ValueTask<long> EraseAsync(Owner owner, LogPosition upTo, CancellationToken cancellationToken)
    {
        Begin(cancellationToken);
        long erased = 0;
        lock (_partitions)
        {
            for (int partition = 0; partition < _partitions.Length; partition++)
            {
                for (int offset = 0; offset < _partitions[partition].Count; offset++)
                {
                    bool isOf = _partitions[partition][offset] is { } bytes && !ReferenceEquals(bytes, Hole) && LogRecordCodec.Decode(bytes) switch
                    {
                        null or LogRecord.PersonErased => false,
                        LogRecord.UsersMerged merged => merged.FromOwner == owner || _codec.OwnerOf(merged) == owner,
                        LogRecord record => _codec.OwnerOf(record) == owner,
                    };
                    if (isOf && upTo.Covers(new RecordPosition(Shape.Epoch, partition, offset)))
                    {
                        byte[] left = [.. _partitions[partition][offset]!];
                        LogRecordCodec.Overwrite(left, owner);
                        _partitions[partition][offset] = LogRecordCodec.KindOf(left) == LogRecord.Kind.Erased ? LogRecordCodec.ErasedRecord.ToArray() : left;
                        erased++;
                    }
                }
            }
        }

        return new(erased);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private IEnumerable<int> PartitionsOf(LogRecord record) => record switch
    {
        LogRecord.PersonErased => Enumerable.Range(0, _partitions.Length),
        LogRecord.ItemChanged item => [Shape.PartitionOf(item.Item)],
        _ => [PartitionOf(_codec.OwnerOf(record)!.Value)],
    };

    private void Begin(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (Fault is { } fault)
        {
            throw fault;
        }
    }

    private sealed class Reader(InMemoryInteractionLog log, int partition, long from) : ILogReader
    {
        public long Next { get; private set; } = from;

        public async ValueTask<LogChunk> ReadAsync(int countMax, CancellationToken cancellationToken)
        {
            LogChunk chunk = await log.ReadAsync(partition, Next, countMax, cancellationToken);
            Next = chunk.Next;
            return chunk;
        }

        public ValueTask WaitAsync(CancellationToken cancellationToken) => log.WaitAsync(partition, Next, cancellationToken);

        public void Dispose()
        {
        }
    }

    /// <summary>The state that all logs over the same records share; guarded by a lock on <see cref="Partitions"/>.</summary>
    private sealed class Records(int partitionCount)
    {
        public List<byte[]?>[] Partitions { get; } = [.. Enumerable.Range(0, partitionCount).Select(_ => new List<byte[]?>())];

        /// <summary>By partition, the oldest offset that is kept.</summary>
        public long[] Starts { get; } = new long[partitionCount];

        /// <summary>Gets the source that completes at the next append.</summary>
        public TaskCompletionSource Appended { get; private set; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>Returns the source to complete now, and replaces it.</summary>
        public TaskCompletionSource Renew()
        {
            TaskCompletionSource appended = Appended;
            Appended = new(TaskCreationOptions.RunContinuationsAsynchronously);
            return appended;
        }
    }
}
