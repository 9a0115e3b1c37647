using RecSys.Cli.Import;
using RecSys.Client;
using RecSys.Core;
using Xunit;

namespace RecSys.Cli.Tests.Import;

public sealed class InteractionReaderTests
{
    private static readonly string[] Spellings =
        ["detail-view", "add_to_cart", "transaction", "wishlist", "Purchase", "product_share", "remove_from_cart", "odd"];

    [Theory]
    [InlineData("userId,movieId,rating,timestamp\nada,p,4.5,881250949\n", "rating")] // MovieLens
    [InlineData("timestamp,visitorid,event,itemid,transactionid\n1433221332117,ada,addtocart,p,\n", "addToCart")] // Retailrocket
    [InlineData("t_dat,customer_id,article_id,price,sales_channel_id\n2018-09-20,ada,p,0.05,2\n", "purchase")] // H&M
    [InlineData("reviewerID,asin,overall,unixReviewTime\nada,p,5.0,1369699200\n", "rating")] // Amazon reviews
    [InlineData("event_time,event_type,product_id,category_id,category_code,brand,price,user_id,user_session\n2019-10-01 00:00:00 UTC,view,p,2,e.s,x,1.5,ada,s\n", "view")] // REES46
    [InlineData("userID\tartistID\tweight\twhen\nada\tp\t13883\t2009-05-04T23:08:57Z\n", "view")] // Last.fm
    [InlineData("User-ID;ISBN;Book-Rating;Date\nada;p;5;2004-05-06\n", "rating")] // Book-Crossing
    [InlineData("User ID,Product ID,Action,Event Time\nada,p,Add To Cart,2024-01-05 10:15\n", "addToCart")]
    [InlineData("CUSTOMER-NO,sku,Behavior,ts\nada,p,buy,1546300800\n", "purchase")]
    public void The_columns_of_common_files_are_known(string text, string type)
    {
        InteractionBody body = Assert.Single(ImportText.Of(ImportKind.Interactions, text).Interactions);

        Assert.Equal(("ada", "p", type), (body.UserId, body.ItemId, body.Type));
        Assert.NotNull(body.Timestamp);
    }

    [Fact]
    public void A_line_a_column_says_what_is_understood()
    {
        ImportText text = ImportText.Of(ImportKind.Interactions, "SKU,customer,when,rating,promo\np,ada,881250949,5,x\nq,bob,881250950,1,y\n");

        Assert.Equal(
            ["SKU → itemId", "customer → userId", "when → timestamp (epoch s, 1997-12-04 to 1997-12-04)", "rating → value (scale 1..5 by the values 1 to 5)", "promo → ignored"],
            text.Plan.Found.Columns);
        Assert.Contains("type → rating for all rows", Assert.Single(text.Plan.Found.Defaults), StringComparison.Ordinal);
    }

    [Fact]
    public void Types_are_known_by_their_usual_spellings_and_by_the_option()
    {
        ImportText text = ImportText.Of(
            ImportKind.Interactions,
            "userId,itemId,type,ts\n" + string.Concat(
                Spellings.Select(type => $"u,i,{type},1546300800\n")),
            new ImportOptions { Types = ColumnMap.Parse("product_share=like,remove_from_cart=ignore", "--types") });

        Assert.Equal(["view", "addToCart", "purchase", "like", "purchase", "like"], text.Interactions.Select(row => row.Type));
        Assert.Contains("'odd' is unknown; read it with --types odd=", Assert.Single(text.Problems), StringComparison.Ordinal);
        Assert.Contains(text.Plan.Found.Warnings, warning => warning.Contains("--types odd=", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("ansehen_view", "view")]
    [InlineData("in den Einkaufskorb", "addToCart")]
    [InlineData("Kaufabschluss", "purchase")]
    [InlineData("remove item", "ignore")]
    [InlineData("frob", "TYPE")]
    public void An_unknown_type_is_suggested_by_a_part_of_its_name_and_never_as_another(string name, string type) =>
        Assert.Equal(type, ImportText.Types.Guess(name));

    [Fact]
    public void German_words_for_types_are_known()
    {
        ImportText text = ImportText.Of(
            ImportKind.Interactions, "Kundennr,Artikelnr,Aktion,ts\nk,a,angesehen,1546300800\nk,a,Warenkorb,1546300801\nk,a,gekauft,1546300802\n");

        Assert.Equal(["view", "addToCart", "purchase"], text.Interactions.Select(row => row.Type));
    }

    [Fact]
    public void Rows_that_name_own_types_need_no_view()
    {
        ImportText text = ImportText.Of(
            ImportKind.Interactions,
            "userId,itemId,type,ts\nada,p,look,1546300800\nada,q,,1546300800\n",
            types: new KnownTypes([new InteractionType("look", 1, InteractionKind.View), new InteractionType("order", 8, InteractionKind.Purchase)]));

        Assert.Equal("look", Assert.Single(text.Interactions).Type);
        Assert.Equal("type: is empty; name the type of rows without one with --type: look, order", Assert.Single(text.Problems));
    }

    [Fact]
    public void A_date_and_a_time_of_day_in_two_columns_are_one_time()
    {
        InteractionBody body = Assert.Single(ImportText.Of(ImportKind.Interactions, "userId,itemId,date,time\nd1,i1,2023-02-03,10:15:00\n").Interactions);
        InteractionBody reversed = Assert.Single(ImportText.Of(ImportKind.Interactions, "userId,itemId,time,order_date\nd1,i1,10:15,2023-02-03\n").Interactions);
        InteractionBody german = Assert.Single(ImportText.Of(
            ImportKind.Interactions, "userId;itemId;Tag;Uhr\nd1;i1;03.02.2023;10:15\n", new ImportOptions { Map = ColumnMap.Parse("timestamp=Tag+Uhr"), TimeFormat = TimeFormat.Parse("dd.MM.yyyy") }).Interactions);

        Assert.Equal([new(2023, 2, 3, 10, 15, 0, TimeSpan.Zero)], new[] { body, reversed, german }.Select(row => row.Timestamp!.Value).Distinct());
    }

    [Theory]
    [InlineData("10:15 PM", 22)]
    [InlineData("12:15:30 AM", 0)]
    [InlineData("1:15pm", 13)]
    public void A_time_of_day_may_have_twelve_hours(string time, int hour) =>
        Assert.Equal(hour, Assert.Single(ImportText.Of(ImportKind.Interactions, $"userId,itemId,date,time\nd1,i1,2023-02-03,{time}\n").Interactions).Timestamp!.Value.Hour);

    [Theory]
    [InlineData("hour", "10")]
    [InlineData("time", "101500")]
    [InlineData("time", "10h15")]
    public void A_time_of_day_that_cannot_be_read_is_not_ignored_silently(string column, string time)
    {
        ImportText text = ImportText.Of(ImportKind.Interactions, $"userId,itemId,date,{column}\nd1,i1,2023-02-03,{time}\n");

        Assert.Contains($"--map timestamp=date+{column}", Assert.Single(text.Plan.Found.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_without_times_is_refused_unless_it_is_typed_by_hand_or_the_option_says_so()
    {
        string rows = "userId,itemId,artist\n" + string.Concat(Enumerable.Range(0, InteractionReader.HandwrittenRowsMax + 1).Select(n => $"u{n},i,x\n"));

        Assert.Contains("--timestamp now", ImportText.Of(ImportKind.Interactions, rows).Plan.Found.Refusal, StringComparison.Ordinal);
        Assert.Null(ImportText.Of(ImportKind.Interactions, rows, new ImportOptions { IsTimestampNow = true }).Plan.Found.Refusal);
        ImportText few = ImportText.Of(ImportKind.Interactions, "userId,itemId\nu,i\n");
        Assert.Null(few.Plan.Found.Refusal);
        Assert.Contains("count as happening now", Assert.Single(few.Plan.Found.Warnings), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("2018-09-20")]
    [InlineData("20.09.2018")]
    [InlineData("1546300800")]
    public void A_column_of_times_with_an_unknown_name_is_named(string time)
    {
        ImportText text = ImportText.Of(ImportKind.Interactions, $"userId,itemId,moment\nu,i,{time}\n");

        Assert.Contains("--map timestamp=moment", text.Plan.Found.Refusal, StringComparison.Ordinal);
    }

    [Fact]
    public void Times_that_are_all_now_are_refused()
    {
        string rows = "userId,itemId,ts\n" + string.Concat(Enumerable.Range(0, 20).Select(n => $"u{n},i,{ImportText.Now.AddSeconds(-n):O}\n"));

        Assert.Contains("within a minute of now", ImportText.Of(ImportKind.Interactions, rows).Plan.Found.Refusal, StringComparison.Ordinal);
        Assert.All(ImportText.Of(ImportKind.Interactions, rows, new ImportOptions { IsTimestampNow = true }).Interactions, row => Assert.Null(row.Timestamp));
    }

    [Theory]
    [InlineData("NULL", "i")]
    [InlineData("u", "\\N")]
    [InlineData("nan", "i")]
    [InlineData("u", "#N/A")]
    public void A_word_for_no_value_is_no_id_unless_the_option_says_so(string user, string item)
    {
        string rows = $"userId,itemId,ts\n{user},{item},1546300800\n";

        Assert.Contains("is a word for no value and no id; --nulls none", Assert.Single(ImportText.Of(ImportKind.Interactions, rows).Problems), StringComparison.Ordinal);
        Assert.Contains("is empty", Assert.Single(ImportText.Of(ImportKind.Interactions, rows, new ImportOptions { Nulls = ["NULL", "\\N", "nan", "#N/A"] }).Problems), StringComparison.Ordinal);
        InteractionBody body = Assert.Single(ImportText.Of(ImportKind.Interactions, rows, new ImportOptions { Nulls = [] }).Interactions);
        Assert.Equal((user, item), (body.UserId, body.ItemId));
    }

    [Fact]
    public void Words_for_no_value_in_columns_that_are_ignored_are_not_reported() =>
        Assert.Empty(ImportText.Of(ImportKind.Interactions, "userId,itemId,ts,promo\nu,i,1546300800,NULL\n").Plan.Found.Warnings);

    [Fact]
    public void A_negative_amount_is_refused_as_a_return()
    {
        ImportText text = ImportText.Of(
            ImportKind.Interactions, "InvoiceNo,StockCode,Quantity,InvoiceDate,CustomerID\n536365,a,6,2010-12-01 08:26:00,17850\nC536379,a,-6,2010-12-02 08:26:00,17850\n536380,b,0,2010-12-02 08:26:00,17850\n");

        Assert.Equal([6d, 0d], text.Interactions.Select(row => row.Value!.Value));
        Assert.Contains("value: '-6' is negative: a return", Assert.Single(text.Problems), StringComparison.Ordinal);
    }

    [Fact]
    public void A_negative_value_of_a_column_that_contains_no_amounts_is_kept() =>
        Assert.Equal(-2, Assert.Single(ImportText.Of(ImportKind.Interactions, "userId,itemId,type,value,ts\nu,i,purchase,-2,1546300800\n").Interactions).Value);

    [Theory]
    [InlineData("{0}.0,i", "userId: most ids end in .0")]
    [InlineData("1.23457E+12,i", "userId: 30 ids are like '1.23457E+12', as spreadsheets shorten")]
    [InlineData("u,4,00638E+12", "itemId: 30 ids are like '4,00638E+12'")]
    [InlineData("\" u{0}\",i", "userId: 30 ids begin or end with a space, or contain an invisible or a combining character, such as ' u0'")]
    [InlineData("u,i{0}\u200B", "such as 'i0[U+200B]'")]
    [InlineData("u\u00A0,i", "such as 'u[U+00A0]'")]
    [InlineData("u,cafe\u0301{0}", "combining character")]
    public void Mistakes_in_ids_of_users_and_items_are_named(string ids, string warning)
    {
        string rows = "userId;itemId;ts\n" + string.Concat(Enumerable.Range(0, 30).Select(n => $"{(ids.Contains("E+12", StringComparison.Ordinal) ? ids.Replace("u,", "u;", StringComparison.Ordinal).Replace(",i", ";i", StringComparison.Ordinal) : string.Format(System.Globalization.CultureInfo.InvariantCulture, ids, n).Replace(',', ';'))};{1546300800 + n}\n"));

        Assert.Contains(ImportText.Of(ImportKind.Interactions, rows).Plan.Found.Warnings, text => text.Contains(warning, StringComparison.Ordinal));
    }

    [Fact]
    public void A_column_of_ids_that_counts_the_rows_is_named()
    {
        string rows = "id,userId,itemId,ts\n" + string.Concat(Enumerable.Range(0, 30).Select(n => $"{n},u{n % 3},i{n % 7},{1546300800 + n}\n"));

        Assert.Contains(ImportText.Of(ImportKind.Interactions, rows).Plan.Found.Warnings, text => text.Contains("--map id=none", StringComparison.Ordinal));
        Assert.All(ImportText.Of(ImportKind.Interactions, rows, new ImportOptions { Map = ColumnMap.Parse("id=none") }).Interactions, row => Assert.Null(row.Id));
    }

    [Theory]
    [InlineData("timestamp")]
    [InlineData("type")]
    [InlineData("value")]
    public void A_field_of_no_column_is_no_fault(string field) =>
        Assert.Single(ImportText.Of(ImportKind.Interactions, "userId,itemId,timestamp,type,value\nu,i,2024-01-05,view,5\n", new ImportOptions { Map = ColumnMap.Parse($"{field}=none") }).Interactions);

    [Theory]
    [InlineData("some text", "note → ignored", 0)]
    [InlineData("4", "note → value (scale 1..5 by the values 4 to 4)", 0)]
    [InlineData("4 of 5", "note → value (no rating can be read)", 1)]
    public void A_column_note_contains_marks_or_remarks(string note, string column, int refused)
    {
        ImportText text = ImportText.Of(ImportKind.Interactions, $"userId,itemId,ts,note\nu,i,1546300800,{note}\n");

        Assert.Contains(column, text.Plan.Found.Columns);
        Assert.Equal(refused, text.Problems.Count(problem => problem.EndsWith("--map value=none leaves the column out", StringComparison.Ordinal)));
    }

    [Fact]
    public void Ratings_of_which_none_can_be_read_are_not_called_amounts() =>
        Assert.Contains("rating → value (no rating can be read)", ImportText.Of(ImportKind.Interactions, "userId,itemId,rating,ts\nu,i,5 stars,1546300800\n").Plan.Found.Columns);

    [Theory]
    [InlineData("refund")]
    [InlineData("order_returned")]
    [InlineData("impression")]
    [InlineData("Stornierung")]
    public void Types_that_are_no_acts_are_suggested_to_be_left_out(string type) => Assert.Equal(KnownTypes.Ignore, ImportText.Types.Guess(type));

    [Fact]
    public void The_time_0_is_named() =>
        Assert.Contains(
            "1 times are 1970-01-01 00:00:00",
            Assert.Single(ImportText.Of(ImportKind.Interactions, "userId,itemId,ts\nu,i,1970-01-01 00:00:00\nu,i,2024-01-05\n").Plan.Found.Warnings),
            StringComparison.Ordinal);

    [Fact]
    public void A_mark_for_no_rating_is_no_rating()
    {
        ImportText text = ImportText.Of(ImportKind.Interactions, "User-ID;ISBN;Book-Rating;ts\nu;a;0;1546300800\nu;b;10;1546300800\nu;c;7;1546300800\n");

        Assert.Equal([("view", null), ("rating", 5), ("rating", 3.666667)], text.Interactions.Select(row => (row.Type, row.Value)));
        Assert.Contains("0 is not a rating: 1 rows count as view", text.Plan.Found.Columns[2], StringComparison.Ordinal);
    }

    [Fact]
    public void Ratings_with_a_decimal_comma_are_read_if_the_option_says_so()
    {
        ImportText text = ImportText.Of(
            ImportKind.Interactions, "userId;itemId;rating;ts\nu;i;4,5;1546300800\nu;j;1;1546300800\nu;k;5;1546300800\n", new ImportOptions { HasDecimalComma = true });

        Assert.Equal([4.5, 1, 5], text.Interactions.Select(interaction => interaction.Value!.Value));
    }

    [Fact]
    public void Ratings_of_no_known_scale_are_refused_before_anything_is_written() =>
        Assert.Contains("--scale", ImportText.Of(ImportKind.Interactions, "userId,itemId,rating,ts\nu,i,1,1546300800\nu,j,20,1546300800\n").Plan.Found.Refusal, StringComparison.Ordinal);

    [Theory]
    [InlineData("userId,itemId,type,ts\nada,,view,1546300800\n", "itemId: is empty")]
    [InlineData("userId,itemId,type,ts\nada,1,view,yesterday-ish\n", "timestamp: 'yesterday-ish' is not a time")]
    [InlineData("userId,itemId,type,ts\nada,1,view,2099-01-01\n", "is in the future")]
    [InlineData("userId,itemId,type,ts\nada,1,view,1960-01-01\n", "is before 1970")]
    [InlineData("userId,itemId,value,ts\nada,1,NaN,1546300800\n", "value: 'NaN' is not a finite number")]
    [InlineData("userId,itemId,value,ts\nada,1,\"4,5\",1546300800\n", "--decimal-comma")]
    public void A_bad_row_says_what_is_wrong(string text, string problem)
    {
        ImportRow row = Assert.Single(ImportText.Of(ImportKind.Interactions, text).Rows);

        Assert.Contains(problem, row.Problem!.Text, StringComparison.Ordinal);
        Assert.Equal(2, row.Line);
    }

    [Fact]
    public void Mistakes_of_newcomers_are_named()
    {
        string rows = "userId,itemId,type,ts\n" + string.Concat(Enumerable.Range(0, 30).Select(n => $"u,{n}.0,view,1546300800\n"));
        string numbered = "userId,itemId,type,ts\n" + string.Concat(Enumerable.Range(0, 30).Select(n => $"u,{n},view,15463008{n:00}\n"));
        string cased = "userId,itemId,type,ts\nu,Abc,view,1546300800\nu,aBC,like,1546300801\n";

        string all = string.Join('\n', ImportText.Of(ImportKind.Interactions, rows).Plan.Found.Warnings);
        Assert.Contains("most ids end in .0, such as '0.0'", all, StringComparison.Ordinal);
        Assert.Contains("all times are equal", all, StringComparison.Ordinal);
        Assert.Contains("all rows are of the type view", all, StringComparison.Ordinal);
        Assert.Contains("counts the rows from 0", string.Join('\n', ImportText.Of(ImportKind.Interactions, numbered).Plan.Found.Warnings), StringComparison.Ordinal);
        Assert.Contains("'Abc' and 'aBC' differ only in case", string.Join('\n', ImportText.Of(ImportKind.Interactions, cased).Plan.Found.Warnings), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a,b\n1,2\n", null, "no column for 'userId' among a, b; name it with --map userId=COLUMN")]
    [InlineData("ada,2024-01-05T10:15:00Z,tea\nbob,2024-01-05T10:16:00Z,tea\n", null, "the first line looks like a row: name the columns with --columns userId,itemId,…")]
    [InlineData("userId,itemId\n1,2\n", "userId=who", "no column 'who'")]
    [InlineData("userId,itemId\n1,2\n", "user=userId", "no field 'user'")]
    [InlineData("userId,itemId\n1,2\n", "userId", "not field=column")]
    public void A_map_that_does_not_fit_is_wrong_usage(string text, string? map, string problem)
    {
        CommandException error = Assert.Throws<CommandException>(() => ImportText.Of(ImportKind.Interactions, text, new ImportOptions { Map = ColumnMap.Parse(map) }));

        Assert.Equal(ExitCodes.WrongUsage, error.ExitCode);
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_id_that_comes_again_is_a_duplicate_or_a_conflict()
    {
        Repeats repeats = new();
        InteractionBody row = new() { UserId = "u", ItemId = "i", Type = "view", Id = "1" };

        Assert.Equal(
            [Repeats.Kind.New, Repeats.Kind.Same, Repeats.Kind.Conflict, Repeats.Kind.New, Repeats.Kind.New, Repeats.Kind.New],
            new[] { row, row with { }, row with { ItemId = "j" }, row with { UserId = "v" }, row with { Id = null }, row with { Id = null } }.Select(repeats.Add));
    }
}
