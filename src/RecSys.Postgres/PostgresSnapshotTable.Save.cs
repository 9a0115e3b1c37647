using System.Security.Cryptography;
using Npgsql;
using NpgsqlTypes;
using RecSys.Core.Ports;
using RecSys.Postgres.Storage;

namespace RecSys.Postgres;

public sealed partial class PostgresSnapshotTable
{
    /// <summary>The largest number of states of one statement.</summary>
    private const int StatementStatesMax = 1_000;

    /// <summary>The bytes of states after which a statement is full.</summary>
    private const int StatementBytesMax = 8 << 20;

    /// <summary>The compare-and-set of a group; returns the owners of the saved states.</summary>
    /// <remarks>
    /// A missing row is inserted at revision 1 only. All writers lock rows in the order of the owners, so that groups with common owners do not deadlock.
    /// The check of a row's revision is repeated by PostgreSQL after it has waited for another writer of the row.
    /// </remarks>
    private const string SaveRows =
        """
        WITH g AS MATERIALIZED (
          SELECT * FROM unnest($1::text[], $2::bigint[], $3::bytea[]) AS g(owner, revision, state) ORDER BY owner COLLATE "C"),
        upd AS (
          UPDATE states t SET revision = g.revision, state = g.state FROM g
          WHERE t.owner = g.owner COLLATE "C" AND g.revision > 1 AND t.revision = g.revision - 1 RETURNING t.owner),
        ins AS (
          INSERT INTO states SELECT owner, revision, state FROM g WHERE revision = 1 ON CONFLICT (owner) DO NOTHING RETURNING owner)
        """;

    private const string SaveMark =
        """
        , mark AS (
          INSERT INTO log_marks(writer, log_end, row_sum) VALUES($4, $5, $6)
          ON CONFLICT (writer) DO UPDATE SET log_end = excluded.log_end, row_sum = excluded.row_sum)
        """;

    private const string Saved = " SELECT owner FROM upd UNION ALL SELECT owner FROM ins";

    // A separate statement, because a statement does not see rows that were committed after it began.
    private const string SameRevision =
        """SELECT t.owner, sha256(t.state) FROM unnest($1::text[], $2::bigint[]) AS g(owner, revision) JOIN states t ON t.owner = g.owner COLLATE "C" AND t.revision = g.revision""";

    private async Task<SaveOutcome[]> SaveGroupAsync(IReadOnlyList<SavedState> group, long bytes)
    {
        try
        {
            SaveOutcome[] outcomes = new SaveOutcome[group.Count];
            Array.Fill(outcomes, SaveOutcome.Conflict);
            foreach (Statement statement in StatementsOf(group))
            {
                await _store.RunAsync("save", (connection, token) => SaveAsync(connection, statement, outcomes, token), CancellationToken.None).ConfigureAwait(false);
            }

            long saved = outcomes.Count(outcome => outcome == SaveOutcome.Saved);
            PostgresMeter.Saved(saved, outcomes.Length - saved);
            return outcomes;
        }
        finally
        {
            lock (_gate)
            {
                _states -= group.Count;
                _bytes -= bytes;
            }
        }
    }

    /// <summary>Divides a group: an owner is in a statement once, its further states in later ones; the owners of a statement are in order.</summary>
    private static List<Statement> StatementsOf(IReadOnlyList<SavedState> group)
    {
        int[] order = [.. Enumerable.Range(0, group.Count).OrderBy(index => group[index].Owner, StringComparer.Ordinal)];
        List<Statement> statements = [];
        List<int> later = [];
        while (order.Length > 0)
        {
            Statement statement = new(group);
            string? last = null;
            foreach (int index in order)
            {
                if (group[index].Owner == last)
                {
                    later.Add(index);
                    continue;
                }

                if (statement.IsFull)
                {
                    statements.Add(statement);
                    statement = new(group);
                }

                statement.Add(index);
                last = group[index].Owner;
            }

            statements.Add(statement);
            order = [.. later];
            later.Clear();
        }

        return statements;
    }

    // Repeating it is harmless: a state that the first try saved has its revision and its bytes.
    private async Task<int> SaveAsync(NpgsqlConnection connection, Statement statement, SaveOutcome[] outcomes, CancellationToken cancellationToken)
    {
        int writer = _writers.Rent();
        try
        {
            NpgsqlCommand save = new(_logEnd is null ? SaveRows + Saved : SaveRows + SaveMark + Saved, connection)
            {
                Parameters =
                {
                    statement.Owners(),
                    statement.Revisions(),
                    new NpgsqlParameter<ReadOnlyMemory<byte>[]> { TypedValue = statement.States(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bytea },
                },
            };
            await using (save.ConfigureAwait(false))
            {
                if (_logEnd?.Invoke() is { } mark)
                {
                    save.Parameters.Add(new NpgsqlParameter<int> { TypedValue = writer });
                    save.Parameters.Add(new NpgsqlParameter<long> { TypedValue = mark.End });
                    save.Parameters.Add(new NpgsqlParameter { Value = (object?)mark.RowSum ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Bigint });
                }

                NpgsqlDataReader rows = await save.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
                await using (rows.ConfigureAwait(false))
                {
                    while (await rows.ReadAsync(cancellationToken).ConfigureAwait(false))
                    {
                        outcomes[statement.IndexOf(rows.GetString(0))] = SaveOutcome.Saved;
                    }
                }
            }
        }
        finally
        {
            _writers.Return(writer);
        }

        Statement left = statement.Where(index => outcomes[index] == SaveOutcome.Conflict);
        if (left.Count > 0)
        {
            await FindSavedAsync(connection, left, outcomes, cancellationToken).ConfigureAwait(false);
        }

        return left.Count;
    }

    /// <summary>Finds states that are not saved by this call, but are stored with the same revision and bytes: an earlier try saved them.</summary>
    private static async Task FindSavedAsync(NpgsqlConnection connection, Statement left, SaveOutcome[] outcomes, CancellationToken cancellationToken)
    {
        NpgsqlCommand find = new(SameRevision, connection) { Parameters = { left.Owners(), left.Revisions() } };
        await using (find.ConfigureAwait(false))
        {
            NpgsqlDataReader rows = await find.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            await using (rows.ConfigureAwait(false))
            {
                while (await rows.ReadAsync(cancellationToken).ConfigureAwait(false))
                {
                    int index = left.IndexOf(rows.GetString(0));
                    if (rows.GetFieldValue<byte[]>(1).AsSpan().SequenceEqual(SHA256.HashData(left.StateOf(index).Span)))
                    {
                        outcomes[index] = SaveOutcome.Saved;
                    }
                }
            }
        }
    }

    /// <summary>The states of a group that one statement saves, each of another owner.</summary>
    private sealed class Statement(IReadOnlyList<SavedState> group)
    {
        private readonly List<int> _indexes = [];
        private readonly Dictionary<string, int> _indexOf = new(StringComparer.Ordinal);
        private long _bytes;

        public int Count => _indexes.Count;

        public bool IsFull => _indexes.Count == StatementStatesMax || _bytes >= StatementBytesMax;

        public void Add(int index)
        {
            _indexes.Add(index);
            _indexOf.Add(group[index].Owner, index);
            _bytes += group[index].State.Length;
        }

        public int IndexOf(string owner) => _indexOf[owner];

        public ReadOnlyMemory<byte> StateOf(int index) => group[index].State;

        public Statement Where(Func<int, bool> predicate)
        {
            Statement some = new(group);
            _indexes.Where(predicate).ToList().ForEach(some.Add);
            return some;
        }

        public NpgsqlParameter<string[]> Owners() =>
            new NpgsqlParameter<string[]> { TypedValue = [.. _indexes.Select(index => group[index].Owner)], NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text };

        public NpgsqlParameter<long[]> Revisions() =>
            new NpgsqlParameter<long[]> { TypedValue = [.. _indexes.Select(index => group[index].Revision)], NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bigint };

        public ReadOnlyMemory<byte>[] States() => [.. _indexes.Select(index => group[index].State)];
    }

    /// <summary>Numbers of concurrent saves of this process: each saves the log's end in a row of its own, so that they do not wait for each other.</summary>
    private sealed class LogMarkWriters
    {
        private readonly Lock _lock = new();
        private readonly Stack<int> _free = new();
        private int _next;

        public int Rent()
        {
            lock (_lock)
            {
                return _free.TryPop(out int number) ? number : _next++;
            }
        }

        public void Return(int number)
        {
            lock (_lock)
            {
                _free.Push(number);
            }
        }
    }
}
