using System.Text;
using RecSys.Cli.Import;
using RecSys.Client;
using Xunit;

namespace RecSys.Cli.Tests.Import;

public sealed class CsvTableTests
{
    private const string Dated = ",2024-01-05";

    [Fact]
    public void A_ragged_row_is_refused_with_its_line_and_the_others_are_read()
    {
        ImportRow[] rows = ImportText.Of(ImportKind.Items, "itemId,title\nada,1\nbob\ncyd,2,3\ndan,4\n").Rows;

        Assert.Equal([2L, 3L, 4L, 5L], rows.Select(row => row.Line));
        Assert.Equal([true, false, false, true], rows.Select(row => row.Body is not null));
        Assert.Contains("1 fields instead of 2", rows[1].Problem!.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Quotes_commas_and_line_breaks_stand_in_quoted_fields()
    {
        ItemRow item = Assert.Single(ImportText.Of(ImportKind.Items, "itemId,title\n\"a \"\"b\"\", c\",\"x\ny\"\n").Items);

        Assert.Equal(("a \"b\", c", "x\ny"), (item.ItemId, item.Title));
    }

    [Theory]
    [InlineData("u1\ti1\t\"weird al")]
    [InlineData("u1\ti1\t\"weird al\" yankovic")]
    [InlineData("\"u1\ti1\tx")]
    [InlineData("u1\t\"i1\tthe 12\" mix")]
    public void A_stray_quote_loses_no_row(string stray)
    {
        string[] lines = ["userId\titemId\tartist", .. Enumerable.Range(0, 500).Select(n => $"u{n}\ti{n}\tartist {n}")];
        lines[100] = stray;
        lines[300] = "u2\ti2\tthe 12\"";

        ImportText text = ImportText.OfBytes(ImportKind.Interactions, Encoding.UTF8.GetBytes(string.Join('\n', lines)), name: "plays.tsv");

        Assert.Empty(text.Problems);
        Assert.Equal(500, text.Rows.Length);
        Assert.Equal(["u98", "u2", "u300"], text.Interactions.Where((_, index) => index is 98 or 299 or 300).Select(row => row.UserId));
    }

    [Fact]
    public void A_stray_quote_of_a_file_with_commas_loses_its_own_line_at_most()
    {
        string[] lines = ["itemId,title,brand", .. Enumerable.Range(0, 500).Select(n => $"i{n},title {n},b")];
        lines[100] = "x,\"half a quote, and a comma,b";
        lines[200] = "y,14\" screen,b";
        lines[300] = "z,\"title\",b";

        ImportText text = ImportText.Of(ImportKind.Items, string.Join('\n', lines));

        Assert.Equal(101, Assert.Single(text.Rows, row => row.Problem is not null).Line);
        Assert.Equal(499, text.Items.Count());
        Assert.Equal(["14\" screen", "title"], text.Items.Where(item => item.ItemId is "y" or "z").Select(item => item.Title));
    }

    [Theory]
    [InlineData("1,\"b,c\nx\",y,z,1,2", "1", "\"b", "c")] // as one row of two lines, it would have too many fields
    [InlineData("\"a,b\",\"c\nx\"y,1,2,3", "\"a", "b\"", "\"c")] // the quote in the second line does not end a field
    public void A_stray_quote_is_an_ordinary_character_if_the_next_line_does_not_continue_its_field(string lines, string id, string title, string brand)
    {
        ItemRow item = ImportText.Of(ImportKind.Items, $"itemId,title,brand\n{lines}\n2,c,d\n").Items.First();

        Assert.Equal((id, title, brand), (item.ItemId, item.Title, item.Labels!["brand"].GetString()));
    }

    [Theory]
    [InlineData("\"The \\\"Great\\\" Book\"", "The \"Great\" Book")]
    [InlineData("\"The \"Great\" Book\"", "The \"Great\" Book")]
    [InlineData("14\" screen", "14\" screen")]
    [InlineData("\"weird al\" yankovic", "\"weird al\" yankovic")]
    [InlineData("  spaces  ", "spaces")]
    [InlineData("\" kept \"", " kept ")]
    [InlineData(" \"quoted; with spaces around\" ", "quoted; with spaces around")]
    [InlineData("\"C:\\dir\\\"", "C:\\dir\\")]
    public void Quotes_that_do_not_follow_the_rules_are_read_as_they_are_meant(string written, string read)
    {
        ItemRow item = Assert.Single(ImportText.Of(ImportKind.Items, $"itemId;title;brand\n1;{written};b\n").Items);

        Assert.Equal(read, item.Title);
        Assert.Equal("b", item.Labels!["brand"].GetString());
    }

    [Fact]
    public void A_ragged_row_with_quotes_is_not_cut_at_the_commas_within_them()
    {
        ImportText text = ImportText.Of(ImportKind.Items, "itemId,title,a,b\n1,\"x,y\",2\n");

        Assert.Contains("3 fields instead of 4", Assert.Single(text.Problems), StringComparison.Ordinal);
    }

    [Fact]
    public void Quotes_none_reads_quotes_as_they_stand()
    {
        ItemRow item = Assert.Single(ImportText.Of(ImportKind.Items, "itemId,title\n1,\"x\"\n", new ImportOptions { HasQuotes = false }).Items);

        Assert.Equal("\"x\"", item.Title);
    }

    [Theory]
    [InlineData("itemId;title;price\n1;Kettle;45,50\n")]
    [InlineData("itemId\ttitle\tprice\r\n1\tKettle\t45,50\r\n")]
    [InlineData("itemId|title|price\n1|Kettle|45,50\n")]
    [InlineData("sep=;\r\nitemId;title;price\r\n1;Kettle;45,50\r\n")]
    [InlineData("\uFEFFitemId;title;price\r1;Kettle;45,50\r")]
    [InlineData("\n\nitemId;title;price\n\n1;Kettle;45,50;;\n\n")]
    public void Separators_line_ends_and_marks_are_found(string text)
    {
        ItemRow item = Assert.Single(ImportText.Of(ImportKind.Items, text).Items);

        Assert.Equal(("1", "Kettle", "45,50"), (item.ItemId, item.Title, item.Labels!["price"].GetString()));
    }

    [Fact]
    public void Bytes_that_are_no_UTF8_are_refused_unless_the_encoding_is_named()
    {
        byte[] bytes = [.. "itemId,title\n1,"u8, 0xFC, .. "\n2,b\n"u8];

        ImportText text = ImportText.OfBytes(ImportKind.Items, bytes);
        ItemRow[] named = [.. ImportText.OfBytes(ImportKind.Items, bytes, new ImportOptions { Encoding = "windows-1252" }).Items];

        Assert.Contains("--encoding windows-1252", Assert.Single(text.Problems), StringComparison.Ordinal);
        Assert.Equal("2", Assert.Single(text.Items).ItemId);
        Assert.Equal(["ü", "b"], named.Select(item => item.Title));
    }

    [Fact]
    public void A_line_that_is_too_long_is_refused_and_the_rest_is_read()
    {
        ImportText text = ImportText.Of(ImportKind.Items, $"itemId,title\n1,{new string('x', CsvTable.RowBytesMax + 10)}\n2,b\n");

        Assert.Contains("longer than", Assert.Single(text.Problems), StringComparison.Ordinal);
        Assert.Equal(["2"], text.Items.Select(item => item.ItemId));
    }

    [Theory]
    [InlineData("", "empty")]
    [InlineData("\n\n", "empty")]
    [InlineData("1,2,3\n4,5,6\n", "--columns")]
    [InlineData("\nsep=;\n1;2;3\n", "line 3 names no column")]
    public void A_file_without_a_header_is_refused(string text, string problem) =>
        Assert.Contains(problem, Assert.Throws<CommandException>(() => ImportText.Of(ImportKind.Items, text)).Message, StringComparison.Ordinal);

    [Fact]
    public void Columns_can_be_named_where_the_file_does_not()
    {
        ImportText text = ImportText.Of(
            ImportKind.Interactions, $"A2,B00{Dated}\nA3,B01{Dated}\n", new ImportOptions { Columns = ["userId", "asin", "when"] });

        Assert.Equal(["B00", "B01"], text.Interactions.Select(row => row.ItemId));
        Assert.Equal([1L, 2L], text.Rows.Select(row => row.Line));
    }

    [Theory]
    [InlineData("1::1193::5::978300760\n", "::")]
    [InlineData("1^1193^\"5\"^978300760\n", "^")]
    [InlineData("1 1193  5 978300760\n", " ", "1193", "userId,itemId,none,rating,ts")]
    [InlineData("1\t11,93\t5\t978300760\n", "\t", "11,93")]
    public void The_separator_can_be_named(string text, string separator, string item = "1193", string columns = "userId,itemId,rating,ts")
    {
        InteractionBody row = Assert.Single(ImportText.Of(
            ImportKind.Interactions, text, new ImportOptions { Columns = columns.Split(','), Separator = Encoding.UTF8.GetBytes(separator) }).Interactions);

        Assert.Equal(("1", item, 5), (row.UserId, row.ItemId, row.Value));
    }

    [Theory]
    [InlineData("userId^itemId\nu^i\n", "the first line is one column: name the separator of fields with --separator, remove lines before the header")]
    [InlineData("Report\n\nuserId,itemId\nu,i\n", "remove lines before the header")]
    [InlineData("Report,2024-01\nuserId,itemId\nu,i\n", "remove them")]
    public void A_first_line_that_is_no_header_is_refused_with_what_to_do(string text, string remedy) =>
        Assert.Contains(remedy, Assert.Throws<CommandException>(() => ImportText.Of(ImportKind.Interactions, text)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("itemId,title\na,Chair, big\n", "a field that contains the separator must be quoted")]
    [InlineData("itemId,title,price\na,Chair\n", "a row needs a field for each column")]
    [InlineData("itemId,title\na;Chair\n", "the separator is comma, another one is named with --separator")]
    public void A_ragged_row_is_refused_with_what_to_do(string text, string remedy) =>
        Assert.Contains(remedy, Assert.Single(ImportText.Of(ImportKind.Items, text).Problems), StringComparison.Ordinal);

    [Fact]
    public void A_header_alone_is_a_file_of_no_rows() => Assert.Empty(ImportText.Of(ImportKind.Items, "itemId,title\n").Rows);

    [Fact]
    public void Zero_bytes_are_no_rows()
    {
        ImportText text = ImportText.Of(ImportKind.Items, "itemId,title\n1,a\n\0\0\0\0\0\n");

        Assert.Single(text.Items);
        Assert.Single(text.Problems);
    }
}
