using Microsoft.Extensions.Logging.Abstractions;
using RecSys.Cli.Hosting;
using RecSys.Core;
using RecSys.Core.Diagnostics;
using RecSys.Core.Log;
using RecSys.Core.Slates;
using RecSys.Sqlite;
using Xunit;

namespace RecSys.Cli.Tests.Hosting;

/// <summary>The next start detects lost slates, because the log contains their number.</summary>
public sealed class SlatesMarkTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Slates_that_a_kill_left_in_the_write_ahead_log_are_not_lost()
    {
        using SmallInstallation shop = await SmallInstallation.UsedAsync();
        PutBack(shop, await ShowAndCrashAsync(shop, 4));

        Assert.Null((await ImpressionsAsync(shop)).Command);
        Assert.Empty(shop.Prepare());
        Assert.Equal(4, SqliteInstallation.InspectImpressions(shop.Files.Impressions).Slates?.Slates);
    }

    [Theory]
    [InlineData("first byte")]
    [InlineData("last frame")]
    [InlineData("half")]
    [InlineData("empty")]
    [InlineData("deleted")]
    public async Task A_damaged_write_ahead_log_is_reported_once_with_the_number_of_lost_slates(string damage)
    {
        using SmallInstallation shop = await SmallInstallation.UsedAsync();
        await ShowAsync(shop, 2);
        (byte[] database, byte[] log) = await ShowAndCrashAsync(shop, 3);
        switch (damage)
        {
            case "first byte":
                log[0] ^= 1;
                break;
            case "last frame":
                log[^100] ^= 1;
                break;
            case "half":
                log = log[..(log.Length / 2)];
                break;
            default:
                log = [];
                break;
        }

        PutBack(shop, (database, damage == "deleted" ? null : log));

        HealthFinding finding = await ImpressionsAsync(shop);
        Assert.Equal(HealthVerdict.Note, finding.Verdict);
        Assert.Contains("lacks its newest slates, 3 at least", finding.Found, StringComparison.Ordinal);
        string note = Assert.Single(shop.Prepare());
        Assert.Contains("lacks its newest slates, 3 at least", note, StringComparison.Ordinal);
        Assert.Contains("lost to evaluation", note, StringComparison.Ordinal);
        Assert.Empty(shop.Prepare());
    }

    [Fact]
    public async Task An_older_copy_is_reported_with_the_number_of_lost_slates()
    {
        using SmallInstallation shop = await SmallInstallation.UsedAsync();
        await ShowAsync(shop, 3);
        byte[] copy = File.ReadAllBytes(shop.Files.Impressions);
        await ShowAsync(shop, 2);
        File.WriteAllBytes(shop.Files.Impressions, copy);

        Assert.Contains("lacks its newest slates, 2 at least", Assert.Single(shop.Prepare()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_gone_together_with_the_states_is_reported()
    {
        using SmallInstallation shop = await SmallInstallation.UsedAsync();
        await ShowAsync(shop, 3);
        File.Delete(shop.Files.Impressions);
        File.Delete(shop.Files.States);

        Assert.Contains("impressions.db is missing or empty, though slates were recorded", (await ImpressionsAsync(shop)).Found, StringComparison.Ordinal);
        Assert.Contains("impressions.db is missing or empty", Assert.Single(shop.Prepare()), StringComparison.Ordinal);
        Assert.Empty(shop.Prepare());
    }

    [Fact]
    public async Task A_write_ahead_log_of_another_installation_is_not_taken_for_this_ones()
    {
        using SmallInstallation shop = await SmallInstallation.UsedAsync();
        using SmallInstallation other = await SmallInstallation.UsedAsync();
        await ShowAsync(shop, 2);
        await ShowAsync(other, 2);
        (byte[] database, _) = await ShowAndCrashAsync(shop, 2);
        (_, byte[] log) = await ShowAndCrashAsync(other, 2);
        PutBack(shop, (database, log));

        Assert.Contains("another file than the one that this server wrote", (await ImpressionsAsync(shop)).Found, StringComparison.Ordinal);
        string note = Assert.Single(shop.Prepare());

        Assert.Contains("it is kept as", note, StringComparison.Ordinal);
        Assert.Equal(0, SqliteInstallation.InspectImpressions(shop.Files.Impressions).Slates?.Slates);
        Assert.Empty(shop.Prepare());
    }

    [Fact]
    public async Task Lost_slates_are_still_reported_by_the_start_after_one_that_was_refused()
    {
        using SmallInstallation shop = await SmallInstallation.UsedAsync(records: 3);
        await ShowAsync(shop, 3);
        byte[] impressions = File.ReadAllBytes(shop.Files.Impressions);
        await ShowAsync(shop, 2);
        byte[] log = File.ReadAllBytes(shop.Files.Log);
        await shop.AppendAsync(2);
        File.WriteAllBytes(shop.Files.Log, log);
        File.WriteAllBytes(shop.Files.Impressions, impressions);

        shop.Refusal();

        Assert.Contains(shop.Prepare(rebuild: true), note => note.Contains("lacks its newest slates, 2 at least", StringComparison.Ordinal));
    }

    // Shows slates and closes the file in order.
    private static async Task ShowAsync(SmallInstallation shop, int slates) => await ShowAndCrashAsync(shop, slates);

    // The bytes of the file and its write-ahead log as they were before it was closed.
    private static async Task<(byte[] Database, byte[] Log)> ShowAndCrashAsync(SmallInstallation shop, int slates)
    {
        OwnerHash owners = SqliteInstallation.OpenOwnerHash(shop.Files.Log);
        await using SqliteInteractionLog log = SqliteInteractionLog.Open(new SqliteLogOptions { Path = shop.Files.Log }, new LogRecordCodec(owners), TimeProvider.System);
        await using SqliteImpressionLog impressions = SqliteImpressionLog.Open(new SqliteImpressionOptions { Path = shop.Files.Impressions, Gather = TimeSpan.FromMinutes(1) }, TimeProvider.System);
        // One group, so that it is lost as a whole: the flush ends the group.
        for (int number = 0; number < slates; number++)
        {
            Assert.True(impressions.TryAppend(new SlateImpression($"r-{number}", owners.Of(new UserId("ada")), number, null, [new(new ItemId("tea"), 1, 1)])));
        }

        using SlatesMark mark = new(impressions, log, TimeProvider.System, NullLogger<SlatesMark>.Instance);
        await mark.StopAsync(Cancel);
        return (ReadShared(shop.Files.Impressions), ReadShared(shop.Files.Impressions + "-wal"));
    }

    private static byte[] ReadShared(string path)
    {
        using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        byte[] bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        return bytes;
    }

    private static void PutBack(SmallInstallation shop, (byte[] Database, byte[]? Log) files)
    {
        File.WriteAllBytes(shop.Files.Impressions, files.Database);
        if (files.Log is { } log)
        {
            File.WriteAllBytes(shop.Files.Impressions + "-wal", log);
        }
    }

    private static async Task<HealthFinding> ImpressionsAsync(SmallInstallation shop) =>
        (await new InstallationHealth(shop.Files, TimeProvider.System, isDeep: false).CheckAsync(Cancel)).Single(finding => finding.Check == "impressions");
}
