using System.Security.Cryptography;
using System.Text;
using RecSys.Core;
using RecSys.Core.Ingestion;
using RecSys.Core.Ports;
using RecSys.Sqlite.Log;
using RecSys.Sqlite.Storage;

namespace RecSys.Sqlite;

/// <summary>What belongs to an installation for good and lives beside its log: the key of its owners. Tells which files belong together, and in what condition they are.</summary>
public static class SqliteInstallation
{
    private static ReadOnlySpan<byte> KeyName => "owner-key"u8;

    private static ReadOnlySpan<byte> InstallationName => "installation"u8;

    /// <summary>The hash that turns user ids into owners; its key is drawn from the system's secure source when the log is made, and read ever after.</summary>
    /// <param name="logPath">The log's file; it is made if it is missing.</param>
    /// <exception cref="NotSupportedException">A newer program made the file, or it is of another kind.</exception>
    /// <exception cref="InvalidDataException">The key is damaged.</exception>
    /// <exception cref="StoreUnavailableException">The file cannot be opened now.</exception>
    public static OwnerHash OpenOwnerHash(string logPath)
    {
        ArgumentException.ThrowIfNullOrEmpty(logPath);
        using SqliteDatabase database = SqliteDatabase.OpenWriter(logPath, SqliteInteractionLog.Format);
        if (SqliteFormat.TryGetMeta(database, KeyName) is null)
        {
            database.Transact(() => SqliteFormat.SetMeta(database, KeyName, RandomNumberGenerator.GetBytes(OwnerHash.KeySizeBytes)));
        }

        // Read back: of two processes that drew one, the first counts.
        return SqliteFormat.TryGetMeta(database, KeyName) is { Length: OwnerHash.KeySizeBytes } key
            ? new OwnerHash(key)
            : throw new InvalidDataException($"{logPath}: the key of the owners is damaged");
    }

    /// <summary>Says in what condition a log is; changes nothing in it.</summary>
    public static SqliteFileReport InspectLog(string path) => Inspect(path, SqliteInteractionLog.Format, (database, report) =>
    {
        bool isOfThisVersion = SqliteInteractionLog.Format.IsOfThisVersion(database);
        return report with
        {
            LogEnd = isOfThisVersion ? LogAppender.EndOf(database) : OldEndOf(database),
            NewestMs = isOfThisVersion ? NewestMs(database) : null,
            DamagedRecords = isOfThisVersion ? DamagedIn(database) : 0,
            Installation = SqliteFormat.TryGetMeta(database, KeyName) switch
            {
                null => null,
                { Length: OwnerHash.KeySizeBytes } key => new OwnerHash(key).Installation,
                _ => throw new InvalidDataException($"{path}: the key of the owners is damaged"),
            },
        };
    });

    /// <summary>Says in what condition a table of states is; changes nothing in it.</summary>
    public static SqliteFileReport InspectStates(string path) => Inspect(path, SqliteSnapshotTable.Format, (database, report) =>
        report with { LogEnd = SnapshotSaver.ReadLogEnd(database) ?? CheckpointOf(database), Installation = MarkOf(database) });

    /// <summary>Says in what condition an impression log is; changes nothing in it.</summary>
    public static SqliteFileReport InspectImpressions(string path) =>
        Inspect(path, SqliteImpressionLog.Format, (database, report) => report with { Installation = MarkOf(database) });

    /// <summary>Writes into a table of states whose it is; makes the file where it is missing.</summary>
    /// <exception cref="StoreUnavailableException">It cannot be written now.</exception>
    public static void MarkStates(string path, InstallationId installation) => Mark(path, SqliteSnapshotTable.Format, installation);

    /// <summary>Writes into an impression log whose it is; makes the file where it is missing.</summary>
    /// <exception cref="StoreUnavailableException">It cannot be written now.</exception>
    public static void MarkImpressions(string path, InstallationId installation) => Mark(path, SqliteImpressionLog.Format, installation);

    /// <summary>Reads all of a file and says whether its pages and tables are in order.</summary>
    /// <returns>The first problem in one line; null where there is none.</returns>
    public static string? FindDamage(string path)
    {
        try
        {
            using SqliteDatabase database = SqliteDatabase.OpenReader(path);
            using SqliteStatement check = database.Prepare("PRAGMA quick_check(1)");
            return check.Step() && check.Text(0) is var found && found != "ok" ? $"{path}: {found.ReplaceLineEndings(" ")}" : null;
        }
        catch (Exception error) when (error is InvalidDataException or StoreUnavailableException or InvalidOperationException)
        {
            return error.Message;
        }
    }

    /// <summary>Copies a file as it is at one moment, while others read and write it.</summary>
    /// <param name="source">The file.</param>
    /// <param name="target">Its copy, which must not be there yet; its folder must.</param>
    /// <param name="progress">Called with the share that is done, 0 to 1.</param>
    /// <param name="cancellationToken">Stops between two steps; the partial copy stays.</param>
    /// <exception cref="StoreUnavailableException">One of the two cannot be read or written.</exception>
    /// <exception cref="InvalidDataException">The source is damaged.</exception>
    public static void Copy(string source, string target, Action<double> progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(progress);
        using SqliteDatabase from = SqliteDatabase.OpenReader(source);
        using SqliteDatabase to = SqliteDatabase.OpenCopy(target);
        from.CopyTo(to, progress, cancellationToken);
    }

    private static SqliteFileReport Inspect(string path, SqliteFormat format, Func<SqliteDatabase, SqliteFileReport, SqliteFileReport> read)
    {
        SqliteFileReport report = new(path, format.Kind, SqliteCondition.Missing);
        if (!File.Exists(path))
        {
            return report;
        }

        try
        {
            using SqliteDatabase database = SqliteDatabase.OpenReader(path);
            if (!SqliteFormat.IsMade(database))
            {
                return report;
            }

            format.Check(database);
            return read(database, report with { Condition = SqliteCondition.Sound });
        }
        catch (InvalidDataException error)
        {
            return report with { Condition = SqliteCondition.Damaged, Problem = error.Message };
        }
        catch (InvalidOperationException error)
        {
            // A statement that does not fit the tables: the schema is not what it was.
            return report with { Condition = SqliteCondition.Damaged, Problem = error.Message };
        }
        catch (NotSupportedException error)
        {
            return report with { Condition = SqliteCondition.OfAnotherKind, Problem = error.Message };
        }
        catch (StoreUnavailableException error)
        {
            return report with { Condition = SqliteCondition.Unreadable, Problem = error.Message };
        }
    }

    private static void Mark(string path, SqliteFormat format, InstallationId installation)
    {
        using SqliteDatabase database = SqliteDatabase.OpenWriter(path, format);
        if (MarkOf(database) is null)
        {
            database.Transact(() => SqliteFormat.SetMeta(database, InstallationName, Encoding.ASCII.GetBytes(installation.Value)));
        }
    }

    private static InstallationId? MarkOf(SqliteDatabase database) =>
        SqliteFormat.TryGetMeta(database, InstallationName) is { } bytes && InstallationId.TryParse(Encoding.ASCII.GetString(bytes), out InstallationId id)
            ? id
            : null;

    // Of a file that an older program wrote: opening it for good brings it to this version.
    private static long OldEndOf(SqliteDatabase database)
    {
        using SqliteStatement newest = database.Prepare("SELECT first_offset + count FROM chunks ORDER BY first_offset DESC LIMIT 1");
        return newest.Step() ? newest.Integer(0) : 0;
    }

    private static long DamagedIn(SqliteDatabase database)
    {
        using SqliteStatement damaged = database.Prepare("SELECT total(next_offset - first_offset) FROM damage");
        return damaged.Step() ? damaged.Integer(0) : 0;
    }

    private static long? NewestMs(SqliteDatabase database)
    {
        using SqliteStatement newest = database.Prepare("SELECT appended_ms FROM chunks ORDER BY first_offset DESC LIMIT 1");
        return newest.Step() && !newest.IsNull(0) ? newest.Integer(0) : null;
    }

    // What a program that did not note the log's end left: everything before the checkpoint is in the states.
    private static long? CheckpointOf(SqliteDatabase database)
    {
        using SqliteStatement load = database.Prepare("SELECT substr(bytes, 1, length) FROM states JOIN slots ON id = slot WHERE owner = ?1");
        load.BindText(1, Encoding.ASCII.GetBytes(IngestCheckpoint.KeyOf(epoch: 0, partition: 0)));
        return load.Step() ? IngestCheckpointCodec.Decode(load.Bytes(0)).Position : null;
    }
}
