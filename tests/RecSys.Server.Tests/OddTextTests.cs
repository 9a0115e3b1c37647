using System.Net;
using System.Text.Json;
using RecSys.Client;
using RecSys.Core;
using RecSys.Core.Log;

namespace RecSys.Server.Tests;

/// <summary>Unusual texts: each one is refused with its field, or returned unchanged.</summary>
public sealed class OddTextTests : IAsyncLifetime
{
    private ServerHost _host = null!;

    /// <summary>Half a surrogate pair, as a JSON escape, in every place of every body.</summary>
    public static TheoryData<string, string, string> HalfPairs => new()
    {
        { "POST /v1/interactions", """{"userId":"\ud800","itemId":"i","type":"view"}""", "userId" },
        { "POST /v1/interactions", """{"userId":"u","itemId":"i\udfff","type":"view"}""", "itemId" },
        { "POST /v1/interactions", """{"userId":"u","itemId":"i","type":"\ud800"}""", "type" },
        { "POST /v1/interactions", """{"userId":"u","itemId":"i","type":"view\ud800"}""", "type" },
        { "POST /v1/interactions", """{"userId":"u","itemId":"i","type":"view","timestamp":"\ud800"}""", "timestamp" },
        { "POST /v1/interactions", """{"userId":"u","itemId":"i","type":"view","id":"\ud800"}""", "id" },
        { "POST /v1/interactions", """{"userId":"u","itemId":"i","type":"view","recommendationId":"\ud800"}""", "recommendationId" },
        { "POST /v1/interactions", """{"userId":"u","itemId":"i","type":"view","context":{"location":"\ud800"}}""", "context.location" },
        { "POST /v1/interactions", """{"userId":"u","itemId":"i","type":"view","context":{"device":"\ud800"}}""", "context.device" },
        { "POST /v1/interactions", """{"userId":"u","itemId":"i","type":"view","context":{"time":"\ud800"}}""", "context.time" },
        { "POST /v1/interactions", """{"userId":"u","itemId":"i","type":"view","context":{"\ud800device":""}}""", "context" },
        { "POST /v1/interactions", """{"userId":"u","itemId":"i","type":"view","context":{"sessionFeatures":{"\ud800":1}}}""", "context.sessionFeatures" },
        { "POST /v1/interactions", """{"\ud800":"u"}""", "" },
        { "POST /v1/interactions", """{"itemId\ud800":"u"}""", "" },
        { "POST /v1/interactions", """[{"userId":"u","itemId":"i","type":"view"},{"user\ud800Id":"u"}]""", "[1]" },
        { "PUT /v1/items/i", """{"title":"\ud800"}""", "title" },
        { "PUT /v1/items/i", """{"categories":["\ud800"]}""", "categories[0]" },
        { "PUT /v1/items/i", """{"text":"\ud800"}""", "text" },
        { "PUT /v1/items/i", """{"availableFrom":"\ud800"}""", "availableFrom" },
        { "PUT /v1/items/i", """{"hidden\ud800":true}""", "" },
        { "PUT /v1/items/i", """{"labels":{"\ud800":1}}""", "labels" },
        { "POST /v1/items:batch", """[{"itemId":"\ud800"}]""", "[0].itemId" },
        { "POST /v1/users:batch", """[{"userId":"\ud800"}]""", "[0].userId" },
        { "PATCH /v1/users/u", """{"labels":{"a":"\ud800"}}""", "labels.a" },
        { "PATCH /v1/users/u", """{"consent\ud800":true}""", "" },
        { "POST /v1/users/u:merge", """{"from":"\ud800"}""", "from" },
        { "POST /v1/users/u:merge", """{"\ud800":"a"}""", "" },
        { "POST /v1/users:erase", """{"userId":"\ud800"}""", "userId" },
        { "POST /v1/users:erase", """{"\ud800userId":"a"}""", "" },
        { "POST /v1/recommendations", """{"userId":"\ud800"}""", "userId" },
        { "POST /v1/recommendations", """{"items":["\ud800"]}""", "items[0]" },
        { "POST /v1/recommendations", """{"exclude":["\ud800"]}""", "exclude[0]" },
        { "POST /v1/recommendations", """{"category":"\ud800"}""", "category" },
        { "POST /v1/recommendations", """{"after":"\ud800"}""", "after" },
        { "POST /v1/recommendations", """{"count\ud800":1}""", "" },
        { "POST /v1/admin/jobs", """{"kind":"\ud800"}""", "kind" },
        { "POST /v1/admin/jobs", """{"kind\ud800":"train"}""", "" },
        { "POST /v1/admin/jobs", """{"kind":"train","parameters":{"a\ud800":"b"}}""", "parameters" },
    };

    /// <summary>Ids of any characters except those that cannot be part of a path.</summary>
    public static TheoryData<string> OddIds =>
    [
        "\u0001", "\u001f\u007f", "a\tb\r\nc", "a/b", "a%2Fb", "%", "%00", "a?b#c&d=e+f", " a b ", "a.", "..a", ".a", "...", "🦊👩‍🚀", "e\u0301", "\ufeffa", "\ufffd",
        "\"'<>\\`", ":merge", "users:erase", new string('é', 256), new string('x', 512),
    ];

    public async ValueTask InitializeAsync() => _host = await ServerHost.StartAsync();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Theory]
    [MemberData(nameof(HalfPairs))]
    public async Task Half_a_surrogate_pair_is_refused_by_the_name_of_its_field(string target, string body, string field)
    {
        string[] parts = target.Split(' ');
        using HttpResponseMessage response = await _host.SendAsync(new HttpMethod(parts[0]), parts[1], body);

        await ServerHost.RequireRefusedAsync(response, field);
        Assert.Empty(await _host.RecordsAsync());
    }

    [Theory]
    [InlineData("""{"userId":"u","itemId":"i","type":"\ud800"}""")]
    [InlineData("""{"user\ud800Id":"u"}""")]
    [InlineData("""{"userId":"u\u0000","itemId":"i","type":"view"}""")]
    [InlineData("""{"userId":"u","itemId":"i","type":"view","value":1e999}""")]
    [InlineData("""{"userId":"u","itemId":"i","type":"view","context":{"sessionFeatures":{"a":1e999}}}""")]
    [InlineData("""{"userId":"u","itemId":"i","type":"view","context":{"sessionFeatures":{"a":1,"a":2}}}""")]
    public async Task An_invalid_line_of_a_stream_is_reported_with_the_stored_lines_before_it(string line)
    {
        const string good = """{"userId":"u","itemId":"i","type":"view"}""";
        string stream = string.Join('\n', Enumerable.Repeat(good, 1_200).Append(line));

        using HttpResponseMessage response = await _host.SendAsync(HttpMethod.Post, "/v1/interactions", stream, "application/x-ndjson");

        ProblemBody problem = await ServerHost.ProblemAsync(response, 400);
        Assert.Equal((1_201, 1_000), (problem.Line, problem.Accepted));
        Assert.Equal(1_000, (await _host.RecordsAsync()).Count);
    }

    [Theory]
    [InlineData("PUT /v1/users/u", """{"labels":{"a":-1e400}}""", "labels.a")]
    [InlineData("PUT /v1/users/u", """{"labels":{"a":{"b":{"c":1}}}}""", "labels.a")]
    [InlineData("PUT /v1/users/u", """{"labels":{},"labels":{}}""", "labels")]
    [InlineData("PUT /v1/users/u", """{"l\u0061bels":{"a":1},"labels":{}}""", "labels")]
    [InlineData("POST /v1/recommendations", """{"count":99999999999999999999999999}""", "count")]
    [InlineData("POST /v1/recommendations", """{"diversity":1e999}""", "diversity")]
    [InlineData("PUT /v1/items/i", """{"availableFrom":"+292278994-08-17T07:12:55.807Z"}""", "availableFrom")]
    public async Task Invalid_numbers_and_types_are_refused_by_their_field(string target, string body, string field)
    {
        string[] parts = target.Split(' ');
        using HttpResponseMessage response = await _host.SendAsync(new HttpMethod(parts[0]), parts[1], body);

        await ServerHost.RequireRefusedAsync(response, field);
    }

    [Fact]
    public async Task Excessive_nesting_is_invalid_JSON()
    {
        string deep = new('[', 100_000);
        using HttpResponseMessage response = await _host.SendAsync(HttpMethod.Put, "/v1/users/u", "{\"labels\":{\"a\":" + deep);

        await ServerHost.ProblemAsync(response, 400);
    }

    [Theory]
    [MemberData(nameof(OddIds))]
    public async Task An_unusual_id_can_be_written_read_exported_listed_and_erased(string id)
    {
        string path = Uri.EscapeDataString(id);
        string json = JsonSerializer.Serialize(id);
        await AcceptedAsync(HttpMethod.Put, $"/v1/users/{path}", """{"labels":{"a":1}}""");
        await AcceptedAsync(HttpMethod.Post, "/v1/users:batch", $$"""[{"userId":{{json}},"labels":{"a":2} }]""");
        await AcceptedAsync(HttpMethod.Put, $"/v1/items/{path}", "{}");
        await AcceptedAsync(HttpMethod.Post, "/v1/items:batch", $$"""[{"itemId":{{json}},"title":"t"}]""");
        await AcceptedAsync(HttpMethod.Post, "/v1/users/target:merge", $$"""{"from":{{json}} }""");
        AcceptedResponse recorded = await AcceptedAsync(
            HttpMethod.Post, "/v1/interactions", $$"""{"id":{{json}},"userId":{{json}},"itemId":{{json}},"recommendationId":{{json}},"type":"view"}""");

        UserResponse user = await _host.GetAsync($"/v1/users/{path}?after={recorded.Position}", RecSysJsonContext.Wire.UserResponse);
        Assert.Equal((id, 2, 1), (user.UserId, user.Labels!["a"].GetInt32(), user.InteractionsHeld));
        HistoryResponse history = await _host.GetAsync($"/v1/users/{path}/interactions", RecSysJsonContext.Wire.HistoryResponse);
        Assert.Equal((id, id), (history.Items[0].ItemId, history.Items[0].Id));
        Assert.Equal(id, (await _host.GetAsync($"/v1/items/{path}?after={recorded.Position}", RecSysJsonContext.Wire.ItemResponse)).ItemId);
        Assert.Equal(id, Assert.Single((await _host.GetAsync("/v1/items", RecSysJsonContext.Wire.ItemPage)).Items).ItemId);
        using HttpResponseMessage exported = await _host.SendAsync(HttpMethod.Get, $"/v1/users/{path}/export");
        string[] lines = (await exported.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Contains(lines, line => JsonElement.Parse(line) is { } one && one.TryGetProperty("itemId", out JsonElement item) && item.GetString() == id);

        using HttpResponseMessage slate = await _host.SendAsync(HttpMethod.Get, $"/v1/users/{path}/recommendations?exclude={path}");
        Assert.Equal(HttpStatusCode.OK, slate.StatusCode);
        Assert.Equal((id, id), (_host.Recommender.Asked!.User!.Value.Value, _host.Recommender.Asked.Exclude.Single().Value));
        using HttpResponseMessage similar = await _host.SendAsync(HttpMethod.Get, $"/v1/items/{path}/similar?userId={path}");
        Assert.Equal((id, id), (_host.Recommender.AskedSimilar!.Item.Value, _host.Recommender.AskedSimilar.User!.Value.Value));

        await AcceptedAsync(HttpMethod.Delete, $"/v1/users/{path}/interactions/{path}");
        await AcceptedAsync(HttpMethod.Delete, $"/v1/items/{path}");
        using HttpResponseMessage erased = await _host.SendAsync(HttpMethod.Delete, $"/v1/users/{path}");
        Assert.Equal(HttpStatusCode.Accepted, erased.StatusCode);
        Assert.Contains(await _host.RecordsAsync(), record => record is LogRecord.PersonErased person && person.Owner == _host.Hash.Of(new UserId(id)));
    }

    [Fact]
    public async Task An_id_that_a_path_cannot_contain_is_refused_in_bodies_and_queries_too()
    {
        foreach ((HttpMethod method, string target, string? body) in new (HttpMethod, string, string?)[]
        {
            (HttpMethod.Post, "/v1/interactions", """{"userId":"a\u0000b","itemId":"i","type":"view"}"""),
            (HttpMethod.Post, "/v1/interactions", """{"userId":"u","itemId":"\u0000","type":"view"}"""),
            (HttpMethod.Post, "/v1/interactions", """{"userId":"u","itemId":"i","type":"view","id":"\u0000"}"""),
            (HttpMethod.Post, "/v1/users:batch", """[{"userId":"a\u0000b"}]"""),
            (HttpMethod.Post, "/v1/items:batch", """[{"itemId":"a\u0000b"}]"""),
            (HttpMethod.Post, "/v1/users/u:merge", """{"from":"a\u0000b"}"""),
            (HttpMethod.Post, "/v1/recommendations", """{"userId":"a\u0000b"}"""),
            (HttpMethod.Get, "/v1/users/u/recommendations?exclude=a%00b", null),
            (HttpMethod.Get, "/v1/items/i/similar?userId=a%00b", null),
        })
        {
            using HttpResponseMessage response = await _host.SendAsync(method, target, body);
            ProblemBody problem = await ServerHost.ProblemAsync(response, 400);
            Assert.Contains("U+0000", problem.Detail, StringComparison.Ordinal);
        }

        Assert.Empty(await _host.RecordsAsync());
        Assert.StartsWith("HTTP/1.1 400", await _host.RawAsync("GET", "/v1/users/a%00b"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_user_id_that_an_earlier_version_accepted_can_be_erased_by_a_body()
    {
        Assert.True(UserId.TryCreateStored("a\0b", out UserId user));
        await _host.Log.AppendAsync([new LogRecord.Interaction(user, new ItemId("i"), "view", 1)], TestContext.Current.CancellationToken);

        using HttpResponseMessage response = await _host.SendAsync(HttpMethod.Post, "/v1/users:erase", """{"userId":"a\u0000b"}""");

        await ServerHost.ReadAsync(response, RecSysJsonContext.Wire.ErasureResponse, 202);
        Assert.Contains(await _host.RecordsAsync(), record => record is LogRecord.PersonErased person && person.Owner == _host.Hash.Of(user));
        using HttpResponseMessage none = await _host.SendAsync(HttpMethod.Post, "/v1/users:erase", "{}");
        await ServerHost.RequireRefusedAsync(none, "userId");
    }

    [Fact]
    public async Task An_item_id_that_an_earlier_version_accepted_can_be_deleted_by_a_row()
    {
        Assert.True(ItemId.TryCreateStored("a\0b", out ItemId item));
        await _host.Log.AppendAsync([new LogRecord.ItemChanged(item, ItemContent.Empty, 1)], TestContext.Current.CancellationToken);
        using HttpResponseMessage refused = await _host.SendAsync(HttpMethod.Post, "/v1/items:batch", """[{"itemId":"a\u0000b","title":"t"}]""");
        await ServerHost.RequireRefusedAsync(refused, "[0].itemId");

        await AcceptedAsync(HttpMethod.Post, "/v1/items:batch", """[{"itemId":"a\u0000b","deleted":true}]""");

        Assert.Contains(await _host.RecordsAsync(), record => record is LogRecord.ItemChanged { Content: null } deleted && deleted.Item == item);
    }

    private async Task<AcceptedResponse> AcceptedAsync(HttpMethod method, string target, string? body = null)
    {
        using HttpResponseMessage response = await _host.SendAsync(method, target, body);
        return await ServerHost.ReadAsync(response, RecSysJsonContext.Wire.AcceptedResponse, 202);
    }
}
