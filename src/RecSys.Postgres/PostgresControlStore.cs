using Npgsql;
using NpgsqlTypes;
using RecSys.Core.Ports;
using RecSys.Postgres.Storage;
using static RecSys.Postgres.Storage.PostgresCommands;

namespace RecSys.Postgres;

/// <summary>The control store on PostgreSQL; changes are announced to all nodes by notifications of the database.</summary>
/// <remarks>
/// Versions are taken from a sequence, so that no value of a key has the version of another, even after a deletion. Notifications are lost while the connection that listens
/// is interrupted: readers read the rows again every few seconds. Safe for concurrent use by any number of nodes.
/// </remarks>
public sealed class PostgresControlStore : IControlStore, IAsyncDisposable
{
    private const string NextVersion = "SELECT nextval('control_versions')";
    private const string Create = "INSERT INTO control(key, version, value) VALUES($1, $2, $3) ON CONFLICT (key) DO NOTHING RETURNING key";
    private const string Replace = "UPDATE control SET version = $2, value = $3 WHERE key = $1 AND version = $4 RETURNING key";
    private const string Delete = "DELETE FROM control WHERE key = $1 AND version = $2 RETURNING key";
    private const string Get = "SELECT version, value FROM control WHERE key = $1";
    private const string List = "SELECT key, version, value FROM control WHERE key >= $1 AND key < $2 ORDER BY key";

    /// <summary>A character greater than every character of a key.</summary>
    private const char AfterKeys = '\u007f';

    private readonly PostgresStore _store;
    private readonly string _channel;
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _listens = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _listening;

    /// <summary>Opens the rows of a store that is started, and listens for changes.</summary>
    public PostgresControlStore(PostgresStore store)
    {
        ArgumentNullException.ThrowIfNull(store);
        _store = store;
        _channel = $"recsys_control_{store.Options.Schema}";
        _listening = Task.Run(ListenAsync);
    }

    /// <inheritdoc/>
    public event Action<string>? Changed;

    /// <summary>Completes when this store first listens for changes by other nodes.</summary>
    internal Task Listens => _listens.Task;

    /// <inheritdoc/>
    public async ValueTask<ControlRow?> GetAsync(string key, CancellationToken cancellationToken)
    {
        ControlRow.RequireKey(key);
        return await _store.RunAsync("control", (connection, token) => GetAsync(connection, key, token), cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<ControlRow>> ListAsync(string prefix, CancellationToken cancellationToken)
    {
        ControlRow.RequireKey(prefix);
        return await _store.RunAsync(
            "control",
            async (connection, token) =>
            {
                NpgsqlCommand list = new(List, connection) { Parameters = { Text(prefix), Text(prefix + AfterKeys) } };
                await using (list.ConfigureAwait(false))
                {
                    NpgsqlDataReader rows = await list.ExecuteReaderAsync(token).ConfigureAwait(false);
                    await using (rows.ConfigureAwait(false))
                    {
                        List<ControlRow> found = [];
                        while (await rows.ReadAsync(token).ConfigureAwait(false))
                        {
                            found.Add(new ControlRow(rows.GetString(0), rows.GetInt64(1), rows.GetFieldValue<byte[]>(2)));
                        }

                        return found;
                    }
                }
            },
            cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask<long?> TrySetAsync(string key, long version, ReadOnlyMemory<byte> value, CancellationToken cancellationToken)
    {
        ControlRow.Require(key, version, value);
        cancellationToken.ThrowIfCancellationRequested();
        long? next = null;
        Task<bool> change = ChangeAsync(
            key,
            async (connection, token) =>
            {
                // The version is the same in each try, so that a repeat recognizes the value of the first one.
                next ??= await NextVersionAsync(connection, token).ConfigureAwait(false);
                NpgsqlCommand set = new(version == 0 ? Create : Replace, connection) { Parameters = { Text(key), Number(next.Value), Bytes(value) } };
                if (version != 0)
                {
                    set.Parameters.Add(Number(version));
                }

                return set;
            },
            row => row?.Version == next);
        return await change.WaitAsync(cancellationToken).ConfigureAwait(false) ? next : null;
    }

    /// <inheritdoc/>
    public async ValueTask<bool> TryDeleteAsync(string key, long version, CancellationToken cancellationToken)
    {
        ControlRow.RequireKey(key);
        cancellationToken.ThrowIfCancellationRequested();
        Task<bool> change = ChangeAsync(
            key, (connection, _) => Task.FromResult(new NpgsqlCommand(Delete, connection) { Parameters = { Text(key), Number(version) } }), _ => false);
        return await change.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Ends the listening.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _listening.ConfigureAwait(false);
        _stop.Dispose();
    }

    /// <summary>Changes a row and announces it in the same transaction.</summary>
    /// <param name="key">Key of the row.</param>
    /// <param name="make">Makes the statement, which returns the key of a changed row.</param>
    /// <param name="isDone">Whether a row shows that an earlier try, whose answer was lost, changed it.</param>
    private async Task<bool> ChangeAsync(string key, Func<NpgsqlConnection, CancellationToken, Task<NpgsqlCommand>> make, Func<ControlRow?, bool> isDone)
    {
        int tries = 0;
        bool isChanged = await _store.RunAsync(
            "control",
            async (connection, token) =>
            {
                bool isRepeat = tries++ > 0;
                NpgsqlCommand change = await make(connection, token).ConfigureAwait(false);
                await using (change.ConfigureAwait(false))
                {
                    change.CommandText = $"WITH changed AS ({change.CommandText}) SELECT key, pg_notify('{_channel}', key) FROM changed";
                    if (await change.ExecuteScalarAsync(token).ConfigureAwait(false) is not null)
                    {
                        return true;
                    }
                }

                return isRepeat && (isDone(await GetAsync(connection, key, token).ConfigureAwait(false))
                    ? true
                    : throw new StoreUnavailableException($"{_store.Place}: whether {key} was changed is unknown, because the connection ended"));
            },
            CancellationToken.None).ConfigureAwait(false);
        if (isChanged)
        {
            Changed?.Invoke(key);
        }

        return isChanged;
    }

    private async Task ListenAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                NpgsqlConnection session = await _store.OpenSessionAsync(_stop.Token).ConfigureAwait(false);
                await using (session.ConfigureAwait(false))
                {
                    session.Notification += (_, notification) => Changed?.Invoke(notification.Payload);
                    await session.RunAsync($"LISTEN {_channel}", _stop.Token).ConfigureAwait(false);
                    _listens.TrySetResult();
                    while (true)
                    {
                        await session.WaitAsync(_stop.Token).ConfigureAwait(false);
                    }
                }
            }
            catch (Exception error) when (error is StoreUnavailableException || PostgresFailure.IsUnavailable(error))
            {
                // The loop listens again after a delay.
            }
            catch (OperationCanceledException)
            {
                return;
            }

            try
            {
                await Task.Delay(_store.Options.RetryAfter, _store.Time, _stop.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private static async Task<long> NextVersionAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        (long)(await connection.ScalarAsync(NextVersion, cancellationToken).ConfigureAwait(false))!;

    private static async Task<ControlRow?> GetAsync(NpgsqlConnection connection, string key, CancellationToken cancellationToken)
    {
        NpgsqlCommand get = new(Get, connection) { Parameters = { Text(key) } };
        await using (get.ConfigureAwait(false))
        {
            NpgsqlDataReader rows = await get.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            await using (rows.ConfigureAwait(false))
            {
                return await rows.ReadAsync(cancellationToken).ConfigureAwait(false)
                    ? new ControlRow(key, rows.GetInt64(0), rows.GetFieldValue<byte[]>(1))
                    : null;
            }
        }
    }

    private static NpgsqlParameter<long> Number(long number) => new() { TypedValue = number };

    private static NpgsqlParameter<ReadOnlyMemory<byte>> Bytes(ReadOnlyMemory<byte> bytes) => new() { TypedValue = bytes, NpgsqlDbType = NpgsqlDbType.Bytea };
}
