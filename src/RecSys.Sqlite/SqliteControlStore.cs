using RecSys.Core.Ports;
using RecSys.Sqlite.Control;
using RecSys.Sqlite.Storage;

namespace RecSys.Sqlite;

/// <summary>The control store in the file of the interaction log.</summary>
/// <remarks>
/// Its rows cannot be rebuilt from the log, and the log's file is the one whose loss or age is always detected (docs/decisions/0064). A change is one synced transaction of the log's
/// writer; reads use connections of their own. Safe for concurrent use; one process per file.
/// </remarks>
public sealed class SqliteControlStore : IControlStore, IDisposable
{
    private const int ReadersMax = 2;

    private readonly SqliteInteractionLog _log;
    private readonly SqliteReaders<SqliteDatabase> _readers;

    /// <summary>Opens the store in an open log, which must stay open until this store is disposed of.</summary>
    public SqliteControlStore(SqliteInteractionLog log)
    {
        ArgumentNullException.ThrowIfNull(log);
        _log = log;
        _readers = new(ReadersMax, log.File.OpenReader);
    }

    /// <inheritdoc/>
    public event Action<string>? Changed;

    /// <inheritdoc/>
    public ValueTask<ControlRow?> GetAsync(string key, CancellationToken cancellationToken)
    {
        ControlRow.RequireKey(key);
        return ReadAsync(database => ControlRows.Get(database, key), cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<ControlRow>> ListAsync(string prefix, CancellationToken cancellationToken)
    {
        ControlRow.RequireKey(prefix);
        return ReadAsync(database => ControlRows.List(database, prefix), cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask<long?> TrySetAsync(string key, long version, ReadOnlyMemory<byte> value, CancellationToken cancellationToken)
    {
        ControlRow.Require(key, version, value);
        long? next = await WriteAsync(database => ControlRows.TrySet(database, key, version, value.Span), cancellationToken).ConfigureAwait(false);
        if (next is not null)
        {
            Changed?.Invoke(key);
        }

        return next;
    }

    /// <inheritdoc/>
    public async ValueTask<bool> TryDeleteAsync(string key, long version, CancellationToken cancellationToken)
    {
        ControlRow.RequireKey(key);
        bool isDeleted = await WriteAsync(database => ControlRows.TryDelete(database, key, version), cancellationToken).ConfigureAwait(false);
        if (isDeleted)
        {
            Changed?.Invoke(key);
        }

        return isDeleted;
    }

    /// <summary>Closes the read connections.</summary>
    public void Dispose() => _readers.Dispose();

    private async ValueTask<T> ReadAsync<T>(Func<SqliteDatabase, T> read, CancellationToken cancellationToken)
    {
        SqliteDatabase database = await _readers.RentAsync(cancellationToken).ConfigureAwait(false);
        bool isSound = false;
        try
        {
            T result = read(database);
            isSound = true;
            return result;
        }
        catch (InvalidDataException damage)
        {
            throw new StoreUnavailableException($"the control store is damaged: {damage.Message}", damage);
        }
        finally
        {
            _readers.Return(database, isSound);
        }
    }

    private async ValueTask<T> WriteAsync<T>(Func<SqliteDatabase, T> write, CancellationToken cancellationToken)
    {
        T result = default!;
        try
        {
            await _log.RunAsync(database => database.Transact(() => result = write(database)), cancellationToken).ConfigureAwait(false);
            return result;
        }
        catch (Exception error) when (error is InvalidDataException or OverloadedException)
        {
            throw new StoreUnavailableException($"the control store cannot be written now: {error.Message}", error);
        }
    }
}
