using System.Text;
using System.Text.Json;
using RecSys.Client;
using RecSys.Core;
using RecSys.Core.Log;
using RecSys.Core.Slates;
using RecSys.Core.Trends;
using RecSys.Server.Bodies;

namespace RecSys.Server.Tests;

public sealed class SlateTests : IAsyncLifetime
{
    private ServerHost _host = null!;

    public static TheoryData<string, string, string> BadRequests => new()
    {
        { """{"count":0}""", "count", "1 to 100" },
        { """{"count":1000000000}""", "count", "1 to 100" },
        { """{"count":"3"}""", "count", "1 to 100" },
        { """{"diversity":2}""", "diversity", "0 to 1" },
        { """{"userId":""}""", "userId", "empty" },
        { """{"items":"i"}""", "items", "array" },
        { """{"items":["i",""]}""", "items[1]", "empty" },
        { "{\"items\":[" + string.Join(',', Enumerable.Repeat("\"i\"", 101)) + "]}", "items", "more than 100" },
        { "{\"exclude\":[" + string.Join(',', Enumerable.Repeat("\"i\"", 1001)) + "]}", "exclude", "more than 1000" },
        { """{"candidates":[]}""", "candidates", "1 to 1000" },
        { "{\"candidates\":[" + string.Join(',', Enumerable.Repeat("\"i\"", 1001)) + "]}", "candidates", "more than 1000" },
        { """{"candidates":["i"],"scenario":"lookAgain"}""", "candidates", "lookAgain" },
        { """{"seen":"never"}""", "seen", "exclude, demote, allow" },
        { """{"seen":1}""", "seen", "text" },
        { """{"filter":"a=1"}""", "filter", "not a known field" },
        { """{"next":"nonsense"}""", "next", "cursor" },
        { """{"after":"nonsense"}""", "after", "position" },
        { """{"category":""}""", "category", "1 to 512" },
        { """{"context":{"device":3}}""", "context.device", "text" },
        { "[]", "", "object" },
        { "{", "", "byte 1" },
    };

    public async ValueTask InitializeAsync() => _host = await ServerHost.StartAsync();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public void NaN_and_infinities_do_not_make_a_slate_invalid()
    {
        double[] values = [double.NaN, double.PositiveInfinity, double.NegativeInfinity];
        SlateItem[] items =
        [
            .. values.Select(value => MadeUpRecommender.Item with
            {
                Score = value,
                Confidence = value,
                Features = new SlateFeatures(["affinity"], [(float)value]),
            }),
        ];
        using MemoryStream bytes = new();
        using (Utf8JsonWriter json = new(bytes))
        {
            SlateJson.Write(json, new Slate { RecommendationId = "r", ServedBy = ServedBy.Full, FreshnessMs = double.PositiveInfinity, Items = [.. items] });
        }

        RecommendationsResponse slate = JsonSerializer.Deserialize(bytes.ToArray(), RecSysJsonContext.Wire.RecommendationsResponse)!;
        Assert.Equal(double.MaxValue, slate.FreshnessMs);
        Assert.Equal([0, double.MaxValue, double.MinValue], slate.Items.Select(item => item.Score));
        Assert.Equal([0, double.MaxValue, double.MinValue], slate.Items.Select(item => item.Confidence));
        Assert.Equal([0, (double)float.MaxValue, (double)float.MinValue], slate.Items.Select(item => (double)(float)item.Features["affinity"]));
    }

    [Fact]
    public void An_unknown_freshness_is_not_written()
    {
        using MemoryStream bytes = new();
        using (Utf8JsonWriter json = new(bytes))
        {
            SlateJson.Write(json, new Slate { RecommendationId = "r", ServedBy = ServedBy.Full, FreshnessMs = null, Items = [] });
        }

        Assert.DoesNotContain("freshnessMs", Encoding.UTF8.GetString(bytes.ToArray()), StringComparison.Ordinal);
        Assert.Null(JsonSerializer.Deserialize(bytes.ToArray(), RecSysJsonContext.Wire.RecommendationsResponse)!.FreshnessMs);
    }

    [Fact]
    public async Task A_slate_has_every_field_that_the_client_reads()
    {
        RecommendationsResponse slate = await _host.GetAsync("/v1/users/u/recommendations", RecSysJsonContext.Wire.RecommendationsResponse);

        Assert.Equal("01J0000000000000000000000A", slate.RecommendationId);
        Assert.Equal("20261124-143201-1", slate.ModelVersion);
        Assert.Equal("full", slate.ServedBy);
        Assert.False(slate.Degraded);
        Assert.Null(slate.DegradedReasons);
        Assert.True(slate.ColdUser);
        Assert.Equal(12, slate.FreshnessMs);
        Assert.Null(slate.Reflected);
        Assert.Equal(0.5, slate.Stages!["profile"]);
        Assert.Equal(100, slate.SourceCounts!["embedding"]);
        Assert.Equal(2, slate.Filtered!["touched"]);
        Assert.Equal((3, 1), (slate.InteractionsHeld, slate.InteractionsSinceModel));
        Assert.Equal("cursor", slate.Next);
        RecommendedItem item = Assert.Single(slate.Items);
        Assert.Equal("film/1", item.ItemId);
        Assert.Equal((0.93, 0.71), (item.Score, item.Confidence));
        Assert.Equal("Because you viewed \"Alien\"", item.Explanation);
        Assert.Equal((0.5, 0.25), (item.Features["affinity"], item.Features["popularity"]));
        Assert.Equal(["embedding", "covisit"], item.Sources);
        Assert.Equal((DateTimeOffset.UnixEpoch.AddSeconds(1), true), (item.SeenAt, item.Unknown));
        Assert.Equal("Aliens", item.Title);
        Assert.Equal(["sci-fi"], item.Categories);
        Assert.Equal(1986, item.Labels!["year"].GetInt32());
        Assert.Equal(["a", "b"], item.Labels["tags"].EnumerateArray().Select(tag => tag.GetString()));
        Assert.Equal(("19.90", "EUR", "/aliens.jpg", "https://films.example/1", 2), OfferOf(item));
        Assert.Equal(10, _host.Recommender.Asked!.Count);
    }

    [Theory]
    [InlineData("/v1/items/i/similar")]
    [InlineData("/v1/trending")]
    [InlineData("/v1/latest")]
    [InlineData("/v1/popular")]
    public async Task An_item_of_a_list_has_its_offer(string target)
    {
        ItemsResponse list = await _host.GetAsync(target, RecSysJsonContext.Wire.ItemsResponse);

        Assert.Equal(("19.90", "EUR", "/aliens.jpg", "https://films.example/1", 2), OfferOf(Assert.Single(list.Items)));
    }

    private static (string?, string?, string?, string?, int?) OfferOf(RecommendedItem item) =>
        (item.Price?.ToString(System.Globalization.CultureInfo.InvariantCulture), item.Currency, item.Image, item.Url, item.Stock);

    [Fact]
    public async Task A_degraded_slate_is_marked_and_so_is_the_status()
    {
        _host.Recommender.ServedBy = ServedBy.Batch;
        RecommendationsResponse slate = await _host.GetAsync("/v1/users/u/recommendations", RecSysJsonContext.Wire.RecommendationsResponse);
        StatusResponse status = await _host.GetAsync("/v1/status", RecSysJsonContext.Wire.StatusResponse);

        Assert.True(slate.Degraded);
        Assert.Equal("batch", slate.ServedBy);
        Assert.Equal(["profile late"], slate.DegradedReasons);
        Assert.Equal("batch", status.ServedBy);
    }

    [Fact]
    public async Task If_no_source_could_answer_the_answer_is_503_with_Retry_After()
    {
        _host.Recommender.ServedBy = ServedBy.Nothing;
        using HttpResponseMessage response = await _host.SendAsync(HttpMethod.Get, "/v1/users/u/recommendations");

        Assert.Contains("profile late", (await ServerHost.ProblemAsync(response, 503)).Detail, StringComparison.Ordinal);
        Assert.NotNull(response.Headers.RetryAfter);
    }

    [Fact]
    public async Task A_request_that_runs_out_of_time_is_503()
    {
        _host.Recommender.Fault = new OperationCanceledException();
        using HttpResponseMessage response = await _host.SendAsync(HttpMethod.Get, "/v1/users/u/recommendations");

        await ServerHost.ProblemAsync(response, 503);
    }

    [Fact]
    public async Task A_body_can_request_a_slate_for_a_session_or_a_basket()
    {
        string after = LogPosition.Of(new RecordPosition(0, 0, 5)).ToString();
        using HttpResponseMessage response = await _host.SendAsync(HttpMethod.Post, "/v1/recommendations", $$$"""
            {"items":["a/b","c"],"count":3,"category":"x","scenario":"basket","exclude":["d"],"diversity":0.25,
             "context":{"device":"phone","sessionFeatures":{"depth":2}},"after":"{{{after}}}","userId":null}
            """);

        await ServerHost.ReadAsync(response, RecSysJsonContext.Wire.RecommendationsResponse, 200);
        SlateRequest asked = _host.Recommender.Asked!;
        Assert.Null(asked.User);
        Assert.Equal(["a/b", "c"], asked.Items.Select(item => item.Value));
        Assert.Equal(3, asked.Count);
        Assert.Equal(("x", "basket"), (asked.Category, asked.Scenario));
        Assert.Equal("d", Assert.Single(asked.Exclude).Value);
        Assert.Equal(0.25, asked.Diversity);
        Assert.Equal("phone", asked.Context!.Device);
        Assert.Equal(2, asked.Context.SessionFeatures["depth"]);
        Assert.Equal(5, asked.After![0]);
    }

    [Fact]
    public async Task A_body_asks_to_rank_candidates_and_gets_all_of_them()
    {
        await AskAsync("""{"candidates":["a","b","c"],"seen":"allow"}""");
        SlateRequest three = _host.Recommender.Asked!;
        await AskAsync("{\"candidates\":[" + string.Join(',', Enumerable.Range(0, 1000).Select(i => $"\"i{i}\"")) + "]}");
        SlateRequest thousand = _host.Recommender.Asked!;
        await AskAsync("""{"count":2,"candidates":["a","b","c"]}""");
        SlateRequest two = _host.Recommender.Asked!;
        await AskAsync("""{"candidates":null,"seen":null}""");

        Assert.Equal(["a", "b", "c"], three.Candidates!.Value.Select(item => item.Value));
        Assert.Equal((3, SeenRule.Allow), (three.Count, three.Seen));
        Assert.Equal((1000, 100), (thousand.Candidates!.Value.Length, thousand.Count));
        Assert.Equal(2, two.Count);
        Assert.Equal((null, null, 10), (_host.Recommender.Asked!.Candidates, _host.Recommender.Asked.Seen, _host.Recommender.Asked.Count));

        async Task AskAsync(string body)
        {
            using HttpResponseMessage response = await _host.SendAsync(HttpMethod.Post, "/v1/recommendations", body);
            await ServerHost.ReadAsync(response, RecSysJsonContext.Wire.RecommendationsResponse, 200);
        }
    }

    [Theory]
    [InlineData("exclude", SeenRule.Exclude)]
    [InlineData("demote", SeenRule.Demote)]
    [InlineData("allow", SeenRule.Allow)]
    public async Task A_query_says_what_becomes_of_seen_items(string text, SeenRule rule)
    {
        await _host.GetAsync($"/v1/users/u/recommendations?seen={text}", RecSysJsonContext.Wire.RecommendationsResponse);

        Assert.Equal(rule, _host.Recommender.Asked!.Seen);
    }

    [Fact]
    public async Task Another_rule_for_seen_items_is_refused()
    {
        using HttpResponseMessage response = await _host.SendAsync(HttpMethod.Get, "/v1/users/u/recommendations?seen=never");

        Assert.Contains("exclude, demote, allow", (await ServerHost.ProblemAsync(response, 400)).Errors!["seen"][0], StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(BadRequests))]
    public async Task An_invalid_body_is_refused_by_field_and_limit(string body, string field, string message)
    {
        using HttpResponseMessage response = await _host.SendAsync(HttpMethod.Post, "/v1/recommendations", body);

        await ServerHost.RequireRefusedAsync(response, field, message);
    }

    [Fact]
    public async Task An_explanation_has_every_field_that_the_client_reads()
    {
        ExplanationResponse explanation = await _host.GetAsync(
            "/v1/users/u/recommendations/film%2F1/explanation?count=5", RecSysJsonContext.Wire.ExplanationResponse);

        Assert.Equal(("film/1", "Aliens", "filtered"), (explanation.ItemId, explanation.Title, explanation.Outcome));
        Assert.Equal(("filters", "bought", 0.5), (explanation.Stage, explanation.Reason, explanation.Score));
        Assert.Equal(("affinity", 0.5), (explanation.Parts[0].Name, explanation.Parts[0].Value));
        Assert.Equal(("film/0", "view", 0.5), (explanation.Because[0].ItemId, explanation.Because[0].Type, explanation.Because[0].Contribution));
        Assert.Equal((1, 0), (explanation.ModelShare, explanation.RecentShare));
        Assert.Equal(("filters", "removed"), (explanation.Stages[0].Stage, explanation.Stages[0].Outcome));
        Assert.Equal(5, _host.Recommender.Asked!.Count);
    }

    [Fact]
    public async Task A_page_is_filled_shelf_by_shelf()
    {
        using HttpResponseMessage response = await _host.SendAsync(HttpMethod.Post, "/v1/recommendations:batch", """
            {"userId":"u","items":["a","b"],"context":{"device":"phone"},"shelves":[
              {"name":"forYou","count":5,"scenario":"home","seen":"exclude","diversity":0.5,"exclude":["x"],"category":"c"},
              {"name":"like it","kind":"similar","itemId":"i"},
              {"name":"now","kind":"trending","window":"week","category":"d"}]}
            """);

        ShelvesResponse page = await ServerHost.ReadAsync(response, RecSysJsonContext.Wire.ShelvesResponse, 200);
        PageRequest asked = _host.Recommender.AskedPage!;
        SlateRequest slate = asked.SlateOf(asked.Shelves[0]);
        Assert.Equal(["forYou", "like it", "now"], page.Shelves.Select(shelf => shelf.Name));
        Assert.All(page.Shelves, shelf => Assert.Equal("film/1", Assert.Single(shelf.Slate.Items).ItemId));
        Assert.Equal(("u", 2, "phone"), (slate.User!.Value.Value, slate.Items.Length, slate.Context!.Device));
        Assert.Equal((5, "home", SeenRule.Exclude, 0.5, "c"), (slate.Count, slate.Scenario, slate.Seen, slate.Diversity, slate.Category));
        Assert.Equal("x", Assert.Single(slate.Exclude).Value);
        Assert.Equal((ShelfKind.Similar, "i"), (asked.Shelves[1].Kind, asked.Shelves[1].Item!.Value.Value));
        Assert.Equal((ShelfKind.Trending, TrendWindow.Week, "d"), (asked.Shelves[2].Kind, asked.Shelves[2].Window, asked.Shelves[2].Slate.Category));
    }

    [Theory]
    [InlineData("""{}""", "shelves", "1 to 20")]
    [InlineData("""{"shelves":{}}""", "shelves", "array")]
    [InlineData("""{"shelves":[3]}""", "shelves[0]", "object")]
    [InlineData("""{"shelves":[{}]}""", "shelves[0].name", "1 to 512")]
    [InlineData("""{"shelves":[{"name":"a"},{"name":"a"}]}""", "shelves[1].name", "another shelf")]
    [InlineData("""{"shelves":[{"name":"a","kind":"best"}]}""", "shelves[0].kind", "recommended, similar")]
    [InlineData("""{"shelves":[{"name":"a","kind":"similar"}]}""", "shelves[0].itemId", "must be given")]
    [InlineData("""{"shelves":[{"name":"a","kind":"trending","window":"month"}]}""", "shelves[0].window", "hour, day")]
    [InlineData("""{"shelves":[{"name":"a","kind":"latest","seen":"allow"}]}""", "shelves[0].seen", "recommended")]
    [InlineData("""{"shelves":[{"name":"a","count":0}]}""", "shelves[0].count", "1 to 100")]
    [InlineData("""{"shelves":[{"name":"a","userId":"u"}]}""", "shelves[0].userId", "not a known field")]
    [InlineData("""{"shelves":[{"name":"a","name":"b"}]}""", "shelves[0].name", "more than once")]
    [InlineData("""{"count":3}""", "count", "not a known field")]
    public async Task A_bad_page_is_refused_by_shelf_and_field(string body, string field, string message)
    {
        using HttpResponseMessage response = await _host.SendAsync(HttpMethod.Post, "/v1/recommendations:batch", body);

        await ServerHost.RequireRefusedAsync(response, field, message);
    }

    [Fact]
    public async Task A_shown_slate_is_explained_by_its_id()
    {
        const string Target = "/v1/users/u/recommendations/film%2F1/explanation?recommendationId=";
        ExplanationResponse shown = await _host.GetAsync(Target + "r1", RecSysJsonContext.Wire.ExplanationResponse);
        using HttpResponseMessage unknown = await _host.SendAsync(HttpMethod.Get, Target + "unheard-of");

        Assert.Equal(("r1", DateTimeOffset.UnixEpoch.AddSeconds(1)), (shown.RecommendationId, shown.ShownAt));
        Assert.Equal(("since you bought it, it is not in the slate", "bought"), (shown.Since, shown.Now!.Reason));
        Assert.Contains("'unheard-of'", (await ServerHost.ProblemAsync(unknown, 404)).Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lists_of_items_are_answered()
    {
        ItemsResponse similar = await _host.GetAsync("/v1/items/i/similar?count=3", RecSysJsonContext.Wire.ItemsResponse);
        ItemsResponse trending = await _host.GetAsync("/v1/trending?window=week&category=x", RecSysJsonContext.Wire.ItemsResponse);
        ItemListRequest asked = _host.Recommender.AskedList!;
        await _host.GetAsync("/v1/latest?count=2", RecSysJsonContext.Wire.ItemsResponse);
        await _host.GetAsync("/v1/popular", RecSysJsonContext.Wire.ItemsResponse);

        Assert.Equal(3, _host.Recommender.AskedSimilar!.Count);
        Assert.Equal("film/1", Assert.Single(similar.Items).ItemId);
        Assert.Equal("full", trending.ServedBy);
        Assert.Equal((TrendWindow.Week, "x", 10), (asked.Window, asked.Category, asked.Count));
    }

    [Fact]
    public async Task An_unknown_item_has_no_similar_items()
    {
        using HttpResponseMessage response = await _host.SendAsync(HttpMethod.Get, "/v1/items/nobody%20knows%20me/similar");

        Assert.Contains("nobody knows me", (await ServerHost.ProblemAsync(response, 404)).Detail, StringComparison.Ordinal);
    }
}
