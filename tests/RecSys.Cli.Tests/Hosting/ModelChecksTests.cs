using RecSys.Cli.Hosting;
using RecSys.Core;
using RecSys.Core.Diagnostics;
using RecSys.Core.Models;
using RecSys.Files;
using RecSys.Sqlite;
using RecSys.TestKit;
using RecSys.TestKit.Models;
using Xunit;

namespace RecSys.Cli.Tests.Hosting;

/// <summary>Two models: the older is the previous one, the newer the champion.</summary>
public sealed class ModelChecksTests : IAsyncLifetime
{
    private const string Older = "20260504-120000-1";
    private const string Newer = "20260504-130000-1";

    private readonly SmallInstallation _shop = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _shop.Prepare();
        await _shop.WithModelsAsync(async (store, _) =>
        {
            await store.PublishAsync(new ModelVersion(Older), SmallModels.Content(["tea"]), Cancel);
            await store.PublishAsync(new ModelVersion(Newer), SmallModels.Content(["tea", "milk"]), Cancel);
            await store.SetAliasAsync(ModelAliases.Previous, new ModelVersion(Older), Cancel);
            await store.SetAliasAsync(ModelAliases.Champion, new ModelVersion(Newer), Cancel);
        });
    }

    public ValueTask DisposeAsync()
    {
        _shop.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Undamaged_models_are_one_finding_with_the_champion()
    {
        HealthFinding finding = await OnlyAsync();

        Assert.Equal((HealthVerdict.Good, $"{Newer} is served; all 2 can be opened"), (finding.Verdict, finding.Found));
    }

    [Theory]
    [MemberData(nameof(Damages))]
    public async Task A_damaged_champion_is_reported_with_the_newest_undamaged_model_to_promote(string damage)
    {
        Damage($"{Newer}.model", damage);

        HealthFinding finding = await OnlyAsync();

        Assert.Equal(HealthVerdict.Bad, finding.Verdict);
        Assert.StartsWith($"the alias champion names {Newer}, which ", finding.Found, StringComparison.Ordinal);
        Assert.Equal($"recsys models promote {Older} --data {_shop.Files.Folder}", finding.Command);
    }

    [Theory]
    [MemberData(nameof(Damages))]
    public async Task A_damaged_previous_model_is_reported(string damage)
    {
        Damage($"{Older}.model", damage);

        HealthFinding finding = await OnlyAsync();

        Assert.Equal(HealthVerdict.Note, finding.Verdict);
        Assert.StartsWith($"the alias previous names {Older}, which ", finding.Found, StringComparison.Ordinal);
        Assert.StartsWith($"recsys models promote {Newer} --data {_shop.Files.Folder}", finding.Command, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(AliasDamages))]
    public async Task A_damaged_champion_alias_is_reported_with_the_newest_undamaged_model_to_promote(string damage)
    {
        await _shop.DamageAliasAsync("champion", value => Damaged(value, damage));

        HealthFinding finding = await OnlyAsync();

        Assert.Equal(damage == "deleted" ? HealthVerdict.Note : HealthVerdict.Bad, finding.Verdict);
        Assert.Contains("champion", finding.Found, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', finding.Found);
        Assert.Equal($"recsys models promote {Newer} --data {_shop.Files.Folder}", finding.Command);
    }

    [Theory]
    [MemberData(nameof(AliasDamages))]
    public async Task A_damaged_alias_of_the_previous_model_is_reported(string damage)
    {
        await _shop.DamageAliasAsync("previous", value => Damaged(value, damage));

        HealthFinding finding = await OnlyAsync();

        Assert.Equal(damage == "deleted" ? HealthVerdict.Good : HealthVerdict.Note, finding.Verdict);
        Assert.Equal(damage != "deleted", finding.Found.Contains("alias previous", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_damaged_model_without_an_alias_is_reported_in_addition()
    {
        Damage($"{Older}.model", "half");
        await _shop.DamageAliasAsync("previous", _ => null);
        Damage($"{Newer}.model", "empty");

        IReadOnlyList<HealthFinding> findings = await FindAsync();

        Assert.Equal(2, findings.Count);
        Assert.Equal($"recsys train --data {_shop.Files.Folder}", findings[0].Command);
        Assert.Contains($"{Older} is damaged, and no alias names it", findings[1].Found, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Models_that_a_server_could_not_open_are_reported_without_reading_them_again()
    {
        Damage($"{Newer}.model", "last byte");
        using FileModelStore store = new(_shop.Files.Models, SqliteInstallation.ControlOf(_shop.Files.Log), TimeProvider.System);
        await Assert.ThrowsAsync<CorruptModelException>(async () => await store.OpenAsync(new ModelVersion(Newer), Cancel));

        IReadOnlyList<HealthFinding> findings = await new ModelChecks(store, _shop.Files, isDeep: false, published: [], installation: null).CheckAsync(Cancel);

        Assert.Equal($"recsys models promote {Older} --data {_shop.Files.Folder}", Assert.Single(findings).Command);
    }

    [Theory]
    [InlineData(Newer, HealthVerdict.Bad)]
    [InlineData(Older, HealthVerdict.Note)]
    public async Task A_model_of_another_installation_is_reported_and_served(string version, HealthVerdict expected)
    {
        InstallationId id = await ReplaceByAnotherInstallationsAsync(version);

        Assert.Empty(_shop.Prepare());
        HealthFinding finding = await OnlyAsync();

        Assert.Equal(expected, finding.Verdict);
        Assert.StartsWith($"{version} was trained from the log of installation {id}, not of this one ({FolderMark.Read(_shop.Files.Models)})", finding.Found, StringComparison.Ordinal);
        Assert.StartsWith($"recsys train --data {_shop.Files.Folder}", finding.Command, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Several_models_of_another_installation_are_reported_together_and_the_remedy_moves_all_of_them()
    {
        InstallationId id = await ReplaceByAnotherInstallationsAsync(Newer, Older);

        HealthFinding finding = await OnlyAsync();

        Assert.StartsWith($"{Newer}, {Older} were trained from the log of installation {id}", finding.Found, StringComparison.Ordinal);
        Assert.EndsWith($"mv {Path.Combine(_shop.Files.Models, Newer + ".model")} {Path.Combine(_shop.Files.Models, Older + ".model")} ELSEWHERE", finding.Command, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_model_of_this_installation_is_in_order()
    {
        using FileModelStore store = new(_shop.Files.Models, new InMemoryControlStore(), TimeProvider.System, installation: FolderMark.Read(_shop.Files.Models));
        await store.PublishAsync(new ModelVersion("20260504-140000-1"), SmallModels.Content(["tea"]), Cancel);

        Assert.Equal(HealthVerdict.Good, (await OnlyAsync()).Verdict);
    }

    [Fact]
    public void A_folder_in_place_of_the_installation_id_is_refused_with_one_line()
    {
        string mark = Path.Combine(_shop.Files.Models, FolderMark.FileName);
        File.Delete(mark);
        Directory.CreateDirectory(mark);

        string refusal = _shop.Refusal();

        Assert.Contains($"{mark} must be the file with the installation id", refusal, StringComparison.Ordinal);
        Assert.Contains($"mv {mark} ELSEWHERE", refusal, StringComparison.Ordinal);
    }

    public static TheoryData<string> Damages() => ["first byte", "last byte", "a third", "half", "empty", "garbage", "deleted", "folder"];

    public static TheoryData<string> AliasDamages() => ["first byte", "last byte", "half", "empty", "garbage", "deleted"];

    private async Task<InstallationId> ReplaceByAnotherInstallationsAsync(params string[] versions)
    {
        using SmallInstallation other = new();
        other.Prepare();
        InstallationId id = FolderMark.Read(other.Files.Models)!.Value;
        using FileModelStore store = new(other.Files.Models, new InMemoryControlStore(), TimeProvider.System, installation: id);
        foreach (string version in versions)
        {
            await store.PublishAsync(new ModelVersion(version), SmallModels.Content(["coffee"]), Cancel);
            File.Copy(Path.Combine(other.Files.Models, version + ".model"), Path.Combine(_shop.Files.Models, version + ".model"), overwrite: true);
        }

        return id;
    }

    private void Damage(string name, string damage)
    {
        string path = Path.Combine(_shop.Files.Models, name);
        byte[]? damaged = damage == "folder" ? null : Damaged(File.ReadAllBytes(path), damage);
        File.Delete(path);
        if (damage == "folder")
        {
            Directory.CreateDirectory(path);
        }
        else if (damaged is not null)
        {
            File.WriteAllBytes(path, damaged);
        }
    }

    private static byte[]? Damaged(byte[] bytes, string damage)
    {
        switch (damage)
        {
            case "deleted":
                return null;
            case "first byte":
                bytes[0] ^= 0xFF;
                return bytes;
            case "last byte":
                bytes[^1] ^= 0xFF;
                return bytes;
            case "a third":
                return bytes[..(bytes.Length / 3)];
            case "half":
                return bytes[..(bytes.Length / 2)];
            case "empty":
                return [];
            default:
                Array.Fill(bytes, (byte)'#');
                return bytes;
        }
    }

    private async Task<HealthFinding> OnlyAsync() => Assert.Single(await FindAsync());

    private async Task<IReadOnlyList<HealthFinding>> FindAsync() =>
        [.. (await new InstallationHealth(_shop.Files, TimeProvider.System, isDeep: true).CheckAsync(Cancel)).Where(finding => finding.Check == "models")];
}
