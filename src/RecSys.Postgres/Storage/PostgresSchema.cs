using System.Globalization;
using System.Security.Cryptography;
using Npgsql;
using RecSys.Core;

namespace RecSys.Postgres.Storage;

/// <summary>The tables, and their versions.</summary>
internal static class PostgresSchema
{
    /// <summary>The oldest major version of PostgreSQL with <c>WITH … AS MATERIALIZED</c>.</summary>
    private const int ServerMin = 12;

    private const string VersionName = "version";
    private const string InstallationName = "installation";
    private const string OwnerKeyName = "owner-key";

    /// <summary>The statements that upgrade version n to n + 1; a step is never changed once it is released.</summary>
    private static readonly string[] Steps =
    [
        $"""
        {StatesTable("states")};
        CREATE TABLE log_marks(writer integer PRIMARY KEY, log_end bigint NOT NULL, row_sum bigint) WITH (fillfactor = 50);
        """,
        """CREATE TABLE leases(name text COLLATE "C" PRIMARY KEY, owner text NOT NULL, until timestamptz NOT NULL, version bigint NOT NULL) WITH (fillfactor = 50)""",
        """
        CREATE TABLE control(key text COLLATE "C" PRIMARY KEY, version bigint NOT NULL, value bytea NOT NULL) WITH (fillfactor = 50);
        CREATE SEQUENCE control_versions
        """,
    ];

    /// <summary>Gets the version of the tables that this program reads and writes.</summary>
    public static int Version => Steps.Length;

    /// <summary>Returns the statements that create a table of states.</summary>
    /// <remarks>
    /// Owners are ASCII and are compared byte by byte. Free space in the pages lets an update stay in its page. States are not compressed: they are small or packed already.
    /// </remarks>
    public static string StatesTable(string name) =>
        $"""
        CREATE TABLE {name}(owner text COLLATE "C" PRIMARY KEY, revision bigint NOT NULL, state bytea NOT NULL) WITH (fillfactor = 70);
        ALTER TABLE {name} ALTER COLUMN state SET STORAGE EXTERNAL
        """;

    /// <summary>Returns the expression of a lock's key; one key per schema and purpose.</summary>
    public static string LockKey(string schema, string purpose) => $"hashtextextended('recsys/{schema}/{purpose}', 0)";

    /// <summary>Creates or upgrades the tables in one transaction, and marks them as an installation's.</summary>
    /// <exception cref="NotSupportedException">A newer program made the tables, or the server is too old or read-only.</exception>
    /// <exception cref="InvalidDataException">The tables belong to another installation.</exception>
    public static Task UpgradeAsync(
        NpgsqlConnection connection, string place, string schema, InstallationId installation, CancellationToken cancellationToken) =>
        UpgradeAsync(
            connection,
            place,
            schema,
            async () =>
            {
                await MarkAsync(connection, place, schema, installation, cancellationToken).ConfigureAwait(false);
                return true;
            },
            cancellationToken);

    /// <summary>Creates or upgrades the tables, and returns the stored key of the owners. If none is stored yet, stores that of the node, or a new one if the node has none.</summary>
    /// <exception cref="InvalidDataException">The tables belong to an installation whose key is neither stored nor the node's.</exception>
    public static Task<byte[]> ShareOwnerKeyAsync(NpgsqlConnection connection, string place, string schema, byte[]? own, CancellationToken cancellationToken) =>
        UpgradeAsync(
            connection,
            place,
            schema,
            async () =>
            {
                if (await GetMetaAsync(connection, OwnerKeyName, cancellationToken).ConfigureAwait(false) is { } stored)
                {
                    return Convert.FromBase64String(stored);
                }

                string? installation = await GetMetaAsync(connection, InstallationName, cancellationToken).ConfigureAwait(false);
                if (own is null && installation is not null)
                {
                    throw new InvalidDataException(
                        $"{place}: schema {schema} belongs to installation {installation}, whose owner key is not in it yet: start the node with its data folder first");
                }

                byte[] key = own ?? RandomNumberGenerator.GetBytes(OwnerHash.KeySizeBytes);
                await MarkAsync(connection, place, schema, new OwnerHash(key).Installation, cancellationToken).ConfigureAwait(false);
                await SetMetaAsync(connection, OwnerKeyName, Convert.ToBase64String(key), cancellationToken).ConfigureAwait(false);
                return key;
            },
            cancellationToken);

    private static async Task<T> UpgradeAsync<T>(NpgsqlConnection connection, string place, string schema, Func<Task<T>> then, CancellationToken cancellationToken)
    {
        if (connection.PostgreSqlVersion.Major < ServerMin)
        {
            throw new NotSupportedException($"{place}: PostgreSQL {connection.PostgreSqlVersion} is too old; {ServerMin} or newer is needed");
        }

        if (await connection.ScalarAsync("SELECT pg_is_in_recovery()", cancellationToken).ConfigureAwait(false) is true)
        {
            throw new NotSupportedException($"{place}: this server is a read-only standby; name the primary");
        }

        NpgsqlTransaction transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        await using (transaction.ConfigureAwait(false))
        {
            await connection.RunAsync($"SELECT pg_advisory_xact_lock({LockKey(schema, "schema")})", cancellationToken).ConfigureAwait(false);
            int version = await VersionOfAsync(connection, schema, cancellationToken).ConfigureAwait(false);
            if (version > Version)
            {
                throw new NotSupportedException(
                    $"{place}: schema {schema} has version {version}, made by a newer program; this one knows versions up to {Version}: run the newer program, or name another schema (recsys:postgres:schema)");
            }

            if (version < Version)
            {
                if (version == 0)
                {
                    await CreateAsync(connection, schema, cancellationToken).ConfigureAwait(false);
                }

                foreach (string step in Steps[version..])
                {
                    await connection.RunAsync(step, cancellationToken).ConfigureAwait(false);
                }

                await SetMetaAsync(connection, VersionName, Version.ToString(CultureInfo.InvariantCulture), cancellationToken).ConfigureAwait(false);
            }

            T result = await then().ConfigureAwait(false);
            await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
            return result;
        }
    }

    /// <summary>Reads the condition of a server and of a schema.</summary>
    public static async Task<PostgresReport> InspectAsync(NpgsqlConnection connection, string schema, CancellationToken cancellationToken)
    {
        int version = await VersionOfAsync(connection, schema, cancellationToken).ConfigureAwait(false);
        string? installation = version == 0 ? null : await GetMetaAsync(connection, InstallationName, cancellationToken).ConfigureAwait(false);
        const string DurableQuery = "SELECT current_setting('fsync') = 'on' AND current_setting('full_page_writes') = 'on'";
        return new PostgresReport(
            connection.ServerVersion,
            version,
            InstallationId.TryParse(installation, out InstallationId id) ? id : null,
            await connection.ScalarAsync(DurableQuery, cancellationToken).ConfigureAwait(false) is true,
            await connection.ScalarAsync("SELECT coalesce(pg_total_relation_size(to_regclass('states')), 0)", cancellationToken).ConfigureAwait(false) is long size ? size : 0);
    }

    /// <summary>Removes the schema with all its tables, if it exists.</summary>
    public static Task DropAsync(NpgsqlConnection connection, string schema, CancellationToken cancellationToken) =>
        connection.RunAsync($"DROP SCHEMA IF EXISTS \"{schema}\" CASCADE", cancellationToken);

    private static async Task CreateAsync(NpgsqlConnection connection, string schema, CancellationToken cancellationToken)
    {
        // CREATE SCHEMA needs a right that the owner of an existing schema may not have.
        if (await connection.ScalarAsync($"SELECT to_regnamespace('\"{schema}\"') IS NULL", cancellationToken).ConfigureAwait(false) is true)
        {
            await connection.RunAsync($"CREATE SCHEMA \"{schema}\"", cancellationToken).ConfigureAwait(false);
        }

        await connection.RunAsync("""CREATE TABLE meta(name text COLLATE "C" PRIMARY KEY, value text NOT NULL)""", cancellationToken).ConfigureAwait(false);
    }

    private static async Task<int> VersionOfAsync(NpgsqlConnection connection, string schema, CancellationToken cancellationToken) =>
        await connection.ScalarAsync($"SELECT to_regclass('\"{schema}\".meta') IS NULL", cancellationToken).ConfigureAwait(false) is true
            ? 0
            : int.Parse(await GetMetaAsync(connection, VersionName, cancellationToken).ConfigureAwait(false) ?? "0", CultureInfo.InvariantCulture);

    private static async Task MarkAsync(
        NpgsqlConnection connection, string place, string schema, InstallationId installation, CancellationToken cancellationToken)
    {
        string? found = await GetMetaAsync(connection, InstallationName, cancellationToken).ConfigureAwait(false);
        if (found is null)
        {
            await SetMetaAsync(connection, InstallationName, installation.Value, cancellationToken).ConfigureAwait(false);
        }
        else if (found != installation.Value)
        {
            throw new InvalidDataException(
                $"{place}: schema {schema} belongs to installation {found}, but the log to {installation}: name another schema (recsys:postgres:schema), or remove that one if its installation is gone: DROP SCHEMA {schema} CASCADE");
        }
    }

    private static async Task<string?> GetMetaAsync(NpgsqlConnection connection, string name, CancellationToken cancellationToken) =>
        await connection.ScalarAsync("SELECT value FROM meta WHERE name = $1", [PostgresCommands.Text(name)], cancellationToken).ConfigureAwait(false) as string;

    private static Task<int> SetMetaAsync(NpgsqlConnection connection, string name, string value, CancellationToken cancellationToken) => connection.RunAsync(
        "INSERT INTO meta(name, value) VALUES($1, $2) ON CONFLICT (name) DO UPDATE SET value = $2", [PostgresCommands.Text(name), PostgresCommands.Text(value)], cancellationToken);
}
