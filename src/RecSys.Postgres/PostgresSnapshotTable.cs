using System.Runtime.CompilerServices;
using System.Text;
using Npgsql;
using RecSys.Core;
using RecSys.Core.Log;
using RecSys.Core.Ports;
using static RecSys.Postgres.Storage.PostgresCommands;

namespace RecSys.Postgres;

/// <summary>The snapshot table on PostgreSQL; also keeps checkpoints, under their own owners.</summary>
/// <remarks>Safe for concurrent use by any number of nodes.</remarks>
public sealed partial class PostgresSnapshotTable : ISnapshotTable, IErasable
{
    private const int PageRows = 256;

    private readonly PostgresStore _store;
    private readonly PostgresOptions _options;
    private readonly Func<LogMark>? _logEnd;
    private readonly LogMarkWriters _writers = new();
    private readonly Lock _gate = new();

    // invariant: the states and bytes of the saves that are queued or under way, 0 <= _states <= QueueStatesMax, 0 <= _bytes <= QueueBytesMax
    private long _states;
    private long _bytes;

    /// <summary>Creates the table of a store that is started before the first call.</summary>
    /// <param name="store">Connections to the database, and its options.</param>
    /// <param name="logEnd">
    /// Returns the end of a log that may be replaced by an older copy, or null if this process has no such log. It is saved with each group: no state contains a record at or
    /// after it, so that a log that ends before it is detected (<see cref="ReadLogMarkAsync"/>).
    /// </param>
    public PostgresSnapshotTable(PostgresStore store, Func<LogMark>? logEnd = null)
    {
        ArgumentNullException.ThrowIfNull(store);
        _store = store;
        _options = store.Options;
        _logEnd = logEnd;
    }

    /// <inheritdoc/>
    public string Place => "states";

    /// <inheritdoc/>
    public bool IsShared => true;

    /// <inheritdoc/>
    public string Remains =>
        "states: PostgreSQL's files may contain overwritten bytes of the profile until the table is vacuumed and its write-ahead log is recycled; backups of the database contain them until they are deleted";

    /// <inheritdoc/>
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

        lock (_gate)
        {
            if (_states + group.Count > _options.QueueStatesMax || _bytes + bytes > _options.QueueBytesMax)
            {
                throw new OverloadedException(
                    $"the queue of saves is full: {nameof(_options.QueueStatesMax)} = {_options.QueueStatesMax} states and {nameof(_options.QueueBytesMax)} = {_options.QueueBytesMax} bytes");
            }

            _states += group.Count;
            _bytes += bytes;
        }

        return await SaveGroupAsync(group, bytes).WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask<SavedState?> LoadAsync(string owner, CancellationToken cancellationToken)
    {
        RequireOwner(owner);
        return await _store.RunAsync(
            "load",
            async (connection, token) =>
            {
                NpgsqlCommand load = new("SELECT revision, state FROM states WHERE owner = $1", connection) { Parameters = { Text(owner) } };
                await using (load.ConfigureAwait(false))
                {
                    NpgsqlDataReader rows = await load.ExecuteReaderAsync(token).ConfigureAwait(false);
                    await using (rows.ConfigureAwait(false))
                    {
                        return await rows.ReadAsync(token).ConfigureAwait(false)
                            ? new SavedState(owner, rows.GetInt64(0), rows.GetFieldValue<byte[]>(1))
                            : default(SavedState?);
                    }
                }
            },
            cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<SavedState> ReadAllAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (string last = ""; ;)
        {
            string after = last;
            List<SavedState> page = await _store.RunAsync("read", (connection, token) => ReadAfterAsync(connection, after, token), cancellationToken).ConfigureAwait(false);
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

    /// <summary>Removes what a rebuild that ended by a crash left of all persons.</summary>
    /// <returns>0: the row of the person has become a tombstone by an ordinary save.</returns>
    /// <exception cref="StoreUnavailableException">The database cannot be reached, or the states are being replaced now.</exception>
    public async ValueTask<long> EraseAsync(Owner owner, LogPosition upTo, CancellationToken cancellationToken)
    {
        await _store.RunAsync("erase", DropLeftoversAsync, cancellationToken).ConfigureAwait(false);
        return 0;
    }

    /// <summary>Reads the newest end of the log that was saved with a state; null if there is none.</summary>
    /// <exception cref="StoreUnavailableException">The database cannot be reached.</exception>
    public Task<LogMark?> ReadLogMarkAsync(CancellationToken cancellationToken) => _store.RunAsync(
        "read",
        async (connection, token) =>
        {
            NpgsqlCommand read = new("SELECT log_end, row_sum FROM log_marks ORDER BY log_end DESC, row_sum NULLS LAST LIMIT 1", connection);
            await using (read.ConfigureAwait(false))
            {
                NpgsqlDataReader rows = await read.ExecuteReaderAsync(token).ConfigureAwait(false);
                await using (rows.ConfigureAwait(false))
                {
                    return await rows.ReadAsync(token).ConfigureAwait(false)
                        ? new LogMark(rows.GetInt64(0), rows.IsDBNull(1) ? null : rows.GetInt64(1))
                        : default(LogMark?);
                }
            }
        },
        cancellationToken);

    private static async Task<List<SavedState>> ReadAfterAsync(NpgsqlConnection connection, string after, CancellationToken cancellationToken)
    {
        NpgsqlCommand read = new($"SELECT owner, revision, state FROM states WHERE owner > $1 ORDER BY owner LIMIT {PageRows}", connection) { Parameters = { Text(after) } };
        await using (read.ConfigureAwait(false))
        {
            NpgsqlDataReader rows = await read.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            await using (rows.ConfigureAwait(false))
            {
                List<SavedState> page = [];
                while (await rows.ReadAsync(cancellationToken).ConfigureAwait(false))
                {
                    page.Add(new SavedState(rows.GetString(0), rows.GetInt64(1), rows.GetFieldValue<byte[]>(2)));
                }

                return page;
            }
        }
    }

    private static void RequireOwner(string owner)
    {
        ArgumentException.ThrowIfNullOrEmpty(owner);
        if (owner.Length > SavedState.OwnerBytesMax || !Ascii.IsValid(owner) || owner.Contains('\0', StringComparison.Ordinal))
        {
            throw new ArgumentException($"an owner has at most {nameof(SavedState.OwnerBytesMax)} = {SavedState.OwnerBytesMax} bytes of ASCII other than 0", nameof(owner));
        }
    }
}
