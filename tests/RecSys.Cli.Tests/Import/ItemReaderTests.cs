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
        ItemRow item = Assert.Single(ImportText.Of(ImportKind.Items, "itemId,title,genres,litres,brand\n1,Kettle,Kitchen|Tea,1.5,Corvo\n").Items);

        Assert.Equal(["Kitchen", "Tea"], item.Categories);
        Assert.Equal(1.5, item.Labels!["litres"].GetDouble());
        Assert.Equal("Corvo", item.Labels["brand"].GetString());
    }

    [Fact]
    public void Users_types_times_and_sessions_of_a_file_of_interactions_are_no_labels_of_its_items()
    {
        ImportText text = ImportText.Of(
            ImportKind.Items, "event_time,event_type,product_id,category_code,brand,user_id,user_session\n2019-10-01 00:00:00 UTC,view,1,apparel.shoes,corvo,512,ab-cd\n");

        Assert.Equal(["brand"], Assert.Single(text.Items).Labels!.Keys);
        Assert.Contains(text.Plan.Found.Columns, column => column.StartsWith("user_id → ignored", StringComparison.Ordinal));
    }

    [Fact]
    public void Words_for_no_value_are_reported_and_empty_by_the_option()
    {
        const string Rows = "itemId,title,price,weight,brand\na,NULL,12.5,1.5,\\N\nb,B,NULL,NULL,None\n";
        ImportText without = ImportText.Of(ImportKind.Items, Rows);
        ImportText with = ImportText.Of(ImportKind.Items, Rows, new ImportOptions { Nulls = ["NULL", "\\N", "None"] });

        Assert.Contains(without.Plan.Found.Warnings, text => text.Contains("5 fields (title, price, weight, …) are words for no value, such as 'NULL': --nulls 'NULL,\\N,None' reads them as empty", StringComparison.Ordinal));
        Assert.Equal([null, "B"], with.Items.Select(item => item.Title));
        Assert.Equal([12.5m, null], with.Items.Select(item => item.Price));
        Assert.Equal(["weight"], with.Items.First().Labels!.Keys);
        Assert.Equal(1.5, with.Items.First().Labels!["weight"].GetDouble());
        Assert.Null(with.Items.Last().Labels);
        Assert.Empty(with.Plan.Found.Warnings);
    }

    [Fact]
    public void Categories_with_commas_are_lists_that_are_shown_and_can_be_switched_off()
    {
        const string Rows = "itemId,category,author\na,\"Clothing, Shoes & Jewelry\",\"a, b\"\nb,Toys,\"c, d\"\n";
        ImportText lists = ImportText.Of(ImportKind.Items, Rows);
        ImportText whole = ImportText.Of(ImportKind.Items, Rows, new ImportOptions { ListSeparator = '\0' });
        ImportText bars = ImportText.Of(ImportKind.Items, "itemId,category\na,\"Clothing, Shoes & Jewelry|Sport\"\n", new ImportOptions { ListSeparator = '|' });

        Assert.Contains("categories → 1 fields with commas are lists, such as 'Clothing' and 'Shoes & Jewelry' (--lists none", Assert.Single(lists.Plan.Found.Defaults), StringComparison.Ordinal);
        Assert.Equal(["Clothing, Shoes & Jewelry"], whole.Items.First().Categories);
        Assert.Equal("a, b", whole.Items.First().Labels!["author"].GetString());
        Assert.Empty(whole.Plan.Found.Defaults);
        Assert.Equal(["Clothing, Shoes & Jewelry", "Sport"], Assert.Single(bars.Items).Categories);
    }

    [Theory]
    [InlineData("Published", "FALSE", "--map hidden=not:Published hides the items where it is false")]
    [InlineData("is_active", "0", "--map hidden=not:is_active hides the items where it is false")]
    [InlineData("discontinued", "1", "--map hidden=discontinued hides the items where it is true")]
    public void A_column_that_may_hide_items_is_named_and_can_be_mapped(string column, string value, string warning)
    {
        string rows = $"itemId,title,{column}\na,A,{value}\n";
        ImportText text = ImportText.Of(ImportKind.Items, rows);
        string map = warning[(warning.IndexOf("hidden=", StringComparison.Ordinal))..].Split(' ')[0];

        Assert.Null(Assert.Single(text.Items).Hidden);
        Assert.Contains(warning, Assert.Single(text.Plan.Found.Warnings), StringComparison.Ordinal);
        ImportText mapped = ImportText.Of(ImportKind.Items, rows, new ImportOptions { Map = ColumnMap.Parse(map) });
        Assert.True(Assert.Single(mapped.Items).Hidden);
        Assert.Empty(mapped.Plan.Found.Warnings);
        Assert.Empty(ImportText.Of(ImportKind.Items, rows, new ImportOptions { Map = ColumnMap.Parse("hidden=none") }).Plan.Found.Warnings);
    }

    [Theory]
    [InlineData("gdpr_consent", "--map consent=gdpr_consent")]
    [InlineData("opt_out", "--map consent=not:opt_out")]
    [InlineData("Einwilligung Marketing", "--map consent=Einwilligung Marketing")]
    public void A_column_that_may_be_the_consent_is_named(string column, string map) =>
        Assert.Contains(map, Assert.Single(ImportText.Of(ImportKind.Users, $"userId,{column}\nu,0\n").Plan.Found.Warnings), StringComparison.Ordinal);

    [Fact]
    public void A_refusal_is_the_opposite_of_consent() =>
        Assert.Equal([false, true], ImportText.Of(ImportKind.Users, "userId,opt_out\nu,1\nv,0\n", new ImportOptions { Map = ColumnMap.Parse("consent=not:opt_out") }).Users.Select(user => user.Consent));

    [Theory]
    [InlineData("ja", true)]
    [InlineData("WAHR", true)]
    [InlineData("on", true)]
    [InlineData("nein", false)]
    [InlineData("FALSCH", false)]
    [InlineData("off", false)]
    public void Flags_are_known_by_their_usual_words(string word, bool flag) =>
        Assert.Equal(flag, Assert.Single(ImportText.Of(ImportKind.Items, $"itemId,title,hidden\na,A,{word}\n").Items).Hidden);

    [Theory]
    [InlineData("1.234", "999", true)]
    [InlineData("1.234", "12.500", true)]
    [InlineData("1.234", "12.50", false)] // other decimals show that the point is before decimals
    [InlineData("0.999", "7", false)]
    public void Prices_whose_point_may_be_between_thousands_are_named(string one, string other, bool isNamed)
    {
        string rows = $"itemId;title;price\na;A;{one}\nb;B;{other}\n";

        Assert.Equal(isNamed, ImportText.Of(ImportKind.Items, rows).Plan.Found.Warnings.Exists(text => text.Contains("--decimal-comma reads them as 1234", StringComparison.Ordinal)));
        Assert.DoesNotContain(ImportText.Of(ImportKind.Items, rows, new ImportOptions { HasDecimalComma = true }).Plan.Found.Warnings, text => text.Contains("--decimal-comma reads them as", StringComparison.Ordinal));
    }

    [Fact]
    public void Categories_that_differ_only_in_case_are_named() =>
        Assert.Contains(
            "categories: 'Shoes' and 'shoes' differ only in case",
            Assert.Single(ImportText.Of(ImportKind.Items, "itemId,title,category\na,A,Hats|Shoes\nb,B,shoes\nc,C,Shoes\n").Plan.Found.Warnings),
            StringComparison.Ordinal);

    [Fact]
    public void A_product_export_of_Shopify_has_text_price_picture_and_stock()
    {
        ItemRow item = Assert.Single(ImportText.Of(
            ImportKind.Items, "Handle,Title,Body (HTML),Vendor,Variant Price,Variant Inventory Qty,Image Src\nshoe,Shoe,<p>Nice</p>,V,12.5,3,https://x.example/a.jpg\n").Items);

        Assert.Equal(("<p>Nice</p>", 12.5m, 3, "https://x.example/a.jpg"), (item.Text, item.Price, item.Stock, item.Image));
    }

    [Fact]
    public void Rows_that_repeat_an_item_are_named() =>
        Assert.Contains(
            "itemId: 2 rows repeat an id, such as '1'",
            Assert.Single(ImportText.Of(ImportKind.Items, "itemId,title,category\n1,A,Shoes\n1,A,Sport\n2,B,Hats\n1,A,Red\n").Plan.Found.Warnings),
            StringComparison.Ordinal);

    [Fact]
    public void Items_of_a_file_of_interactions_repeat_without_a_warning() =>
        Assert.Empty(ImportText.Of(ImportKind.Items, "event_time,event_type,product_id,user_id\n2019-10-01 00:00:00 UTC,view,1,5\n2019-10-01 00:00:00 UTC,view,1,6\n").Plan.Found.Warnings);

    [Fact]
    public void Columns_are_not_described_where_no_row_can_be_read()
    {
        ImportText text = ImportText.OfBytes(ImportKind.Items, [.. "itemId,title\n1,"u8, 0xDC, .. "ber\n"u8]);

        Assert.Contains("--encoding windows-1252", Assert.Single(text.Problems), StringComparison.Ordinal);
        Assert.Empty(text.Plan.Found.Columns);
        Assert.Empty(text.Plan.Found.Warnings);
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

        Assert.Equal((null, null, null, 6m), (item.Title, item.Categories, item.Hidden, item.Price));
        Assert.Null(item.Labels);
    }

    [Fact]
    public void Price_currency_picture_link_and_stock_of_a_csv_are_fields()
    {
        ImportText text = ImportText.Of(
            ImportKind.Items,
            "Artikelnummer;Preis;Waehrung;Bild-URL;Link;Bestand\n1;19.90;EUR;https://shop/1.jpg;/p/1;3\n2;;;;;\n");

        ItemRow[] items = [.. text.Items];
        Assert.Equal((19.90m, "EUR", "https://shop/1.jpg", "/p/1", 3), (items[0].Price, items[0].Currency, items[0].Image, items[0].Url, items[0].Stock));
        Assert.Equal("19.90", items[0].Price!.Value.ToString(System.Globalization.CultureInfo.InvariantCulture));
        Assert.Equal((null, null, null, null, null), (items[1].Price, items[1].Currency, items[1].Image, items[1].Url, items[1].Stock));
        Assert.All(items, item => Assert.Null(item.Labels));
        Assert.Contains("Preis → price", text.Plan.Found.Columns);
        Assert.Empty(text.Plan.Found.Warnings);
    }

    [Theory]
    [InlineData("price", "\"12,50\"", "--decimal-comma")]
    [InlineData("price", "€ 12.50", "without a currency")]
    [InlineData("price", "12.50 EUR", "without a currency")]
    [InlineData("price", "-1", "must be a number from 0")]
    [InlineData("currency", "eur", "three capital letters")]
    [InlineData("image", "img/1.jpg", "must be a link")]
    [InlineData("url", "javascript:alert(1)", "must be a link")]
    [InlineData("stock", "3.0", "must be a whole number")]
    public void A_wrong_value_of_a_field_refuses_its_row_and_says_why(string field, string wrong, string why)
    {
        string good = field switch { "price" => "1.00", "currency" => "EUR", "stock" => "1", _ => "/1" };

        ImportText text = ImportText.Of(ImportKind.Items, $"itemId,{field}\n1,{good}\n2,{wrong}\n3,{good}\n");

        Assert.Equal(["1", "3"], text.Items.Select(item => item.ItemId));
        string problem = Assert.Single(text.Problems);
        Assert.StartsWith($"{field}: '{wrong.Trim('"')}' ", problem, StringComparison.Ordinal);
        Assert.Contains(why, problem, StringComparison.Ordinal);
        string warning = Assert.Single(text.Plan.Found.Warnings);
        Assert.StartsWith($"{field}: 1 of 3 values of '{field}' are not valid as {field}", warning, StringComparison.Ordinal);
        Assert.Contains($"--map {field}=label", warning, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Preis (EUR)", "EUR")]
    [InlineData("Price (USD)", "USD")]
    [InlineData("price_eur", "EUR")]
    [InlineData("PriceUSD", "USD")]
    [InlineData("priceChf", "CHF")]
    [InlineData("PRICE EUR", "EUR")]
    [InlineData("sale_price.gbp", "GBP")]
    [InlineData("EUR price", "EUR")]
    [InlineData("usd_price", "USD")]
    [InlineData("Amount [€]", "EUR")]
    [InlineData("Betrag in EUR", "EUR")]
    [InlineData("Preis in Euro", "EUR")]
    [InlineData("€ Preis", "EUR")]
    [InlineData("Price/£", "GBP")]
    [InlineData("Price (US$)", "USD")]
    [InlineData("UnitPrice", null)]
    public void The_name_of_a_price_may_contain_its_currency(string name, string? currency)
    {
        ImportText text = ImportText.Of(ImportKind.Items, $"itemId;{name}\n1;12.50\n2;\n");

        ItemRow[] items = [.. text.Items];
        Assert.Equal((12.50m, currency), (items[0].Price, items[0].Currency));
        Assert.Equal((null, null), (items[1].Price, items[1].Currency));
        Assert.Contains($"{name} → price{(currency is null ? "" : $", currency {currency}")}", text.Plan.Found.Columns);
        Assert.Empty(text.Plan.Found.Warnings);
    }

    [Theory]
    [InlineData("price_old")]
    [InlineData("price_all")]
    [InlineData("Price (EUR/kg)")]
    [InlineData("Price EUR incl. VAT")]
    [InlineData("Price (kr, SEK)")]
    [InlineData("cost_eur")]
    [InlineData("amount")]
    [InlineData("Valeur")]
    public void A_name_that_is_not_a_price_with_a_currency_stays_a_label(string name)
    {
        ImportText text = ImportText.Of(ImportKind.Items, $"itemId;{name}\n1;12.5\n");

        ItemRow item = Assert.Single(text.Items);
        Assert.Equal((null, null, 12.5), (item.Price, item.Currency, item.Labels![name].GetDouble()));
    }

    [Fact]
    public void The_currency_in_the_name_of_a_mapped_column_counts()
    {
        ImportText text = ImportText.Of(ImportKind.Items, "itemId;Cost (EUR)\n1;12.50\n", new ImportOptions { Map = ColumnMap.Parse("price=Cost (EUR)") });

        ItemRow item = Assert.Single(text.Items);
        Assert.Equal((12.50m, "EUR"), (item.Price, item.Currency));
        Assert.Equal((14m, null), PriceOf(ImportText.Of(ImportKind.Items, "itemId;Valeur\n1;14\n", new ImportOptions { Map = ColumnMap.Parse("price=Valeur") })));
    }

    [Fact]
    public void A_sign_of_several_currencies_gives_no_currency_and_says_so()
    {
        ImportText text = ImportText.Of(ImportKind.Items, "itemId;Price ($)\n1;12.50\n");

        Assert.Equal((12.50m, null), PriceOf(text));
        Assert.StartsWith("currency: '$' in the name of 'Price ($)' is the sign of several currencies", Assert.Single(text.Plan.Found.Warnings), StringComparison.Ordinal);
        ImportText withColumn = ImportText.Of(ImportKind.Items, "itemId;Price ($);currency\n1;12.50;CAD\n");
        Assert.Equal((12.50m, "CAD"), PriceOf(withColumn));
        Assert.Empty(withColumn.Plan.Found.Warnings);
    }

    [Fact]
    public void Prices_in_different_currencies_stay_labels_and_say_so()
    {
        ImportText text = ImportText.Of(ImportKind.Items, "itemId;price_usd;price_eur\n1;12.5;11\n");

        ItemRow item = Assert.Single(text.Items);
        Assert.Equal((null, 12.5, 11), (item.Price, item.Labels!["price_usd"].GetDouble(), item.Labels["price_eur"].GetDouble()));
        Assert.Equal(
            "price: 'price_usd', 'price_eur' name different currencies and stay labels; name one with --map price=price_usd", Assert.Single(text.Plan.Found.Warnings));
        ImportText named = ImportText.Of(ImportKind.Items, "itemId;price_usd;price_eur\n1;12.5;11\n", new ImportOptions { Map = ColumnMap.Parse("price=price_eur") });
        Assert.Equal((11m, "EUR"), PriceOf(named));
        Assert.Empty(named.Plan.Found.Warnings);
        Assert.Equal((9m, null), PriceOf(ImportText.Of(ImportKind.Items, "itemId;price_usd;price_eur;price\n1;12.5;11;9\n")));
    }

    [Fact]
    public void A_row_whose_currency_is_not_that_of_the_price_s_name_is_refused_unless_the_map_says_which_counts()
    {
        const string Rows = "itemId;Preis (EUR);Währung\n1;12.50;EUR\n2;13;USD\n3;14;\n4;;USD\n";
        ImportText text = ImportText.Of(ImportKind.Items, Rows);

        Assert.Equal([("1", 12.50m, "EUR"), ("3", 14m, "EUR"), ("4", null, "USD")], text.Items.Select(item => (item.ItemId, item.Price, item.Currency)));
        Assert.Equal(
            ["currency: 'USD' is not EUR as in the name of 'Preis (EUR)'; --map 'currency=Währung' takes the currencies of the column, --map currency=label takes EUR"], text.Problems);
        Assert.StartsWith(
            "currency: 1 of 3 values of 'Währung' differ from EUR in the name of 'Preis (EUR)', first: 'USD'; these rows are refused", Assert.Single(text.Plan.Found.Warnings), StringComparison.Ordinal);

        ImportText byColumn = ImportText.Of(ImportKind.Items, Rows, new ImportOptions { Map = ColumnMap.Parse("currency=Währung") });
        Assert.Equal([(12.50m, "EUR"), (13m, "USD"), (14m, null), (null, "USD")], byColumn.Items.Select(item => (item.Price, item.Currency)));
        Assert.Empty(byColumn.Plan.Found.Warnings);

        ImportText byName = ImportText.Of(ImportKind.Items, Rows, new ImportOptions { Map = ColumnMap.Parse("currency=label") });
        Assert.Equal([(12.50m, "EUR"), (13m, "EUR"), (14m, "EUR"), (null, null)], byName.Items.Select(item => (item.Price, item.Currency)));
        Assert.Empty(byName.Plan.Found.Warnings);
    }

    private static (decimal? Price, string? Currency) PriceOf(ImportText text)
    {
        ItemRow item = Assert.Single(text.Items);
        return (item.Price, item.Currency);
    }

    [Fact]
    public void A_column_whose_values_are_mostly_no_prices_stays_a_label_and_says_why()
    {
        ImportText text = ImportText.Of(ImportKind.Items, "itemId;price\n1;12,50\n2;13,50\n3;14\n");

        Assert.Equal(["12,50", "13,50", "14"], text.Items.Select(item => item.Labels!["price"].GetString()));
        Assert.All(text.Items, item => Assert.Null(item.Price));
        string warning = Assert.Single(text.Plan.Found.Warnings);
        Assert.StartsWith("price: 2 of 3 values of 'price' are not valid as price, first: '12,50' must have a decimal point", warning, StringComparison.Ordinal);
        Assert.Contains("stays a label, --map price=price makes it the field", warning, StringComparison.Ordinal);
    }

    [Fact]
    public void Prices_with_a_decimal_comma_are_read_if_the_option_says_so_and_others_are_then_refused()
    {
        ImportText text = ImportText.Of(
            ImportKind.Items, "itemId;price\n1;12,50\n2;1.234,5\n3;1.234.567\n4;7\n5;12.50\n6;1.23,4\n7;12,5 EUR\n", new ImportOptions { HasDecimalComma = true });

        Assert.Equal([12.50m, 1234.5m, 1234567m, 7m], text.Items.Select(item => item.Price!.Value));
        Assert.Collection(
            text.Problems,
            problem => Assert.StartsWith("price: '12.50' must have a decimal comma", problem, StringComparison.Ordinal),
            problem => Assert.StartsWith("price: '1.23,4' must have a decimal comma", problem, StringComparison.Ordinal),
            problem => Assert.StartsWith("price: '12,5 EUR' must be a number without a currency", problem, StringComparison.Ordinal));
    }

    [Fact]
    public void A_mapped_column_is_the_field_whatever_its_values_are()
    {
        ImportText text = ImportText.Of(
            ImportKind.Items, "itemId;cost\n1;12,50\n2;13,50\n3;14\n", new ImportOptions { Map = ColumnMap.Parse("price=cost") });

        Assert.Equal([14m], text.Items.Select(item => item.Price));
        Assert.Equal(2, text.Problems.Length);
    }

    [Fact]
    public void A_field_mapped_to_label_stays_a_label()
    {
        ImportText text = ImportText.Of(
            ImportKind.Items, "itemId,price,stock\n1,12.5,3\n", new ImportOptions { Map = ColumnMap.Parse("price=label,stock=label") });

        ItemRow item = Assert.Single(text.Items);
        Assert.Equal((null, null, 12.5, 3.0), (item.Price, item.Stock, item.Labels!["price"].GetDouble(), item.Labels["stock"].GetDouble()));
        Assert.Empty(text.Plan.Found.Warnings);
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
