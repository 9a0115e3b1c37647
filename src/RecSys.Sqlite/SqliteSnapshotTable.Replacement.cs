using RecSys.Core.Ports;
using RecSys.Sqlite.Storage;

namespace RecSys.Sqlite;

public sealed partial class SqliteSnapshotTable
{
    /// <summary>The distance of a replacement's revisions from those of the rows at its start: more than the saves of any row meanwhile.</summary>
    private const long RevisionStep = 1 << 20;

    /// <summary>Number of rows that one transaction clears; saves continue between the transactions.</summary>
    private const int ClearedMax = 256;

    // Guards the table of the next states: entered by a replacement, by the clearing of rows that a replacement left, and by an erasure, which must clear such rows too, although no load reads them.
    private readonly SemaphoreSlim _nextTable = new(1, 1);
    private int _isReplacing;

    /// <inheritdoc/>
    /// <remarks>New states are put into a separate table, and a commit exchanges the names of both: a crash leaves either the old or the new states. Erasures wait until the replacement ends.</remarks>
    public async ValueTask<ISnapshotReplacement> BeginReplacementAsync(CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _isReplacing, 1) == 1)
        {
            throw new InvalidOperationException("another replacement of the saved states is open");
        }

        bool isHeld = false;
        try
        {
            await _nextTable.WaitAsync(cancellationToken).ConfigureAwait(false);
            isHeld = true;
            await ClearNextAsync().ConfigureAwait(false);
            long revision = await _writer.RunAsync(
                database =>
                {
                    using SqliteStatement newest = database.Prepare("SELECT coalesce(max(revision), 0) FROM states");
                    newest.Step();
                    return newest.Integer(0) + RevisionStep;
                },
                cancellationToken).ConfigureAwait(false);
            return new Replacement(this, revision);
        }
        catch
        {
            EndReplacement(isHeld);
            throw;
        }
    }

    /// <summary>Clears the rows that a crash during a replacement left.</summary>
    private async Task ClearLeftoversAsync()
    {
        await _nextTable.WaitAsync().ConfigureAwait(false);
        try
        {
            await ClearNextAsync().ConfigureAwait(false);
        }
        catch (Exception reason) when (reason is StoreUnavailableException or OverloadedException or ObjectDisposedException or InvalidDataException)
        {
            // The next start, replacement or erasure clears them.
        }
        finally
        {
            _nextTable.Release();
        }
    }

    private async Task ClearNextAsync()
    {
        bool isMore = true;
        bool isFirst = true;
        while (isMore)
        {
            isMore = await _writer.RunAsync(ClearSome, CancellationToken.None).ConfigureAwait(false);
            isFirst = isFirst && isMore;
        }

        if (!isFirst)
        {
            await _writer.RunAsync(
                database =>
                {
                    database.TruncateWriteAheadLog();
                    return true;
                },
                CancellationToken.None).ConfigureAwait(false);
        }
    }

    private static bool ClearSome(SqliteDatabase database)
    {
        using StateRows rows = StateRows.Open(database, StateRows.NextTable);
        bool isMore = false;
        database.Transact(() =>
        {
            isMore = rows.Clear(ClearedMax);
            rows.CloseSlot();
        });
        return isMore;
    }

    private void EndReplacement(bool isHeld)
    {
        if (isHeld)
        {
            _nextTable.Release();
        }

        Volatile.Write(ref _isReplacing, 0);
    }

    private sealed class Replacement(SqliteSnapshotTable table, long revision) : ISnapshotReplacement
    {
        public async ValueTask<ReadOnlyMemory<byte>?> LoadAsync(string owner, CancellationToken cancellationToken)
        {
            RequireOwner(owner);
            byte[]? state = await table._writer.RunAsync(
                database =>
                {
                    using StateRows rows = StateRows.Open(database, StateRows.NextTable);
                    return rows.Read(owner);
                },
                cancellationToken).ConfigureAwait(false);
            return state is null ? default(ReadOnlyMemory<byte>?) : new ReadOnlyMemory<byte>(state);
        }

        public async ValueTask PutAsync(IReadOnlyList<(string Owner, ReadOnlyMemory<byte> State)> states, CancellationToken cancellationToken)
        {
            ArgumentNullException.ThrowIfNull(states);
            foreach ((string owner, _) in states)
            {
                RequireOwner(owner);
            }

            await table._writer.RunAsync(
                database =>
                {
                    using StateRows rows = StateRows.Open(database, StateRows.NextTable);
                    database.Transact(() =>
                    {
                        foreach ((string owner, ReadOnlyMemory<byte> state) in states)
                        {
                            rows.Put(owner, revision, state.Span);
                        }

                        rows.CloseSlot();
                    });
                    return true;
                },
                cancellationToken).ConfigureAwait(false);
        }

        public async ValueTask CommitAsync(CancellationToken cancellationToken) =>
            await table._writer.RunAsync(
                database =>
                {
                    database.Transact(() =>
                    {
                        database.Run("ALTER TABLE states RENAME TO replaced_states");
                        database.Run("ALTER TABLE next_states RENAME TO states");
                        database.Run("ALTER TABLE replaced_states RENAME TO next_states");
                        SnapshotSaver.DeleteLogEnd(database);
                    });
                    return true;
                },
                cancellationToken).ConfigureAwait(false);

        public async ValueTask DisposeAsync()
        {
            try
            {
                await table.ClearNextAsync().ConfigureAwait(false);
            }
            catch (Exception reason) when (reason is StoreUnavailableException or OverloadedException or ObjectDisposedException)
            {
                // The next start, replacement or erasure clears the rows.
            }
            finally
            {
                table.EndReplacement(isHeld: true);
            }
        }
    }
}
