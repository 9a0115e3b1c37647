using System.Text.Json;
using RecSys.Cli.Hosting;
using RecSys.Cli.Tests.Hosting;
using RecSys.Client;
using RecSys.Core;
using RecSys.Core.Diagnostics;
using RecSys.Core.Log;
using RecSys.Core.Models;
using RecSys.Sqlite;
using RecSys.TestKit.Models;
using Xunit;

namespace RecSys.Cli.Tests.Commands;

public sealed class DoctorTests
{
    [Fact]
    public async Task An_undamaged_installation_is_checked_without_a_server_and_without_changes()
    {
        using SmallInstallation shop = await SmallInstallation.UsedAsync();
        File.Delete(shop.Files.FoldFiles()[0]);

        HealthResponse health = await CheckAsync(shop, ExitCodes.Done);

        Assert.Equal("3 records", Found(health, "log"));
        Assert.Contains("none is ahead of the log", Found(health, "installation"), StringComparison.Ordinal);
        Assert.Equal("no server runs on the folder", Found(health, "server"));
        Assert.Empty(shop.Prepare());
        foreach (string check in (string[])["machine", "disk", "open files", "memory", "clock", "settings", "permissions", "states", "impressions", "folds", "models"])
        {
            Assert.NotEmpty(Found(health, check));
        }
    }

    [Fact]
    public async Task An_older_log_and_each_damaged_file_are_reported_with_a_command()
    {
        using SmallInstallation shop = await SmallInstallation.UsedAsync(records: 3);
        byte[] copy = File.ReadAllBytes(shop.Files.Log);
        await shop.AppendAsync(2);
        File.WriteAllBytes(shop.Files.Log, copy);
        File.WriteAllText(shop.Files.Impressions, new string('x', 10_000));
        File.WriteAllText(shop.Files.Settings, "{ \"recsys\": ");

        HealthResponse health = await CheckAsync(shop, ExitCodes.Failed);

        Assert.Contains("recsys serve --rebuild", Found(health, "installation"), StringComparison.Ordinal);
        Assert.Equal(["bad", "bad", "bad"], Verdicts("installation", "impression log", "settings"));
        Assert.Contains("mv ", health.Checks.Single(check => check.Check == "impression log").Command, StringComparison.Ordinal);

        IEnumerable<string> Verdicts(params string[] names) => names.Select(name => health.Checks.Single(check => check.Check == name).Verdict);
    }

    [Fact]
    public async Task A_damaged_record_is_found_before_a_server_reads_it()
    {
        using SmallInstallation shop = await SmallInstallation.UsedAsync(records: 3);
        shop.DamageLog("tea");

        HealthResponse health = await CheckAsync(shop, ExitCodes.Failed);

        Assert.StartsWith("1 of 3 records are damaged, first at partition 0, offset 2: corrupt", Found(health, "log"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Records_of_an_erased_person_in_the_log_are_found()
    {
        using SmallInstallation shop = await SmallInstallation.UsedAsync(records: 3);
        OwnerHash owners = SqliteInstallation.OpenOwnerHash(shop.Files.Log);
        await using (SqliteInteractionLog log = SqliteInteractionLog.Open(
            new SqliteLogOptions { Path = shop.Files.Log }, new LogRecordCodec(owners), TimeProvider.System))
        {
            await log.AppendAsync(
                [new LogRecord.PersonErased(owners.Of(new UserId("ada")), new LogPosition(0, [1]), 7)], TestContext.Current.CancellationToken);
        }

        File.WriteAllBytes(shop.Files.FoldOf(ErasurePosition.FoldName), ErasurePosition.Encode(new LogPosition(0, [3])));

        HealthResponse health = await CheckAsync(shop, ExitCodes.Failed);

        Assert.StartsWith("2 records of erased persons are in the log again", Found(health, "log"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_damaged_log_does_not_prevent_the_other_checks()
    {
        using SmallInstallation shop = await SmallInstallation.UsedAsync();
        File.WriteAllText(shop.Files.Log, new string('x', 10_000));

        HealthResponse health = await CheckAsync(shop, ExitCodes.Failed);

        Assert.Contains("restore", health.Checks.Single(check => check.Check == "interaction log").Command, StringComparison.Ordinal);
        Assert.Equal("ok", health.Checks.Single(check => check.Check == "states").Verdict);
    }

    [Theory]
    [InlineData(SqliteCondition.Damaged, true)]
    [InlineData(SqliteCondition.Unreadable, false)]
    [InlineData(SqliteCondition.OfAnotherKind, false)]
    public void Only_for_a_damaged_file_a_replacement_is_suggested(SqliteCondition condition, bool isReplaced)
    {
        SqliteFileReport report = new("/data/log.db", "interaction log", condition) { Problem = "/data/log.db: the disk is full (SQLite 4874)" };

        HealthFinding finding = InstallationHealth.Unsound(report, "recsys restore BACKUP --force");

        Assert.Equal(HealthVerdict.Bad, finding.Verdict);
        Assert.Equal(isReplaced, finding.Command?.Contains("restore", StringComparison.Ordinal) == true);
    }

    [Fact]
    public async Task A_missing_folder_is_a_bad_finding_and_is_not_created()
    {
        string data = Path.Combine(Path.GetTempPath(), $"recsys-none-{Guid.NewGuid():N}");

        (int exitCode, string output, _) = await Cli.RunAsync("doctor", "--data", data);

        Assert.Equal(ExitCodes.Failed, exitCode);
        Assert.Contains("does not exist", string.Join(' ', output.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
        Assert.False(Directory.Exists(data));
    }

    [Fact]
    public async Task While_a_server_runs_its_findings_are_included()
    {
        using SmallInstallation shop = await SmallInstallation.UsedAsync();
        File.Delete(shop.Files.FoldFiles()[0]);
        using DataFolder folder = DataFolder.TryLock(shop.Files.Folder)!;
        await using RecSysHost host = await RecSysHost.StartAsync(
            new HostArguments(folder) { IsForOneCommand = true }, TestContext.Current.CancellationToken);

        HealthResponse health = await CheckAsync(shop, ExitCodes.Done);

        Assert.Contains("answers at http://127.0.0.1", Found(health, "server"), StringComparison.Ordinal);
        Assert.Contains("user actors answer", Found(health, "ready"), StringComparison.Ordinal);
        Assert.Contains("behind the log", Found(health, "speed layer"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_reports_the_same_findings_about_the_data_as_the_files()
    {
        using SmallInstallation shop = await SmallInstallation.UsedAsync(records: 20);
        File.Delete(shop.Files.FoldFiles()[0]);
        using DataFolder folder = DataFolder.TryLock(shop.Files.Folder)!;
        await using RecSysHost host = await RecSysHost.StartAsync(
            new HostArguments(folder) { IsForOneCommand = true }, TestContext.Current.CancellationToken);

        HealthResponse files = await CheckAsync(shop, ExitCodes.Done);
        (_, string output, string error) = await Cli.RunAsync("doctor", "--json", "--server", host.Url.ToString());

        Assert.True(output.Length > 0, error);
        HealthResponse served = JsonSerializer.Deserialize(output, RecSysJsonContext.Wire.HealthResponse)!;
        Assert.Equal(["data: items", "data: types"], DataOf(files).Select(check => check.Check));
        Assert.Equal(DataOf(files), DataOf(served));

        static IEnumerable<HealthCheck> DataOf(HealthResponse health) => health.Checks.Where(check => check.Check.StartsWith("data:", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_server_makes_the_log_remember_the_models_and_the_slates_beside_it()
    {
        using SmallInstallation shop = await SmallInstallation.UsedAsync();
        File.Delete(shop.Files.FoldFiles()[0]);
        await shop.WithModelsAsync(async (models, _) =>
            await models.PublishAsync(new ModelVersion("20260504-120000-1"), SmallModels.Content(["tea"]), TestContext.Current.CancellationToken));

        using DataFolder folder = DataFolder.TryLock(shop.Files.Folder)!;
        await using (await RecSysHost.StartAsync(new HostArguments(folder) { IsForOneCommand = true }, TestContext.Current.CancellationToken))
        {
        }

        SqliteFileReport log = SqliteInstallation.InspectLog(shop.Files.Log);
        Assert.Equal(["20260504-120000-1.model"], log.Models);
        Assert.Equal(SqliteInstallation.InspectImpressions(shop.Files.Impressions).Slates, log.Slates);
    }

    private static string Found(HealthResponse health, string check) => health.Checks.First(found => found.Check == check).Found;

    private static async Task<HealthResponse> CheckAsync(SmallInstallation shop, int exitCode)
    {
        // The free space of the machine's disk is not tested here.
        (int code, string output, string error) = await Cli.RunAsync("doctor", "--json", "--data", shop.Files.Folder);
        Assert.True(output.Length > 0, error);
        HealthResponse health = JsonSerializer.Deserialize(output, RecSysJsonContext.Wire.HealthResponse)!;
        string[] bad = [.. health.Checks.Where(check => check.Verdict == "bad").Select(check => check.Check)];
        Assert.Equal(bad.Length > 0 ? ExitCodes.Failed : ExitCodes.Done, code);
        Assert.Equal(exitCode == ExitCodes.Failed, bad.Except(["disk", "memory"]).Any());
        return health;
    }
}
