using RecSys.Client;
using RecSys.Core.Log;

namespace RecSys.Server.Tests;

public sealed class ItemTests : IAsyncLifetime
{
    private ServerHost _host = null!;

    public static TheoryData<string, string, string> BadItems => new()
    {
        { """{"title":3}""", "title", "text" },
        { $$"""{"title":"{{new string('x', 8193)}}"}""", "title", "at most 8192" },
        { $$"""{"text":"{{new string('x', 65537)}}"}""", "text", "at most 65536" },
        { """{"categories":"sci-fi"}""", "categories", "array" },
        { """{"categories":[null]}""", "categories[0]", "text" },
        { "{\"categories\":[" + string.Join(',', Enumerable.Repeat("\"c\"", 65)) + "]}", "categories", "more than 64" },
        { """{"availableFrom":"soon"}""", "availableFrom", "RFC 3339" },
        { """{"availableFrom":"2026-01-02T00:00:00Z","availableUntil":"2026-01-01T00:00:00Z"}""", "availableUntil", "later" },
        { """{"hidden":1}""", "hidden", "true or false" },
        { """{"prize":1}""", "prize", "not a known field" },
        { """{"price":-0.01}""", "price", "from 0 to 1000000000000" },
        { """{"price":1000000000000.01}""", "price", "from 0 to 1000000000000" },
        { """{"price":19.9000001}""", "price", "at most 6 decimals" },
        { """{"price":19.900000000000002}""", "price", "at most 6 decimals" },
        { """{"price":0.10000000000000000000000000000000001}""", "price", "at most 6 decimals" },
        { """{"price":1e-30}""", "price", "at most 6 decimals" },
        { """{"price":1e400}""", "price", "must be a number" },
        { """{"price":"19.90"}""", "price", "must be a number" },
        { """{"currency":"eur"}""", "currency", "three capital letters" },
        { """{"currency":"EURO"}""", "currency", "three capital letters" },
        { """{"currency":978}""", "currency", "text" },
        { """{"image":"javascript:alert(1)"}""", "image", "https://" },
        { """{"image":"java\tscript:alert(1)"}""", "image", "control characters" },
        { """{"image":"data:image/png;base64,AAAA"}""", "image", "https://" },
        { """{"image":"//elsewhere.example/i.png"}""", "image", "single /" },
        { """{"image":"/\\elsewhere.example/i.png"}""", "image", "backslashes" },
        { """{"url":"products/1"}""", "url", "single /" },
        { """{"url":"https://"}""", "url", "https://" },
        { """{"url":"https://shop.example/a b"}""", "url", "%20" },
        { $$"""{"url":"/{{new string('u', 2048)}}"}""", "url", "at most 2048" },
        { """{"stock":-1}""", "stock", "whole number" },
        { """{"stock":1.5}""", "stock", "whole number" },
        { """{"stock":1000000001}""", "stock", "from 0 to 1000000000" },
        { """{"stock":"3"}""", "stock", "whole number" },
        { """{"price":1,"price":1}""", "price", "more than once" },
        { """{"itemId":"i"}""", "itemId", "not a known field" },
        { """{"title":"a","title":"b"}""", "title", "more than once" },
    };

    public async ValueTask InitializeAsync() => _host = await ServerHost.StartAsync();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Theory]
    [MemberData(nameof(BadItems))]
    public async Task An_invalid_item_is_refused_by_field_and_limit(string body, string field, string message)
    {
        using HttpResponseMessage response = await _host.SendAsync(HttpMethod.Put, "/v1/items/i", body);

        await ServerHost.RequireRefusedAsync(response, field, message);
        Assert.Empty(await _host.RecordsAsync());
    }

    [Fact]
    public async Task An_item_is_set_changed_read_and_deleted()
    {
        await WriteAsync(HttpMethod.Put, "/v1/items/i", """
            {"title":"Alien","categories":["sci-fi","horror"],"labels":{"year":1979,"cast":["Weaver"]},"text":"In space",
             "availableFrom":"2026-01-01T00:00:00+01:00","availableUntil":"2027-01-01T00:00:00Z","hidden":true}
            """);
        string position = await WriteAsync(
            HttpMethod.Patch, "/v1/items/i", """{"labels":{"year":null,"country":"UK"},"hidden":false,"availableUntil":null}""");

        ItemResponse item = await _host.GetAsync($"/v1/items/i?after={position}", RecSysJsonContext.Wire.ItemResponse);
        position = await WriteAsync(HttpMethod.Delete, "/v1/items/i", null);
        using HttpResponseMessage gone = await _host.SendAsync(HttpMethod.Get, $"/v1/items/i?after={position}");

        Assert.Equal("Alien", item.Title);
        Assert.Equal(["sci-fi", "horror"], item.Categories);
        Assert.Equal(["cast", "country"], item.Labels!.Keys.Order(StringComparer.Ordinal));
        Assert.Equal("In space", item.Text);
        Assert.Equal(new DateTimeOffset(2025, 12, 31, 23, 0, 0, TimeSpan.Zero), item.AvailableFrom);
        Assert.Null(item.AvailableUntil);
        Assert.False(item.Hidden);
        Assert.Equal(ServerHost.Now, item.UpdatedAt);
        await ServerHost.ProblemAsync(gone, 404);
    }

    [Theory]
    [InlineData("19.90")]
    [InlineData("0")]
    [InlineData("0.1")]
    [InlineData("4.35")]
    [InlineData("123456789012.345678")]
    [InlineData("1000000000000")]
    public async Task A_price_is_kept_digit_by_digit(string price)
    {
        string position = await WriteAsync(HttpMethod.Put, "/v1/items/i", $$"""{"price":{{price}}}""");

        using HttpResponseMessage response = await _host.SendAsync(HttpMethod.Get, $"/v1/items/i?after={position}");
        Assert.Contains($"\"price\":{price},", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1e2", "100")]
    [InlineData("2.50000000", "2.500000")]
    [InlineData("-0", "0")]
    public async Task A_price_that_is_written_in_another_way_is_the_same_number(string written, string kept)
    {
        string position = await WriteAsync(HttpMethod.Put, "/v1/items/i", $$"""{"price":{{written}}}""");

        ItemResponse item = await _host.GetAsync($"/v1/items/i?after={position}", RecSysJsonContext.Wire.ItemResponse);
        Assert.Equal(kept, item.Price?.ToString(System.Globalization.CultureInfo.InvariantCulture));
    }

    [Fact]
    public async Task A_change_leaves_what_it_does_not_name_of_an_offer_and_removes_what_is_null()
    {
        const string Whole = """{"price":19.90,"currency":"EUR","image":"/i.jpg","url":"https://shop.example/i?a=1","stock":3}""";
        ItemResponse put = await ReadAsync(await WriteAsync(HttpMethod.Put, "/v1/items/i", Whole));
        Assert.Equal((19.90m, "EUR", "/i.jpg", "https://shop.example/i?a=1", 3), OfferOf(put));

        ItemResponse patched = await ReadAsync(await WriteAsync(HttpMethod.Patch, "/v1/items/i", """{"price":5,"image":null,"stock":0}"""));
        Assert.Equal((5m, "EUR", null, "https://shop.example/i?a=1", 0), OfferOf(patched));

        ItemResponse emptied = await ReadAsync(await WriteAsync(HttpMethod.Patch, "/v1/items/i", """{"price":null,"currency":null,"url":null,"stock":null}"""));
        Assert.Equal((null, null, null, null, null), OfferOf(emptied));

        ItemResponse batched = await ReadAsync(await WriteAsync(HttpMethod.Post, "/v1/items:batch", $$"""[{"itemId":"i",{{Whole[1..]}}]"""));
        Assert.Equal(OfferOf(put), OfferOf(batched));
        Assert.Equal((null, null, null, null, null), OfferOf(await ReadAsync(await WriteAsync(HttpMethod.Put, "/v1/items/i", "{}"))));

        Task<ItemResponse> ReadAsync(string position) => _host.GetAsync($"/v1/items/i?after={position}", RecSysJsonContext.Wire.ItemResponse);

        static (decimal?, string?, string?, string?, int?) OfferOf(ItemResponse item) => (item.Price, item.Currency, item.Image, item.Url, item.Stock);
    }

    [Fact]
    public async Task Rows_of_a_batch_change_what_they_name_and_add_new_items()
    {
        await WriteAsync(HttpMethod.Put, "/v1/items/i", """{"title":"t","categories":["c"],"hidden":true,"labels":{"a":1,"b":2}}""");
        string position = await WriteAsync(
            HttpMethod.Patch,
            "/v1/items:batch",
            """[{"itemId":"i","labels":{"b":null,"c":3}},{"text":"later","itemId":"i"},{"itemId":"new","title":"n"}]""");

        ItemResponse item = await _host.GetAsync($"/v1/items/i?after={position}", RecSysJsonContext.Wire.ItemResponse);
        ItemResponse added = await _host.GetAsync($"/v1/items/new?after={position}", RecSysJsonContext.Wire.ItemResponse);
        Assert.Equal(("t", "later", true), (item.Title, item.Text, item.Hidden));
        Assert.Equal(["a", "c"], item.Labels!.Keys.Order());
        Assert.Equal(["c"], item.Categories!);
        Assert.Equal("n", added.Title);
    }

    [Fact]
    public async Task Successive_changes_of_an_item_are_all_kept()
    {
        await WriteAsync(HttpMethod.Put, "/v1/items/i", """{"title":"t"}""");
        await Task.WhenAll(Enumerable.Range(0, 20).Select(index =>
            WriteAsync(HttpMethod.Patch, "/v1/items/i", $$$"""{"labels":{"l{{{index}}}":{{{index}}}}}""")));
        string position = await WriteAsync(HttpMethod.Patch, "/v1/items/i", """{"text":"last"}""");

        ItemResponse item = await _host.GetAsync($"/v1/items/i?after={position}", RecSysJsonContext.Wire.ItemResponse);

        Assert.Equal(20, item.Labels!.Count);
        Assert.Equal("t", item.Title);
        Assert.Equal("last", item.Text);
    }

    [Fact]
    public async Task A_change_of_an_unknown_item_is_404()
    {
        using HttpResponseMessage response = await _host.SendAsync(HttpMethod.Patch, "/v1/items/i", """{"title":"t"}""");

        await ServerHost.ProblemAsync(response, 404);
        Assert.Empty(await _host.RecordsAsync());
    }

    [Fact]
    public async Task The_catalogue_is_listed_in_pages_and_searched()
    {
        string rows = string.Join(',', Enumerable.Range(0, 25).Select(index => $$"""{"itemId":"i{{index:D2}}","title":"{{(index % 5 == 0 ? "Five" : "Other")}}"}"""));
        string position = await WriteAsync(HttpMethod.Post, "/v1/items:batch", $"[{rows}]");
        await _host.GetAsync($"/v1/items/i00?after={position}", RecSysJsonContext.Wire.ItemResponse);

        List<string> listed = [];
        string? cursor = null;
        int pages = 0;
        do
        {
            ItemPage page = await _host.GetAsync(
                "/v1/items?count=10" + (cursor is null ? "" : $"&cursor={cursor}"), RecSysJsonContext.Wire.ItemPage);
            listed.AddRange(page.Items.Select(item => item.ItemId));
            cursor = page.Next;
            pages++;
        }
        while (cursor is not null);

        ItemPage found = await _host.GetAsync("/v1/items?q=fIVE", RecSysJsonContext.Wire.ItemPage);

        Assert.Equal(3, pages);
        Assert.Equal(Enumerable.Range(0, 25).Select(index => $"i{index:D2}"), listed);
        Assert.Equal(["i00", "i05", "i10", "i15", "i20"], found.Items.Select(item => item.ItemId));
    }

    private async Task<string> WriteAsync(HttpMethod method, string target, string? body)
    {
        using HttpResponseMessage response = await _host.SendAsync(method, target, body);
        AcceptedResponse accepted = await ServerHost.ReadAsync(response, RecSysJsonContext.Wire.AcceptedResponse, 202);
        Assert.True(LogPosition.TryParse(accepted.Position, out _));
        return accepted.Position;
    }

    [Fact]
    public async Task A_hidden_item_stays_hidden_until_a_write_shows_it()
    {
        string[] writes =
        [
            """PUT /v1/items/i {"title":"One"}""",
            """PUT /v1/items/i {"hidden":null}""",
            """PATCH /v1/items/i {"title":"Two"}""",
            """POST /v1/items:batch [{"itemId":"i","labels":{"price":6}}]""",
        ];
        using HttpResponseMessage hidden = await _host.SendAsync(HttpMethod.Put, "/v1/items/i", """{"hidden":true}""");
        foreach (string write in writes)
        {
            Assert.True((await WriteAsync(write)).Hidden, write);
        }

        Assert.False((await WriteAsync("""PUT /v1/items/i {"hidden":false}""")).Hidden);
        Assert.True((await WriteAsync("""PATCH /v1/items/i {"hidden":true}""")).Hidden);
        Assert.False((await WriteAsync("""PATCH /v1/items/i {"hidden":null}""")).Hidden);

        async Task<ItemResponse> WriteAsync(string write)
        {
            string[] parts = write.Split(' ', 3);
            using HttpResponseMessage written = await _host.SendAsync(new HttpMethod(parts[0]), parts[1], parts[2]);
            AcceptedResponse accepted = await ServerHost.ReadAsync(written, RecSysJsonContext.Wire.AcceptedResponse, 202);
            return await _host.GetAsync($"/v1/items/i?after={accepted.Position}", RecSysJsonContext.Wire.ItemResponse);
        }
    }

    [Fact]
    public async Task A_row_that_deletes_an_item_has_no_other_field()
    {
        using HttpResponseMessage put = await _host.SendAsync(HttpMethod.Post, "/v1/items:batch", """[{"itemId":"a"},{"itemId":"b","deleted":false}]""");
        using HttpResponseMessage delete = await _host.SendAsync(HttpMethod.Post, "/v1/items:batch", """[{"itemId":"a","deleted":true}]""");
        using HttpResponseMessage both = await _host.SendAsync(HttpMethod.Post, "/v1/items:batch", """[{"itemId":"b","deleted":true,"title":"t"}]""");
        using HttpResponseMessage nobody = await _host.SendAsync(HttpMethod.Post, "/v1/items:batch", """[{"deleted":true}]""");

        AcceptedResponse deleted = await ServerHost.ReadAsync(delete, RecSysJsonContext.Wire.AcceptedResponse, 202);
        using HttpResponseMessage gone = await _host.SendAsync(HttpMethod.Get, $"/v1/items/a?after={deleted.Position}");
        await ServerHost.ProblemAsync(gone, 404);
        await ServerHost.RequireRefusedAsync(both, "[0].deleted");
        await ServerHost.RequireRefusedAsync(nobody, "[0].itemId");
        Assert.Equal("b", Assert.Single((await _host.GetAsync("/v1/items", RecSysJsonContext.Wire.ItemPage)).Items).ItemId);
    }
}
