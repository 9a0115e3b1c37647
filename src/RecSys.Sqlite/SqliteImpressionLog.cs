using System.Runtime.CompilerServices;
using RecSys.Core;
using RecSys.Core.Log;
using RecSys.Core.Ports;
using RecSys.Core.Slates;
using RecSys.Sqlite.Impressions;
using RecSys.Sqlite.Storage;

namespace RecSys.Sqlite;

/// <summary>The impression log on one SQLite file. Safe for concurrent use; one process per file.</summary>
/// <remarks>
/// Slates that the store failed to write are lost: they are counted (<c>recsys.sqlite.records</c>, outcome <c>failed</c>), and the next flush throws the reason.
/// </remarks>
public sealed class SqliteImpressionLog : IImpressionLog
{
    /// <summary>Number of segments; the oldest is dropped as a whole.</summary>
    public const int SegmentCount = 64;

    internal static readonly SqliteFormat Format = new(
        "impression log",
        Version: 1,
        PageBytes: 8_192,
        CheckpointBytes: 16 << 20,
        "CREATE TABLE segments(id INTEGER PRIMARY KEY, slates INTEGER NOT NULL, first_ms INTEGER NOT NULL, last_ms INTEGER NOT NULL)");

    private readonly ImpressionSegments _segments;
    private readonly GroupWriter<PendingImpression> _writer;
    private readonly SqliteReaders<ImpressionReader> _readers;

    private SqliteImpressionLog(SqliteImpressionOptions options, TimeProvider clock)
    {
        _segments = new ImpressionSegments(options, clock);
        SqliteFile file = new(options.Path, Format);
        _writer = new(file, Format.Kind, _segments, options.QueueSlatesMax, options.QueueBytesMax, options.Gather);
        _readers = new(options.ReadersMax, () => new ImpressionReader(file));
    }

    /// <inheritdoc/>
    public string Place => "impressions";

    /// <summary>Gets the end of the slates that are durable.</summary>
    public SlatePosition End => _segments.End;

    /// <summary>Opens or creates the log.</summary>
    /// <param name="options">The file, and the limits.</param>
    /// <param name="clock">Clock that determines the age of slates.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    /// <exception cref="NotSupportedException">A newer program made the file, or it is of another kind.</exception>
    /// <exception cref="StoreUnavailableException">The file cannot be opened now.</exception>
    public static SqliteImpressionLog Open(SqliteImpressionOptions options, TimeProvider clock)
    {
        ArgumentNullException.ThrowIfNull(clock);
        SqliteImpressionLog log = new(options.Checked(), clock);
        log._writer.Start("recsys impressions");
        return log;
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The slate exceeds a limit, which the message names.</exception>
    public bool TryAppend(SlateImpression slate)
    {
        ArgumentNullException.ThrowIfNull(slate);
        return _writer.TryAdd(new PendingImpression(slate.Owner, ImpressionCodec.Encode(slate)));
    }

    /// <inheritdoc/>
    /// <exception cref="StoreUnavailableException">Slates were lost since the last flush.</exception>
    public async ValueTask FlushAsync(CancellationToken cancellationToken) =>
        await _writer.RunAsync(
            _ =>
            {
                _segments.ThrowIfFailed();
                return true;
            },
            cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    /// <exception cref="StoreUnavailableException">Slates were lost since the last flush.</exception>
    public async ValueTask<SlateImpression?> FindAsync(Owner owner, string recommendationId, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(recommendationId);
        if (await FindWrittenAsync(owner, recommendationId, cancellationToken).ConfigureAwait(false) is { } written)
        {
            return written;
        }

        await FlushAsync(cancellationToken).ConfigureAwait(false);
        return await FindWrittenAsync(owner, recommendationId, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<SlateImpression> ReadAsync(Owner owner, CancellationToken cancellationToken) => ReadPagesAsync(owner, cancellationToken);

    /// <inheritdoc/>
    public IAsyncEnumerable<SlateImpression> ReadAllAsync(CancellationToken cancellationToken) => ReadPagesAsync(owner: null, cancellationToken);

    /// <inheritdoc/>
    /// <remarks>All slates of the person are erased, whatever <paramref name="upTo"/> is, because slates have no position in the log.</remarks>
    public async ValueTask<long> EraseAsync(Owner owner, LogPosition upTo, CancellationToken cancellationToken) =>
        await _writer.RunAsync(
            database =>
            {
                long erased = _segments.Erase(owner);
                database.TruncateWriteAheadLog();
                return erased;
            },
            cancellationToken).ConfigureAwait(false);

    /// <summary>Writes the queued slates, and closes the file.</summary>
    public async ValueTask DisposeAsync()
    {
        await _writer.DisposeAsync().ConfigureAwait(false);
        _readers.Dispose();
    }

    private async ValueTask<SlateImpression?> FindWrittenAsync(Owner owner, string recommendationId, CancellationToken cancellationToken)
    {
        ImpressionReader reader = await _readers.RentAsync(cancellationToken).ConfigureAwait(false);
        bool isSound = false;
        try
        {
            SlateImpression? found = reader.Find(owner, recommendationId, IImpressionLog.FoundMax);
            isSound = true;
            return found;
        }
        finally
        {
            _readers.Return(reader, isSound);
        }
    }

    private async IAsyncEnumerable<SlateImpression> ReadPagesAsync(Owner? owner, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ImpressionReader.Place place = new(0, -1);
        List<SlateImpression> page = [];
        bool isMore = true;
        while (isMore)
        {
            cancellationToken.ThrowIfCancellationRequested();
            page.Clear();
            ImpressionReader reader = await _readers.RentAsync(cancellationToken).ConfigureAwait(false);
            bool isSound = false;
            try
            {
                isMore = reader.Read(owner, ref place, page);
                isSound = true;
            }
            finally
            {
                _readers.Return(reader, isSound);
            }

            foreach (SlateImpression slate in page)
            {
                yield return slate;
            }
        }
    }
}
