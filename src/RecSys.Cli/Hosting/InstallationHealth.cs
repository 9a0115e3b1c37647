using System.Buffers;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Text.Json;
using RecSys.Core;
using RecSys.Core.Catalogue;
using RecSys.Core.Diagnostics;
using RecSys.Core.Log;
using RecSys.Core.Ports;
using RecSys.Core.Trends;
using RecSys.Files;
using RecSys.Sqlite;

namespace RecSys.Cli.Hosting;

/// <summary>Checks the machine and an installation's files, before a server starts on them or while one runs. It changes no data.</summary>
/// <param name="files">Files of the installation to check.</param>
/// <param name="time">Clock that is compared with the newest record of the log.</param>
/// <param name="isDeep">Whether to read whole files, which may take minutes; otherwise only quick checks run.</param>
/// <param name="models">The store of a server in this process, which knows the damaged models; null to open the files.</param>
/// <param name="database">The states, if they are in a database; null if they are a file of the folder.</param>
/// <param name="kafka">The log, if it is on Kafka; null if it is a file of the folder.</param>
internal sealed class InstallationHealth(
    InstallationFiles files, TimeProvider time, bool isDeep, IModelStore? models = null, PostgresStates? database = null, KafkaLog? kafka = null) : IHealthChecks
{
    /// <summary>Returns the soft limit of open files; null if the system has none that can be read.</summary>
    public static long? OpenFilesMax() => File.Exists(OpenFilesLimit.Path) ? OpenFilesLimit.Parse(File.ReadAllText(OpenFilesLimit.Path)) : null;

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<HealthFinding>> CheckAsync(CancellationToken cancellationToken)
    {
        SqliteFileReport log = SqliteInstallation.InspectLog(files.Log);
        List<HealthFinding> findings =
        [
            .. Machine(),
            Try("disk", () => HealthRules.Disk(files.Folder, new DriveInfo(ExistingFolder()).AvailableFreeSpace)),
            Try("open files", () => HealthRules.OpenFiles(OpenFilesMax())),
            Try("memory", () => HealthRules.Memory(log.LogEnd ?? 0, SizeOf(files.FoldFiles()), SizeOf(files.ModelFiles().TakeLast(1)), GC.GetGCMemoryInfo().TotalAvailableMemoryBytes)),
            Try("clock", () => HealthRules.Clock(time.GetUtcNow(), log.NewestMs is { } ms ? DateTimeOffset.FromUnixTimeMilliseconds(ms) : null)),
            Try("settings", Settings),
        ];
        if (!Directory.Exists(files.Folder))
        {
            findings.Add(new("data folder", HealthVerdict.Bad, $"{files.Folder} does not exist") { Command = $"recsys serve --data {files.Folder}" });
            return findings;
        }

        findings.Add(Try("permissions", Permissions));
        SqliteFileReport? states = database is null ? SqliteInstallation.InspectStates(files.States) : await database.TryReadAsync(cancellationToken);
        findings.Add(Try("installation", () => Fitting(log, states)));
        LogCensus census = new(log.LogEnd ?? 0);
        if (kafka is null)
        {
            findings.Add(Database(log, damage => Log(log, damage, census), $"recsys restore BACKUP --force --data {files.Folder}"));
            findings.AddRange(census.Report());
        }
        else if (isDeep)
        {
            findings.Add(await kafka.CheckAsync(files)); // a running server checks the log itself
        }

        findings.Add(database is not null
            ? await database.CheckAsync(log, cancellationToken)
            : Database(states!, States, $"recsys serve --rebuild --data {files.Folder}"));
        findings.Add(Impressions(log, SqliteInstallation.InspectImpressions(files.Impressions)));
        findings.Add(Try("folds", () => Folds(log)));
        if (RemovedFromFolds(log.Installation) is { Count: > 0 } removed)
        {
            findings.Add(HealthRules.FoldsWithout(removed, files.Folds));
        }

        findings.AddRange(await ModelsAsync(log, cancellationToken));
        findings.AddRange(Leftovers());
        return findings;
    }

    private static IEnumerable<HealthFinding> Machine()
    {
        yield return new(
            "machine",
            HealthVerdict.Good,
            $"{RuntimeInformation.RuntimeIdentifier}, {Environment.ProcessorCount} cores, {RuntimeInformation.FrameworkDescription}, vectors of {(Vector512.IsHardwareAccelerated ? 512 : Vector256.IsHardwareAccelerated ? 256 : 128)} bits");
        if (!Vector256.IsHardwareAccelerated)
        {
            yield return new("vectors", HealthVerdict.Note, "128 bits: training and full scans take about twice as long");
        }
    }

    // A part that cannot be checked does not prevent the checks of the others.
    private static HealthFinding Try(string check, Func<HealthFinding> find)
    {
        try
        {
            return find();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or StoreUnavailableException or InvalidDataException or NotSupportedException)
        {
            return new(check, HealthVerdict.Bad, $"cannot be checked: {error.Message}") { Command = "check that this user may read the folder and that the disk has free space" };
        }
    }

    private string ExistingFolder()
    {
        string? folder = files.Folder;
        while (folder is not null && !Directory.Exists(folder))
        {
            folder = Path.GetDirectoryName(folder);
        }

        return folder ?? files.Folder;
    }

    private static long SizeOf(IEnumerable<string> paths) => paths.Select(path => new FileInfo(path)).Where(file => file.Exists).Sum(file => file.Length);

    private HealthFinding Settings()
    {
        if (Directory.Exists(files.Settings))
        {
            return new("settings", HealthVerdict.Bad, $"{files.Settings} must be the settings file, but is a folder") { Command = $"mv {files.Settings} ELSEWHERE" };
        }

        if (!File.Exists(files.Settings))
        {
            return new("settings", HealthVerdict.Good, "no appsettings.json in the data folder: the defaults apply");
        }

        try
        {
            using JsonDocument json = JsonDocument.Parse(
                File.ReadAllBytes(files.Settings), new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
            return new("settings", HealthVerdict.Good, $"{files.Settings} can be read");
        }
        catch (JsonException error)
        {
            return new("settings", HealthVerdict.Bad, $"{files.Settings}: {error.Message.ReplaceLineEndings(" ")}") { Command = $"correct line {error.LineNumber + 1}" };
        }
    }

    private HealthFinding Permissions()
    {
        try
        {
            DataFolder.RequireWritable(files.Folder);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return new("permissions", HealthVerdict.Bad, $"{files.Folder} cannot be written: {error.Message}")
            {
                Command = PrivateFiles.IsFull(error) ? "free disk space" : "mount it read-write, and give this user the right to write there",
            };
        }

        string[] open =
        [
            .. new[] { files.Log, files.States, files.Impressions }.SelectMany(InstallationFiles.PartsOf)
                .Concat(files.FoldFiles()).Concat(DamagedFiles.In(files.Folder)).Where(PrivateFiles.IsOpenToOthers)
                .Select(path => Path.GetRelativePath(files.Folder, path)),
        ];
        return HealthRules.Permissions(files.Folder, PrivateFiles.IsOpenToOthers(files.Folder), open);
    }

    private HealthFinding Fitting(SqliteFileReport log, SqliteFileReport? states)
    {
        if (states is null)
        {
            return new("installation", HealthVerdict.Note, "not compared with the states, which cannot be read");
        }

        try
        {
            Installation.RequireFitting(files, states, kafka);
            return new("installation", HealthVerdict.Good, log.Installation is { } id ? $"{id}: all files belong to it, and none is ahead of the log" : "not started yet");
        }
        catch (CommandException problem)
        {
            return new("installation", HealthVerdict.Bad, problem.Message);
        }
    }

    private HealthFinding Database(SqliteFileReport report, Func<string?, HealthFinding> sound, string repair)
    {
        string check = report.Kind;
        return report.Condition switch
        {
            SqliteCondition.Missing => new(check, HealthVerdict.Note, $"{report.Path} does not exist yet"),
            SqliteCondition.Sound => Try(check, () => sound(isDeep ? SqliteInstallation.FindDamage(report.Path) : null)),
            _ => Unsound(report, repair),
        };
    }

    /// <summary>Judges a file that cannot be used.</summary>
    /// <param name="report">The findings about the file.</param>
    /// <param name="repair">The command that replaces the file; reported only if the file itself is damaged, not if it cannot be read at the moment.</param>
    internal static HealthFinding Unsound(SqliteFileReport report, string repair) => new(report.Kind, HealthVerdict.Bad, report.Problem!)
    {
        Command = report.Condition switch
        {
            SqliteCondition.Damaged => repair,
            SqliteCondition.Unreadable => "check the disk and the permissions; the file itself may be undamaged",
            _ => null,
        },
    };

    private HealthFinding Log(SqliteFileReport report, string? damage, LogCensus census)
    {
        LogRecordsReport? found = isDeep ? SqliteInstallation.CheckRecords(report.Path, ErasuresAppliedTo(report.Installation), census) : null;
        return found?.UnerasedRecords > 0
            ? HealthRules.Unerased(found.UnerasedRecords, files.FoldOf(ErasurePosition.FoldName))
            : HealthRules.Log(
                report.LogEnd ?? 0,
                Math.Max(report.DamagedRecords, found?.Integrity.DamagedRecords ?? 0),
                damage,
                found is { Integrity.Places: [LogDamage first, ..] } ? first.ToString() : null);
    }

    private LogPosition ErasuresAppliedTo(InstallationId? installation)
    {
        try
        {
            return files.FoldOf(ErasurePosition.FoldName) is { } path && File.Exists(path)
                && ErasurePosition.TryDecode(FoldHead.ReadState(path, installation).ToArray(), out LogPosition? position)
                    ? position
                    : LogPosition.Start;
        }
        catch (CorruptRecordException)
        {
            return LogPosition.Start;
        }
    }

    private RemovedRecords? RemovedFromFolds(InstallationId? installation)
    {
        try
        {
            return files.FoldOf(RemovedRecords.FoldName) is { } path && File.Exists(path) ? RemovedRecords.Decode(FoldHead.ReadState(path, installation).ToArray()) : null;
        }
        catch (CorruptRecordException)
        {
            return null; // a deep check reports it with the other folds
        }
    }

    private HealthFinding States(string? damage) =>
        damage is null
            ? new("states", HealthVerdict.Good, isDeep ? "all pages are in order" : "can be opened")
            : new("states", HealthVerdict.Bad, damage) { Command = $"recsys serve --rebuild --data {files.Folder}" };

    private HealthFinding Impressions(SqliteFileReport log, SqliteFileReport impressions) =>
        SlatesMark.Loss(log, impressions) is { } loss
            ? new("impressions", HealthVerdict.Note, loss) { Command = "stop the server and put the newer file back with its write-ahead log; otherwise the next start of a server continues without the lost slates" }
            : Database(impressions, ImpressionsThatOpen, $"mv {files.Impressions} ELSEWHERE");

    private HealthFinding ImpressionsThatOpen(string? damage) =>
        damage is null
            ? new("impressions", HealthVerdict.Good, isDeep ? "all pages are in order" : "can be opened")
            : new("impressions", HealthVerdict.Bad, damage) { Command = $"stop the server and mv {files.Impressions} ELSEWHERE; the shown slates are lost for evaluations" };

    private HealthFinding Folds(SqliteFileReport log)
    {
        if (!isDeep)
        {
            return new("folds", HealthVerdict.Good, $"{files.FoldFiles().Count} saved");
        }

        if (log.Condition is not (SqliteCondition.Sound or SqliteCondition.Missing))
        {
            return new("folds", HealthVerdict.Note, $"{files.FoldFiles().Count} saved; not compared with the log, which cannot be read");
        }

        foreach (string path in files.FoldFiles())
        {
            LogPosition position;
            try
            {
                position = PositionOf(path, FoldHead.ReadState(path, log.Installation));
            }
            catch (CorruptRecordException error)
            {
                return new("folds", HealthVerdict.Note, $"{path}: {error.Message}; it is rebuilt from the log when a server starts");
            }

            if (kafka is null && position.IsBeyond(new LogShape(0, 1), [new LogRange(0, log.LogEnd ?? 0)]))
            {
                return new("folds", HealthVerdict.Bad, $"{path} is ahead of the log, which ends at {log.LogEnd ?? 0}") { Command = $"recsys serve --rebuild --data {files.Folder}" };
            }
        }

        return new("folds", HealthVerdict.Good, $"{files.FoldFiles().Count} saved, all readable and not ahead of the log");
    }

    private static LogPosition PositionOf(string path, ReadOnlySequence<byte> bytes) => Path.GetFileNameWithoutExtension(path) switch
    {
        "catalogue" => CatalogueFold.Decode(bytes).Current.Position,
        "trends" => TrendsFold.Decode(bytes).Position,
        RemovedRecords.FoldName when RemovedRecords.Decode(bytes.ToArray()) is not null => LogPosition.Start,
        _ => ErasurePosition.TryDecode(bytes.ToArray(), out LogPosition? position) ? position : throw new CorruptRecordException("the saved position of the erasures is damaged"),
    };

    private async ValueTask<IReadOnlyList<HealthFinding>> ModelsAsync(SqliteFileReport log, CancellationToken cancellationToken)
    {
        IReadOnlyList<string> published = log.Models ?? [];
        if (files.ModelFiles().Count == 0)
        {
            return ModelChecks.Missing(files, published) is { } missing ? [missing] : [new("models", HealthVerdict.Note, "none yet: slates come from co-visits, trends and content") { Command = $"recsys train --data {files.Folder}" }];
        }

        try
        {
            return models is not null ? await CheckAsync(models)
                : database is not null && kafka is not null ? await database.UseControlAsync(OpenAndCheckAsync)
                : await OpenAndCheckAsync(SqliteInstallation.ControlOf(files.Log));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or StoreUnavailableException)
        {
            return [new("models", HealthVerdict.Bad, $"cannot be checked: {error.Message}")];
        }

        async Task<IReadOnlyList<HealthFinding>> OpenAndCheckAsync(IControlStore control)
        {
            using FileModelStore opened = new(files.Models, control, time);
            return await CheckAsync(opened);
        }

        async Task<IReadOnlyList<HealthFinding>> CheckAsync(IModelStore store) =>
            await new ModelChecks(store, files, isDeep, published, log.Installation).CheckAsync(cancellationToken);
    }

    private IEnumerable<HealthFinding> Leftovers()
    {
        string[] left =
        [
            .. database is not null && File.Exists(files.States) ? (string[])[files.States] : [],
            .. DamagedFiles.In(files.Folder), .. DamagedFiles.In(files.Folds),
            .. Directory.EnumerateDirectories(files.Folder, "before-restore-*").Order(StringComparer.Ordinal),
            .. Directory.EnumerateDirectories(files.Folder, Installation.BeforeRebuild + "*").Order(StringComparer.Ordinal),
        ];
        if (left.Length > 0)
        {
            yield return new("leftovers", HealthVerdict.Note, $"{string.Join(", ", left.Select(path => Path.GetRelativePath(files.Folder, path)))} contain data of persons that erasures do not remove")
            {
                Command = "delete them when they are no longer needed",
            };
        }
    }
}
