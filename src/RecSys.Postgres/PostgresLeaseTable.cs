using Npgsql;
using RecSys.Core.Ports;
using RecSys.Postgres.Storage;
using static RecSys.Postgres.Storage.PostgresCommands;

namespace RecSys.Postgres;

/// <summary>Leases on rows of PostgreSQL, by the clock of the database.</summary>
/// <param name="store">The store, which is started before the first call.</param>
/// <remarks>
/// The clock is read after the row is locked: a statement that waited for another owner must not compare with the time at which it began.
/// </remarks>
public sealed class PostgresLeaseTable(PostgresStore store) : ILeaseTable
{
    private const string Insert = "INSERT INTO leases(name, owner, until, version) VALUES($1, $2, '-infinity', 0) ON CONFLICT (name) DO NOTHING";
    private const string LockRow = "SELECT FROM leases WHERE name = $1 FOR UPDATE";

    private const string Take =
        """
        UPDATE leases SET owner = $2, until = clock_timestamp() + $3, version = version + CASE WHEN owner = $2 AND version > 0 THEN 0 ELSE 1 END
        WHERE name = $1 AND (owner = $2 OR until <= clock_timestamp())
        """;

    private const string Read = "SELECT owner, version, until - clock_timestamp() FROM leases WHERE name = $1 AND until > clock_timestamp()";

    private const string Release = "UPDATE leases SET until = '-infinity' WHERE name = $1 AND owner = $2";

    /// <inheritdoc/>
    public async ValueTask<LeaseHolding> TakeAsync(string name, string owner, TimeSpan duration, CancellationToken cancellationToken)
    {
        Require(name);
        Require(owner);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(duration, TimeSpan.Zero);
        return await store.RunAsync(
            "lease",
            async (connection, token) =>
            {
                // If the lease of the other owner ends between the two statements, they are repeated.
                while (true)
                {
                    await TakeAsync(connection, name, owner, duration, token).ConfigureAwait(false);
                    if (await ReadAsync(connection, name, token).ConfigureAwait(false) is { } holding)
                    {
                        return holding;
                    }

                    token.ThrowIfCancellationRequested();
                }
            },
            cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask<LeaseHolding?> ReadAsync(string name, CancellationToken cancellationToken)
    {
        Require(name);
        return await store.RunAsync("lease", (connection, token) => ReadAsync(connection, name, token), cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask ReleaseAsync(string name, string owner, CancellationToken cancellationToken)
    {
        Require(name);
        Require(owner);
        await store.RunAsync("lease", (connection, token) => connection.RunAsync(Release, [Text(name), Text(owner)], token), cancellationToken).ConfigureAwait(false);
    }

    private static async Task TakeAsync(NpgsqlConnection connection, string name, string owner, TimeSpan duration, CancellationToken cancellationToken)
    {
        NpgsqlTransaction transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        await using (transaction.ConfigureAwait(false))
        {
            NpgsqlBatch batch = new(connection, transaction)
            {
                BatchCommands =
                {
                    new NpgsqlBatchCommand(Insert) { Parameters = { Text(name), Text(owner) } },
                    new NpgsqlBatchCommand(LockRow) { Parameters = { Text(name) } },
                    new NpgsqlBatchCommand(Take) { Parameters = { Text(name), Text(owner), new NpgsqlParameter<TimeSpan> { TypedValue = duration } } },
                },
            };
            await using (batch.ConfigureAwait(false))
            {
                await batch.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
            }

            await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private static async Task<LeaseHolding?> ReadAsync(NpgsqlConnection connection, string name, CancellationToken cancellationToken)
    {
        NpgsqlCommand read = new(Read, connection) { Parameters = { Text(name) } };
        await using (read.ConfigureAwait(false))
        {
            NpgsqlDataReader rows = await read.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            await using (rows.ConfigureAwait(false))
            {
                return await rows.ReadAsync(cancellationToken).ConfigureAwait(false)
                    ? new LeaseHolding(rows.GetString(0), rows.GetInt64(1), rows.GetTimeSpan(2))
                    : default(LeaseHolding?);
            }
        }
    }

    private static void Require(string text)
    {
        ArgumentException.ThrowIfNullOrEmpty(text);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(text.Length, ILeaseTable.TextMax, nameof(text));
    }
}
