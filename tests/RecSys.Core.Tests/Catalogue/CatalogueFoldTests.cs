using System.Buffers;
using CsCheck;
using RecSys.Core.Catalogue;
using RecSys.Core.Log;
using Xunit;

namespace RecSys.Core.Tests.Catalogue;

public sealed class CatalogueFoldTests
{
    private static readonly Gen<LogRecord> Change = Gen.Select(Gen.Int[0, 400], Gen.Int[0, 4].Array[0, 3], Gen.Int[0, 3], Gen.Int[0, 50])
        .Select((item, categories, deleted, time) => (LogRecord)new LogRecord.ItemChanged(
            new($"item-{item}"),
            deleted == 0 ? null : new ItemContent { Title = $"title {time}", Categories = [.. categories.Select(number => $"c{number}")] },
            time));

    [Fact]
    public void The_catalogue_reflects_its_records() => Change.Array[0, 1_000].Sample(changes =>
    {
        CatalogueFold fold = Fold(changes);
        Dictionary<string, CatalogueItem> expected = [];
        foreach (LogRecord.ItemChanged change in changes.Cast<LogRecord.ItemChanged>())
        {
            if (change.Content is null)
            {
                expected.Remove(change.Item.Value);
            }
            else
            {
                long addedAtMs = expected.TryGetValue(change.Item.Value, out CatalogueItem? known) && known.AddedAtMs != 0 ? known.AddedAtMs : change.TimestampMs;
                expected[change.Item.Value] = new CatalogueItem(change.Item, change.Content, addedAtMs, change.TimestampMs);
            }
        }

        CatalogueItem[] inOrder = [.. expected.Values.OrderBy(item => item.Id.Value, StringComparer.Ordinal)];
        CatalogueItem[] newest = [.. inOrder.OrderByDescending(item => item.AddedAtMs)];
        Assert.Equal(inOrder.Select(Plain), fold.Current.All.Select(Plain));
        Assert.Equal(inOrder.Length, fold.Current.Count);
        Assert.Equal(newest.Take(7).Select(Plain), fold.Current.Latest(null, 7).Select(Plain));
        Assert.Equal(newest.Select(item => item.AddedAtMs), Enumerable.Range(0, newest.Length).Select(place => fold.Current.AddedAtMsOf(place)!.Value));
        Assert.Null(fold.Current.AddedAtMsOf(newest.Length));
        Assert.Equal(newest.Where(item => item.AddedAtMs >= 25).Select(Plain), fold.Current.AddedSince(25).Select(Plain));
        Assert.Equal(
            inOrder.Where(item => string.CompareOrdinal(item.Id.Value, "item-2") > 0).Select(Plain),
            fold.Current.After(new("item-2")).Select(Plain));
        foreach (string category in (string[])["c0", "c1", "c2", "c3", "c4", "unknown"])
        {
            CatalogueItem[] its = [.. newest.Where(item => item.Content.Categories.Contains(category))];
            Assert.Equal(its.Length, fold.Current.CountOf(category));
            Assert.Equal(its.Select(Plain), fold.Current.Latest(category, 1_000).Select(Plain));
            Assert.Equal(its.Length > 0, fold.Current.Categories.Any(pair => pair.Key == category && pair.Value == its.Length));
        }
    });

    [Fact]
    public void An_item_whose_first_record_has_no_time_was_added_at_the_time_of_its_next_record()
    {
        CatalogueFold fold = Fold([Named("a", 0), Named("b", 5), Named("a", 7), Named("a", 9), Named("b", 9)]);

        Assert.Equal(["a 7", "b 5"], fold.Current.Latest(null, 5).Select(item => $"{item.Id} {item.AddedAtMs}"));
        Assert.Equal(["a 7", "b 5"], fold.Current.Latest("c", 5).Select(item => $"{item.Id} {item.AddedAtMs}"));

        static LogRecord Named(string item, long timeMs) => new LogRecord.ItemChanged(new(item), new ItemContent { Categories = ["c"] }, timeMs);
    }

    [Fact]
    public void A_loaded_catalogue_equals_the_saved_one_and_continues_alike() => Gen.Select(Change.Array[0, 60], Change.Array[0, 20]).Sample((changes, more) =>
    {
        CatalogueFold fold = Fold(changes);
        CatalogueFold read = CatalogueFold.Decode(fold.Encode());
        LogEntry[] rest = [.. more.Select((change, index) => Records.Entry(changes.Length + index, change))];

        Assert.Equal(fold.Current.Position, read.Current.Position);
        Assert.Equal(fold.Encode().ToArray(), read.Encode().ToArray());
        fold.Apply(0, 0, rest);
        read.Apply(0, 0, rest);
        Assert.Equal(fold.Encode().ToArray(), read.Encode().ToArray());
        Assert.Equal(fold.Current.Latest("c1", 9).Select(Plain), read.Current.Latest("c1", 9).Select(Plain));
    });

    [Fact]
    [Trait("Category", "Slow")]
    public void A_catalogue_of_more_bytes_than_an_array_can_have_is_saved()
    {
        CatalogueFold fold = new();
        ItemContent content = new() { Text = new string('x', Limits.ItemTextBytesMax) };
        for (int item = 0; item < 33_000; item++)
        {
            fold.Current.Set(new CatalogueItem(new($"item-{item}"), content, AddedAtMs: 1, ChangedAtMs: 1));
        }

        Assert.True(fold.Encode().Length > Array.MaxLength);
    }

    /// <summary>A saved catalogue without and with an offer: every later version must read these bytes.</summary>
    [Theory]
    [InlineData(false, "010001020101610100000000000000010000000000000003075374616C6B6572010466696C6D000101620996D91B701A994B")]
    [InlineData(true, "010001020101610100000000000000010000000000000083075374616C6B6572010466696C6D001F02C60F03455552062F612E6A7067022F6103010162AE46D573A4C77F27")]
    public void Saved_bytes_stay_as_they_were_written(bool hasOffer, string hex)
    {
        ItemContent content = new() { Title = "Stalker", Categories = ["film"] };
        CatalogueFold fold = Fold(
            new LogRecord.ItemChanged(new("a"), hasOffer ? content with { Price = 19.90m, Currency = "EUR", Image = "/a.jpg", Url = "/a", Stock = 3 } : content, 1),
            new LogRecord.ItemChanged(new("b"), null, 2));

        Assert.Equal(hex, Convert.ToHexString(fold.Encode().ToArray()));
        Assert.Equal(hex, Convert.ToHexString(CatalogueFold.Decode(new(Convert.FromHexString(hex))).Encode().ToArray()));
    }

    [Fact]
    public void Repeats_and_other_records_change_nothing()
    {
        LogEntry[] log =
        [
            Records.Entry(0, new LogRecord.ItemChanged(new("a"), ItemContent.Empty, 1)),
            Records.Entry(1, new LogRecord.Interaction(new("ann"), new("a"), "view", 1)),
            new(2, new byte[] { 1, 6, 0 }),
            Records.Entry(3, new LogRecord.ItemChanged(new("a"), null, 2)),
        ];
        CatalogueFold fold = new();
        fold.Apply(0, 0, log);
        fold.Apply(0, 0, log.AsSpan(0, 1));

        Assert.Equal(0, fold.Current.Count);
        Assert.Equal(new LogPosition(0, [3]), fold.Current.Position);
        Assert.True(fold.Current.IsDeleted(new("a")));
    }

    [Fact]
    public void A_record_that_omits_visibility_keeps_an_item_hidden_or_shown()
    {
        CatalogueFold fold = new();
        ItemContent hidden = new() { IsHidden = true };
        fold.Apply(0, 0, [Records.Entry(0, new LogRecord.ItemChanged(new("a"), hidden, 1)), Records.Entry(1, Silent("a", ItemContent.Empty))]);
        Assert.True(IsHidden("a"));

        fold.Apply(0, 0, [Records.Entry(2, new LogRecord.ItemChanged(new("a"), ItemContent.Empty, 3)), Records.Entry(3, Silent("a", hidden))]);
        Assert.False(IsHidden("a"));

        fold.Apply(0, 0, [Records.Entry(4, Silent("new", hidden))]);
        Assert.False(IsHidden("new"));

        bool IsHidden(string item) => fold.Current.TryGet(new(item), out CatalogueItem? known) && known.Content.IsHidden;

        static LogRecord Silent(string item, ItemContent content) => new LogRecord.ItemChanged(new(item), content, 2) { KeepsHidden = true };
    }

    [Fact]
    public void A_deleted_item_is_known_as_deleted_after_a_restart_until_it_is_set_again()
    {
        CatalogueFold fold = new();
        fold.Apply(0, 0, [Records.Entry(0, new LogRecord.ItemChanged(new("a"), ItemContent.Empty, 1)), Records.Entry(1, new LogRecord.ItemChanged(new("a"), null, 2))]);
        CatalogueFold read = CatalogueFold.Decode(fold.Encode());

        Assert.True(read.Current.IsDeleted(new("a")));
        Assert.False(read.Current.IsDeleted(new("never there")));
        read.Apply(0, 0, [Records.Entry(2, new LogRecord.ItemChanged(new("a"), ItemContent.Empty, 3))]);
        Assert.False(read.Current.IsDeleted(new("a")));
    }

    [Fact]
    public void A_kept_cell_has_the_present_state_of_its_id()
    {
        CatalogueFold fold = new();
        ItemContent content = new() { Title = "A" };
        CatalogueCell cell = fold.Current.CellOf(new("a"));
        Assert.Null(cell.Read(out bool isDeleted));
        Assert.False(isDeleted);
        Assert.Equal((0, 0), (fold.Current.Count, fold.Current.Deleted.Count()));
        Assert.Empty(CatalogueFold.Decode(fold.Encode()).Current.All);

        fold.Apply(0, 0, [Records.Entry(0, new LogRecord.ItemChanged(new("a"), content, 1))]);
        Assert.Equal("A", cell.Item?.Content.Title);
        Assert.Equal(1, fold.Current.Count);

        fold.Apply(0, 0, [Records.Entry(1, new LogRecord.ItemChanged(new("a"), null, 2))]);
        Assert.Null(cell.Read(out isDeleted));
        Assert.True(isDeleted);

        fold.Apply(0, 0, [Records.Entry(2, new LogRecord.ItemChanged(new("a"), content, 3))]);
        Assert.Equal("A", cell.Read(out isDeleted)?.Content.Title);
        Assert.False(isDeleted);
        Assert.Same(cell, fold.Current.FindCell(new("a")));
        Assert.Same(cell, fold.Current.CellOf(new("a")));
    }

    [Fact]
    public void Damaged_saved_bytes_are_corrupt() => Gen.Select(Change.Array[1, 20], Gen.Int[0, int.MaxValue], Gen.Byte).Sample((changes, at, value) =>
    {
        byte[] bytes = Fold(changes).Encode().ToArray();
        Assert.Throws<CorruptRecordException>(() => CatalogueFold.Decode(new(bytes, 0, at % bytes.Length)));
        byte before = bytes[at % bytes.Length];
        bytes[at % bytes.Length] = value;
        if (before != value)
        {
            Assert.Throws<CorruptRecordException>(() => CatalogueFold.Decode(new(bytes)));
        }
    });

    [Fact]
    public async Task Readers_see_whole_items_while_records_come_in()
    {
        // Title and first category always contain the same number, unless an item is read half changed.
        LogEntry[] log =
        [
            .. Enumerable.Range(0, 40_000).Select(i => Records.Entry(i, new LogRecord.ItemChanged(
                new($"item-{i % 700}"), i % 11 == 0 ? null : new ItemContent { Title = $"{i % 97}", Categories = [$"{i % 97}", "all"] }, i))),
        ];
        CatalogueFold fold = new();
        using CancellationTokenSource done = new();
        Task<long> reader = Task.Run(() =>
        {
            long seen = 0;
            do
            {
                foreach (CatalogueItem item in fold.Current.All.Concat(fold.Current.Latest("all", 50)))
                {
                    Assert.Equal(item.Content.Title, item.Content.Categories[0]);
                    seen++;
                }
            }
            while (!done.IsCancellationRequested || seen == 0);
            return seen;
        }, TestContext.Current.CancellationToken);
        for (int start = 0; start < log.Length; start += 100)
        {
            fold.Apply(0, 0, log.AsSpan(start, 100));
        }

        await done.CancelAsync();
        Assert.True(await reader > 0);
    }

    [Fact]
    public void Items_of_one_category_share_its_name()
    {
        CatalogueFold fold = Fold(
            new LogRecord.ItemChanged(new("a"), new ItemContent { Categories = ["film"] }, 1),
            new LogRecord.ItemChanged(new("b"), new ItemContent { Categories = ["film"] }, 1));

        CatalogueItem[] items = [.. fold.Current.All];
        Assert.Same(items[0].Content.Categories[0], items[1].Content.Categories[0]);
    }

    private static CatalogueFold Fold(params LogRecord[] changes)
    {
        CatalogueFold fold = new();
        fold.Apply(0, 0, [.. changes.Select((change, index) => Records.Entry(index, change))]);
        return fold;
    }

    private static string Plain(CatalogueItem item) =>
        $"{item.Id} {item.Content.Title} {string.Join(',', item.Content.Categories)} {item.AddedAtMs} {item.ChangedAtMs}";
}
