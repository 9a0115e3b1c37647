using System.Globalization;
using RecSys.Cli.Hosting;
using RecSys.Core.Log;
using RecSys.Core.Ports;
using RecSys.Files;
using RecSys.Sqlite;

namespace RecSys.Cli.Backups;

/// <summary>Result of a restore.</summary>
/// <param name="Manifest">Manifest of the restored backup.</param>
/// <param name="Replaced">New path of the files that were in the folder before; null if there were none.</param>
/// <param name="Erased">Number of erasures after the backup that were added to the restored log; null if there was no newer log to read.</param>
internal sealed record RestoreOutcome(BackupManifest Manifest, string? Replaced, int? Erased);

/// <summary>Restores a backup into a data folder.</summary>
internal static class Restore
{
    private const int ReadMax = 2_000;

    /// <summary>Checks a backup and restores its files into a data folder.</summary>
    /// <param name="backup">The backup's folder.</param>
    /// <param name="folder">The data folder, locked by this process.</param>
    /// <param name="isForced">Whether an existing installation is moved away and replaced.</param>
    /// <param name="erasuresFrom">A data folder whose newer log contains the erasures since the backup; null to use the replaced folder, if it has the log of the backup's installation.</param>
    /// <param name="time">The clock, for the name of the folder that keeps the old files.</param>
    /// <param name="report">Called with the completed share, 0 to 1, and the current step.</param>
    /// <param name="cancellationToken">Cancels the restore as long as nothing in the folder is changed.</param>
    /// <exception cref="CommandException">The backup cannot be restored; the message has the reason.</exception>
    public static async Task<RestoreOutcome> RunAsync(
        string backup,
        DataFolder folder,
        bool isForced,
        string? erasuresFrom,
        TimeProvider time,
        Action<double, string> report,
        CancellationToken cancellationToken)
    {
        BackupManifest manifest = BackupManifest.Read(backup);
        InstallationFiles files = folder.Files;
        string[] present = [.. Present(files)];
        if (present.Length > 0 && !isForced)
        {
            throw new CommandException(
                $"{files.Folder} contains {string.Join(", ", present.Select(path => Path.GetRelativePath(files.Folder, path)))}; "
                + "set another folder with --data, or use --force to replace them (they are moved to another folder)");
        }

        string stamp = time.GetUtcNow().ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture);
        string staged = Path.Combine(files.Folder, ".restoring-" + stamp);
        try
        {
            Check(backup, manifest, share => report(share / 2, "checking"), cancellationToken);
            Stage(backup, manifest, staged, share => report(0.5 + (share / 2), "copying"), cancellationToken);
            int? erased = await AddErasuresAsync(manifest, new InstallationFiles(staged), new InstallationFiles(erasuresFrom ?? files.Folder), erasuresFrom is not null, time, cancellationToken);
            SqliteInstallation.ForgetFilesBeside(new InstallationFiles(staged).Log); // files that the backup does not contain do not count as lost
            return new RestoreOutcome(manifest, PutInPlace(files, staged, present, stamp), erased);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or StoreUnavailableException or InvalidDataException)
        {
            throw new CommandException($"the backup was not restored: {error.Message}");
        }
        finally
        {
            if (Directory.Exists(staged))
            {
                Directory.Delete(staged, recursive: true);
            }
        }
    }

    private static void Check(string backup, BackupManifest manifest, Action<double> report, CancellationToken cancellationToken)
    {
        long done = 0;
        foreach (BackupFile file in manifest.Files)
        {
            FileInfo found = new(Path.Combine(backup, file.Path));
            if (!found.Exists)
            {
                throw new InvalidDataException($"{found.FullName} is missing");
            }

            string hash = CheckedCopy.HashOf(found.FullName, bytes => report((double)(done += bytes) / Math.Max(1, manifest.SizeBytes)), cancellationToken);
            if (found.Length != file.SizeBytes || hash != file.Sha256)
            {
                throw new InvalidDataException($"{found.FullName} differs from the file that was backed up: its checksum does not match");
            }
        }
    }

    private static void Stage(string backup, BackupManifest manifest, string staged, Action<double> report, CancellationToken cancellationToken)
    {
        long done = 0;
        foreach (BackupFile file in manifest.Files)
        {
            string hash = CheckedCopy.Copy(
                Path.Combine(backup, file.Path),
                Path.Combine(staged, file.Path),
                bytes => report((double)(done += bytes) / Math.Max(1, manifest.SizeBytes)),
                cancellationToken);
            if (hash != file.Sha256)
            {
                throw new InvalidDataException($"{Path.Combine(backup, file.Path)} changed while it was copied");
            }
        }
    }

    /// <summary>Appends the erasures after the backup to the staged log, so that the next start erases these persons from the restored files too.</summary>
    private static async Task<int?> AddErasuresAsync(
        BackupManifest manifest, InstallationFiles staged, InstallationFiles newer, bool isNamed, TimeProvider time, CancellationToken cancellationToken)
    {
        SqliteFileReport found = SqliteInstallation.InspectLog(newer.Log);
        if (found.Condition != SqliteCondition.Sound || found.Installation?.Value != manifest.Installation)
        {
            return isNamed
                ? throw new CommandException($"{newer.Log} is not an undamaged log of the backup's installation {manifest.Installation}: {found.Problem ?? found.Installation?.Value ?? "missing"}")
                : null;
        }

        List<LogRecord.PersonErased> erasures = [];
        await using (SqliteInteractionLog log = Open(newer.Log, time))
        {
            using ILogReader reader = log.OpenReader(0, manifest.LogEnd);
            for (long from = -1; from < reader.Next && reader.Next < log.End;)
            {
                from = reader.Next;
                LogChunk chunk = await reader.ReadAsync(ReadMax, cancellationToken);
                erasures.AddRange(chunk.Entries
                    .Where(entry => LogRecordCodec.KindOf(entry.Bytes.Span) == LogRecord.Kind.PersonErased)
                    .Select(entry => LogRecordCodec.Decode(entry.Bytes.Span)).OfType<LogRecord.PersonErased>());
            }
        }

        if (erasures.Count > 0)
        {
            await using SqliteInteractionLog log = Open(staged.Log, time);
            LogPosition end = new(log.Shape.Epoch, [log.End - 1]);
            foreach (LogRecord.PersonErased[] records in erasures.Chunk(ReadMax))
            {
                await log.AppendAsync([.. records.Select(erasure => erasure with { UpTo = end })], cancellationToken);
            }
        }

        return erasures.Count;
    }

    private static SqliteInteractionLog Open(string path, TimeProvider time) =>
        SqliteInteractionLog.Open(new SqliteLogOptions { Path = path }, new LogRecordCodec(SqliteInstallation.OpenOwnerHash(path)), time);

    /// <summary>Moves the old files away and the staged files into place, the log last: a server does not start on other files without a log, so that a crash in between is detected.</summary>
    private static string? PutInPlace(InstallationFiles files, string staged, string[] present, string stamp)
    {
        string? replaced = null;
        if (present.Length > 0)
        {
            replaced = Path.Combine(files.Folder, "before-restore-" + stamp);
            PrivateFiles.MakeFolder(replaced);
            foreach (string path in present.OrderBy(path => path == files.Log ? 0 : 1)) // the log first
            {
                Move(path, Path.Combine(replaced, Path.GetFileName(path)));
            }
        }

        InstallationFiles from = new(staged);
        foreach (string path in Directory.EnumerateFileSystemEntries(staged).OrderBy(path => path == from.Log ? 1 : 0))
        {
            string target = Path.Combine(files.Folder, Path.GetFileName(path));
            if (!File.Exists(target)) // existing settings are kept
            {
                Move(path, target);
            }
        }

        DurableFiles.SyncFolder(files.Folder);
        return replaced;
    }

    private static void Move(string from, string to)
    {
        if (Directory.Exists(from))
        {
            Directory.Move(from, to);
        }
        else
        {
            File.Move(from, to);
        }
    }

    private static IEnumerable<string> Present(InstallationFiles files) =>
        [
            .. new[] { files.Log, files.States, files.Impressions }.SelectMany(InstallationFiles.PartsOf),
            .. new[] { files.KafkaLog }.Where(File.Exists),
            .. new[] { files.Folds, files.Models }.Where(Directory.Exists),
        ];
}
