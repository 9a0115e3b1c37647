using System.Text;
using RecSys.Cli.Backups;
using RecSys.Cli.Hosting;
using RecSys.Cli.Tests.Hosting;
using RecSys.Core;
using RecSys.Core.Log;
using RecSys.Core.Ports;
using RecSys.Sqlite;
using Xunit;

namespace RecSys.Cli.Tests.Backups;

public sealed class BackupTests : IDisposable
{
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("recsys-backup-");

    private string Target => Path.Combine(_root.FullName, "monday");

    private string Other => Path.Combine(_root.FullName, "restored");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _root.Delete(recursive: true);

    [Fact]
    public async Task A_backup_restored_into_an_empty_folder_equals_the_installation()
    {
        using SmallInstallation shop = await SmallInstallation.UsedAsync(records: 5);
        File.WriteAllText(shop.Files.Settings, "{}");

        string made = await DoneAsync("backup", Target, "--data", shop.Files.Folder);
        string restored = await DoneAsync("restore", Target, "--data", Other);

        InstallationFiles files = new(Other);
        Assert.Contains("5 records of installation", made, StringComparison.Ordinal);
        Assert.Contains("persons erased after", restored, StringComparison.Ordinal);
        Assert.Empty(await Installation.PrepareAsync(files, rebuild: false, acceptDamage: false, SmallInstallation.Now, TestContext.Current.CancellationToken));
        Assert.Equal(5, SqliteInstallation.InspectLog(files.Log).LogEnd);
        Assert.Equal(SqliteInstallation.InspectLog(shop.Files.Log).Installation, SqliteInstallation.InspectLog(files.Log).Installation);
        Assert.Equal(5, SqliteInstallation.InspectStates(files.States).LogEnd);
        Assert.Equal(File.ReadAllBytes(shop.Files.FoldFiles()[0]), File.ReadAllBytes(files.FoldFiles()[0]));
        Assert.Equal("{}", File.ReadAllText(files.Settings));
        Assert.Empty(Directory.EnumerateFileSystemEntries(Other, ".*"));
        Assert.Equal(
            ["appsettings.json", "folds/catalogue.fold", "folds/installation", "impressions.db", "log.db", "models/installation", "state.db"],
            BackupManifest.Read(Target).Files.Select(file => file.Path).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Files_that_came_after_a_backup_are_not_reported_as_lost_after_its_restore()
    {
        using SmallInstallation shop = await SmallInstallation.UsedAsync();
        await using (SqliteInteractionLog log = SqliteInteractionLog.Open(
            new SqliteLogOptions { Path = shop.Files.Log }, new LogRecordCodec(SqliteInstallation.OpenOwnerHash(shop.Files.Log)), TimeProvider.System))
        {
            await log.RememberSlatesAsync(new SlatePosition(0, 1, 7), Cancel);
            await log.RememberModelsAsync(["champion.alias"], Cancel);
        }

        await DoneAsync("backup", Target, "--data", shop.Files.Folder);
        await DoneAsync("restore", Target, "--data", Other);

        Assert.Empty(await Installation.PrepareAsync(new InstallationFiles(Other), rebuild: false, acceptDamage: false, SmallInstallation.Now, Cancel));
        Assert.Null(SqliteInstallation.InspectLog(new InstallationFiles(Other).Log).Models);
    }

    [Fact]
    public async Task States_of_a_backup_are_never_ahead_of_its_log_while_both_grow()
    {
        using SmallInstallation shop = await SmallInstallation.UsedAsync();
        OwnerHash owners = SqliteInstallation.OpenOwnerHash(shop.Files.Log);
        await using SqliteInteractionLog log = SqliteInteractionLog.Open(new SqliteLogOptions { Path = shop.Files.Log }, new LogRecordCodec(owners), TimeProvider.System);
        await using SqliteSnapshotTable table = SqliteSnapshotTable.Open(new SqliteSnapshotOptions { Path = shop.Files.States }, () => log.Mark);
        using CancellationTokenSource enough = new();
        Task growing = Task.Run(
            async () =>
            {
                for (int round = 1; !enough.IsCancellationRequested; round++)
                {
                    await log.AppendAsync([new LogRecord.Interaction(new UserId("bob"), new ItemId("jam"), "click", round)], Cancel);
                    await table.SaveAsync([new SavedState("state-of-bob", round, Encoding.ASCII.GetBytes($"{log.End}"))], Cancel);
                }
            },
            Cancel);

        BackupManifest[] manifests = [.. Enumerable.Range(0, 5).Select(number => Backup.Make(shop.Files, $"{Target}-{number}", SmallInstallation.Now, (_, _) => { }, Cancel))];
        await enough.CancelAsync();
        await growing;

        Assert.All(manifests, manifest => Assert.InRange(manifest.StatesLogEnd!.Value, 1, manifest.LogEnd));
        Assert.True(manifests[^1].LogEnd > manifests[0].LogEnd, "nothing was appended between the backups");
    }

    [Fact]
    public async Task A_changed_backup_is_refused_before_any_file_is_changed()
    {
        using SmallInstallation shop = await SmallInstallation.UsedAsync();
        await DoneAsync("backup", Target, "--data", shop.Files.Folder);
        string changed = Path.Combine(Target, "log.db");
        byte[] bytes = File.ReadAllBytes(changed);
        bytes[^100] ^= 1;
        File.WriteAllBytes(changed, bytes);

        string refusal = await RefusedAsync("restore", Target, "--data", shop.Files.Folder, "--force");

        Assert.Contains("log.db differs from the file that was backed up", refusal, StringComparison.Ordinal);
        Assert.Equal(3, await shop.LogEndAsync());
        Assert.NotNull(await shop.StateAsync());
    }

    [Fact]
    public async Task A_backup_into_a_folder_that_is_not_empty_is_refused()
    {
        using SmallInstallation shop = await SmallInstallation.UsedAsync();
        Directory.CreateDirectory(Target);
        File.WriteAllText(Path.Combine(Target, "thesis.txt"), "years of work");

        Assert.Contains("is not empty", await RefusedAsync("backup", Target, "--data", shop.Files.Folder), StringComparison.Ordinal);
        Assert.Contains("inside the data folder", await RefusedAsync("backup", Path.Combine(shop.Files.Folder, "b"), "--data", shop.Files.Folder), StringComparison.Ordinal);
        Assert.Contains("does not contain an installation", await RefusedAsync("backup", Target + "2", "--data", Other), StringComparison.Ordinal);
        Assert.Equal(["thesis.txt"], Directory.EnumerateFileSystemEntries(Target).Select(Path.GetFileName));
        Assert.Single(_root.EnumerateFileSystemInfos());
    }

    [Fact]
    public async Task A_restore_replaces_an_installation_only_if_forced_and_keeps_the_old_files()
    {
        using SmallInstallation shop = await SmallInstallation.UsedAsync(records: 3);
        await DoneAsync("backup", Target, "--data", shop.Files.Folder);
        await shop.AppendAsync(4);

        string refusal = await RefusedAsync("restore", Target, "--data", shop.Files.Folder);
        await DoneAsync("restore", Target, "--data", shop.Files.Folder, "--force");

        Assert.Contains("use --force", refusal, StringComparison.Ordinal);
        Assert.Equal(3, await shop.LogEndAsync());
        Assert.Empty(shop.Prepare());
        string kept = Assert.Single(Directory.EnumerateDirectories(shop.Files.Folder, "before-restore-*"));
        Assert.Equal(7, SqliteInstallation.InspectLog(Path.Combine(kept, "log.db")).LogEnd);
    }

    [Fact]
    public async Task A_restore_into_a_folder_in_use_is_refused()
    {
        using SmallInstallation shop = await SmallInstallation.UsedAsync();
        await DoneAsync("backup", Target, "--data", shop.Files.Folder);
        using DataFolder used = DataFolder.TryLock(shop.Files.Folder)!;

        Assert.Contains("stop it before a restore", await RefusedAsync("restore", Target, "--data", shop.Files.Folder, "--force"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Persons_erased_after_the_backup_are_erased_from_the_restored_log_again(bool isReplaced)
    {
        using SmallInstallation shop = await SmallInstallation.UsedAsync(records: 3);
        await DoneAsync("backup", Target, "--data", shop.Files.Folder);
        OwnerHash owners = SqliteInstallation.OpenOwnerHash(shop.Files.Log);
        Owner ada = owners.Of(new UserId("ada"));
        await shop.AppendAsync(1_000);
        await using (SqliteInteractionLog newer = Open(shop.Files.Log))
        {
            await newer.AppendAsync([new LogRecord.PersonErased(ada, new LogPosition(0, [newer.End - 1]), 5)], Cancel);
        }

        string data = isReplaced ? shop.Files.Folder : Other;
        string said = await DoneAsync(["restore", Target, "--data", data, .. isReplaced ? (string[])["--force"] : ["--erasures-from", shop.Files.Folder]]);

        await using SqliteInteractionLog log = Open(new InstallationFiles(data).Log);
        LogChunk added = await log.ReadAsync(0, 3, 10, Cancel);
        LogRecord.PersonErased erased = Assert.IsType<LogRecord.PersonErased>(LogRecordCodec.Decode(Assert.Single(added.Entries.ToArray()).Bytes.Span));
        Assert.Equal((ada, 2L), (erased.Owner, erased.UpTo[0]));
        Assert.Contains("1 erasures", said, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("../outside.db")]
    [InlineData("/etc/outside.db")]
    [InlineData("folds/../../outside.db")]
    public async Task A_manifest_with_paths_outside_of_the_backup_is_refused(string path)
    {
        using SmallInstallation shop = await SmallInstallation.UsedAsync();
        await DoneAsync("backup", Target, "--data", shop.Files.Folder);
        BackupManifest manifest = BackupManifest.Read(Target);
        (manifest with { Files = [.. manifest.Files, new BackupFile(path, 0, "")] }).Write(Target);

        Assert.Contains("outside of the backup", await RefusedAsync("restore", Target, "--data", Other), StringComparison.Ordinal);
    }

    private static SqliteInteractionLog Open(string path) =>
        SqliteInteractionLog.Open(new SqliteLogOptions { Path = path }, new LogRecordCodec(SqliteInstallation.OpenOwnerHash(path)), TimeProvider.System);

    private static async Task<string> DoneAsync(params string[] command)
    {
        (int exitCode, string output, string error) = await Commands.Cli.RunAsync(command);
        Assert.True(exitCode == ExitCodes.Done, error);
        return output;
    }

    private static async Task<string> RefusedAsync(params string[] command)
    {
        (int exitCode, _, string error) = await Commands.Cli.RunAsync(command);
        Assert.Equal(ExitCodes.Failed, exitCode);
        Assert.Single(error.Trim().Split('\n'));
        return error;
    }
}
