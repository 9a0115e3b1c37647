using System.Text;
using RecSys.Core.Log;
using RecSys.Core.Ports;
using RecSys.Numerics;
using RecSys.Sqlite.Storage;
using RecSys.TestKit;
using Xunit;

namespace RecSys.Sqlite.Tests;

public sealed class SqliteSnapshotTableTests : SnapshotTableContract, IAsyncLifetime
{
    private readonly CrashingFolders _folders = new();

    private DataFolder Folder => _folders.Current;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _folders.DisposeAsync();

    [Fact]
    public async Task A_replaced_state_leaves_no_byte_in_the_files()
    {
        SqliteSnapshotTable table = OpenFile();
        SeededRandom random = new(7);
        int[] revisions = new int[500];
        for (int round = 0; round < 12; round++)
        {
            List<SavedState> group = [];
            for (int owner = 0; owner < revisions.Length; owner++)
            {
                string text = string.Concat(Enumerable.Repeat($"<{owner}:{++revisions[owner]}>", 1 + random.NextInt(150)));
                group.Add(new SavedState($"owner{owner * 7_919 % 500}", revisions[owner], Encoding.ASCII.GetBytes(text)));
            }

            await table.SaveAsync(group, Cancel);
        }

        await table.EraseAsync(default, LogPosition.Start, Cancel);

        foreach (int owner in (int[])[0, 1, 99, 250, 499])
        {
            for (int revision = 1; revision < revisions[owner]; revision++)
            {
                Assert.Empty(Folder.FilesWith(Encoding.ASCII.GetBytes($"<{owner}:{revision}>")));
            }

            Assert.Equal(["state.db"], Folder.FilesWith(Encoding.ASCII.GetBytes($"<{owner}:{revisions[owner]}>")));
        }
    }

    [Fact]
    public async Task Incomplete_saves_are_lost_as_a_whole_and_completed_ones_are_kept()
    {
        SqliteSnapshotTable table = OpenFile();
        await table.SaveAsync([new("ada", 1, new byte[3_000])], Cancel);
        ValueTask<SaveOutcome[]> later = table.SaveAsync([.. Enumerable.Range(0, 1_000).Select(row => new SavedState($"row{row}", 1, new byte[1_000]))], Cancel);

        ISnapshotTable reopened = Reopen();
        await later;

        Assert.NotNull(await reopened.LoadAsync("ada", Cancel));
        int rows = 0;
        await foreach (SavedState state in reopened.ReadAllAsync(Cancel))
        {
            rows++;
        }

        Assert.True(rows is 1 or 1_001, $"{rows} rows");
    }

    [Fact]
    public async Task Closing_saves_the_queued_states()
    {
        SqliteSnapshotTable table = OpenFile();
        ValueTask<SaveOutcome[]> save = table.SaveAsync([new("ada", 1, new byte[] { 5 })], Cancel);

        await table.DisposeAsync();

        Assert.Equal([SaveOutcome.Saved], await save);
        Assert.Equal([5], (await OpenFile().LoadAsync("ada", Cancel))?.State.ToArray());
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await table.SaveAsync([new("ada", 2, new byte[] { 6 })], Cancel));
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await table.LoadAsync("ada", Cancel));
    }

    [Fact]
    public async Task A_crash_in_the_middle_of_a_replacement_leaves_the_old_rows_and_an_erasure_then_finds_no_new_one_in_the_files()
    {
        SqliteSnapshotTable table = OpenFile();
        await table.SaveAsync([.. Enumerable.Range(0, 1_000).Select(row => new SavedState($"row{row}", 1, Encoding.ASCII.GetBytes($"<old-{row}>")))], Cancel);
        await using ISnapshotReplacement replacement = await table.BeginReplacementAsync(Cancel);
        await replacement.PutAsync([.. Enumerable.Range(0, 700).Select(row => ($"row{row}", (ReadOnlyMemory<byte>)Encoding.ASCII.GetBytes($"<new-{row}>")))], Cancel);

        SqliteSnapshotTable reopened = (SqliteSnapshotTable)Reopen();

        Assert.Equal("<old-3>", Encoding.ASCII.GetString((await reopened.LoadAsync("row3", Cancel))!.Value.State.Span));
        await reopened.EraseAsync(default, LogPosition.Start, Cancel);
        Assert.Empty(Folder.FilesWith("<new-"u8));
        Assert.NotEmpty(Folder.FilesWith("<old-"u8));
    }

    [Fact]
    public async Task A_crash_after_the_commit_of_a_replacement_leaves_the_new_rows_and_an_erasure_then_finds_no_old_one_in_the_files()
    {
        SqliteSnapshotTable table = OpenFile();
        await table.SaveAsync([.. Enumerable.Range(0, 1_000).Select(row => new SavedState($"row{row}", 1, Encoding.ASCII.GetBytes($"<old-{row}>")))], Cancel);
        await using ISnapshotReplacement replacement = await table.BeginReplacementAsync(Cancel);
        await replacement.PutAsync([.. Enumerable.Range(0, 700).Select(row => ($"row{row}", (ReadOnlyMemory<byte>)Encoding.ASCII.GetBytes($"<new-{row}>")))], Cancel);
        await replacement.CommitAsync(Cancel);

        SqliteSnapshotTable reopened = (SqliteSnapshotTable)Reopen();

        Assert.Equal("<new-3>", Encoding.ASCII.GetString((await reopened.LoadAsync("row3", Cancel))!.Value.State.Span));
        Assert.Null(await reopened.LoadAsync("row800", Cancel));
        await reopened.EraseAsync(default, LogPosition.Start, Cancel);
        Assert.Empty(Folder.FilesWith("<old-"u8));
    }

    [Fact]
    public async Task A_table_of_version_1_can_be_read_and_replaced()
    {
        SqliteFormat version1 = SqliteSnapshotTable.Format with
        {
            Version = 1,
            Tables = """
                CREATE TABLE states(
                    owner TEXT PRIMARY KEY, revision INTEGER NOT NULL, length INTEGER NOT NULL, size INTEGER NOT NULL, slot INTEGER NOT NULL) WITHOUT ROWID;
                CREATE TABLE slots(id INTEGER PRIMARY KEY, bytes BLOB NOT NULL);
                CREATE TABLE free(size INTEGER NOT NULL, slot INTEGER NOT NULL, PRIMARY KEY(size, slot)) WITHOUT ROWID;
                """,
        };
        using (SqliteDatabase file = SqliteDatabase.OpenWriter(Folder.File(SqliteSnapshotOptions.FileName), version1))
        {
            file.Run("INSERT INTO slots VALUES(1, x'07000000'); INSERT INTO states VALUES('ada', 5, 1, 4, 1)");
        }

        SqliteSnapshotTable table = OpenFile();

        Assert.Equal([7], (await table.LoadAsync("ada", Cancel))?.State.ToArray());
        await using ISnapshotReplacement replacement = await table.BeginReplacementAsync(Cancel);
        await replacement.CommitAsync(Cancel);
        Assert.Null(await table.LoadAsync("ada", Cancel));
    }

    [Fact]
    public void A_file_that_is_not_a_database_is_refused()
    {
        File.WriteAllText(Folder.File("state.db"), new string('x', 10_000));

        Assert.Throws<InvalidDataException>(() => OpenFile());
    }

    [Fact]
    public void An_option_out_of_its_range_is_refused_by_name()
    {
        ArgumentException refusal = Assert.Throws<ArgumentException>(
            () => SqliteSnapshotTable.Open(new SqliteSnapshotOptions { Path = Folder.File("state.db"), ReadersMax = 0 }));

        Assert.Contains("ReadersMax", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_that_cannot_be_written_is_an_unavailable_store()
    {
        Directory.CreateDirectory(Folder.File("state.db"));

        Assert.Throws<StoreUnavailableException>(() => OpenFile());
        await Task.CompletedTask;
    }

    protected override ISnapshotTable Open() => OpenFile();

    protected override ISnapshotTable Reopen()
    {
        _folders.Crash();
        return OpenFile();
    }

    protected override ISnapshotTable OpenWithQueueOf(int states) => OpenFile(states);

    private SqliteSnapshotTable OpenFile(int queueStatesMax = 50_000)
    {
        SqliteSnapshotTable table = SqliteSnapshotTable.Open(
            new SqliteSnapshotOptions { Path = Folder.File(SqliteSnapshotOptions.FileName), QueueStatesMax = queueStatesMax });
        return _folders.Add(table);
    }
}
