using System.Text;
using RecSys.Core;
using RecSys.Core.Log;
using RecSys.Core.Ports;
using RecSys.Sqlite.Log;
using RecSys.Sqlite.Storage;
using RecSys.TestKit;
using Xunit;

namespace RecSys.Sqlite.Tests;

/// <summary>A log with a damaged file: damaged records are detected and skipped, and no others are lost.</summary>
public sealed class SqliteLogDamageTests : IAsyncDisposable
{
    private const int ChunkRecords = 12;

    private static readonly UserId Ada = new("ada@example.org");
    private static readonly UserId Bob = new("bob@example.org");
    private static readonly OwnerHash Hash = new(Enumerable.Range(0, 32).Select(value => (byte)value).ToArray());

    private readonly DataFolder _folder = new();
    private SqliteInteractionLog? _log;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string FilePath => _folder.File(SqliteLogOptions.FileName);

    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_flipped_bit_in_a_chunk_loses_no_earlier_record_and_invents_none()
    {
        await WriteChunksAsync(1);
        StoredChunk whole = OnFile(file => StoredChunks.Read(file, 0));
        List<(int At, int Length)> places = StoredChunks.PlacesOf(whole);
        for (int bit = 0; bit < whole.Bytes.Length * 8; bit++)
        {
            byte[] bytes = [.. whole.Bytes];
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            List<LogDamage> damage = [];

            LogChunk read = StoredChunk.Slice([ChunkCheck.Check(whole with { Bytes = bytes }, damage)], 0, 100);

            int hit = places.FindIndex(place => bit / 8 < place.At + place.Length);
            bool isLength = bit / 8 < places[hit].At - sizeof(uint);
            Assert.Equal(ChunkRecords, read.Next);
            Assert.All(read.Entries, entry => Assert.Equal($"item-{entry.Offset}", NameOf(entry)));
            Assert.True(damage.Sum(place => place.Count) == ChunkRecords - read.Entries.Length && damage[0].From == hit);
            Assert.True(isLength || read.Entries.Length == ChunkRecords - 1, "only a damaged length costs more than its record");
        }
    }

    [Fact]
    public async Task A_damaged_length_loses_no_record_of_other_chunks()
    {
        await WriteChunksAsync(3);
        OnFile(file => StoredChunks.FlipBit(file, ChunkRecords, at: 0, bit: 2));

        List<LogEntry> read = await ReadAllAsync(await OpenAsync());

        Assert.Equal([.. NamesOf(0, ChunkRecords), .. NamesOf(2 * ChunkRecords, ChunkRecords)], NamesOf(read));
        Assert.Equal([new LogDamage(0, ChunkRecords, 2 * ChunkRecords, LogDamageKind.Corrupt)], _log!.Integrity.Places);
    }

    [Fact]
    public async Task A_flipped_bit_within_a_record_loses_only_that_record()
    {
        await WriteChunksAsync(1);
        OnFile(file => StoredChunks.FlipBit(file, 0, StoredChunks.PlacesOf(StoredChunks.Read(file, 0))[5].At + 1, bit: 6)); // its kind

        List<LogEntry> read = await ReadAllAsync(await OpenAsync());

        Assert.Equal(Enumerable.Range(0, ChunkRecords).Where(offset => offset != 5).Select(offset => (long)offset), read.Select(entry => entry.Offset));
        Assert.Equal([new LogDamage(0, 5, 6, LogDamageKind.Corrupt)], _log!.Integrity.Places);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_removed_chunk_is_detected_and_its_offsets_are_not_reused(int chunk)
    {
        await WriteChunksAsync(3);
        OnFile(file => file.Run($"DELETE FROM chunks WHERE first_offset = {chunk * ChunkRecords}"));

        SqliteInteractionLog log = await OpenAsync();
        List<LogEntry> read = await ReadAllAsync(log);

        Assert.Equal(2 * ChunkRecords, read.Count);
        Assert.DoesNotContain(read, entry => entry.Offset / ChunkRecords == chunk);
        Assert.Equal([new LogDamage(0, chunk * ChunkRecords, (chunk + 1) * ChunkRecords, LogDamageKind.Missing)], log.Integrity.Places);
        Assert.Equal(3 * ChunkRecords, (await log.AppendAsync([View(Ada, "next")], Cancel))[0]);
    }

    [Fact]
    public async Task A_damaged_chunk_head_loses_only_that_chunk()
    {
        await WriteChunksAsync(3);
        OnFile(file => file.Run($"UPDATE chunks SET count = count + 4 WHERE first_offset = {ChunkRecords}"));

        List<LogEntry> read = await ReadAllAsync(await OpenAsync());

        Assert.Equal(2 * ChunkRecords, read.Count);
        Assert.Equal([new LogDamage(0, ChunkRecords, 2 * ChunkRecords, LogDamageKind.Corrupt)], _log!.Integrity.Places);
    }

    [Theory]
    [InlineData(0x20L)]
    [InlineData(0xFFL << 32)]
    [InlineData(1L << 63)]
    public async Task A_checksum_of_a_head_that_is_damaged_in_one_byte_loses_nothing(long bits)
    {
        await WriteChunksAsync(3);
        long? sum = SqliteInstallation.LogRowSum(FilePath, 2 * ChunkRecords);
        OnFile(file => FlipHeadSum(file, bits));

        Assert.NotNull(sum);
        Assert.Equal(sum, SqliteInstallation.LogRowSum(FilePath, 2 * ChunkRecords));
        Assert.Equal(NamesOf(0, 3 * ChunkRecords), NamesOf(await ReadAllAsync(await OpenAsync())));
        Assert.Empty(_log!.Integrity.Places);
    }

    [Theory]
    [InlineData(0x2001L)]
    [InlineData(-1L)]
    public async Task A_checksum_of_a_head_that_is_damaged_in_more_bytes_loses_its_chunk(long bits)
    {
        await WriteChunksAsync(3);
        OnFile(file => FlipHeadSum(file, bits));

        Assert.Equal(2 * ChunkRecords, (await ReadAllAsync(await OpenAsync())).Count);
        Assert.Equal([new LogDamage(0, ChunkRecords, 2 * ChunkRecords, LogDamageKind.Corrupt)], _log!.Integrity.Places);
    }

    [Fact]
    public async Task A_read_that_starts_within_damage_continues_after_it()
    {
        await WriteChunksAsync(3);
        OnFile(file => file.Run($"DELETE FROM chunks WHERE first_offset = {ChunkRecords}"));
        SqliteInteractionLog log = await OpenAsync();

        LogChunk chunk = await log.ReadAsync(0, ChunkRecords + 3, 2, Cancel);

        Assert.Equal([2L * ChunkRecords, (2 * ChunkRecords) + 1], chunk.Entries.Select(entry => entry.Offset));
        Assert.Equal([new LogDamage(0, ChunkRecords, 2 * ChunkRecords, LogDamageKind.Missing)], log.Integrity.Places);
    }

    [Fact]
    public async Task Damage_is_reported_once_and_still_known_after_a_restart()
    {
        await WriteChunksAsync(2);
        OnFile(file => StoredChunks.FlipBit(file, 0, 20));
        SqliteInteractionLog log = await OpenAsync();
        List<LogDamage> raised = [];
        log.Integrity.DamageFound += raised.Add;

        await ReadAllAsync(log);
        await ReadAllAsync(log);
        await CloseAsync();
        SqliteInteractionLog reopened = await OpenAsync();

        Assert.Equal([new LogDamage(0, 0, 1, LogDamageKind.Corrupt)], raised);
        Assert.Equal(raised, reopened.Integrity.Places);
    }

    [Fact]
    public async Task Reading_ends_before_a_record_of_a_newer_program_that_must_not_be_skipped()
    {
        await WriteChunksAsync(1);
        OnFile(file => StoredChunks.SetKind(file, 0, index: 4, kind: 100));
        SqliteInteractionLog log = await OpenAsync();

        LogChunk before = await log.ReadAsync(0, 0, 100, Cancel);
        NewerRecordException stop = await Assert.ThrowsAsync<NewerRecordException>(async () => await log.ReadAsync(0, before.Next, 100, Cancel));

        Assert.Equal((4, 4), (before.Entries.Length, before.Next));
        Assert.Contains("upgrade this node", stop.Message, StringComparison.Ordinal);
        Assert.Equal(new RecordPosition(0, 0, 4), log.Integrity.Newer);
        Assert.Equal(0, log.Integrity.DamagedRecords);
    }

    [Fact]
    public async Task A_record_of_a_newer_program_that_may_be_skipped_does_not_count_as_damage()
    {
        await WriteChunksAsync(1);
        OnFile(file => StoredChunks.SetKind(file, 0, index: 4, LogRecordCodec.SkippableKindMin));

        List<LogEntry> read = await ReadAllAsync(await OpenAsync());

        Assert.Equal(ChunkRecords - 1, read.Count);
        Assert.DoesNotContain(read, entry => entry.Offset == 4);
        Assert.Equal((0, null), (_log!.Integrity.DamagedRecords, _log.Integrity.Newer));
    }

    [Fact]
    public async Task An_unreadable_record_in_a_file_of_version_2_counts_as_damage()
    {
        SqliteFormat version2 = SqliteInteractionLog.Format with
        {
            Version = 2,
            Tables = "CREATE TABLE chunks(first_offset INTEGER PRIMARY KEY, count INTEGER NOT NULL, bytes BLOB NOT NULL, appended_ms INTEGER)",
        };
        using (SqliteDatabase file = SqliteDatabase.OpenWriter(FilePath, version2))
        {
            file.Run("INSERT INTO chunks VALUES(0, 3, x'0400000001000000' || x'0400000001640000' || x'0400000001000000', 7)"); // the second is of kind 100
        }

        SqliteInteractionLog log = await OpenAsync();

        Assert.Equal([0L, 2], (await ReadAllAsync(log)).Select(entry => entry.Offset));
        Assert.Equal([new LogDamage(0, 1, 2, LogDamageKind.Corrupt)], log.Integrity.Places);
    }

    [Fact]
    public async Task A_damaged_page_loses_only_the_records_on_it()
    {
        const int chunks = 60;
        await WriteChunksAsync(chunks);
        DamagePageOf("item-300");

        SqliteInteractionLog log = await OpenAsync();
        List<LogEntry> read = await ReadAllAsync(log);

        long lost = (chunks * ChunkRecords) - read.Count;
        Assert.InRange(lost, ChunkRecords, 20 * ChunkRecords);
        Assert.DoesNotContain(read, entry => entry.Offset == 300);
        Assert.All(read, entry => Assert.Equal($"item-{entry.Offset}", NameOf(entry)));
        LogDamage place = Assert.Single(log.Integrity.Places);
        Assert.Equal((lost, LogDamageKind.Unreadable), (place.Count, place.Kind));
        Assert.Equal(place.Until, Assert.Single((await log.ReadAsync(0, 300, 1, Cancel)).Entries).Offset);
        Assert.Equal(place, Assert.Single(log.Integrity.Places));
        Assert.Equal(read.Count, await log.EraseAsync(Hash.Of(Ada), new LogPosition(0, [(chunks * ChunkRecords) - 1]), Cancel));
        Assert.Equal(chunks * ChunkRecords, (await log.AppendAsync([View(Ada, "next")], Cancel))[0]);
    }

    [Fact]
    public async Task An_erasure_over_an_unreadable_page_reports_remaining_bytes_also_after_a_restart()
    {
        const int chunks = 60;
        LogPosition end = new(0, [(chunks * ChunkRecords) - 1]);
        await WriteChunksAsync(chunks);
        DamagePageOf("item-300");
        SqliteInteractionLog log = await OpenAsync();

        await log.EraseAsync(Hash.Of(Ada), end, Cancel);

        Assert.NotEmpty(_folder.FilesWith("item-300"u8)); // they are left
        LogDamage place = log.Integrity.FirstNotErasable(end, log.Shape.Epoch)!.Value;
        Assert.InRange(300, place.From, place.Until - 1);
        Assert.Null(log.Integrity.FirstNotErasable(new LogPosition(0, [place.From - 1]), log.Shape.Epoch));
        log = await OpenAsync();
        Assert.Equal(place, log.Integrity.FirstNotErasable(end, log.Shape.Epoch));
    }

    [Fact]
    public async Task Damage_does_not_prevent_an_erasure_and_no_byte_of_the_person_remains()
    {
        string[] damages = ["none", "owner", "text", "length", "head", "newer", "skippable"];
        foreach (string damage in damages)
        {
            await using SqliteLogDamageTests one = new();
            await one.EraseOverAsync(damage);
        }
    }

    private async Task EraseOverAsync(string damage)
    {
        SqliteInteractionLog log = await OpenAsync();
        for (int chunk = 0; chunk < 3; chunk++)
        {
            await log.AppendAsync([.. Enumerable.Range(0, ChunkRecords).Select(row => View(row % 3 == 0 ? Ada : Bob, $"{(row % 3 == 0 ? "secret" : "item")}-{row}"))], Cancel);
        }

        await CloseAsync();
        OnFile(file => Damage(file, damage));
        log = await OpenAsync();
        List<LogEntry> before = damage == "newer" ? [] : await ReadAllAsync(log);

        await log.EraseAsync(Hash.Of(Ada), new LogPosition(0, [(3 * ChunkRecords) - 1]), Cancel);
        await log.EraseAsync(Hash.Of(Ada), new LogPosition(0, [(3 * ChunkRecords) - 1]), Cancel);

        Assert.Empty(_folder.FilesWith("secret"u8));
        Assert.Empty(_folder.FilesWith(Encoding.UTF8.GetBytes(Ada.Value)));
        await CloseAsync();
        log = await OpenAsync();
        List<LogEntry> after = await ReadAllAsync(log);
        Assert.Equal(before.Where(IsBobs).Select(entry => entry.Offset), after.Where(IsBobs).Where(_ => damage != "newer").Select(entry => entry.Offset));
        Assert.Equal(damage is not ("none" or "newer" or "skippable"), log.Integrity.DamagedRecords > 0);
        Assert.True(after.Count(IsBobs) >= ChunkRecords); // at least the chunks that are whole

        static bool IsBobs(LogEntry entry) => LogRecordCodec.Decode(entry.Bytes.Span) is LogRecord.Interaction { User: var user } && user == Bob;
    }

    private static void Damage(SqliteDatabase file, string damage)
    {
        int at = StoredChunks.PlacesOf(StoredChunks.Read(file, ChunkRecords))[3].At; // a record of ada's
        switch (damage)
        {
            case "owner":
                StoredChunks.FlipBit(file, ChunkRecords, at + 4);
                break;
            case "text":
                StoredChunks.FlipBit(file, ChunkRecords, at + 28);
                break;
            case "length":
                StoredChunks.FlipBit(file, ChunkRecords, at - StoredChunk.HeaderBytes, bit: 2);
                break;
            case "head":
                file.Run($"UPDATE chunks SET count = count + 1 WHERE first_offset = {ChunkRecords}");
                break;
            case "newer":
                StoredChunks.SetKind(file, ChunkRecords, index: 3, kind: 100);
                break;
            case "skippable":
                StoredChunks.SetKind(file, ChunkRecords, index: 3, kind: 200);
                break;
        }
    }

    // SQLite has no XOR.
    private static void FlipHeadSum(SqliteDatabase file, long bits) => file.Run(
        string.Create(System.Globalization.CultureInfo.InvariantCulture, $"UPDATE chunks SET head_sum = (~(head_sum & {bits})) & (head_sum | {bits}) WHERE first_offset = {ChunkRecords}"));

    private async Task WriteChunksAsync(int count)
    {
        SqliteInteractionLog log = await OpenAsync();
        for (int chunk = 0; chunk < count; chunk++)
        {
            await log.AppendAsync([.. Enumerable.Range(chunk * ChunkRecords, ChunkRecords).Select(number => View(Ada, $"item-{number}"))], Cancel);
        }

        await CloseAsync();
    }

    /// <summary>Overwrites the head of the database page that contains a text.</summary>
    private void DamagePageOf(string text)
    {
        using FileStream file = new(FilePath, FileMode.Open);
        byte[] bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        int at = bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes(text));
        file.Position = at / SqliteInteractionLog.Format.PageBytes * SqliteInteractionLog.Format.PageBytes;
        file.Write([0xFF, 0xFF, 0xFF, 0xFF]);
    }

    private async Task<SqliteInteractionLog> OpenAsync()
    {
        await CloseAsync();
        _log = SqliteInteractionLog.Open(
            new SqliteLogOptions { Path = FilePath, TailBytesMax = 0 }, new LogRecordCodec(Hash), TimeProvider.System);
        return _log;
    }

    private async Task CloseAsync()
    {
        if (_log is { } log)
        {
            _log = null;
            await log.DisposeAsync();
        }
    }

    private void OnFile(Action<SqliteDatabase> act) => OnFile(file =>
    {
        act(file);
        return true;
    });

    private T OnFile<T>(Func<SqliteDatabase, T> act)
    {
        using SqliteDatabase file = SqliteDatabase.OpenWriter(FilePath, SqliteInteractionLog.Format);
        return act(file);
    }

    private static async Task<List<LogEntry>> ReadAllAsync(SqliteInteractionLog log)
    {
        List<LogEntry> read = [];
        long end = (await log.GetRangesAsync(Cancel))[0].End;
        for (long next = 0; next < end;)
        {
            LogChunk chunk = await log.ReadAsync(0, next, 5, Cancel);
            Assert.True(chunk.Next > next);
            read.AddRange(chunk.Entries);
            next = chunk.Next;
        }

        return read;
    }

    private static LogRecord.Interaction View(UserId user, string item) => new(user, new ItemId(item), "view", 1_000);

    private static IEnumerable<string> NamesOf(int first, int count) => Enumerable.Range(first, count).Select(number => $"item-{number}");

    private static IEnumerable<string> NamesOf(IEnumerable<LogEntry> entries) => entries.Select(NameOf);

    private static string NameOf(LogEntry entry) => Assert.IsType<LogRecord.Interaction>(LogRecordCodec.Decode(entry.Bytes.Span)).Item.Value;
}
