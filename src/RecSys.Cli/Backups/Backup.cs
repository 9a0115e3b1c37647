using System.Globalization;
using System.Reflection;
using RecSys.Cli.Hosting;
using RecSys.Core.Models;
using RecSys.Core.Ports;
using RecSys.Files;
using RecSys.Sqlite;

namespace RecSys.Cli.Backups;

/// <summary>Makes a consistent copy of all files of an installation, even while a server runs on them.</summary>
/// <remarks>
/// The order makes the copy consistent. Folds, with the position of the erasures, are copied first: a person erased later is erased again when the copy is
/// used. States are copied next, and the log last: no state is ahead of the copied log.
/// </remarks>
internal static class Backup
{
    /// <summary>Makes and checks a backup.</summary>
    /// <param name="files">Files of the installation to copy.</param>
    /// <param name="target">The backup's folder: missing or empty.</param>
    /// <param name="now">Start of the backup.</param>
    /// <param name="report">Called with the completed share, 0 to 1, and the current step.</param>
    /// <param name="cancellationToken">Cancels the backup; the target is removed.</param>
    /// <exception cref="CommandException">The backup cannot be made; the message has the reason, and the target is removed.</exception>
    public static BackupManifest Make(InstallationFiles files, string target, DateTimeOffset now, Action<double, string> report, CancellationToken cancellationToken)
    {
        string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(target));
        Require(files, full);
        string partial = full + ".partial-" + now.ToString("yyyyMMddHHmmss", CultureInfo.InvariantCulture);
        try
        {
            PrivateFiles.MakeFolder(partial);
            BackupManifest manifest = Copy(files, partial, now, report, cancellationToken);
            manifest.Write(partial);
            if (Directory.Exists(full))
            {
                Directory.Delete(full); // checked to be empty
            }

            Directory.Move(partial, full);
            DurableFiles.SyncFolder(Path.GetDirectoryName(full)!);
            return manifest;
        }
        catch (Exception error)
        {
            Discard(partial);
            throw error switch
            {
                StoreUnavailableException or InvalidDataException or NotSupportedException => new CommandException($"no backup was made: {error.Message}"),
                IOException or UnauthorizedAccessException => new CommandException($"no backup was made: {error.Message}"),
                _ => error,
            };
        }
    }

    private static void Require(InstallationFiles files, string target)
    {
        SqliteFileReport log = SqliteInstallation.InspectLog(files.Log);
        if (log.Condition != SqliteCondition.Sound || log.Installation is null)
        {
            throw new CommandException(log.Problem ?? $"{files.Folder} does not contain an installation: it has no log.db; set the data folder with --data");
        }

        if (File.Exists(target) || (Directory.Exists(target) && Directory.EnumerateFileSystemEntries(target).Any()))
        {
            throw new CommandException($"{target} is not empty; choose a folder that does not exist yet");
        }

        if ((target + Path.DirectorySeparatorChar).StartsWith(files.Folder + Path.DirectorySeparatorChar, StringComparison.Ordinal))
        {
            throw new CommandException($"{target} is inside the data folder; choose a folder elsewhere, preferably on another disk");
        }

        PrivateFiles.MakeFolder(Path.GetDirectoryName(target)!);
        long needed = SizesOf(files).Sum();
        long free = new DriveInfo(Path.GetDirectoryName(target)!).AvailableFreeSpace;
        if (free < needed)
        {
            throw new CommandException($"{target} needs {needed >> 20} MB, but only {free >> 20} MB are free there");
        }
    }

    private static IEnumerable<long> SizesOf(InstallationFiles files) =>
        new[] { files.Log, files.States, files.Impressions }.SelectMany(InstallationFiles.PartsOf).Concat(files.FoldFiles()).Concat(files.ModelFiles())
            .Select(path => new FileInfo(path)).Where(file => file.Exists).Select(file => file.Length);

    private static BackupManifest Copy(InstallationFiles files, string partial, DateTimeOffset now, Action<double, string> report, CancellationToken cancellationToken)
    {
        long total = Math.Max(1, 2 * SizesOf(files).Sum()); // copied once and read back once
        long done = 0;
        InstallationFiles copy = new(partial);
        List<string> paths = [];
        CopyPlain(files.FoldFiles(), "folds");
        CopyDatabase(files.States, copy.States);
        CopyDatabase(files.Impressions, copy.Impressions);
        CopyPlain(new[] { Path.Combine(files.Folds, FolderMark.FileName), Path.Combine(files.Models, FolderMark.FileName), files.Settings, files.KafkaLog }.Where(File.Exists), "settings");
        CopyPlain(files.ModelFiles().Where(IsAlias), "models");
        CopyModels(files.ModelFiles().Where(path => !IsAlias(path)));
        CopyDatabase(files.Log, copy.Log);

        // The log contains the aliases. The model of one may have been published after the models were copied.
        CopyModels(AliasesIn(copy.Log).Select(version => Path.Combine(files.Models, version + ".model")).Where(path => !paths.Contains($"models/{Path.GetFileName(path)}")));

        SqliteFileReport log = SqliteInstallation.InspectLog(copy.Log);
        SqliteFileReport states = SqliteInstallation.InspectStates(copy.States);
        foreach (string database in new[] { copy.States, copy.Impressions, copy.Log }.Where(File.Exists))
        {
            report((double)done / total, "checking " + Path.GetFileName(database));
            if (SqliteInstallation.FindDamage(database) is { } damage)
            {
                throw new InvalidDataException(damage);
            }
        }

        if (!File.Exists(files.KafkaLog) && states.LogEnd > log.LogEnd)
        {
            throw new InvalidDataException($"the states of {files.Folder} are ahead of its log; run recsys doctor for details");
        }

        List<BackupFile> listed = [.. paths.Select(path =>
        {
            string file = Path.Combine(partial, path);
            return new BackupFile(path, new FileInfo(file).Length, CheckedCopy.HashOf(file, bytes => Pass(bytes, "checking " + path), cancellationToken));
        })];
        return new BackupManifest(
            BackupManifest.VersionNow, log.Installation!.Value.Value, ProgramVersion(), now, log.LogEnd ?? 0, File.Exists(files.KafkaLog) ? null : states.LogEnd, listed);

        void CopyPlain(IEnumerable<string> sources, string what)
        {
            foreach (string source in sources)
            {
                string path = Path.GetRelativePath(files.Folder, source);
                CheckedCopy.Copy(source, Path.Combine(partial, path), bytes => Pass(bytes, "copying " + what), cancellationToken);
                paths.Add(path.Replace(Path.DirectorySeparatorChar, '/'));
            }
        }

        void CopyDatabase(string source, string target)
        {
            if (!File.Exists(source))
            {
                return;
            }

            string name = Path.GetFileName(source);
            long size = new FileInfo(source).Length;
            double copied = 0;
            SqliteInstallation.Copy(source, target, share =>
            {
                Pass((long)((share - copied) * size), "copying " + name);
                copied = share;
            }, cancellationToken);
            paths.Add(name);
        }

        // Old models may be deleted meanwhile.
        void CopyModels(IEnumerable<string> models)
        {
            foreach (string model in models)
            {
                try
                {
                    CopyPlain([model], "models");
                }
                catch (FileNotFoundException)
                {
                    continue;
                }
            }
        }

        void Pass(long bytes, string what)
        {
            done += bytes;
            report((double)done / total, what);
        }
    }

    private static IEnumerable<ModelVersion> AliasesIn(string log)
    {
        foreach (ControlRow row in SqliteInstallation.ControlOf(log).ListAsync(ModelAliasCodec.KeyPrefix, CancellationToken.None).AsTask().GetAwaiter().GetResult())
        {
            ModelVersion? version = null;
            try
            {
                version = ModelAliasCodec.Decode(row.Value.Span);
            }
            catch (CorruptModelException)
            {
                // A damaged alias names no model.
            }

            if (version is { } named)
            {
                yield return named;
            }
        }
    }

    // Files with this ending are aliases of an older program.
    private static bool IsAlias(string path) => path.EndsWith(".alias", StringComparison.Ordinal);

    private static string ProgramVersion() =>
        typeof(Backup).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0";

    private static void Discard(string partial)
    {
        try
        {
            Directory.Delete(partial, recursive: true);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The folder is missing, or its disk is unavailable: its name marks it as partial.
        }
    }
}
