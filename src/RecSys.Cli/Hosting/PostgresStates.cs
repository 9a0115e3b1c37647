using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using RecSys.Core;
using RecSys.Core.Diagnostics;
using RecSys.Core.Log;
using RecSys.Core.Ports;
using RecSys.Postgres;
using RecSys.Speed;
using RecSys.Sqlite;

namespace RecSys.Cli.Hosting;

/// <summary>The states of an installation in a database instead of the data folder's file: their part of the checks before a start and of <c>doctor</c>.</summary>
/// <param name="options">Valid options.</param>
internal sealed class PostgresStates(PostgresOptions options)
{
    private const string Kind = "states";

    /// <summary>Gets the address of the database.</summary>
    public string Place => PostgresUrl.TryParse(options.Url, out PostgresUrl? url, out _) ? url.ToString() : "";

    /// <summary>Returns the states of a configuration; null if they are in the data folder.</summary>
    /// <exception cref="CommandException">An option is invalid.</exception>
    public static PostgresStates? Of(IConfiguration configuration) => OptionsOf(configuration) is { } options ? new PostgresStates(options) : null;

    /// <summary>Returns the options of a configuration; null if the states are in the data folder.</summary>
    /// <exception cref="CommandException">An option is invalid.</exception>
    public static PostgresOptions? OptionsOf(IConfiguration configuration)
    {
        PostgresOptions options = new();
        configuration.GetSection(PostgresOptions.Section).Bind(options);
        return options.Url is not { Length: > 0 } ? null
            : PostgresStore.ProblemOf(options) is { } problem ? throw new CommandException(problem, ExitCodes.WrongUsage)
            : options;
    }

    /// <summary>Creates or upgrades the tables, and returns the key of the owners that all nodes have.</summary>
    /// <param name="own">The key of this node; null if it has none yet.</param>
    /// <param name="cancellationToken">Cancels the call; the key may be stored.</param>
    /// <exception cref="StoreUnavailableException">The database cannot be reached, or refuses the user.</exception>
    /// <exception cref="NotSupportedException">A newer program made the tables, or the server is too old or read-only.</exception>
    /// <exception cref="InvalidDataException">The tables belong to an installation whose key is neither in them nor this node's.</exception>
    public async Task<byte[]> ShareOwnerKeyAsync(byte[]? own, CancellationToken cancellationToken)
    {
        await using PostgresStore store = Open();
        return await store.ShareOwnerKeyAsync(own, cancellationToken);
    }

    /// <summary>Creates or upgrades the tables, and returns the end of the log up to which records may be in them.</summary>
    /// <exception cref="StoreUnavailableException">The database cannot be reached, or refuses the user.</exception>
    /// <exception cref="NotSupportedException">A newer program made the tables, or the server is too old or read-only.</exception>
    /// <exception cref="InvalidDataException">The tables belong to another installation.</exception>
    public async Task<SqliteFileReport> PrepareAsync(InstallationId installation, CancellationToken cancellationToken)
    {
        await using PostgresStore store = Open();
        await store.StartAsync(installation, cancellationToken);
        return ReportOf(installation, await new PostgresSnapshotTable(store).ReadLogMarkAsync(cancellationToken));
    }

    /// <summary>Opens the control store that nodes share, for one use.</summary>
    /// <exception cref="StoreUnavailableException">The database cannot be reached.</exception>
    public async Task<T> UseControlAsync<T>(Func<IControlStore, Task<T>> use)
    {
        await using PostgresStore store = Open();
        await using PostgresControlStore control = new(store);
        return await use(control);
    }

    /// <summary>Removes all states before they are rebuilt from the log.</summary>
    /// <param name="damagedEnd">The newest record of a log that has lost records, whose erased persons are kept erased; null if the log is whole.</param>
    /// <param name="cancellationToken">Cancels the reading; no state is removed then.</param>
    /// <exception cref="StoreUnavailableException">The database cannot be reached.</exception>
    public async Task ClearAsync(LogPosition? damagedEnd, CancellationToken cancellationToken)
    {
        await using PostgresStore store = Open();
        PostgresSnapshotTable table = new(store);
        if (damagedEnd is not null)
        {
            await ErasedStates.KeepOnlyErasuresAsync(table, damagedEnd, cancellationToken);
            return;
        }

        await using ISnapshotReplacement empty = await table.BeginReplacementAsync(cancellationToken);
        await empty.CommitAsync(cancellationToken);
    }

    /// <summary>Checks the database; changes nothing.</summary>
    /// <param name="log">The log of the installation.</param>
    /// <param name="cancellationToken">Cancels the check.</param>
    public async Task<HealthFinding> CheckAsync(SqliteFileReport log, CancellationToken cancellationToken)
    {
        try
        {
            await using PostgresStore store = Open();
            PostgresReport report = await store.InspectAsync(cancellationToken);
            string found = $"{store.Place}: PostgreSQL {report.Server}, schema {options.Schema}";
            if (report.Schema > PostgresReport.SchemaMax)
            {
                return new(Kind, HealthVerdict.Bad, $"{found} has version {report.Schema}, made by a newer program") { Command = "run the newer program" };
            }

            if (report.Schema == 0)
            {
                return new(Kind, HealthVerdict.Note, $"{found} has no tables yet: the next start creates them and rebuilds the states from the log");
            }

            if (log.Installation is { } id && report.Installation != id)
            {
                return new(Kind, HealthVerdict.Bad, $"{found} belongs to installation {report.Installation}, but the log to {id}") { Command = "name another schema: recsys:postgres:schema" };
            }

            if (!report.IsDurable)
            {
                return new(Kind, HealthVerdict.Bad, $"{found}: fsync or full_page_writes is off, so that a crash of the machine loses acknowledged states or damages the tables")
                {
                    Command = "set fsync = on and full_page_writes = on in postgresql.conf",
                };
            }

            return new(Kind, HealthVerdict.Good, $"{found} version {report.Schema}, {Terminal.Number(report.SizeBytes >> 20)} MiB");
        }
        catch (Exception error) when (error is StoreUnavailableException or NotSupportedException)
        {
            return new(Kind, HealthVerdict.Bad, error.Message) { Command = "start the database, or correct recsys:postgres; users in memory are served meanwhile, and no record is lost" };
        }
    }

    /// <summary>Reads the end of the log up to which records may be in the states; null if the database cannot be reached or has no states.</summary>
    public async Task<SqliteFileReport?> TryReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using PostgresStore store = Open();
            PostgresReport report = await store.InspectAsync(cancellationToken);
            return report.Schema is 0 || report.Schema > PostgresReport.SchemaMax
                ? null
                : ReportOf(report.Installation, await new PostgresSnapshotTable(store).ReadLogMarkAsync(cancellationToken));
        }
        catch (Exception error) when (error is StoreUnavailableException or NotSupportedException)
        {
            return null;
        }
    }

    private SqliteFileReport ReportOf(InstallationId? installation, LogMark? mark) =>
        new(Place, Kind, SqliteCondition.Sound) { Installation = installation, LogEnd = mark?.End, LogRowSum = mark?.RowSum };

    private PostgresStore Open() => PostgresStore.Create(options, TimeProvider.System, NullLogger<PostgresStore>.Instance);
}
