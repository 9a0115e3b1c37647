using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using RecSys.Core;
using RecSys.Core.Log;
using RecSys.Core.Ports;
using RecSys.Files;
using RecSys.Speed;
using RecSys.Sqlite;

namespace RecSys.Cli.Hosting;

/// <summary>Prepares the files of an installation for opening: all belong to one installation, none is ahead of the log, none is damaged.</summary>
internal static class Installation
{
    /// <summary>Beginning of the names of folders with the states and folds from before a rebuild.</summary>
    public const string BeforeRebuild = "before-rebuild-";

    /// <summary>Checks the files, renames damaged ones that can be rebuilt, and marks the files of the installation.</summary>
    /// <param name="files">The files; this process holds their folder.</param>
    /// <param name="rebuild">Whether states and folds are rebuilt from the log; the old ones are kept in a folder beside them.</param>
    /// <param name="acceptDamage">Whether a rebuild accepts a log that has lost records.</param>
    /// <param name="now">Time for the names of files that are kept.</param>
    /// <param name="cancellationToken">Cancels the reading of the log before a rebuild; no file is renamed then.</param>
    /// <param name="database">The states, if they are in a database; null if they are a file of the folder.</param>
    /// <param name="kafka">The log, if it is on Kafka; null if it is a file of the folder.</param>
    /// <returns>The changes to the files, one line each.</returns>
    /// <exception cref="CommandException">The files do not belong together or cannot be used; the message names them and the remedy.</exception>
    public static async Task<IReadOnlyList<string>> PrepareAsync(
        InstallationFiles files, bool rebuild, bool acceptDamage, DateTimeOffset now, CancellationToken cancellationToken, PostgresStates? database = null, KafkaLog? kafka = null)
    {
        try
        {
            return await PrepareFilesAsync(files, rebuild, acceptDamage, now, database, kafka, cancellationToken);
        }
        catch (Exception error) when (error is StoreUnavailableException or NotSupportedException or InvalidDataException or NewerRecordException)
        {
            throw new CommandException(error.Message);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"{files.Folder}: {error.Message}");
        }
    }

    /// <summary>Checks that the files belong together and that the log can be used; changes nothing.</summary>
    /// <exception cref="CommandException">The files do not belong together, or the log cannot be used; the message names them and the remedy.</exception>
    public static void RequireFitting(InstallationFiles files, SqliteFileReport states, KafkaLog? kafka = null)
    {
        SqliteFileReport log = RequireLog(files);
        KafkaLog.RequireKind(files, log, kafka);
        if (log.Installation is { } id)
        {
            RequireSame(files, files.Folds, FolderMark.Read(files.Folds), id);
            RequireSame(files, files.Models, FolderMark.Read(files.Models), id);
            RequireSame(files, states.Path, states.Installation, id);
            RequireSame(files, files.Impressions, SqliteInstallation.InspectImpressions(files.Impressions).Installation, id);
        }

        RequireMadeFrom(files, log, states, kafka);
    }

    /// <summary>Returns the remedy if the log ends before the records in the states or folds.</summary>
    public static string RebuildAdvice(string folder) =>
        $"restore the newer log (recsys restore BACKUP --data {folder}), or rebuild the states from this log: recsys serve --rebuild --data {folder}";

    private static async Task<List<string>> PrepareFilesAsync(
        InstallationFiles files, bool rebuild, bool acceptDamage, DateTimeOffset now, PostgresStates? database, KafkaLog? kafka, CancellationToken cancellationToken)
    {
        List<string> notes = [];
        SqliteFileReport log = RequireLog(files);
        KafkaLog.RequireKind(files, log, kafka);

        // Nodes that share the log and the states have one key of the owners.
        byte[]? key = kafka is null || database is null ? null : await database.ShareOwnerKeyAsync(SqliteInstallation.TryReadOwnerKey(files.Log), cancellationToken);
        InstallationId id = SqliteInstallation.OpenOwnerHash(files.Log, key).Installation;
        RequireSame(files, files.Folds, FolderMark.Read(files.Folds), id);
        RequireSame(files, files.Models, FolderMark.Read(files.Models), id);
        LogPosition? damagedEnd = rebuild ? await RequireWholeAsync(files, acceptDamage, kafka, cancellationToken) : null;

        SqliteFileReport states = database is not null
            ? await database.PrepareAsync(id, cancellationToken)
            : Checked(files, SqliteInstallation.InspectStates(files.States), id, now, notes, "it is rebuilt from the log");
        if (database is not null && File.Exists(files.States))
        {
            notes.Add($"{files.States} is not used, because the states are in {states.Path}; it contains data of persons that erasures do not remove: delete it if you will not use it again");
        }

        SqliteFileReport found = SqliteInstallation.InspectImpressions(files.Impressions);
        string? loss = SlatesMark.Loss(log, found);
        if (found.Condition == SqliteCondition.Sound && (found.Installation ?? id) == id && found.Slates is { } end && log.Slates is { } mark && end.IsOfAnotherFileThan(mark))
        {
            found = found with { Condition = SqliteCondition.Damaged, Problem = loss };
        }

        SqliteFileReport impressions = Checked(files, found, id, now, notes, "the slates that were shown before are lost to evaluation");
        if (found.Condition == SqliteCondition.Sound && loss is not null)
        {
            notes.Add($"{loss}; they are lost to evaluation");
        }
        else if (found.Condition == SqliteCondition.Missing && (loss is not null || states is { Condition: SqliteCondition.Sound, Installation: not null }))
        {
            notes.Add($"{impressions.Path} is missing or empty: the slates that were shown before are lost to evaluation");
        }

        if (rebuild)
        {
            string kept = await KeepBeforeRebuildAsync(files, states, id, damagedEnd, now, database, cancellationToken);
            states = database is null ? SqliteInstallation.InspectStates(files.States) : states with { LogEnd = null, LogRowSum = null };
            notes.Add($"states and folds are rebuilt from {(kafka is null ? $"the log's {Terminal.Number(log.LogEnd ?? 0)} records" : "the log")}; the old {(database is null ? "ones" : "folds")} are kept in {kept}: delete it when the rebuild is complete");
        }
        else
        {
            RequireMadeFrom(files, log, states, kafka);
        }

        if (found.Condition != SqliteCondition.Sound || loss is not null)
        {
            SqliteInstallation.ForgetSlates(files.Log);
        }

        Mark(files, id, database is null ? [states, impressions] : [impressions], notes);
        if (database is null)
        {
            SqliteInstallation.MarkStates(files.States, id);
        }

        Tighten(files, notes);
        return notes;
    }

    private static void RequireMadeFrom(InstallationFiles files, SqliteFileReport log, SqliteFileReport states, KafkaLog? kafka)
    {
        if (kafka is not null)
        {
            return; // the parts that read the log compare their positions with its ends when they start
        }

        if (states.LogEnd > (log.LogEnd ?? 0))
        {
            throw new CommandException(
                $"{states.Path} was made from a log of {states.LogEnd} records or more, but {files.Log} has {log.LogEnd ?? 0}: the log is an older copy or lost its newest records; "
                + RebuildAdvice(files.Folder));
        }

        if (states is { LogEnd: > 0 and var end, LogRowSum: { } made } && SqliteInstallation.LogRowSum(files.Log, end) is { } found && found != made)
        {
            throw new CommandException(
                $"{states.Path} was made from another copy of the log: record {end - 1} in {files.Log} was stored with other records or at another time, as if a server had run on the copy; "
                + $"restore the log and the states from the same copy, or rebuild the states from this log: recsys serve --rebuild --data {files.Folder}");
        }
    }

    /// <summary>Reads the whole log, and returns the position of its newest record if records are lost; otherwise null.</summary>
    private static async Task<LogPosition?> RequireWholeAsync(InstallationFiles files, bool acceptDamage, KafkaLog? kafka, CancellationToken cancellationToken)
    {
        await using IInteractionLog log = kafka is not null
            ? await kafka.OpenAsync(files, NullLogger.Instance)
            : SqliteInteractionLog.Open(new SqliteLogOptions { Path = files.Log }, new LogRecordCodec(SqliteInstallation.OpenOwnerHash(files.Log)), TimeProvider.System);
        try
        {
            await WholeLog.RequireAsync(log, await log.GetRangesAsync(cancellationToken), acceptDamage, _ => { }, cancellationToken);
            return log.Integrity.DamagedRecords > 0 ? await log.GetEndAsync(cancellationToken) : null;
        }
        catch (InvalidOperationException damage)
        {
            throw new CommandException(damage.Message);
        }
    }

    private static async Task<string> KeepBeforeRebuildAsync(
        InstallationFiles files, SqliteFileReport states, InstallationId id, LogPosition? damagedEnd, DateTimeOffset now, PostgresStates? database, CancellationToken cancellationToken)
    {
        if (database is null && states.Condition == SqliteCondition.Sound)
        {
            SqliteInstallation.MarkStates(files.States, id); // closing it moves the write-ahead log into the file, so that one rename moves all states
        }

        string stem = Path.Combine(files.Folder, BeforeRebuild + now.ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture));
        string kept = stem;
        for (int number = 2; Directory.Exists(kept); number++)
        {
            kept = string.Create(CultureInfo.InvariantCulture, $"{stem}-{number}");
        }

        PrivateFiles.MakeFolder(kept);
        if (database is not null)
        {
            await database.ClearAsync(damagedEnd, cancellationToken);
        }
        else if (states.Condition == SqliteCondition.Sound && damagedEnd is not null)
        {
            // A copy is kept instead of the renamed file, so that after a crash at any time the file has all old states or all tombstones.
            SqliteInstallation.Copy(files.States, Path.Combine(kept, Path.GetFileName(files.States)), _ => { }, cancellationToken);
            DurableFiles.SyncFolder(kept);
            await using SqliteSnapshotTable table = SqliteSnapshotTable.Open(new SqliteSnapshotOptions { Path = files.States });
            await ErasedStates.KeepOnlyErasuresAsync(table, damagedEnd, cancellationToken);
        }
        else
        {
            foreach (string path in InstallationFiles.PartsOf(files.States))
            {
                File.Move(path, Path.Combine(kept, Path.GetFileName(path)));
            }
        }

        string[] folds = [.. files.FoldFiles()];
        if (folds.Length > 0)
        {
            string folder = Path.Combine(kept, Path.GetFileName(files.Folds));
            PrivateFiles.MakeFolder(folder);
            foreach (string path in folds)
            {
                File.Move(path, Path.Combine(folder, Path.GetFileName(path)));
            }
        }

        DurableFiles.SyncFolder(files.Folder);
        return kept;
    }

    private static SqliteFileReport RequireLog(InstallationFiles files)
    {
        SqliteFileReport log = SqliteInstallation.InspectLog(files.Log);
        switch (log.Condition)
        {
            case SqliteCondition.Missing when Others(files) is { Count: > 0 } others:
                throw new CommandException(
                    $"{files.Log} is missing or empty, but {string.Join(", ", others)} of an installation are there: "
                    + $"restore the log (recsys restore BACKUP --data {files.Folder}), or move those files away to begin a new installation");
            case SqliteCondition.Damaged:
                throw new CommandException($"the log is damaged: {log.Problem}; restore a backup: recsys restore BACKUP --force --data {files.Folder}");
            case SqliteCondition.OfAnotherKind or SqliteCondition.Unreadable:
                throw new CommandException(log.Problem!);
            default:
                return log;
        }
    }

    // Files that only an installation with a log can have.
    private static List<string> Others(InstallationFiles files)
    {
        List<string> names =
        [
            .. new[] { files.States, files.Impressions }.Select(path => new FileInfo(path)).Where(file => file is { Exists: true, Length: > 0 }).Select(file => file.Name),
        ];
        if (files.FoldFiles().Count > 0)
        {
            names.Add("folds");
        }

        if (files.ModelFiles().Count > 0)
        {
            names.Add("models");
        }

        return names;
    }

    private static SqliteFileReport Checked(
        InstallationFiles files, SqliteFileReport report, InstallationId id, DateTimeOffset now, List<string> notes, string consequence)
    {
        switch (report.Condition)
        {
            case SqliteCondition.Damaged:
                string kept = "";
                foreach (string part in InstallationFiles.PartsOf(report.Path).Reverse())
                {
                    kept = DamagedFiles.Keep(part, now); // the database last, because its name is reported
                }

                notes.Add($"{report.Name} is damaged ({report.Problem}): it is kept as {kept}, and {consequence}");
                return report with { Condition = SqliteCondition.Missing };
            case SqliteCondition.OfAnotherKind or SqliteCondition.Unreadable:
                throw new CommandException($"{report.Problem}; move it away: mv {report.Path} ELSEWHERE");
            default:
                RequireSame(files, report.Path, report.Installation, id);
                return report;
        }
    }

    private static void RequireSame(InstallationFiles files, string path, InstallationId? found, InstallationId id)
    {
        if (found is { } other && other != id)
        {
            throw new CommandException(
                $"{path} belongs to installation {other}, but {files.Log} to {id}: restore the file that belongs with the other, or move {Path.GetFileName(path)} away: "
                + $"mv {path} ELSEWHERE");
        }
    }

    private static void Mark(InstallationFiles files, InstallationId id, SqliteFileReport[] databases, List<string> notes)
    {
        List<string> adopted = [];
        foreach (SqliteFileReport database in databases.Where(database => database is { Condition: SqliteCondition.Sound, Installation: null }))
        {
            adopted.Add(database.Name);
        }

        SqliteInstallation.MarkImpressions(files.Impressions, id);
        foreach ((string folder, bool isUsed) in new[] { (files.Folds, files.FoldFiles().Count > 0), (files.Models, files.ModelFiles().Count > 0) })
        {
            if (FolderMark.Read(folder) is null)
            {
                FolderMark.Write(folder, id);
                if (isUsed)
                {
                    adopted.Add(new DirectoryInfo(folder).Name);
                }
            }
        }

        if (adopted.Count > 0)
        {
            notes.Add($"{string.Join(", ", adopted)} had no installation id, as with files of older programs; they have {id} now");
        }
    }

    // The permissions of the data folder itself are the owner's decision: doctor reports if other users can read it.
    private static void Tighten(InstallationFiles files, List<string> notes)
    {
        string[] paths =
        [
            .. InstallationFiles.PartsOf(files.Log), .. InstallationFiles.PartsOf(files.States), .. InstallationFiles.PartsOf(files.Impressions),
            files.Folds, .. files.FoldFiles(), files.Models, .. files.ModelFiles(), .. DamagedFiles.In(files.Folder), .. DamagedFiles.In(files.Folds),
        ];
        string[] tightened = [.. paths.Where(PrivateFiles.Tighten).Select(path => new FileInfo(path).Name)];
        if (tightened.Length > 0)
        {
            notes.Add($"other users of this machine could read {string.Join(", ", tightened)}; now only this user can");
        }
    }
}
