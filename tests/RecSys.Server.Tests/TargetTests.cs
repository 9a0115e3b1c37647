using RecSys.Client;
using RecSys.Core.Log;

namespace RecSys.Server.Tests;

public sealed class TargetTests : IAsyncLifetime
{
    private ServerHost _host = null!;

    public static TheoryData<string> Ids =>
    [
        "a/b", "a%2Fb", "a b", "a+b", "🙂", "\"quoted\"", "it's", "x:merge", "x:batch", "a?b", "a#b", "a&b=c", "%", "%%", "%2", "..a", "...",
        "é", "e\u0301", "users", "batch", "\u202Etxet", "\\", "a;b", new string('x', 512), new string('é', 256), "a\tb", "*", "recommendations",
    ];

    public static TheoryData<string, string, string> BadTargets => new()
    {
        { "/v1/items/%", "itemId", "percent-encoding at character 0" },
        { "/v1/items/a%2", "itemId", "percent-encoding at character 1" },
        { "/v1/items/a%zz", "itemId", "percent-encoding" },
        { "/v1/items/%C3%28", "itemId", "UTF-8" },
        { "/v1/items/%ED%A0%80", "itemId", "UTF-8" },
        { "/v1/items/%FF", "itemId", "UTF-8" },
        { "/v1/items/", "itemId", "empty" },
        { "/v1/users//recommendations", "userId", "empty" },
        { "/v1/items/.", "itemId", "'.'" },
        { "/v1/items/..", "itemId", "'.'" },
        { "/v1/items/%2e%2E", "itemId", "'.'" },
        { $"/v1/items/{new string('x', 513)}", "itemId", "513 bytes of UTF-8; at most 512" },
        { "/v1/users/u/recommendations/%2/explanation", "itemId", "percent-encoding" },
        { "/v1/users/u/recommendations?colour=red", "colour", "not a parameter" },
        { "/v1/users/u/recommendations?filter=x", "filter", "not a parameter" },
        { "/v1/users/u/recommendations?Count=3", "Count", "not a parameter" },
        { "/v1/users/u/recommendations?count=0", "count", "from 1 to 100" },
        { "/v1/users/u/recommendations?count=101", "count", "from 1 to 100" },
        { "/v1/users/u/recommendations?count=1000000000", "count", "from 1 to 100" },
        { "/v1/users/u/recommendations?count=99999999999999999999", "count", "from 1 to 100" },
        { "/v1/users/u/recommendations?count=-1", "count", "from 1 to 100" },
        { "/v1/users/u/recommendations?count=1.5", "count", "from 1 to 100" },
        { "/v1/users/u/recommendations?count=", "count", "from 1 to 100" },
        { "/v1/users/u/recommendations?count=5%00", "count", "from 1 to 100" },
        { "/v1/users/u/recommendations?diversity=0.5%00", "diversity", "finite" },
        { "/v1/users/u/recommendations?diversity=+0.5", "diversity", "finite" },
        { "/v1/users/u/recommendations?after=MS4wLjUA", "after", "position" },
        { "/v1/users/u/recommendations?count=1&count=2", "count", "more than once" },
        { "/v1/users/u/recommendations?diversity=1.01", "diversity", "from 0 to 1" },
        { "/v1/users/u/recommendations?diversity=NaN", "diversity", "finite" },
        { "/v1/users/u/recommendations?diversity=Infinity", "diversity", "finite" },
        { "/v1/users/u/recommendations?next=nonsense", "next", "cursor" },
        { "/v1/users/u/recommendations?after=nonsense", "after", "position" },
        { "/v1/users/u/recommendations?exclude=", "exclude", "empty" },
        { "/v1/users/u/recommendations?exclude=..", "exclude", "'.'" },
        { "/v1/users/u/recommendations?exclude=%C3%28", "exclude", "UTF-8" },
        { "/v1/users/u/recommendations?exclude=%2", "exclude", "percent-encoding" },
        { "/v1/users/u/recommendations?%C3%28=1", "query", "UTF-8" },
        { "/v1/users/u/recommendations?category=", "category", "empty" },
        { "/v1/users/u/recommendations?context.time=noon", "context.time", "RFC 3339" },
        { "/v1/users/u/recommendations?context.sessionFeatures.=1", "context.sessionFeatures.", "not a parameter" },
        { "/v1/users/u/recommendations?context.sessionFeatures.a=x", "context.sessionFeatures.a", "finite" },
        { "/v1/trending?window=century", "window", "hour, day" },
        { "/v1/latest?window=hour", "window", "not a parameter" },
        { "/v1/items/i/similar?userId=.", "userId", "'.'" },
        { "/v1/items?cursor=nonsense%21", "cursor", "cursor" },
        { "/v1/items?count=1001", "count", "from 1 to 1000" },
        { "/v1/users/u/interactions?count=1025", "count", "from 1 to 1024" },
        { "/v1/status?verbose", "verbose", "has none" },
        { "/health/live?x=1", "x", "has none" },
    };

    public async ValueTask InitializeAsync() => _host = await ServerHost.StartAsync();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Theory]
    [MemberData(nameof(Ids))]
    public async Task An_id_of_any_characters_is_the_same_everywhere(string id)
    {
        string segment = Uri.EscapeDataString(id);
        using HttpResponseMessage put = await _host.SendAsync(HttpMethod.Put, $"/v1/items/{segment}", """{"title":"t"}""");
        AcceptedResponse accepted = await ServerHost.ReadAsync(put, RecSysJsonContext.Wire.AcceptedResponse, 202);
        ItemResponse item = await _host.GetAsync($"/v1/items/{segment}?after={accepted.Position}", RecSysJsonContext.Wire.ItemResponse);
        Assert.Equal(id, item.ItemId);

        await _host.GetAsync($"/v1/users/{segment}/recommendations?exclude={segment}", RecSysJsonContext.Wire.RecommendationsResponse);
        Assert.Equal(id, _host.Recommender.Asked!.User!.Value.Value);
        Assert.Equal(id, Assert.Single(_host.Recommender.Asked.Exclude).Value);

        await _host.GetAsync($"/v1/items/{segment}/similar?userId={segment}", RecSysJsonContext.Wire.ItemsResponse);
        Assert.Equal(id, _host.Recommender.AskedSimilar!.Item.Value);
        Assert.Equal(id, _host.Recommender.AskedSimilar.User!.Value.Value);

        ExplanationResponse explanation = await _host.GetAsync(
            $"/v1/users/{segment}/recommendations/{segment}/explanation", RecSysJsonContext.Wire.ExplanationResponse);
        Assert.Equal(id, explanation.ItemId);

        using HttpResponseMessage merge = await _host.SendAsync(HttpMethod.Post, $"/v1/users/{segment}:merge", """{"from":"someone"}""");
        await ServerHost.ReadAsync(merge, RecSysJsonContext.Wire.AcceptedResponse, 202);
        using HttpResponseMessage retract = await _host.SendAsync(HttpMethod.Delete, $"/v1/users/{segment}/interactions/{segment}");
        await ServerHost.ReadAsync(retract, RecSysJsonContext.Wire.AcceptedResponse, 202);
        List<LogRecord> records = await _host.RecordsAsync();
        Assert.Contains(records, record => record is LogRecord.UsersMerged merged && merged.Target.Value == id);
        Assert.Contains(records, record => record is LogRecord.InteractionRetracted retracted && retracted.User.Value == id && retracted.Id == id);
    }

    [Fact]
    public async Task The_client_and_the_server_agree_on_ids()
    {
        using RecSysClient client = new(new RecSysClientOptions { BaseAddress = _host.Address });
        foreach (string id in Ids.Select(row => row.Data))
        {
            AcceptedResponse accepted = await client.PutItemAsync(id, new ItemBody { Title = id }, TestContext.Current.CancellationToken);
            await _host.GetAsync($"/v1/items/x?after={accepted.Position}".Replace("/x?", $"/{Uri.EscapeDataString(id)}?", StringComparison.Ordinal), RecSysJsonContext.Wire.ItemResponse);
            ItemResponse? item = await client.GetItemAsync(id, TestContext.Current.CancellationToken);
            Assert.Equal(id, item?.Title);
        }
    }

    [Theory]
    [MemberData(nameof(BadTargets))]
    public async Task An_invalid_id_or_parameter_is_refused_by_name(string target, string field, string message)
    {
        string answer = await _host.RawAsync("GET", target);

        Assert.StartsWith("HTTP/1.1 400", answer, StringComparison.Ordinal);
        Assert.Contains("application/problem+json", answer, StringComparison.Ordinal);
        Assert.Contains($"\"errors\":{{\"{field}\":[\"", answer, StringComparison.Ordinal);
        Assert.Contains(message, System.Text.RegularExpressions.Regex.Unescape(answer[answer.IndexOf('{', StringComparison.Ordinal)..]), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/v1/items/a/b")]
    [InlineData("/v1/nothing")]
    [InlineData("/V1/items")]
    [InlineData("/v1/items:merge")]
    [InlineData("/v1/users/u/recommendations/")]
    [InlineData("/v1")]
    [InlineData("/nothing.html")]
    [InlineData("/v1/items%3Abatch")]
    public async Task A_missing_target_is_a_problem_with_404(string target)
    {
        string answer = await _host.RawAsync("GET", target);

        Assert.StartsWith("HTTP/1.1 404", answer, StringComparison.Ordinal);
        Assert.Contains("\"code\":\"notFound\"", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("PUT", "/v1/interactions", "POST")]
    [InlineData("GET", "/v1/users/u:merge", "POST")]
    [InlineData("POST", "/v1/items/i", "DELETE, GET, HEAD, PATCH, PUT")]
    [InlineData("OPTIONS", "/v1/status", "GET, HEAD")]
    public async Task Another_method_is_a_problem_with_405_and_the_allowed_methods(string method, string target, string allow)
    {
        string answer = await _host.RawAsync(method, target);

        Assert.StartsWith("HTTP/1.1 405", answer, StringComparison.Ordinal);
        Assert.Contains($"Allow: {allow}\r\n", answer, StringComparison.Ordinal);
        Assert.Contains("\"code\":\"methodNotAllowed\"", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_encoded_colon_is_data_and_a_literal_verb_is_the_verb()
    {
        using HttpResponseMessage put = await _host.SendAsync(HttpMethod.Put, "/v1/users/a%3Amerge", """{"consent":true}""");
        await ServerHost.ReadAsync(put, RecSysJsonContext.Wire.AcceptedResponse, 202);
        using HttpResponseMessage plain = await _host.SendAsync(HttpMethod.Put, "/v1/users/urn:isbn:1", """{"consent":true}""");
        await ServerHost.ReadAsync(plain, RecSysJsonContext.Wire.AcceptedResponse, 202);
        using HttpResponseMessage both = await _host.SendAsync(HttpMethod.Post, "/v1/users/a%3Amerge:merge", """{"from":"b"}""");
        await ServerHost.ReadAsync(both, RecSysJsonContext.Wire.AcceptedResponse, 202);

        string[] users = [.. (await _host.RecordsAsync()).Select(record => record switch
        {
            LogRecord.UserChanged changed => changed.User.Value,
            LogRecord.UsersMerged merged => "merge " + merged.Target.Value,
            _ => "",
        })];
        Assert.Equal(["a:merge", "urn:isbn:1", "merge a:merge"], users);
    }

    [Fact]
    public async Task A_target_in_absolute_form_is_the_same_target()
    {
        string answer = await _host.RawAsync("GET", "http://localhost/v1/users/a%2Fb/recommendations?count=3");

        Assert.StartsWith("HTTP/1.1 200", answer, StringComparison.Ordinal);
        Assert.Equal("a/b", _host.Recommender.Asked!.User!.Value.Value);
        Assert.Equal(3, _host.Recommender.Asked.Count);
    }

    [Fact]
    public async Task A_request_line_over_16_kB_is_refused()
    {
        string fits = await _host.RawAsync("GET", "/v1/items?q=" + new string('x', 16_000));
        string answer = await _host.RawAsync("GET", "/v1/items?q=" + new string('x', 17_000));

        Assert.StartsWith("HTTP/1.1 400", fits, StringComparison.Ordinal);
        Assert.Contains("at most 512", fits, StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 414", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task All_parameters_of_a_slate_arrive()
    {
        string after = LogPosition.Of(new RecordPosition(0, 0, 0)).ToString();
        using HttpResponseMessage put = await _host.SendAsync(HttpMethod.Put, "/v1/users/u", """{"consent":true}""");

        RecommendationsResponse slate = await _host.GetAsync(
            "/v1/users/u/recommendations?count=7&category=sci+fi&scenario=home&exclude=a&exclude=b%2Cc&diversity=0.5&context.device=phone"
                + $"&context.location=PT&context.time=2026-11-24T11:00:00Z&context.sessionFeatures.depth=3&after={after}",
            RecSysJsonContext.Wire.RecommendationsResponse);

        Core.Slates.SlateRequest asked = _host.Recommender.Asked!;
        Assert.Equal(7, asked.Count);
        Assert.Equal("sci fi", asked.Category);
        Assert.Equal("home", asked.Scenario);
        Assert.Equal(["a", "b,c"], asked.Exclude.Select(item => item.Value));
        Assert.Equal(0.5, asked.Diversity);
        Assert.Equal("phone", asked.Context!.Device);
        Assert.Equal("PT", asked.Context.Location);
        Assert.Equal("2026-11-24T11:00:00Z", asked.Context.Time);
        Assert.Equal(3, asked.Context.SessionFeatures["depth"]);
        Assert.Equal(0, asked.After![0]);
        Assert.True(slate.Reflected);
    }
}
