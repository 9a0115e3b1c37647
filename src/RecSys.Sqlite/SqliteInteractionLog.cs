using RecSys.Core.Log;
using RecSys.Core.Ports;
using RecSys.Sqlite.Log;
using RecSys.Sqlite.Storage;

namespace RecSys.Sqlite;

/// <summary>The interaction log on one SQLite file: one partition, epoch 0.</summary>
/// <remarks>
/// Callers encode on their own threads; one thread writes what waits as one transaction, synced before anyone hears of it, while the next group
/// gathers. Who reads at the end is served from memory. Safe for concurrent use; one process a file.
/// </remarks>
public sealed partial class SqliteInteractionLog : IInteractionLog, IErasable
{
    // What one read takes from the file or the tail at most, beyond its first chunk.
    private const long ReadBytesMax = 1 << 20;

    internal static readonly SqliteFormat Format = new(
        "interaction log",
        Version: 2,
        PageBytes: 8_192,
        CheckpointBytes: 32 << 20,
        "CREATE TABLE chunks(first_offset INTEGER PRIMARY KEY, count INTEGER NOT NULL, bytes BLOB NOT NULL, appended_ms INTEGER)",
        "ALTER TABLE chunks ADD COLUMN appended_ms INTEGER");

    private readonly LogRecordCodec _codec;
    private readonly SqliteLogOptions _options;
    private readonly LogEnd _end = new();
    private readonly LogTail _tail;
    private readonly GroupWriter<LogAppend> _writer;
    private readonly SqliteReaders<LogReader> _readers;

    private SqliteInteractionLog(SqliteLogOptions options, LogRecordCodec codec, TimeProvider time)
    {
        _options = options;
        _codec = codec;
        _tail = new LogTail(options.TailBytesMax);
        _writer = new(options.Path, Format, new LogAppender(_tail, _end, time), options.QueueRecordsMax, options.QueueBytesMax);
        _readers = new(options.ReadersMax, () => new LogReader(options.Path));
    }

    /// <inheritdoc/>
    public LogShape Shape { get; } = new(Epoch: 0, PartitionCount: 1);

    /// <summary>Opens or makes the log.</summary>
    /// <param name="options">Where, and its limits.</param>
    /// <param name="codec">Made with the installation's key: see <see cref="SqliteInstallation"/>.</param>
    /// <param name="time">The clock that says when records are appended.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    /// <exception cref="NotSupportedException">A newer program made the file, or it is of another kind.</exception>
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
    /// <exception cref="ArgumentException">A record, or all of them, exceed a limit, which the message names.</exception>
    public async ValueTask<LogPosition> AppendAsync(IReadOnlyList<LogRecord> records, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(records);
        cancellationToken.ThrowIfCancellationRequested();
        if (records.Count == 0)
        {
            return new LogPosition(0, [-1]);
        }

        LogAppend append = LogAppend.Encode(_codec, records);
        bool isQueued = false;
        try
        {
            if (append.Records > _options.QueueRecordsMax || append.Bytes > _options.QueueBytesMax)
            {
                throw new ArgumentException(
                    $"{append.Records} records of {append.Bytes} bytes never fit {QueueLimits}", nameof(records));
            }

            isQueued = _writer.TryAdd(append);
            if (!isQueued)
            {
                throw new OverloadedException($"appends wait up to {QueueLimits}");
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
    public async ValueTask<LogChunk> ReadAsync(int partition, long from, int countMax, CancellationToken cancellationToken)
    {
        Require(partition, from);
        ArgumentOutOfRangeException.ThrowIfLessThan(countMax, 1);
        cancellationToken.ThrowIfCancellationRequested();
        if (from >= _end.Value)
        {
            return new LogChunk(0, [], from);
        }

        List<StoredChunk> chunks = [];
        if (!_tail.TryRead(from, countMax, ReadBytesMax, chunks))
        {
            chunks = await ReadFileAsync(from, countMax, cancellationToken).ConfigureAwait(false);
        }

        return StoredChunk.Slice(chunks, from, countMax);
    }

    /// <inheritdoc/>
    public ValueTask WaitAsync(int partition, long from, CancellationToken cancellationToken)
    {
        Require(partition, from);
        return _end.WaitAsync(from, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<LogRange[]> GetRangesAsync(CancellationToken cancellationToken) =>
        new([new LogRange(0, _end.Value)]);

    /// <summary>Makes durable what waits, and closes the file.</summary>
    public async ValueTask DisposeAsync()
    {
        await _writer.DisposeAsync().ConfigureAwait(false);
        _end.Close();
        _readers.Dispose();
    }

    private string QueueLimits =>
        $"{nameof(SqliteLogOptions.QueueRecordsMax)} = {_options.QueueRecordsMax} records and {nameof(SqliteLogOptions.QueueBytesMax)} = {_options.QueueBytesMax} bytes";

    private static void Require(int partition, long from)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(partition, 0);
        ArgumentOutOfRangeException.ThrowIfNegative(from);
    }

    private async ValueTask<List<StoredChunk>> ReadFileAsync(long from, long countMax, CancellationToken cancellationToken)
    {
        LogReader reader = await _readers.RentAsync(cancellationToken).ConfigureAwait(false);
        bool isSound = false;
        try
        {
            List<StoredChunk> chunks = reader.Read(from, countMax, ReadBytesMax);
            isSound = true;
            return chunks;
        }
        finally
        {
            _readers.Return(reader, isSound);
        }
    }
}
