using System.Text;
using RecSys.Core.Log;
using RecSys.Sqlite.Log;
using RecSys.TestKit;
using Xunit;

namespace RecSys.Sqlite.Tests;

public sealed class FilesBesideTests : IDisposable
{
    private readonly DataFolder _folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string LogPath => _folder.File("log.db");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_new_log_remembers_no_files()
    {
        SqliteInstallation.OpenOwnerHash(LogPath);

        SqliteFileReport log = SqliteInstallation.InspectLog(LogPath);

        Assert.Null(log.Models);
        Assert.Null(log.Slates);
    }

    [Fact]
    public async Task What_is_remembered_last_is_there_after_a_crash()
    {
        await using SqliteInteractionLog log = Open();
        await log.RememberModelsAsync(["1.model", "2.model"], Cancel);
        await log.RememberSlatesAsync(new SlatePosition(0, 1, 2), Cancel);
        await log.RememberModelsAsync(["2.model", "champion.alias"], Cancel);
        await log.RememberSlatesAsync(new SlatePosition(3, 1_700_000_000_000, 5), Cancel);

        using DataFolder crashed = _folder.Crashed();
        SqliteFileReport left = SqliteInstallation.InspectLog(crashed.File("log.db"));

        Assert.Equal(["2.model", "champion.alias"], left.Models);
        Assert.Equal(new SlatePosition(3, 1_700_000_000_000, 5), left.Slates);
    }

    [Fact]
    public async Task No_models_are_remembered_as_none()
    {
        await using SqliteInteractionLog log = Open();

        await log.RememberModelsAsync([], Cancel);

        Assert.Empty(SqliteInstallation.InspectLog(LogPath).Models!);
    }

    [Fact]
    public async Task A_log_forgets_what_is_replaced()
    {
        await using SqliteInteractionLog log = Open();
        await log.RememberModelsAsync(["1.model"], Cancel);
        await log.RememberSlatesAsync(new SlatePosition(0, 1, 2), Cancel);

        SqliteInstallation.ForgetSlates(LogPath);
        Assert.Equal((1, null), (SqliteInstallation.InspectLog(LogPath).Models?.Count, SqliteInstallation.InspectLog(LogPath).Slates));

        SqliteInstallation.ForgetFilesBeside(LogPath);
        Assert.Null(SqliteInstallation.InspectLog(LogPath).Models);
    }

    [Fact]
    public void A_value_is_laid_out_as_it_was_in_version_1() =>
        Assert.Equal("1\n0a0b\n3\n1700000000000\n5\n27d0c0ecea531e4c", Encoding.ASCII.GetString(FilesBeside.Encode("0a0b", ["3", "1700000000000", "5"])));

    [Fact]
    public void A_value_that_is_damaged_or_newer_is_as_good_as_none()
    {
        byte[] value = FilesBeside.Encode("0a0b", ["champion.alias"]);
        (string installation, string[] fields) = Assert.NotNull(FilesBeside.Decode(value));
        Assert.Equal("0a0b", installation);
        Assert.Equal(["champion.alias"], fields);
        for (int at = 0; at < value.Length; at++)
        {
            byte[] damaged = [.. value];
            damaged[at] ^= 0x20;
            Assert.Null(FilesBeside.Decode(damaged));
        }

        byte[] newer = "2\n0a0b\nx\n"u8.ToArray();
        Assert.Null(FilesBeside.Decode([.. newer, .. Encoding.ASCII.GetBytes($"{LogChecksum.Of(newer):x16}")]));
        Assert.Null(FilesBeside.Decode([]));
        Assert.Null(FilesBeside.Decode(null));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_file_and_a_write_ahead_log_of_two_installations_are_told_apart(bool isFileOfOther)
    {
        using DataFolder other = new();
        using DataFolder mixed = new();
        (byte[] file, byte[] log) = await CrashAsync(_folder);
        (byte[] otherFile, byte[] otherLog) = await CrashAsync(other);
        File.WriteAllBytes(mixed.File("log.db"), isFileOfOther ? otherFile : file);
        File.WriteAllBytes(mixed.File("log.db-wal"), isFileOfOther ? log : otherLog);

        SqliteFileReport report = SqliteInstallation.InspectLog(mixed.File("log.db"));

        Assert.Equal(SqliteCondition.Damaged, report.Condition);
        Assert.Contains("but its write-ahead log to", report.Problem, StringComparison.Ordinal);
    }

    // The file with the key, and in the write-ahead log what is remembered later.
    private static async Task<(byte[] File, byte[] Log)> CrashAsync(DataFolder folder)
    {
        string path = folder.File("log.db");
        await using (SqliteInteractionLog first = Open(path))
        {
            await first.RememberModelsAsync(["1.model"], Cancel);
        }

        await using SqliteInteractionLog log = Open(path);
        await log.RememberModelsAsync(["2.model"], Cancel);
        using DataFolder crashed = folder.Crashed();
        return (File.ReadAllBytes(crashed.File("log.db")), File.ReadAllBytes(crashed.File("log.db-wal")));
    }

    private SqliteInteractionLog Open() => Open(LogPath);

    private static SqliteInteractionLog Open(string path) =>
        SqliteInteractionLog.Open(new SqliteLogOptions { Path = path }, new LogRecordCodec(SqliteInstallation.OpenOwnerHash(path)), TimeProvider.System);
}
