using System.Text;
using RecSys.Cli.Import;
using RecSys.Client;
using Xunit;

namespace RecSys.Cli.Tests.Import;

public sealed class JsonLinesTableTests
{
    [Theory]
    [InlineData("rows.json", "[\n {\"itemId\":\"a\"},\n {\"itemId\":\"b\"}\n]\n")]
    [InlineData("rows.jsonl", "\n [{\"itemId\":\"a\"},{\"itemId\":\"b\"}]\n")]
    public void An_array_is_refused_with_the_command_that_makes_lines(string name, string text) =>
        Assert.Contains(
            "jq -c '.[]'",
            Assert.Throws<CommandException>(() => ImportText.OfBytes(ImportKind.Items, Encoding.UTF8.GetBytes(text), name: name)).Message,
            StringComparison.Ordinal);

    [Fact]
    public void A_file_with_the_ending_json_that_has_an_object_per_line_is_read() =>
        Assert.Equal(["a"], ImportText.OfBytes(ImportKind.Items, "{\"itemId\":\"a\"}\n"u8.ToArray(), name: "rows.json").Items.Select(item => item.ItemId));

    [Fact]
    public void Lines_of_which_none_is_an_object_with_members_are_refused_one_by_one()
    {
        ImportText text = ImportText.JsonLines(ImportKind.Items, "{\n}\n\n{}\n");

        Assert.Equal([1L, 2L, 4L], text.Rows.Where(row => row.Problem is not null).Select(row => row.Line));
        Assert.Equal(3, text.Plan.Rows);
    }

    [Theory]
    [InlineData(nameof(ImportKind.Interactions), "{\"user\":{\"id\":\"u\"},\"itemId\":\"i\"}", "userId: is an object; name its member that is the field, such as --map userId=user.id")]
    [InlineData(nameof(ImportKind.Interactions), "{\"user\":{\"name\":{\"de\":\"u\"}},\"itemId\":\"i\"}", "--map userId=user.name.de")]
    [InlineData(nameof(ImportKind.Interactions), "{\"userId\":\"u\",\"itemId\":[\"i\",\"j\"]}", "itemId: is a list; a row has one value")]
    [InlineData(nameof(ImportKind.Interactions), "{\"userId\":\"u\",\"itemId\":\"i\",\"type\":[\"view\"]}", "type: is a list; a row has one value; --map type=none leaves the field out")]
    [InlineData(nameof(ImportKind.Interactions), "{\"_id\":{\"$oid\":\"5f\"},\"userId\":\"u\",\"itemId\":\"i\"}", "--map id=_id.$oid")]
    [InlineData(nameof(ImportKind.Items), "{\"itemId\":\"i\",\"title\":{\"en\":\"Shoe\",\"de\":\"Schuh\"}}", "--map title=title.en")]
    [InlineData(nameof(ImportKind.Items), "{\"itemId\":\"i\",\"categories\":[{\"id\":5}]}", "categories: is a list of objects; a text or a list of texts is expected; --map categories=none leaves the field out")]
    [InlineData(nameof(ImportKind.Users), "{\"userId\":{\"$numberLong\":\"5\"}}", "--map userId=userId.$numberLong")]
    public void An_object_or_a_list_is_never_a_text(string kind, string line, string problem) =>
        Assert.Contains(problem, Assert.Single(ImportText.JsonLines(Enum.Parse<ImportKind>(kind), line).Problems), StringComparison.Ordinal);

    [Fact]
    public void A_member_of_an_object_is_a_field_by_its_path()
    {
        InteractionBody row = Assert.Single(ImportText.JsonLines(
            ImportKind.Interactions,
            """{"user":{"id":7},"event":"Product Viewed","properties":{"product":{"sku":"p"}},"at":{"$date":"2024-01-05T00:00:00Z"}}""",
            new ImportOptions { Map = ColumnMap.Parse("userId=user.id,itemId=properties.product.sku,timestamp=at.$date") }).Interactions);

        Assert.Equal(("7", "p", "view", 2024), (row.UserId, row.ItemId, row.Type, row.Timestamp!.Value.Year));
    }

    [Theory]
    [InlineData("{\"itemId\":\"a\",\"price\":NaN}", 23)]
    [InlineData("{\"itemId\":\"a\"},", 15)]
    public void A_line_that_is_no_JSON_is_refused_with_the_place(string line, int at) =>
        Assert.Contains($"is not valid JSON at byte {at}", Assert.Single(ImportText.JsonLines(ImportKind.Items, line).Problems), StringComparison.Ordinal);

    [Fact]
    public void A_row_without_the_object_of_a_path_lacks_the_field()
    {
        ImportText text = ImportText.JsonLines(
            ImportKind.Items, "{\"itemId\":\"a\",\"name\":{\"en\":\"A\"}}\n{\"itemId\":\"b\"}\n{\"itemId\":\"c\",\"name\":\"C\"}\n", new ImportOptions { Map = ColumnMap.Parse("title=name.en") });

        Assert.Equal(["A", null, null], text.Items.Select(item => item.Title));
    }

    [Fact]
    public void A_list_of_objects_is_no_label_and_is_not_called_one()
    {
        ImportText text = ImportText.JsonLines(ImportKind.Items, "{\"itemId\":\"a\",\"fields\":[{\"name\":\"x\"}]}");

        Assert.Null(Assert.Single(text.Items).Labels);
        Assert.Contains(text.Plan.Found.Columns, column => column.StartsWith("fields → ignored", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("id", "id → ignored")]
    [InlineData("value", "rating → ignored")]
    [InlineData("device", "device → ignored")]
    public void Any_optional_field_can_be_left_out(string field, string column)
    {
        ImportText text = ImportText.Of(
            ImportKind.Interactions, "id,userId,itemId,rating,device,ts\n1,u,i,5,web,1546300800\n", new ImportOptions { Map = ColumnMap.Parse($"{field}=none") });

        Assert.Contains(column, text.Plan.Found.Columns);
        Assert.Empty(text.Problems);
    }
}
