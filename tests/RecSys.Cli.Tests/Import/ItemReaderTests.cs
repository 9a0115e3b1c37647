using System.Text.Json;
using RecSys.Cli.Import;
using RecSys.Client;
using Xunit;

namespace RecSys.Cli.Tests.Import;

public sealed class ItemReaderTests
{
    [Fact]
    public void Columns_of_items_that_are_no_field_become_labels()
    {
        ItemRow item = Assert.Single(ImportText.Of(ImportKind.Items, "itemId,title,genres,price,brand\n1,Kettle,Kitchen|Tea,45.5,Corvo\n").Items);

        Assert.Equal(["Kitchen", "Tea"], item.Categories);
        Assert.Equal(45.5, item.Labels!["price"].GetDouble());
        Assert.Equal("Corvo", item.Labels["brand"].GetString());
    }

    [Theory]
    [InlineData("01234")]
    [InlineData("0012345678905")]
    [InlineData("12345678901234567890")]
    [InlineData("1.10")]
    [InlineData("1e5")]
    [InlineData("+5")]
    [InlineData("NaN")]
    public void A_label_stays_text_unless_the_number_prints_as_the_same_text(string text)
    {
        JsonElement label = Assert.Single(ImportText.Of(ImportKind.Items, $"itemId,code\n1,{text}\n").Items).Labels!["code"];

        Assert.Equal((JsonValueKind.String, text), (label.ValueKind, label.GetString()));
    }

    [Fact]
    public void The_labels_of_a_column_are_of_one_kind()
    {
        ItemRow[] items = [.. ImportText.Of(ImportKind.Items, "itemId,zip,year,tags\n1,01234,1999,a|b\n2,10115,2001,c\n").Items];

        Assert.Equal(["01234", "10115"], items.Select(item => item.Labels!["zip"].GetString()));
        Assert.Equal([1999, 2001], items.Select(item => item.Labels!["year"].GetDouble()));
        Assert.Equal(["[\"a\",\"b\"]", "[\"c\"]"], items.Select(item => item.Labels!["tags"].GetRawText()));
    }

    [Theory]
    [InlineData("a|b", "a,b")]
    [InlineData("a; b", "a,b")]
    [InlineData("\"a, b\"", "a,b")]
    [InlineData("\"['a','b']\"", "a,b")]
    [InlineData("\"['it\\'s', \"\"b, c\"\"]\"", "it's,b, c")]
    [InlineData("\"[\"\"a\"\", \"\"b\"\"]\"", "a,b")]
    [InlineData("\"[[\"\"a\"\", \"\"b\"\"]]\"", "a,b")]
    [InlineData("a", "a")]
    public void Lists_in_one_field_become_lists(string written, string read)
    {
        ItemRow item = Assert.Single(ImportText.Of(ImportKind.Items, $"itemId,categories,tags\n1,{written},{written}\n").Items);

        Assert.Equal(read, string.Join(',', item.Categories!));
        Assert.Equal(read, item.Labels!["tags"].ValueKind == JsonValueKind.Array ? string.Join(',', item.Labels["tags"].EnumerateArray().Select(entry => entry.GetString())) : item.Labels["tags"].GetString());
    }

    [Theory]
    [InlineData("\"19,90\"")]
    [InlineData("\"1.234,50 €\"")]
    [InlineData("\"A long sentence, which has a comma and more words than a name.\"")]
    public void A_text_with_a_comma_is_no_list(string written) =>
        Assert.Equal(written.Trim('"'), Assert.Single(ImportText.Of(ImportKind.Items, $"itemId,note\n1,{written}\n").Items).Labels!["note"].GetString());

    [Theory]
    [InlineData(",itemId,title\n0,p1,One\n1,p2,Two\n")]
    [InlineData("Unnamed: 0,itemId,title\n0,p1,One\n1,p2,Two\n")]
    [InlineData("article_id,prod_name,product_type_name\np1,One,\np2,Two,\n")] // H&M
    [InlineData("ISBN;Book-Title;Book-Author\np1;One;x\np2;Two;y\n")] // Book-Crossing
    [InlineData("SKU,Product Name\np1,One\np2,Two\n")]
    [InlineData("Artikelnummer;Bezeichnung;Preis\np1;One;1,50\np2;Two;2,50\n")]
    [InlineData("id,name\np1,One\np2,Two\n")]
    public void Ids_and_titles_of_common_files_are_found(string text) =>
        Assert.Equal(["p1 One", "p2 Two"], ImportText.Of(ImportKind.Items, text).Items.Select(item => $"{item.ItemId} {item.Title}"));

    [Fact]
    public void A_repeated_column_is_ignored_and_named()
    {
        ImportText text = ImportText.Of(ImportKind.Items, "itemId,title,colour,title,colour\n1,a,red,b,blue\n");

        ItemRow item = Assert.Single(text.Items);
        Assert.Equal(("a", "red"), (item.Title, item.Labels!["colour"].GetString()));
        Assert.Equal(2, text.Plan.Found.Columns.Count(column => column.Contains("an earlier column has this name", StringComparison.Ordinal)));
    }

    [Fact]
    public void An_empty_field_is_not_mentioned()
    {
        ItemRow item = Assert.Single(ImportText.Of(ImportKind.Items, "itemId,title,categories,price,hidden\n1,,,6,\n").Items);

        Assert.Equal((null, null, null), (item.Title, item.Categories, item.Hidden));
        Assert.Equal(["price"], item.Labels!.Keys);
    }

    [Fact]
    public void Json_lines_are_understood_as_files_with_columns_are()
    {
        ImportText items = ImportText.JsonLines(
            ImportKind.Items,
            """
            {"asin":"p1","title":"One","categories":[["A","B"]],"price":19.90,"stock":3,"tags":["x"],"details":{"a":1},"labels":{"year":1999}}
            {"asin":7,"title":"Two","description":["line 1","line 2"],"url":"https://shop/7"}
            """);
        ImportText events = ImportText.JsonLines(
            ImportKind.Interactions,
            """
            {"userId":2,"itemId":"3","type":"add_to_cart","timestamp":1546300800}
            {"userId":"a","itemId":"3","type":"view","price":1,"timestamp":"2019-01-01 00:00:00"}
            [1]
            {"userId":"a","itemId":"3",
            {"userId":"a","userId":"b","itemId":"3","type":"view","timestamp":1546300800}
            """);

        ItemRow[] rows = [.. items.Items];
        Assert.Equal(["A", "B"], rows[0].Categories);
        Assert.Equal((19.90m, 3, "https://shop/7"), (rows[0].Price, rows[0].Stock, rows[1].Url));
        Assert.Equal(["tags", "year"], rows[0].Labels!.Keys.Order());
        Assert.Equal(("7", "line 1\nline 2"), (rows[1].ItemId, rows[1].Text));
        Assert.Equal([("2", "addToCart", 1546300800L), ("a", "view", 1546300800L)], events.Interactions.Select(row => (row.UserId, row.Type, row.Timestamp!.Value.ToUnixTimeSeconds())));
        Assert.Equal(3, events.Problems.Length);
        Assert.DoesNotContain(events.Problems, problem => problem.Contains("RecSys", StringComparison.Ordinal) || problem.Contains(".NET", StringComparison.Ordinal));
    }

    [Fact]
    public void Users_have_labels_and_consent()
    {
        UserRow user = Assert.Single(ImportText.Of(ImportKind.Users, "customer_id,age,consent\nada,34,no\n").Users);

        Assert.Equal(("ada", false, 34.0), (user.UserId, user.Consent, user.Labels!["age"].GetDouble()));
    }
}
