using RecSys.Core.Log;
using RecSys.Core.Ports;
using RecSys.Sqlite.Log;
using RecSys.Sqlite.Storage;

namespace RecSys.Sqlite;

/// <summary>The interaction log on one SQLite file: one partition, epoch 0.</summary>
/// <remarks>
/// The calling thread encodes records; one thread writes all queued appends in one synced transaction, while further appends
/// are queued. The newest records are read from memory. Safe for concurrent use; one process per file.
/// </remarks>
public sealed partial class SqliteInteractionLog : IInteractionLog, IErasable
{
    // The largest number of bytes that one read returns; a first chunk that is larger is returned whole.
    private const long ReadBytesMax = 1 << 20;

    internal static readonly SqliteFormat Format = new(
        "interaction log",
        Version: 3,
        PageBytes: 8_192,
        CheckpointBytes: 32 << 20,
        "CREATE TABLE chunks(first_offset INTEGER PRIMARY KEY, count INTEGER NOT NULL, bytes BLOB NOT NULL, appended_ms INTEGER, head_sum INTEGER);"
            + IntegrityTables,
        "ALTER TABLE chunks ADD COLUMN appended_ms INTEGER",
        "ALTER TABLE chunks ADD COLUMN head_sum INTEGER;" + IntegrityTables);

    private const string IntegrityTables =
        LogDamageTable.Table + ";CREATE TABLE log_end(id INTEGER PRIMARY KEY, next INTEGER NOT NULL, sum INTEGER NOT NULL)";

    private readonly LogRecordCodec _codec;
    private readonly SqliteLogOptions _options;
    private readonly LogEnd _end = new();
    private readonly LogTail _tail;
    private readonly GroupWriter<LogAppend> _writer;
    private readonly SqliteReaders<LogReader> _readers;
    private readonly LogDamageTable _damage;

    private SqliteInteractionLog(SqliteLogOptions options, LogRecordCodec codec, TimeProvider time)
    {
        _options = options;
        _codec = codec;
        _tail = new LogTail(options.TailBytesMax);
        _damage = new LogDamageTable(Integrity);
        File = new(options.Path, Format);
        _writer = new(File, Format.Kind, new LogAppender(_tail, _end, _damage, time), options.QueueRecordsMax, options.QueueBytesMax);
        _readers = new(options.ReadersMax, () => new LogReader(File));
    }

    /// <summary>Gets the offset of the next record: all records before it are durable.</summary>
    public long End => _end.Value;

    /// <summary>Gets the end with its checksum, which differs if the log is a copy of the same installation that received other records.</summary>
    public LogMark Mark => _end.Mark;

    /// <summary>Gets the file; other classes of this assembly read its tables.</summary>
    internal SqliteFile File { get; }

    /// <inheritdoc/>
    public LogShape Shape { get; } = new(Epoch: 0, PartitionCount: 1);

    /// <inheritdoc/>
    public LogIntegrity Integrity { get; } = new();

    /// <summary>Opens or creates the log.</summary>
    /// <param name="options">The file, and the limits.</param>
    /// <param name="codec">Codec with the key of the installation: see <see cref="SqliteInstallation"/>.</param>
    /// <param name="time">The clock that gives each record its append time.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    /// <exception cref="NotSupportedException">A newer program wrote the file, or it is a file of another kind.</exception>
    /// <exception cref="StoreUnavailableException">The file cannot be opened now.</exception>
    public static SqliteInteractionLog Open(SqliteLogOptions options, LogRecordCodec codec, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(codec);
        ArgumentNullException.ThrowIfNull(time);
        SqliteInteractionLog log = new(options.Checked(), codec, time);
        log._writer.Start("recsys log");
        return log;
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">A record, or all records together, exceed a limit; the message names the limit.</exception>
    public async ValueTask<LogPosition> AppendAsync(IReadOnlyList<LogRecord> records, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(records);
        cancellationToken.ThrowIfCancellationRequested();
        if (records.Count == 0)
        {
            return new LogPosition(0, [-1]); // covers no record
        }

        LogAppend append = LogAppend.Encode(_codec, records);
        bool isQueued = false;
        try
        {
            if (append.Records > _options.QueueRecordsMax || append.Bytes > _options.QueueBytesMax)
            {
                throw new ArgumentException(
                    $"{append.Records} records of {append.Bytes} bytes exceed the limits of the queue, {QueueLimits}; append fewer records at a time", nameof(records));
            }

            isQueued = _writer.TryAdd(append);
            if (!isQueued)
            {
                throw new OverloadedException($"the queue of appends is full: {QueueLimits}; retry later");
            }
        }
        finally
        {
            if (!isQueued)
            {
                append.Drop();
            }
        }

        return await append.Done.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public ILogReader OpenReader(int partition, long from)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(partition, 0);
        ArgumentOutOfRangeException.ThrowIfNegative(from);
        return new Reader(this, from);
    }

    private async ValueTask<LogChunk> ReadAsync(long from, int countMax, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(countMax, 1);
        long next = from;
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (next >= _end.Value)
            {
                return new LogChunk(0, [], next);
            }

            List<StoredChunk> chunks = [];
            if (!_tail.TryRead(next, countMax, ReadBytesMax, chunks))
            {
                chunks = (await ReadFileAsync(next, countMax, cancellationToken).ConfigureAwait(false)).Chunks;
            }

            LogChunk chunk = StoredChunk.Slice(chunks, next, countMax);
            if (chunk.Entries.Length > 0)
            {
                return chunk;
            }

            if (chunk.Next == next)
            {
                RecordPosition newer = new(Shape.Epoch, 0, next);
                Integrity.AddNewer(newer);
                throw NewerRecordException.At(newer);
            }

            next = chunk.Next; // the chunk has no readable record
        }
    }

    /// <inheritdoc/>
    public bool KnowsEnd => true;

    /// <inheritdoc/>
    public ValueTask<LogRange[]> GetRangesAsync(CancellationToken cancellationToken) =>
        new([new LogRange(0, _end.Value)]);

    /// <summary>Writes the queued appends, and closes the file.</summary>
    public async ValueTask DisposeAsync()
    {
        await _writer.DisposeAsync().ConfigureAwait(false);
        _end.Close();
        _readers.Dispose();
    }

    /// <summary>Runs an action on the writer's connection, after the appends that were queued before it.</summary>
    internal Task RunAsync(Action<SqliteDatabase> work, CancellationToken cancellationToken) =>
        _writer.RunAsync(
            database =>
            {
                work(database);
                return true;
            },
            cancellationToken);

    private string QueueLimits =>
        $"{nameof(SqliteLogOptions.QueueRecordsMax)} = {_options.QueueRecordsMax} records and {nameof(SqliteLogOptions.QueueBytesMax)} = {_options.QueueBytesMax} bytes";

    private async ValueTask<LogFileRead> ReadFileAsync(long from, long countMax, CancellationToken cancellationToken)
    {
        long end = _end.Value;
        LogReader reader = await _readers.RentAsync(cancellationToken).ConfigureAwait(false);
        bool isUsable = false;
        try
        {
            LogFileRead read = reader.Read(from, countMax, ReadBytesMax, end);
            isUsable = true;
            await SaveDamageAsync(read.Damage).ConfigureAwait(false);
            return read;
        }
        finally
        {
            _readers.Return(reader, isUsable);
        }
    }

    /// <summary>Adds damage to <see cref="Integrity"/>, and saves it in the file if it was not known.</summary>
    private async ValueTask SaveDamageAsync(List<LogDamage> damage)
    {
        bool isNew = false;
        foreach (LogDamage place in damage)
        {
            if (Integrity.Add(place))
            {
                SqliteMeter.Damaged(place.Count);
                isNew = true;
            }
        }

        if (isNew)
        {
            try
            {
                await RunAsync(_damage.Save, CancellationToken.None).ConfigureAwait(false);
            }
            catch (Exception reason) when (reason is StoreUnavailableException or OverloadedException or ObjectDisposedException)
            {
                // Reading continues. The next damage that is found saves this one too; after a restart a read finds it again.
            }
        }
    }

    /// <summary>Holds only the offset of one reader: all readers share the tail and the connections.</summary>
    private sealed class Reader(SqliteInteractionLog log, long from) : ILogReader
    {
        public long Next { get; private set; } = from;

        public async ValueTask<LogChunk> ReadAsync(int countMax, CancellationToken cancellationToken)
        {
            LogChunk chunk = await log.ReadAsync(Next, countMax, cancellationToken).ConfigureAwait(false);
            Next = chunk.Next;
            return chunk;
        }

        public ValueTask WaitAsync(CancellationToken cancellationToken) => log._end.WaitAsync(Next, cancellationToken);

        public void Dispose()
        {
        }
    }
}
