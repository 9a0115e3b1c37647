using System.Text;
using RecSys.Cli.Import;
using RecSys.Client;
using Xunit;

namespace RecSys.Cli.Tests.Import;

public sealed class CsvFormatTests
{
    [Fact]
    public void Columns_are_found_by_the_names_that_files_usually_have()
    {
        InteractionBody body = Assert.Single(Interactions("user_id,movieId,rating,ts\nada,p-1,4.5,881250949\n"));

        Assert.Equal(("ada", "p-1", "rating", 4.5), (body.UserId, body.ItemId, body.Type, body.Value));
        Assert.Equal(DateTimeOffset.FromUnixTimeSeconds(881_250_949), body.Timestamp);
    }

    [Fact]
    public void A_map_assigns_columns_to_fields()
    {
        InteractionBody body = Assert.Single(Interactions("who,what,did\nada,p-1,purchase\n", "userId=who,itemId=what,type=did"));

        Assert.Equal(("ada", "p-1", "purchase"), (body.UserId, body.ItemId, body.Type));
    }

    [Fact]
    public void A_ragged_row_is_refused_with_its_line_and_the_others_are_read()
    {
        ImportRow[] rows = Read("userId,itemId\nada,1\nbob\ncyd,2,3\ndan,4\n");

        Assert.Equal([2L, 3L, 4L, 5L], rows.Select(row => row.Line));
        Assert.Equal([true, false, false, true], rows.Select(row => row.Body is not null));
        Assert.Contains("1 fields but 2", rows[1].Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Quoted_fields_may_contain_quotes_commas_and_line_breaks()
    {
        InteractionBody body = Assert.Single(Interactions("userId,itemId\n\"a \"\"b\"\", c\",\"x\ny\"\n"));

        Assert.Equal(("a \"b\", c", "x\ny"), (body.UserId, body.ItemId));
    }

    [Theory]
    [InlineData("userId,itemId\nada,\"1\n", "never closed")]
    [InlineData("userId,itemId\nada,1\"2\n", "quote inside an unquoted field")]
    [InlineData("userId,itemId,timestamp\nada,1,yesterday-ish\n", "timestamp: 'yesterday-ish' is no time")]
    [InlineData("userId,itemId,value\nada,1,NaN\n", "value: 'NaN' is no finite number")]
    [InlineData("userId,itemId,value\nada,1,1e999\n", "value: '1e999' is no finite number")]
    public void An_invalid_row_is_refused_with_the_problem(string text, string problem)
    {
        ImportRow row = Assert.Single(Read(text));

        Assert.Contains(problem, row.Problem, StringComparison.Ordinal);
        Assert.Equal(2, row.Line);
    }

    [Fact]
    public void Bytes_that_are_not_UTF8_are_refused_by_field()
    {
        byte[] bytes = [.. "userId,itemId\nada,"u8, 0xC3, 0x28, .. "\nbob,1\n"u8];

        ImportRow[] rows = Read(bytes);

        Assert.Equal("itemId is not valid UTF-8", rows[0].Problem);
        Assert.NotNull(rows[1].Body);
    }

    [Fact]
    public void Other_columns_of_items_become_labels()
    {
        ImportRow row = Assert.Single(CsvRowsOf(ImportKind.Items, "itemId,title,genres,price,brand\n1,Kettle,Kitchen|Tea,45.5,Corvo\n"u8.ToArray()));

        ItemRow item = Assert.IsType<ItemRow>(row.Body);
        Assert.Equal(["Kitchen", "Tea"], item.Categories);
        Assert.Equal(45.5, item.Labels!["price"].GetDouble());
        Assert.Equal("Corvo", item.Labels["brand"].GetString());
    }

    [Theory]
    [InlineData("a,b\n1,2\n", null, "no column for 'userId'")]
    [InlineData("userId,itemId\n1,2\n", "userId=who", "no column 'who'")]
    [InlineData("userId,itemId\n1,2\n", "user=userId", "no field 'user'")]
    [InlineData("userId,itemId\n1,2\n", "userId", "not field=column")]
    public void A_map_with_unknown_columns_or_fields_is_wrong_usage(string text, string? map, string problem)
    {
        CommandException error = Assert.Throws<CommandException>(() => Read(Encoding.UTF8.GetBytes(text), map));

        Assert.Equal(ExitCodes.WrongUsage, error.ExitCode);
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_empty_file_is_refused() =>
        Assert.Contains("empty", Assert.Throws<CommandException>(() => Read("")).Message, StringComparison.Ordinal);

    private static InteractionBody[] Interactions(string text, string? map = null) =>
        [.. Read(Encoding.UTF8.GetBytes(text), map).Select(row => Assert.IsType<InteractionBody>(row.Body))];

    private static ImportRow[] Read(string text) => Read(Encoding.UTF8.GetBytes(text));

    private static ImportRow[] Read(byte[] bytes, string? map = null) => CsvRowsOf(ImportKind.Interactions, bytes, map);

    private static ImportRow[] CsvRowsOf(ImportKind kind, byte[] bytes, string? map = null)
    {
        using MemoryStream stream = new(bytes);
        return [.. CsvFormat.Part(kind, "file.csv", ColumnMap.Parse(map), type: null).Read(stream)];
    }
}
