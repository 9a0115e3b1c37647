using System.Security.Cryptography;
using System.Text;
using RecSys.Core;
using RecSys.Core.Diagnostics;
using RecSys.Core.Erasures;
using RecSys.Core.Ingestion;
using RecSys.Core.Log;
using RecSys.Core.Ports;
using RecSys.Sqlite.Control;
using RecSys.Sqlite.Impressions;
using RecSys.Sqlite.Log;
using RecSys.Sqlite.Storage;

namespace RecSys.Sqlite;

/// <summary>The key of an installation, the check that its files belong together, and reports on their condition.</summary>
public static class SqliteInstallation
{
    private static ReadOnlySpan<byte> KeyName => "owner-key"u8;

    private static ReadOnlySpan<byte> InstallationName => "installation"u8;

    /// <summary>Opens the hash that converts user ids to owners; its key is drawn from the system's secure random source when the log is created, and never changes.</summary>
    /// <param name="logPath">Path of the log's file, which is created if it is missing.</param>
    /// <param name="newKey">The key of a log that has none; null to draw one.</param>
    /// <exception cref="NotSupportedException">A newer program made the file, or it is of another kind.</exception>
    /// <exception cref="InvalidDataException">The key is damaged.</exception>
    /// <exception cref="StoreUnavailableException">The file cannot be opened now.</exception>
    public static OwnerHash OpenOwnerHash(string logPath, byte[]? newKey = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(logPath);
        using SqliteDatabase database = SqliteDatabase.OpenWriter(logPath, SqliteInteractionLog.Format);
        if (SqliteFormat.TryGetMeta(database, KeyName) is null)
        {
            database.Transact(() => SqliteFormat.SetMeta(database, KeyName, newKey ?? RandomNumberGenerator.GetBytes(OwnerHash.KeySizeBytes)));
        }

        // Read back: if two processes drew a key, the first stored one is used.
        return SqliteFormat.TryGetMeta(database, KeyName) is { Length: OwnerHash.KeySizeBytes } key
            ? new OwnerHash(key)
            : throw new InvalidDataException($"{logPath}: the key of the owners is damaged");
    }

    /// <summary>Reads the key of the owners, for the nodes of an installation, which all have the same; null if there is no log yet, or it has no key.</summary>
    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    /// <exception cref="StoreUnavailableException">The file cannot be opened now.</exception>
    public static byte[]? TryReadOwnerKey(string logPath)
    {
        if (!File.Exists(logPath))
        {
            return null;
        }

        using SqliteDatabase database = SqliteDatabase.OpenReader(logPath);
        return SqliteFormat.HasTables(database) && SqliteFormat.TryGetMeta(database, KeyName) is { Length: OwnerHash.KeySizeBytes } key ? key : null;
    }

    /// <summary>Reports the condition of a log; changes nothing in it.</summary>
    public static SqliteFileReport InspectLog(string path) => Inspect(path, SqliteInteractionLog.Format, (database, report) =>
    {
        bool isOfThisVersion = SqliteInteractionLog.Format.IsOfThisVersion(database);
        InstallationId? id = InstallationOf(database);
        if (id is { } own && FilesBeside.OtherInstallationIn(database, own) is { } other)
        {
            throw new InvalidDataException($"{path} belongs to installation {own}, but its write-ahead log to {other}");
        }

        return report with
        {
            LogEnd = isOfThisVersion ? LogAppender.EndOf(database) : OldEndOf(database),
            NewestMs = isOfThisVersion ? NewestMs(database) : null,
            DamagedRecords = isOfThisVersion ? DamagedIn(database) : 0,
            Models = FilesBeside.ModelsIn(database),
            Slates = FilesBeside.SlatesIn(database),
            Installation = id,
        };
    });

    /// <summary>Reports the condition of a table of states; changes nothing in it.</summary>
    public static SqliteFileReport InspectStates(string path) => Inspect(path, SqliteSnapshotTable.Format, (database, report) =>
    {
        long? end = SnapshotSaver.ReadLogEnd(database);
        return report with { LogEnd = end ?? CheckpointOf(database), LogRowSum = SnapshotSaver.ReadLogRow(database, end), Installation = MarkOf(database) };
    });

    /// <summary>Returns the checksum of the row of a log that contains the record before an offset; null if the row is damaged, lost or of an older version.</summary>
    /// <exception cref="StoreUnavailableException">The file cannot be read now.</exception>
    public static long? LogRowSum(string path, long end)
    {
        using SqliteDatabase database = SqliteDatabase.OpenReader(path);
        return SqliteInteractionLog.Format.IsOfThisVersion(database) ? LogAppender.RowSumAt(database, end) : null;
    }

    /// <summary>Reports the condition of an impression log; changes nothing in it.</summary>
    public static SqliteFileReport InspectImpressions(string path) =>
        Inspect(path, SqliteImpressionLog.Format, (database, report) =>
            report with { Installation = MarkOf(database), Slates = ImpressionSegments.EndOf(database) });

    /// <summary>Writes the installation id into a table of states; creates the file if it is missing.</summary>
    /// <exception cref="StoreUnavailableException">The file cannot be written now.</exception>
    public static void MarkStates(string path, InstallationId installation) => Mark(path, SqliteSnapshotTable.Format, installation);

    /// <summary>Writes the installation id into an impression log; creates the file if it is missing.</summary>
    /// <exception cref="StoreUnavailableException">The file cannot be written now.</exception>
    public static void MarkImpressions(string path, InstallationId installation) => Mark(path, SqliteImpressionLog.Format, installation);

    /// <summary>Removes the stored end of the impression log from a log, because another file replaces the impression log; the server stores the end of the new file.</summary>
    /// <exception cref="StoreUnavailableException">The file cannot be written now.</exception>
    public static void ForgetSlates(string logPath)
    {
        using SqliteDatabase database = SqliteDatabase.OpenWriter(logPath, SqliteInteractionLog.Format);
        database.Transact(() => FilesBeside.ForgetSlates(database));
    }

    /// <summary>Removes from a log what it remembers of the files beside it, and the progress of erasures in them, because files of a backup replace them.</summary>
    /// <exception cref="StoreUnavailableException">The file cannot be written now.</exception>
    public static void ForgetFilesBeside(string logPath)
    {
        using SqliteDatabase database = SqliteDatabase.OpenWriter(logPath, SqliteInteractionLog.Format);
        database.Transact(() =>
        {
            FilesBeside.ForgetModels(database);
            FilesBeside.ForgetSlates(database);
            ControlRows.Delete(database, StoredErasure.AllPrefix); // the erasures are repeated in the files, which may be older than the log
        });
    }

    /// <summary>Returns the control store of a log without a server; it can be read only.</summary>
    /// <remarks>Each read opens the file. A log that does not exist has no rows.</remarks>
    public static IControlStore ControlOf(string logPath) => new ControlReader(logPath);

    /// <summary>Reads the whole file and checks its pages and tables.</summary>
    /// <returns>The first problem in one line; null if there is none.</returns>
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

    /// <summary>Reads all records of a log and checks them; changes nothing in it.</summary>
    /// <param name="path">Path of the file.</param>
    /// <param name="erasuresAppliedTo">Position up to which the log's erasures are recorded as done.</param>
    /// <param name="census">Takes note of each record; null for none.</param>
    /// <returns>The report; null if an older program wrote the log, whose records have no checksums yet.</returns>
    /// <exception cref="StoreUnavailableException">The file cannot be read now.</exception>
    public static LogRecordsReport? CheckRecords(string path, LogPosition erasuresAppliedTo, LogCensus? census = null)
    {
        ArgumentNullException.ThrowIfNull(erasuresAppliedTo);
        using SqliteDatabase database = SqliteDatabase.OpenReader(path);
        if (!SqliteInteractionLog.Format.IsOfThisVersion(database))
        {
            return null;
        }

        long end = LogAppender.EndOf(database);
        using LogReader reader = new(new SqliteFile(path, SqliteInteractionLog.Format));
        LogIntegrity integrity = new();
        Dictionary<Owner, LogPosition> erased = [];
        foreach (LogEntry entry in Entries(reader, end, integrity))
        {
            census?.Add(entry.Offset, entry.Bytes.Span);
            if (erasuresAppliedTo.Covers(new RecordPosition(0, 0, entry.Offset))
                && LogRecordCodec.KindOf(entry.Bytes.Span) == LogRecord.Kind.PersonErased
                && LogRecordCodec.Decode(entry.Bytes.Span) is LogRecord.PersonErased erasure)
            {
                erased[erasure.Owner] = erasure.UpTo; // a later erasure of the same person covers the earlier one
            }
        }

        // Erasures follow the records that they concern: a second reading finds the records that they did not erase.
        long unerased = erased.Count == 0 ? 0 : Entries(reader, end, integrity).LongCount(entry =>
            LogRecordCodec.KindOf(entry.Bytes.Span) is LogRecord.Kind.Interaction or LogRecord.Kind.InteractionRetracted or LogRecord.Kind.UserChanged or LogRecord.Kind.UsersMerged
            && LogRecordCodec.TryGetOwner(entry.Bytes.Span, out Owner owner)
            && erased.TryGetValue(owner, out LogPosition? upTo)
            && upTo.Covers(new RecordPosition(0, 0, entry.Offset)));
        return new LogRecordsReport(integrity, unerased);
    }

    /// <summary>Returns the installation of a log; null if it has no key yet.</summary>
    /// <exception cref="InvalidDataException">The key is damaged.</exception>
    internal static InstallationId? InstallationOf(SqliteDatabase log) => SqliteFormat.TryGetMeta(log, KeyName) switch
    {
        null => null,
        { Length: OwnerHash.KeySizeBytes } key => new OwnerHash(key).Installation,
        _ => throw new InvalidDataException($"{log.Path}: the key of the owners is damaged"),
    };

    private static IEnumerable<LogEntry> Entries(LogReader reader, long end, LogIntegrity integrity)
    {
        for (long next = 0; next < end;)
        {
            LogFileRead read = reader.Read(next, StoredChunk.RecordsMax, StoredChunk.BytesMax, end);
            read.Damage.ForEach(damage => integrity.Add(damage));
            foreach (LogEntry entry in StoredChunk.Slice(read.Chunks, next, int.MaxValue).Entries)
            {
                yield return entry;
            }

            next = Math.Max(next + 1, read.Chunks.Count == 0 ? end : read.Chunks[^1].Next);
        }
    }

    /// <summary>Copies a file as of one moment, while other connections read and write it.</summary>
    /// <param name="source">Path of the file.</param>
    /// <param name="target">Path of the copy, which must not exist; its folder must exist.</param>
    /// <param name="progress">Called with the share that is copied, 0 to 1.</param>
    /// <param name="cancellationToken">Cancels the copying between two steps; the partial copy stays.</param>
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
            if (!SqliteFormat.HasTables(database))
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
            // The statement does not fit the tables: the schema was changed.
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

    // An older program wrote the file: opening it for writing upgrades it to this version.
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

    // A file of a program that did not store the log's end: all records before the checkpoint are in the states.
    private static long? CheckpointOf(SqliteDatabase database)
    {
        using SqliteStatement load = database.Prepare("SELECT substr(bytes, 1, length) FROM states JOIN slots ON id = slot WHERE owner = ?1");
        load.BindText(1, Encoding.ASCII.GetBytes(IngestCheckpoint.KeyOf(epoch: 0, partition: 0)));
        try
        {
            return load.Step() ? IngestCheckpointCodec.Decode(load.Bytes(0)).Position : null;
        }
        catch (CorruptRecordException)
        {
            return null; // its ingest actor begins at the log's start
        }
    }
}
