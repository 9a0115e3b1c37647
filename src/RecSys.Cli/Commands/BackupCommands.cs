using System.CommandLine;
using System.Globalization;
using RecSys.Cli.Backups;
using RecSys.Cli.Hosting;

namespace RecSys.Cli.Commands;

/// <summary><c>recsys backup</c> and <c>recsys restore</c>: they read and write the folders directly, whether a server runs or not.</summary>
internal static class BackupCommands
{
    public static IEnumerable<Command> Create(Shared shared, Terminal terminal, TimeProvider time)
    {
        yield return CreateBackup(shared, terminal, time);
        yield return CreateRestore(shared, terminal, time);
    }

    private static Command CreateBackup(Shared shared, Terminal terminal, TimeProvider time)
    {
        Argument<string> target = new("target") { Description = "The backup's folder: missing or empty, preferably on another disk.", HelpName = "DIR" };
        Command command = Shared.Command("backup", "Copy and check all files of an installation, even while a server runs on it.", "backup /backups/shop-monday --data shop");
        command.Arguments.Add(target);
        command.Options.Add(shared.Data);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            InstallationFiles files = new(parsed.GetValue(shared.Data)!);
            string folder = Path.GetFullPath(parsed.GetValue(target)!);
            BackupManifest manifest = await ProgressLine.RunAsync(
                terminal, time, "backup", report => Task.Run(() => Backup.Make(files, folder, time.GetUtcNow(), report, cancellationToken), cancellationToken));
            terminal.Out.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{folder} contains {manifest.Files.Count} files, {Terminal.Number(manifest.SizeBytes >> 10)} kB and {Terminal.Number(manifest.LogEnd)} records of installation {manifest.Installation}; all were read back and checked"));
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command CreateRestore(Shared shared, Terminal terminal, TimeProvider time)
    {
        Argument<string> backup = new("backup") { Description = "The backup's folder.", HelpName = "DIR" };
        Option<bool> force = new("--force") { Description = "Replace an installation in the data folder; its files are moved to another folder." };
        Option<string?> erasures = new("--erasures-from")
        {
            Description = "A data folder with a newer log of the same installation: persons erased since the backup are erased again.",
            HelpName = "DIR",
        };
        Command command = Shared.Command("restore", "Check a backup and restore it into a data folder that no server uses.", "restore /backups/shop-monday --data shop");
        command.Arguments.Add(backup);
        command.Options.Add(shared.Data);
        command.Options.Add(force);
        command.Options.Add(erasures);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            string data = parsed.GetValue(shared.Data)!;
            using DataFolder folder = DataFolder.TryLock(data)
                ?? throw new CommandException($"{data}: a process uses this data folder; stop it before a restore");
            RestoreOutcome outcome = await ProgressLine.RunAsync(
                terminal,
                time,
                "restore",
                report => Task.Run(
                    () => Restore.RunAsync(parsed.GetValue(backup)!, folder, parsed.GetValue(force), parsed.GetValue(erasures), time, report, cancellationToken),
                    cancellationToken));
            terminal.Out.WriteLine($"{folder.Path} contains {Terminal.Number(outcome.Manifest.LogEnd)} records as of {outcome.Manifest.CreatedAt:u}");
            if (outcome.Replaced is { } replaced)
            {
                terminal.Out.WriteLine($"the previous files are in {replaced}; they contain personal data: delete them when they are no longer needed");
            }

            terminal.Out.WriteLine(outcome.Erased is { } count
                ? $"{Terminal.Number(count)} erasures that were recorded after the backup are applied again at the next start"
                : $"note: persons erased after {outcome.Manifest.CreatedAt:u} are in the restored files; erase them again, or restore with --erasures-from and a folder with the newer log");
            return ExitCodes.Done;
        });
        return command;
    }
}
