using System.Buffers;
using RecSys.Core.Diagnostics;
using RecSys.Core.Log;
using Xunit;

namespace RecSys.Core.Tests.Diagnostics;

public sealed class LogCensusTests
{
    private readonly List<LogRecord> _records = [];

    [Fact]
    public void Data_in_order_is_one_good_finding()
    {
        Item("tea", "Tea");
        Clicks(6, "tea", "click", 1);
        Clicks(6, "tea", "view", 2);

        HealthFinding finding = Assert.Single(Judge());

        Assert.Equal(("data", HealthVerdict.Good), (finding.Check, finding.Verdict));
        Assert.StartsWith("1 items and ", finding.Found, StringComparison.Ordinal);
    }

    [Fact]
    public void An_empty_log_has_no_finding() => Assert.Empty(Judge());

    [Fact]
    public void Interactions_of_unknown_and_of_deleted_items_are_counted()
    {
        Item("tea", "Tea");
        Item("pot", "Pot");
        _records.Add(new LogRecord.ItemChanged(new ItemId("pot"), null, 1));
        Clicks(6, "tea", "click", 1);
        Clicks(3, "cup", "view", 2);
        Clicks(3, "pot", "view", 2);

        HealthFinding finding = Assert.Single(Judge());

        Assert.Equal(("data: items", HealthVerdict.Note), (finding.Check, finding.Verdict));
        Assert.StartsWith("50 % of the interactions are of items that the catalogue does not have, such as 'cup'", finding.Found, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("SKU-1", "sku-1")]
    [InlineData("0042", "42")]
    [InlineData("7", "7.0")]
    [InlineData(" tea", "tea")]
    public void An_id_that_the_catalogue_writes_otherwise_is_named_with_that_writing(string clicked, string listed)
    {
        Item(listed, "Tea");
        Clicks(6, "cup", "click", 1);
        Clicks(6, clicked, "view", 2);

        HealthFinding finding = Assert.Single(Judge());

        Assert.Equal($"100 % of the interactions are of items that the catalogue does not have, such as '{clicked}', which is '{listed}' in the catalogue", finding.Found);
    }

    [Fact]
    public void Items_without_titles_equal_times_and_a_single_type_are_named()
    {
        Item("tea", null);
        Item("pot", "Pot");
        Clicks(LogCensus.InteractionsMin + 1, "tea", "click", 1_000);

        IReadOnlyList<HealthFinding> findings = Judge();

        Assert.Equal(["data: titles", "data: times", "data: types"], findings.Select(finding => finding.Check));
        Assert.Equal("1 of 2 items have no title, such as 'tea'", findings[0].Found);
        Assert.StartsWith("all interactions have the same time, 1970-01-01 00:00:01Z", findings[1].Found, StringComparison.Ordinal);
        Assert.Equal("all interactions are of the type click", findings[2].Found);
        Assert.All(findings, finding => Assert.NotNull(finding.Command));
    }

    [Fact]
    public void A_long_log_is_read_at_evenly_spread_offsets()
    {
        LogCensus census = new(3L * LogCensus.InteractionsMax);
        byte[] click = Encode(new LogRecord.Interaction(new UserId("ada"), new ItemId("tea"), "click", 1));
        byte[] item = Encode(new LogRecord.ItemChanged(new ItemId("tea"), new ItemContent { Title = "Tea" }, 1));
        for (long offset = 0; offset < 30; offset++)
        {
            census.Add(offset, click);
        }

        census.Add(31, item);
        census.Add(33, [1, 2, 3]);

        Assert.StartsWith("1 items and 10 interactions checked", Assert.Single(census.Report()).Found, StringComparison.Ordinal);
    }

    private void Item(string id, string? title) => _records.Add(new LogRecord.ItemChanged(new ItemId(id), new ItemContent { Title = title }, 1));

    private void Clicks(int count, string item, string type, long timestampMs) =>
        _records.AddRange(Enumerable.Range(0, count).Select(_ => new LogRecord.Interaction(new UserId("ada"), new ItemId(item), type, timestampMs)));

    private IReadOnlyList<HealthFinding> Judge()
    {
        LogCensus census = new(_records.Count);
        for (int offset = 0; offset < _records.Count; offset++)
        {
            census.Add(offset, Encode(_records[offset]));
        }

        return census.Report();
    }

    private static byte[] Encode(LogRecord record)
    {
        ArrayBufferWriter<byte> into = new();
        LogRecordCodec.Encode(record, owner: null, into);
        return into.WrittenSpan.ToArray();
    }
}
