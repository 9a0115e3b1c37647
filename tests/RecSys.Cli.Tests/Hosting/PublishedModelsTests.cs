using Microsoft.Extensions.Logging;
using RecSys.Cli.Hosting;
using RecSys.Core.Diagnostics;
using RecSys.Core.Log;
using RecSys.Core.Models;
using RecSys.Core.Ports;
using RecSys.Files;
using RecSys.Serving;
using RecSys.Sqlite;
using RecSys.TestKit;
using RecSys.TestKit.Models;
using Xunit;
using DataFolder = RecSys.Cli.Hosting.DataFolder;

namespace RecSys.Cli.Tests.Hosting;

/// <summary>Two models that a server published: the older is the previous one, the newer the champion.</summary>
public sealed class PublishedModelsTests : IAsyncLifetime
{
    private const string Older = "20260504-120000-1";
    private const string Newer = "20260504-130000-1";

    private readonly SmallInstallation _shop = new();
    private readonly LoggedLines _log = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _shop.Prepare();
        await using SqliteInteractionLog log = OpenLog();
        using SqliteControlStore control = new(log);
        using FileModelStore store = Store(Open(log), control);
        await store.PublishAsync(new ModelVersion(Older), SmallModels.Content(["tea"]), Cancel);
        await store.SetAliasAsync(ModelAliases.Champion, new ModelVersion(Older), Cancel);
        await store.PublishAsync(new ModelVersion(Newer), SmallModels.Content(["tea", "milk"]), Cancel);
        await store.SetAliasAsync(ModelAliases.Previous, new ModelVersion(Older), Cancel);
        await store.SetAliasAsync(ModelAliases.Champion, new ModelVersion(Newer), Cancel);
    }

    public ValueTask DisposeAsync()
    {
        _shop.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task The_log_remembers_the_models_and_aliases_and_nothing_is_missing()
    {
        Assert.Equal([$"{Older}.model", $"{Newer}.model"], Remembered());
        Assert.Equal(HealthVerdict.Good, Assert.Single(await FindAsync()).Verdict);
        Assert.Empty(await ReportedAsync());
    }

    [Theory]
    [InlineData(Newer + ".model")]
    [InlineData(Older + ".model")]
    public async Task A_file_that_is_gone_is_a_row_and_a_line_of_the_log(string name)
    {
        File.Delete(Path.Combine(_shop.Files.Models, name));

        Assert.Contains(await FindAsync(), finding => finding.Verdict == HealthVerdict.Note && finding.Found.StartsWith("published files are missing", StringComparison.Ordinal) && finding.Found.EndsWith($": {name}", StringComparison.Ordinal));
        Assert.Contains($": {name};", Assert.Single(await ReportedAsync()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_in_the_place_of_a_model_is_a_missing_model()
    {
        string path = Path.Combine(_shop.Files.Models, Older + ".model");
        File.Delete(path);
        Directory.CreateDirectory(path);

        Assert.Contains($"{Older}.model", Assert.Single(await ReportedAsync()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_of_models_that_is_gone_or_empty_is_bad()
    {
        Directory.Delete(_shop.Files.Models, recursive: true);

        HealthFinding finding = Assert.Single(await FindAsync());

        Assert.Equal(HealthVerdict.Bad, finding.Verdict);
        Assert.Contains($"{Newer}.model", finding.Found, StringComparison.Ordinal);
        Assert.Contains("recsys train", finding.Command, StringComparison.Ordinal);
        Assert.Contains($"{Newer}.model", Assert.Single(await ReportedAsync()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_goes_while_the_server_runs_is_logged_once()
    {
        await using SqliteInteractionLog log = OpenLog();
        PublishedModels published = Open(log);
        published.ReportMissing();
        Assert.Empty(_log.Lines);
        File.Delete(Path.Combine(_shop.Files.Models, $"{Older}.model"));

        published.ReportMissing();
        published.ReportMissing();
        Assert.Contains($"{Older}.model", Assert.Single(_log.Lines), StringComparison.Ordinal);

        File.Delete(Path.Combine(_shop.Files.Models, $"{Newer}.model"));
        published.ReportMissing();
        Assert.Equal(2, _log.Lines.Count);
        Assert.Contains($"{Older}.model, {Newer}.model", _log.Lines[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_gone_is_reported_before_the_next_publication_forgets_it()
    {
        await using SqliteInteractionLog log = OpenLog();
        using SqliteControlStore control = new(log);
        using FileModelStore store = Store(Open(log), control);
        File.Delete(Path.Combine(_shop.Files.Models, Older + ".model"));

        await store.PublishAsync(new ModelVersion("20260504-140000-1"), SmallModels.Content(["tea"]), Cancel);

        Assert.Contains($"{Older}.model", Assert.Single(_log.Lines), StringComparison.Ordinal);
        Assert.Equal([$"{Newer}.model", "20260504-140000-1.model"], Remembered());
    }

    [Fact]
    public async Task Old_models_that_the_server_deletes_are_not_missing()
    {
        await using SqliteInteractionLog log = OpenLog();
        PublishedModels published = Open(log);
        using SqliteControlStore control = new(log);
        using FileModelStore store = Store(published, control);

        await store.SetAliasAsync(ModelAliases.Previous, null, Cancel);
        Assert.Equal(1, await store.DeleteOldAsync(1, Cancel));

        published.ReportMissing();
        Assert.Empty(_log.Lines);
        Assert.Equal([$"{Newer}.model"], Remembered());
    }

    [Fact]
    public async Task A_model_that_was_published_just_before_a_crash_is_remembered_by_the_next_start()
    {
        using (FileModelStore store = new(_shop.Files.Models, new TestKit.InMemoryControlStore(), TimeProvider.System))
        {
            await store.PublishAsync(new ModelVersion("20260504-140000-1"), SmallModels.Content(["tea"]), Cancel);
        }

        await using SqliteInteractionLog log = OpenLog();
        await Open(log).SaveAsync();

        Assert.Contains("20260504-140000-1.model", Remembered());
        Assert.Equal(3, Remembered().Count);
    }

    [Theory]
    [InlineData("previous")]
    [InlineData("champion")]
    public async Task A_start_logs_each_alias_that_is_damaged(string alias)
    {
        await _shop.DamageAliasAsync(alias, value => value[1..]);

        Assert.Contains(await CheckedAtStartAsync(), line => line.Contains($"the alias {alias} names no model", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_start_logs_an_alias_of_a_damaged_model()
    {
        string path = Path.Combine(_shop.Files.Models, Older + ".model");
        byte[] bytes = File.ReadAllBytes(path);
        bytes[bytes.Length / 2] ^= 0x80;
        File.WriteAllBytes(path, bytes);

        Assert.Contains(await CheckedAtStartAsync(), line => line.Contains($"the alias previous names {Older}, which is damaged", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_start_on_sound_models_logs_nothing() => Assert.Empty(await CheckedAtStartAsync());

    [Fact]
    public async Task A_start_without_models_logs_nothing()
    {
        using SmallInstallation other = new();
        other.Prepare();

        Assert.Empty(await CheckedAtStartAsync(of: other));
    }

    [Fact]
    public async Task A_champion_whose_loading_was_logged_is_not_logged_again()
    {
        await _shop.DamageAliasAsync("champion", _ => [1]);

        Assert.Empty(await CheckedAtStartAsync(isServed: true));
        Assert.Single(await CheckedAtStartAsync());
    }

    private async Task<IReadOnlyList<string>> CheckedAtStartAsync(bool isServed = false, SmallInstallation? of = null)
    {
        SmallInstallation shop = of ?? _shop;
        using DataFolder folder = DataFolder.TryLock(shop.Files.Folder)!;
        await using SqliteInteractionLog log = OpenLog(shop);
        PublishedModels published = Open(log, shop);
        using SqliteControlStore control = new(log);
        using FileModelStore store = Store(published, control, shop);
        await using ServedModels served = new(store);
        if (isServed)
        {
            await served.RefreshAsync(isChanged: true, Cancel);
        }

        using LoggedLines lines = new();
        using ModelWatch watch = new(published, store, served, folder, SqliteInstallation.OpenOwnerHash(shop.Files.Log), TimeProvider.System, lines.CreateLogger<ModelWatch>());
        await watch.CheckAsync(Cancel);
        return lines.Lines;
    }

    private async Task<IReadOnlyList<string>> ReportedAsync()
    {
        await using SqliteInteractionLog log = OpenLog();
        Open(log).ReportMissing();
        return _log.Lines;
    }

    private IReadOnlyList<string> Remembered() => SqliteInstallation.InspectLog(_shop.Files.Log).Models!;

    private SqliteInteractionLog OpenLog(SmallInstallation? shop = null) => SqliteInteractionLog.Open(
        new SqliteLogOptions { Path = (shop ?? _shop).Files.Log }, new LogRecordCodec(SqliteInstallation.OpenOwnerHash((shop ?? _shop).Files.Log)), TimeProvider.System);

    private PublishedModels Open(SqliteInteractionLog log, SmallInstallation? shop = null) => new((shop ?? _shop).Files, log, TimeProvider.System, _log.CreateLogger<PublishedModels>());

    private FileModelStore Store(PublishedModels published, IControlStore control, SmallInstallation? shop = null) =>
        new((shop ?? _shop).Files.Models, control, TimeProvider.System, published.RememberAsync);

    private async Task<IReadOnlyList<HealthFinding>> FindAsync() =>
        [.. (await new InstallationHealth(_shop.Files, TimeProvider.System, isDeep: true).CheckAsync(Cancel)).Where(finding => finding.Check == "models")];
}
