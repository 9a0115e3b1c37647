using System.Runtime.CompilerServices;
using System.Text;
using RecSys.Core;
using RecSys.Core.Log;
using RecSys.Core.Ports;
using RecSys.Sqlite.Storage;

namespace RecSys.Sqlite;

/// <summary>The snapshot table on one SQLite file; also keeps checkpoints, under their own owners.</summary>
/// <remarks>
/// Groups that are queued together share one synced transaction. Loads use separate connections and never wait for a save.
/// Safe for concurrent use; one process per file. States are stored in slots that are overwritten in place: a B-tree leaves stale copies
/// of rows when pages are rebalanced, even with <c>secure_delete</c>, so that a tombstone would not remove the state it replaces.
/// </remarks>
public sealed partial class SqliteSnapshotTable : ISnapshotTable, IErasable, IAsyncDisposable
{
    private const int PageRows = 256;

    internal static readonly SqliteFormat Format = new(
        "snapshot table",
        Version: 2,
        PageBytes: 4_096,
        CheckpointBytes: 16 << 20,
        $"""
        CREATE TABLE states{StateRows.Columns};
        CREATE TABLE slots(id INTEGER PRIMARY KEY, bytes BLOB NOT NULL);
        CREATE TABLE free(size INTEGER NOT NULL, slot INTEGER NOT NULL, PRIMARY KEY(size, slot)) WITHOUT ROWID;
        CREATE TABLE next_states{StateRows.Columns};
        """,
        $"CREATE TABLE next_states{StateRows.Columns}");

    private readonly GroupWriter<SnapshotSave> _writer;
    private readonly SqliteReaders<SnapshotReader> _readers;
    private readonly SqliteSnapshotOptions _options;

    private SqliteSnapshotTable(SqliteSnapshotOptions options, Func<LogMark>? logEnd)
    {
        _options = options;
        SqliteFile file = new(options.Path, Format);
        _writer = new(file, Format.Kind, new SnapshotSaver(logEnd), options.QueueStatesMax, options.QueueBytesMax);
        _readers = new(options.ReadersMax, () => new SnapshotReader(file));
    }

    /// <inheritdoc/>
    public string Place => "states";

    /// <inheritdoc/>
    public bool IsShared => true;

    /// <summary>Opens or creates the table.</summary>
    /// <param name="options">The file, and the limits.</param>
    /// <param name="logEnd">
    /// Returns the log's end, or null if this process has no log. It is saved with each group: no state contains a record at or
    /// after it, so that a log that ends before it, or has another row there, is detected (<see cref="SqliteInstallation"/>).
    /// </param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    /// <exception cref="NotSupportedException">A newer program made the file, or it is of another kind.</exception>
    /// <exception cref="StoreUnavailableException">The file cannot be opened now.</exception>
    public static SqliteSnapshotTable Open(SqliteSnapshotOptions options, Func<LogMark>? logEnd = null)
    {
        SqliteSnapshotTable table = new(options.Checked(), logEnd);
        table._writer.Start("recsys states");
        _ = Task.Run(table.ClearLeftoversAsync);
        return table;
    }

    /// <inheritdoc/>
    /// <exception cref="OverloadedException">Too many saves are queued: no state of the group was saved.</exception>
    public async ValueTask<SaveOutcome[]> SaveAsync(IReadOnlyList<SavedState> group, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(group);
        cancellationToken.ThrowIfCancellationRequested();
        if (group.Count == 0)
        {
            return [];
        }

        foreach (SavedState state in group)
        {
            RequireOwner(state.Owner);
        }

        long bytes = SavedState.BytesOf(group);

        SnapshotSave save = new(group, bytes);
        if (!_writer.TryAdd(save))
        {
            throw new OverloadedException(
                $"the queue of saves is full: {nameof(_options.QueueStatesMax)} = {_options.QueueStatesMax} states and {nameof(_options.QueueBytesMax)} = {_options.QueueBytesMax} bytes");
        }

        return await save.Done.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask<SavedState?> LoadAsync(string owner, CancellationToken cancellationToken)
    {
        RequireOwner(owner);
        cancellationToken.ThrowIfCancellationRequested();
        SnapshotReader reader = await _readers.RentAsync(cancellationToken).ConfigureAwait(false);
        bool isSound = false;
        try
        {
            SavedState? state = reader.Load(owner);
            isSound = true;
            return state;
        }
        finally
        {
            _readers.Return(reader, isSound);
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<SavedState> ReadAllAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string last = "";
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            List<SavedState> page;
            SnapshotReader reader = await _readers.RentAsync(cancellationToken).ConfigureAwait(false);
            bool isSound = false;
            try
            {
                page = reader.ReadAfter(last, PageRows);
                isSound = true;
            }
            finally
            {
                _readers.Return(reader, isSound);
            }

            foreach (SavedState state in page)
            {
                yield return state;
            }

            if (page.Count < PageRows)
            {
                yield break;
            }

            last = page[^1].Owner;
        }
    }

    /// <summary>Removes overwritten bytes from the files: a person's state is removed once the tombstone is saved and this call completes.</summary>
    /// <returns>0: the row itself becomes a tombstone by an ordinary save.</returns>
    public async ValueTask<long> EraseAsync(Owner owner, LogPosition upTo, CancellationToken cancellationToken)
    {
        await _nextTable.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await ClearNextAsync().ConfigureAwait(false);
            return await _writer.RunAsync(
                database =>
                {
                    database.TruncateWriteAheadLog();
                    return 0L;
                },
                cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _nextTable.Release();
        }
    }

    /// <summary>Saves the queued states, and closes the file.</summary>
    public async ValueTask DisposeAsync()
    {
        await _writer.DisposeAsync().ConfigureAwait(false);
        _readers.Dispose();
    }

    private static void RequireOwner(string owner)
    {
        ArgumentException.ThrowIfNullOrEmpty(owner);
        if (owner.Length > SavedState.OwnerBytesMax || !Ascii.IsValid(owner))
        {
            throw new ArgumentException($"an owner has at most {nameof(SavedState.OwnerBytesMax)} = {SavedState.OwnerBytesMax} bytes of ASCII", nameof(owner));
        }
    }
}
