using System.Collections.Immutable;
using System.Text;
using RecSys.Core;
using RecSys.Core.Log;
using RecSys.Core.Ports;
using RecSys.Sqlite.Log;
using RecSys.Sqlite.Storage;
using RecSys.TestKit;
using Xunit;

namespace RecSys.Sqlite.Tests;

public sealed class SqliteInteractionLogTests : InteractionLogContract, IAsyncDisposable
{
    private readonly CrashingFolders _folders = new();

    private DataFolder Folder => _folders.Current;

    public ValueTask DisposeAsync() => _folders.DisposeAsync();

    [Fact]
    public async Task No_byte_of_an_erased_person_remains_in_the_files()
    {
        SqliteInteractionLog log = OpenFile();
        for (int batch = 0; batch < 40; batch++)
        {
            await log.AppendAsync([.. Enumerable.Range(0, 200).Select(row => View(row % 20 == 0 ? Ada : Bob, row % 20 == 0 ? $"secret-{batch}-{row}" : $"item-{batch}-{row}"))], Cancel);
            await log.AppendAsync([View(Ada, $"secret-{batch}")], Cancel);
        }

        ImmutableSortedDictionary<string, string> labels = Enumerable.Range(0, 100).ToImmutableSortedDictionary(
            number => $"label-{number}", number => $"\"secret-{number} {new string('x', 500)}\"", StringComparer.Ordinal);
        await log.AppendAsync([new LogRecord.UserChanged(Ada, labels, null, false, 1), new LogRecord.UsersMerged(Bob, Ada, Hash.Of(Ada), 3)], Cancel);
        byte[] id = Encoding.UTF8.GetBytes(Ada.Value);
        Assert.NotEmpty(Folder.FilesWith(id));
        LogPosition upTo = await EndAsync(log);

        long erased = await log.EraseAsync(Hash.Of(Ada), upTo, Cancel);

        Assert.Equal((40 * 11) + 2, erased);
        Assert.Empty(Folder.FilesWith(id));
        Assert.Empty(Folder.FilesWith("secret-"u8));
        Assert.Equal(["log.db"], Folder.FilesWith(Encoding.UTF8.GetBytes(Bob.Value)));
    }

    [Fact]
    public async Task An_erasure_interrupted_before_the_files_were_cleaned_is_completed()
    {
        SqliteInteractionLog log = OpenFile();
        await log.AppendAsync([.. Views(Ada, 0, 100), .. Views(Bob, 0, 100)], Cancel);
        LogPosition upTo = await EndAsync(log);
        Assert.Equal(100, await log.FindAndOverwriteAsync(Hash.Of(Ada), upTo[0] + 1, Cancel));

        SqliteInteractionLog reopened = (SqliteInteractionLog)Reopen();
        byte[] id = Encoding.UTF8.GetBytes(Ada.Value);
        Assert.NotEmpty(Folder.FilesWith(id));
        Assert.Equal(0, await reopened.EraseAsync(Hash.Of(Ada), upTo, Cancel));

        Assert.Empty(Folder.FilesWith(id));
        Assert.Equal(100, (await ReadAllAsync(reopened)).Count(entry => entry.Record is null));
    }

    [Fact]
    public async Task A_person_with_many_small_appends_is_erased_everywhere()
    {
        SqliteInteractionLog log = OpenFile();
        for (int number = 0; number < 300; number++)
        {
            await log.AppendAsync([View(number % 2 == 0 ? Ada : Bob, $"item-{number}")], Cancel);
        }

        Assert.Equal(150, await log.EraseAsync(Hash.Of(Ada), await EndAsync(log), Cancel));

        Assert.Empty(Folder.FilesWith(Encoding.UTF8.GetBytes(Ada.Value)));
        Assert.Equal(150, (await ReadAllAsync(log)).Count(entry => entry.Record is null));
    }

    [Fact]
    public void The_layout_of_a_chunk_of_version_1_does_not_change()
    {
        StoredChunk chunk = new(7, 3, Convert.FromHexString("03000000" + "AABBCC" + "04000000" + "01000000" + "00000000"));

        LogChunk slice = StoredChunk.Slice([chunk], 7, 10);

        Assert.Equal([(7L, "AABBCC"), (8L, "0100"), (9L, "")], slice.Entries.Select(entry => (entry.Offset, Convert.ToHexString(entry.Bytes.Span))));
        Assert.Equal(10, slice.Next);
    }

    [Fact]
    public void A_chunk_of_version_3_has_a_checksum_before_each_record()
    {
        StoredChunk chunk = new(7, 2, Convert.FromHexString("02000000" + "C07672CE" + "0100" + "04000000" + "0857D696" + "01000000"), 1) { HasSums = true };
        List<LogDamage> damage = [];

        LogChunk slice = StoredChunk.Slice([ChunkCheck.Check(chunk, damage)], 7, 10);

        Assert.Equal("0857D696" + "01000000", Convert.ToHexString(StoredChunk.ErasedFrame(new byte[4], default)));
        Assert.Equal("C07672CE" + "0100", Convert.ToHexString(StoredChunk.ErasedFrame(new byte[2], default)));
        Assert.Empty(damage);
        Assert.Equal([(7L, "0100"), (8L, "0100")], slice.Entries.Select(entry => (entry.Offset, Convert.ToHexString(entry.Bytes.Span))));
    }

    [Fact]
    public void Other_users_of_the_machine_may_not_read_the_file()
    {
        OpenFile();

        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Folder.File("log.db")));
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Folder.File("log.db-wal")));
        }
    }

    [Fact]
    public async Task Records_that_are_no_longer_in_memory_are_read_from_the_file_without_gaps()
    {
        SqliteInteractionLog log = OpenFile(tailBytesMax: 200_000);
        for (int batch = 0; batch < 30; batch++)
        {
            await log.AppendAsync(Views(Ada, batch * 500, 500), Cancel);
        }

        List<(RecordPosition Position, LogRecord? Record)> read = await ReadAllAsync(log);

        Assert.Equal(Enumerable.Range(0, 15_000).Select(number => (long)number), read.Select(entry => entry.Position.Offset));
        Assert.All(read, entry => Assert.Equal($"item-{entry.Position.Offset}", ((LogRecord.Interaction)entry.Record!).Item.Value));
    }

    [Fact]
    public async Task A_log_without_a_tail_in_memory_reads_the_file()
    {
        SqliteInteractionLog log = OpenFile(tailBytesMax: 0);
        await log.AppendAsync(Views(Ada, 0, 10), Cancel);

        Assert.Equal(10, (await ReadAllAsync(log)).Count);
    }

    [Fact]
    public async Task Closing_writes_the_queued_appends_and_ends_all_waits()
    {
        SqliteInteractionLog log = OpenFile();
        ValueTask<LogPosition> append = log.AppendAsync(Views(Ada, 0, 10), Cancel);
        using ILogReader reader = log.OpenReader(0, 100);
        Task waiter = reader.WaitAsync(Cancel).AsTask();

        await log.DisposeAsync();

        Assert.Equal(9, (await append)[0]);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => waiter);
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await log.AppendAsync(Views(Ada, 0, 1), Cancel));
        Assert.Equal(10, (await ReadAllAsync(OpenFile())).Count);
    }

    [Fact]
    public async Task A_batch_larger_than_the_queue_is_refused_with_the_limits_name()
    {
        SqliteInteractionLog log = OpenFile(queueRecordsMax: 10);

        ArgumentException refusal = await Assert.ThrowsAsync<ArgumentException>(async () => await log.AppendAsync(Views(Ada, 0, 11), Cancel));

        Assert.Contains("QueueRecordsMax = 10", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task When_the_store_fails_callers_get_an_exception_and_later_appends_succeed()
    {
        SqliteInteractionLog log = OpenFile();
        await log.AppendAsync(Views(Ada, 0, 5), Cancel);
        using (SqliteDatabase other = SqliteDatabase.OpenWriter(Folder.File("log.db"), SqliteInteractionLog.Format))
        {
            // Another chunk is at the place of the next one, as after a commit whose outcome was unknown.
            StoredChunks.Insert(other, StoredChunks.Read(other, 0) with { First = 5 });
        }

        await Assert.ThrowsAnyAsync<Exception>(async () => await log.AppendAsync(Views(Ada, 5, 5), Cancel));
        LogPosition position = await log.AppendAsync(Views(Ada, 10, 5), Cancel);

        Assert.Equal(14, position[0]);
        Assert.Equal(
            [.. Enumerable.Range(0, 5), .. Enumerable.Range(0, 5), .. Enumerable.Range(10, 5)],
            (await ReadAllAsync(log)).Select(entry => int.Parse(((LogRecord.Interaction)entry.Record!).Item.Value["item-".Length..], System.Globalization.CultureInfo.InvariantCulture)));
    }

    [Fact]
    public async Task A_log_of_version_1_can_be_read_and_appended_to()
    {
        SqliteFormat version1 = SqliteInteractionLog.Format with
        {
            Version = 1,
            Tables = "CREATE TABLE chunks(first_offset INTEGER PRIMARY KEY, count INTEGER NOT NULL, bytes BLOB NOT NULL)",
        };
        using (SqliteDatabase file = SqliteDatabase.OpenWriter(Folder.File(SqliteLogOptions.FileName), version1))
        {
            file.Run("INSERT INTO chunks VALUES(0, 2, x'0400000001000000' || x'0400000001000000')"); // two erased records
        }

        SqliteInteractionLog log = OpenFile();
        LogChunk old = await log.ReadAsync(0, 0, 10, Cancel);
        await log.AppendAsync([View(Ada, "item")], Cancel);
        LogChunk added = await log.ReadAsync(0, 2, 10, Cancel);

        Assert.Equal((2, null), (old.Entries.Length, old.AppendedMs));
        Assert.Equal(2, Assert.Single(added.Entries).Offset);
        Assert.NotNull(added.AppendedMs);
    }

    [Fact]
    public void A_log_of_a_newer_program_is_refused_and_unchanged()
    {
        string path = Folder.File("log.db");
        SqliteDatabase.OpenWriter(path, SqliteInteractionLog.Format with { Version = 7 }).Dispose();

        NotSupportedException refusal = Assert.Throws<NotSupportedException>(() => OpenFile());

        Assert.Contains("format version 7", refusal.Message, StringComparison.Ordinal);
        SqliteDatabase.OpenWriter(path, SqliteInteractionLog.Format with { Version = 7 }).Dispose();
    }

    [Fact]
    public void A_file_of_another_kind_is_refused()
    {
        SqliteDatabase.OpenWriter(Folder.File("log.db"), SqliteInteractionLog.Format with { Kind = "snapshot table" }).Dispose();

        Assert.Contains("snapshot table", Assert.Throws<NotSupportedException>(() => OpenFile()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_key_of_owners_is_drawn_once_and_kept()
    {
        string path = Folder.File("log.db");
        using DataFolder other = new();

        Owner ada = SqliteInstallation.OpenOwnerHash(path).Of(Ada);

        Assert.Equal(ada, SqliteInstallation.OpenOwnerHash(path).Of(Ada));
        Assert.NotEqual(ada, SqliteInstallation.OpenOwnerHash(other.File("log.db")).Of(Ada));
    }

    protected override LogCapabilities Capabilities => LogCapabilities.Erasing;

    protected override IInteractionLog Open() => OpenFile();

    protected override IInteractionLog Reopen()
    {
        _folders.Crash();
        return OpenFile();
    }

    protected override IInteractionLog ReopenDamaged(int partition, long offset)
    {
        _folders.Crash();
        using (SqliteDatabase file = SqliteDatabase.OpenWriter(Folder.File(SqliteLogOptions.FileName), SqliteInteractionLog.Format))
        {
            StoredChunks.FlipBit(file, 0, StoredChunks.PlacesOf(StoredChunks.Read(file, 0))[(int)offset].At);
        }

        return OpenFile();
    }

    protected override IInteractionLog OpenWithQueueOf(int records) => OpenFile(queueRecordsMax: records);

    private SqliteInteractionLog OpenFile(int queueRecordsMax = 100_000, long tailBytesMax = 16 << 20)
    {
        SqliteInteractionLog log = SqliteInteractionLog.Open(
            new SqliteLogOptions { Path = Folder.File(SqliteLogOptions.FileName), QueueRecordsMax = queueRecordsMax, TailBytesMax = tailBytesMax },
            Codec,
            TimeProvider.System);
        return _folders.Add(log);
    }
}
