using RecSys.Cli.Hosting;
using RecSys.Core;
using RecSys.Core.Diagnostics;
using RecSys.Core.Ingestion;
using RecSys.Core.Log;
using RecSys.Core.Ports;
using RecSys.Core.Users;
using RecSys.Files;
using RecSys.Sqlite;
using Xunit;

namespace RecSys.Cli.Tests.Hosting;

public sealed class InstallationTests
{
    [Fact]
    public async Task Files_of_a_stopped_server_are_ready_for_the_next_start()
    {
        using SmallInstallation shop = await SmallInstallation.UsedAsync();

        Assert.Empty(shop.Prepare());
        Assert.NotNull(await shop.StateAsync());
    }

    [Fact]
    public async Task An_older_log_with_newer_states_is_refused_with_the_command_that_repairs_it()
    {
        using SmallInstallation shop = await SmallInstallation.UsedAsync(records: 3);
        byte[] copy = File.ReadAllBytes(shop.Files.Log);
        await shop.AppendAsync(2);
        File.WriteAllBytes(shop.Files.Log, copy);

        string refusal = shop.Refusal();

        Assert.Contains("state.db was made from a log of 5 records or more", refusal, StringComparison.Ordinal);
        Assert.Contains("log.db has 3", refusal, StringComparison.Ordinal);
        Assert.Contains($"recsys serve --rebuild --data {shop.Files.Folder}", refusal, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(1, 1)]
    [InlineData(3)]
    [InlineData(1, 4)]
    public async Task The_log_of_a_served_copy_is_refused_with_the_states_of_the_original(params int[] appends)
    {
        using SmallInstallation shop = await SmallInstallation.UsedAsync(records: 3);
        using SmallInstallation copy = new();
        foreach (string path in new[] { shop.Files.Log, shop.Files.States, shop.Files.Impressions })
        {
            File.Copy(path, Path.Combine(copy.Files.Folder, Path.GetFileName(path)), overwrite: true);
        }

        await shop.AppendAsync(2);
        foreach (int records in appends)
        {
            await copy.AppendAsync(records, SmallInstallation.Now);
        }

        File.Copy(copy.Files.Log, shop.Files.Log, overwrite: true);

        string refusal = shop.Refusal();

        Assert.Contains("state.db was made from another copy of the log: record 4", refusal, StringComparison.Ordinal);
        Assert.Contains($"recsys serve --rebuild --data {shop.Files.Folder}", refusal, StringComparison.Ordinal);
        Assert.Contains("rebuilt", Assert.Single(shop.Prepare(rebuild: true)), StringComparison.Ordinal);
        Assert.Empty(shop.Prepare());
    }

    [Fact]
    public async Task A_log_that_continued_after_its_newest_record_was_erased_is_the_same_history()
    {
        using SmallInstallation shop = await SmallInstallation.UsedAsync();
        await shop.AppendAsync(0);
        Assert.Empty(shop.Prepare());

        await shop.EraseFromLogAsync("ada");
        Assert.Empty(shop.Prepare());
        await shop.AppendAsync(2);
        Assert.Empty(shop.Prepare());
    }

    [Fact]
    public async Task States_and_folds_are_rebuilt_from_an_older_log_on_request()
    {
        using SmallInstallation shop = await SmallInstallation.UsedAsync(records: 3);
        byte[] copy = File.ReadAllBytes(shop.Files.Log);
        await shop.AppendAsync(2);
        File.WriteAllBytes(shop.Files.Log, copy);

        string note = Assert.Single(shop.Prepare(rebuild: true));

        Assert.Contains("rebuilt from the log's 3 records", note, StringComparison.Ordinal);
        Assert.Null(await shop.StateAsync());
        Assert.Empty(shop.Files.FoldFiles());
        Assert.Empty(shop.Prepare());
    }

    [Fact]
    public async Task States_from_before_a_rebuild_are_kept_in_a_folder_that_doctor_reports()
    {
        using SmallInstallation shop = await SmallInstallation.UsedAsync();
        byte[] fold = File.ReadAllBytes(Assert.Single(shop.Files.FoldFiles()));

        string note = Assert.Single(shop.Prepare(rebuild: true));

        string kept = Assert.Single(Directory.GetDirectories(shop.Files.Folder, "before-rebuild-*"));
        Assert.Contains(kept, note, StringComparison.Ordinal);
        InstallationFiles old = new(kept);
        await using (SqliteSnapshotTable table = SqliteSnapshotTable.Open(new SqliteSnapshotOptions { Path = old.States }))
        {
            Assert.NotNull(await table.LoadAsync("state-of-ada", TestContext.Current.CancellationToken));
        }

        Assert.Equal(fold, File.ReadAllBytes(Assert.Single(old.FoldFiles())));
        IReadOnlyList<HealthFinding> findings = await new InstallationHealth(shop.Files, TimeProvider.System, isDeep: false).CheckAsync(TestContext.Current.CancellationToken);
        Assert.Contains(findings, finding => finding.Check == "leftovers" && finding.Found.Contains(Path.GetFileName(kept), StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_second_rebuild_in_the_same_second_keeps_the_states_of_both()
    {
        using SmallInstallation shop = await SmallInstallation.UsedAsync();

        shop.Prepare(rebuild: true);
        shop.Prepare(rebuild: true);

        Assert.Equal(2, Directory.GetDirectories(shop.Files.Folder, "before-rebuild-*").Length);
    }

    [Fact]
    public async Task Undamaged_states_are_kept_if_the_log_is_damaged()
    {
        using SmallInstallation shop = await SmallInstallation.UsedAsync(records: 3);
        shop.DamageLog("tea");

        string refusal = shop.Refusal(rebuild: true);

        Assert.Contains("the log is damaged: 1 records", refusal, StringComparison.Ordinal);
        Assert.Contains("--accept-damage", refusal, StringComparison.Ordinal);
        Assert.NotNull(await shop.StateAsync());
        Assert.Single(shop.Files.FoldFiles());
        Assert.Empty(Directory.GetDirectories(shop.Files.Folder, "before-rebuild-*"));
    }

    [Fact]
    public async Task States_are_rebuilt_from_a_damaged_log_if_the_damage_is_accepted()
    {
        using SmallInstallation shop = await SmallInstallation.UsedAsync(records: 3);
        shop.DamageLog("tea");

        shop.Prepare(rebuild: true, acceptDamage: true);

        Assert.Null(await shop.StateAsync());
        Assert.Single(Directory.GetDirectories(shop.Files.Folder, "before-rebuild-*"));
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(8, 2)] // the states are of a newer log, whose later offsets other records will get
    public async Task A_person_whose_erasure_record_may_be_lost_stays_erased_if_the_damage_is_accepted(long erasedUpTo, long expected)
    {
        using SmallInstallation shop = await SmallInstallation.UsedAsync(records: 3);
        string owner = SqliteInstallation.OpenOwnerHash(shop.Files.Log).Of(new UserId("bob")).ToString();
        await shop.SaveAsync(new SavedState(owner, 1, UserProfileCodec.Encode(UserProfile.Empty.Erased(new LogPosition(0, [erasedUpTo])))));
        shop.DamageLog("tea");

        shop.Prepare(rebuild: true, acceptDamage: true);

        SavedState kept = Assert.NotNull(await shop.StateAsync(owner));
        Assert.Equal(new LogPosition(0, [expected]), UserProfileCodec.Decode(kept.State.Span).ErasedUpTo);
        Assert.Null(await shop.StateAsync());
        InstallationFiles old = new(Assert.Single(Directory.GetDirectories(shop.Files.Folder, "before-rebuild-*")));
        await using SqliteSnapshotTable table = SqliteSnapshotTable.Open(new SqliteSnapshotOptions { Path = old.States });
        Assert.NotNull(await table.LoadAsync("state-of-ada", TestContext.Current.CancellationToken));
        Assert.Empty(shop.Prepare());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_missing_or_empty_log_does_not_start_a_new_installation(bool isGone)
    {
        using SmallInstallation shop = await SmallInstallation.UsedAsync();
        File.Delete(shop.Files.Log);
        if (!isGone)
        {
            File.WriteAllBytes(shop.Files.Log, []);
        }

        string refusal = shop.Refusal();

        Assert.Contains("log.db is missing or empty, but state.db, impressions.db, folds of an installation are there", refusal, StringComparison.Ordinal);
        Assert.Contains("recsys restore", refusal, StringComparison.Ordinal);
    }

    [Fact]
    public async Task States_of_another_installation_are_refused_by_name()
    {
        using SmallInstallation shop = await SmallInstallation.UsedAsync();
        using SmallInstallation other = await SmallInstallation.UsedAsync();
        File.Copy(other.Files.States, shop.Files.States, overwrite: true);

        string refusal = shop.Refusal();

        Assert.Contains("state.db belongs to installation", refusal, StringComparison.Ordinal);
        Assert.Contains($"mv {shop.Files.States}", refusal, StringComparison.Ordinal);
        Assert.Throws<CommandException>(() => shop.Prepare(rebuild: true));
    }

    [Theory]
    [InlineData("folds")]
    [InlineData("models")]
    public async Task A_folder_of_another_installation_is_refused_by_name(string name)
    {
        using SmallInstallation shop = await SmallInstallation.UsedAsync();
        using SmallInstallation other = await SmallInstallation.UsedAsync();
        File.Copy(Path.Combine(other.Files.Folder, name, FolderMark.FileName), Path.Combine(shop.Files.Folder, name, FolderMark.FileName), overwrite: true);

        Assert.Contains($"{name} belongs to installation", shop.Refusal(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_log_of_another_installation_is_refused()
    {
        using SmallInstallation shop = await SmallInstallation.UsedAsync();
        using SmallInstallation other = await SmallInstallation.UsedAsync(records: 9);
        File.Copy(other.Files.Log, shop.Files.Log, overwrite: true);

        Assert.Contains("belongs to installation", shop.Refusal(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Damaged_states_are_kept_and_rebuilt()
    {
        using SmallInstallation shop = await SmallInstallation.UsedAsync();
        File.WriteAllText(shop.Files.States, new string('x', 10_000));

        string note = Assert.Single(shop.Prepare());

        Assert.Contains("state.db.damaged-20260504-143201", note, StringComparison.Ordinal);
        Assert.Contains("rebuilt from the log", note, StringComparison.Ordinal);
        Assert.Equal(10_000, new FileInfo(Assert.Single(DamagedFiles.In(shop.Files.Folder))).Length);
        Assert.Equal(SqliteCondition.Sound, SqliteInstallation.InspectStates(shop.Files.States).Condition);
    }

    [Fact]
    public async Task A_damaged_checkpoint_does_not_prevent_a_start()
    {
        using SmallInstallation shop = new();
        shop.Prepare();
        await using (SqliteSnapshotTable table = SqliteSnapshotTable.Open(new SqliteSnapshotOptions { Path = shop.Files.States }))
        {
            await table.SaveAsync([new SavedState("ingest-0-0", 1, new byte[] { 9, 9, 9 })], TestContext.Current.CancellationToken);
        }

        Assert.Empty(shop.Prepare());
    }

    [Fact]
    public async Task A_checkpoint_past_the_logs_end_is_detected_in_states_without_a_log_end()
    {
        using SmallInstallation shop = new();
        shop.Prepare();
        await using (SqliteSnapshotTable table = SqliteSnapshotTable.Open(new SqliteSnapshotOptions { Path = shop.Files.States }))
        {
            byte[] checkpoint = IngestCheckpointCodec.Encode(new IngestCheckpoint(0, 0, 7, []));
            await table.SaveAsync([new SavedState("ingest-0-0", 1, checkpoint)], TestContext.Current.CancellationToken);
        }

        Assert.Contains("a log of 7 records or more", shop.Refusal(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Damaged_impressions_are_kept_and_reported_as_lost()
    {
        using SmallInstallation shop = await SmallInstallation.UsedAsync();
        File.WriteAllText(shop.Files.Impressions, "no database");

        Assert.Contains("are lost to evaluation", Assert.Single(shop.Prepare()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Missing_impressions_are_reported_as_lost(bool isEmpty)
    {
        using SmallInstallation shop = await SmallInstallation.UsedAsync();
        InstallationFiles.PartsOf(shop.Files.Impressions).ToList().ForEach(File.Delete);
        if (isEmpty)
        {
            File.WriteAllText(shop.Files.Impressions, "");
        }

        Assert.Contains("missing or empty: the slates that were shown before are lost", shop.Prepare()[0], StringComparison.Ordinal);
        Assert.Empty(shop.Prepare());
    }

    [Fact]
    public async Task A_damaged_log_is_refused_and_not_moved()
    {
        using SmallInstallation shop = await SmallInstallation.UsedAsync();
        File.WriteAllText(shop.Files.Log, new string('x', 10_000));

        Assert.Contains("recsys restore", shop.Refusal(), StringComparison.Ordinal);
        Assert.Equal(10_000, new FileInfo(shop.Files.Log).Length);
    }

    [Fact]
    public void States_without_an_installation_id_get_one_and_it_is_reported()
    {
        using SmallInstallation shop = new();
        SqliteInstallation.OpenOwnerHash(shop.Files.Log);
        using (FileStream made = File.Create(shop.Files.States))
        {
        }

        Directory.CreateDirectory(shop.Files.Models);
        File.WriteAllText(Path.Combine(shop.Files.Models, "champion.alias"), "20260504-143201-1");

        string note = Assert.Single(shop.Prepare(), note => note.Contains("had no installation id", StringComparison.Ordinal));

        Assert.Contains("models", note, StringComparison.Ordinal);
        Assert.NotNull(SqliteInstallation.InspectStates(shop.Files.States).Installation);
    }

    [Fact]
    public async Task Files_that_other_users_could_read_are_made_private()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "modes are Unix's");
        if (OperatingSystem.IsWindows())
        {
            return; // what the analyzer of platforms understands
        }

        using SmallInstallation shop = await SmallInstallation.UsedAsync();
        File.SetUnixFileMode(shop.Files.States, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);

        string note = Assert.Single(shop.Prepare());

        Assert.Contains("could read state.db", note, StringComparison.Ordinal);
        Assert.False(PrivateFiles.IsOpenToOthers(shop.Files.States));
    }
}
