using System.Data;
using Npgsql;
using NpgsqlTypes;
using RecSys.Core.Ports;
using RecSys.Postgres.Storage;
using static RecSys.Postgres.Storage.PostgresCommands;

namespace RecSys.Postgres;

public sealed partial class PostgresSnapshotTable
{
    /// <summary>The distance of a replacement's revisions from those of the rows at its start: more than the saves of any row meanwhile.</summary>
    private const long RevisionStep = 1 << 20;

    private string ReplacementLock => PostgresSchema.LockKey(_options.Schema, "replacement");

    /// <inheritdoc/>
    /// <remarks>
    /// New states are put into a separate table, and a commit replaces the table of states by it in one transaction. A lock of the connection prevents a second replacement, also
    /// by another node; it ends with the connection, and with it the replacement.
    /// </remarks>
    public async ValueTask<ISnapshotReplacement> BeginReplacementAsync(CancellationToken cancellationToken)
    {
        NpgsqlConnection session = await _store.OpenSessionAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (await session.ScalarAsync($"SELECT pg_try_advisory_lock({ReplacementLock})", cancellationToken).ConfigureAwait(false) is not true)
            {
                throw new InvalidOperationException("another replacement of the saved states is open");
            }

            await session.RunAsync($"DROP TABLE IF EXISTS next_states; {PostgresSchema.StatesTable("next_states")}", cancellationToken).ConfigureAwait(false);
            long newest = (long)(await session.ScalarAsync("SELECT coalesce(max(revision), 0) FROM states", cancellationToken).ConfigureAwait(false))!;
            return new Replacement(_store.Place, ReplacementLock, session, newest + RevisionStep);
        }
        catch (Exception error)
        {
            await session.DisposeAsync().ConfigureAwait(false);
            if (PostgresFailure.IsUnavailable(error))
            {
                throw PostgresFailure.Of(_store.Place, error);
            }

            throw;
        }
    }

    /// <summary>Drops the table of a replacement that ended by a crash.</summary>
    /// <exception cref="StoreUnavailableException">A replacement is open.</exception>
    private async Task<bool> DropLeftoversAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        NpgsqlTransaction transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        await using (transaction.ConfigureAwait(false))
        {
            if (await connection.ScalarAsync($"SELECT pg_try_advisory_xact_lock({ReplacementLock})", cancellationToken).ConfigureAwait(false) is not true)
            {
                throw new StoreUnavailableException("the saved states are being replaced; the erasure continues after that");
            }

            await connection.RunAsync("DROP TABLE IF EXISTS next_states", cancellationToken).ConfigureAwait(false);
            await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
            return true;
        }
    }

    private sealed class Replacement(string place, string lockKey, NpgsqlConnection session, long revision) : ISnapshotReplacement
    {
        private const string Put =
            """
            INSERT INTO next_states SELECT owner, $2, state FROM unnest($1::text[], $3::bytea[]) AS g(owner, state)
            ON CONFLICT (owner) DO UPDATE SET state = excluded.state
            """;

        // It waits until statements on the old table have ended, and lets no new one begin before the commit.
        private const string Exchange = "DROP TABLE states; ALTER TABLE next_states RENAME TO states; DELETE FROM log_marks";

        private readonly SemaphoreSlim _turn = new(1, 1);

        public async ValueTask<ReadOnlyMemory<byte>?> LoadAsync(string owner, CancellationToken cancellationToken)
        {
            RequireOwner(owner);
            return await InTurnAsync(
                async () => await session.ScalarAsync("SELECT state FROM next_states WHERE owner = $1", [Text(owner)], cancellationToken).ConfigureAwait(false) is byte[] state
                    ? state
                    : default(ReadOnlyMemory<byte>?),
                cancellationToken).ConfigureAwait(false);
        }

        public async ValueTask PutAsync(IReadOnlyList<(string Owner, ReadOnlyMemory<byte> State)> states, CancellationToken cancellationToken)
        {
            ArgumentNullException.ThrowIfNull(states);
            Dictionary<string, ReadOnlyMemory<byte>> last = new(states.Count, StringComparer.Ordinal);
            foreach ((string owner, ReadOnlyMemory<byte> state) in states)
            {
                RequireOwner(owner);
                last[owner] = state;
            }

            foreach (KeyValuePair<string, ReadOnlyMemory<byte>>[] part in last.Chunk(StatementStatesMax))
            {
                await InTurnAsync(() => PutAsync(part, cancellationToken), cancellationToken).ConfigureAwait(false);
            }
        }

        public async ValueTask CommitAsync(CancellationToken cancellationToken) =>
            await InTurnAsync(
                async () =>
                {
                    NpgsqlTransaction transaction = await session.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
                    await using (transaction.ConfigureAwait(false))
                    {
                        await session.RunAsync(Exchange, cancellationToken).ConfigureAwait(false);
                        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
                        return true;
                    }
                },
                cancellationToken).ConfigureAwait(false);

        public async ValueTask DisposeAsync()
        {
            try
            {
                await InTurnAsync(
                    async () =>
                    {
                        await session.RunAsync($"DROP TABLE IF EXISTS next_states; SELECT pg_advisory_unlock({lockKey})", CancellationToken.None).ConfigureAwait(false);
                        return true;
                    },
                    CancellationToken.None).ConfigureAwait(false);
            }
            catch (StoreUnavailableException)
            {
                // The next replacement or erasure drops the table.
            }
            finally
            {
                await session.DisposeAsync().ConfigureAwait(false);
                _turn.Dispose();
            }
        }

        private Task<int> PutAsync(KeyValuePair<string, ReadOnlyMemory<byte>>[] states, CancellationToken cancellationToken) => session.RunAsync(
            Put,
            [
                new NpgsqlParameter<string[]> { TypedValue = [.. states.Select(state => state.Key)], NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text },
                new NpgsqlParameter<long> { TypedValue = revision },
                new NpgsqlParameter<ReadOnlyMemory<byte>[]> { TypedValue = [.. states.Select(state => state.Value)], NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bytea },
            ],
            cancellationToken);

        private async Task<T> InTurnAsync<T>(Func<Task<T>> work, CancellationToken cancellationToken)
        {
            await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                return session.State == ConnectionState.Open
                    ? await work().ConfigureAwait(false)
                    : throw new StoreUnavailableException($"{place}: the connection of the replacement has ended, and with it the replacement");
            }
            catch (Exception error) when (PostgresFailure.IsUnavailable(error) || PostgresFailure.IsLostRace(error))
            {
                throw PostgresFailure.Of(place, error);
            }
            finally
            {
                _turn.Release();
            }
        }
    }
}
