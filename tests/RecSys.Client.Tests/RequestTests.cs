using System.Net;

using Xunit;

namespace RecSys.Client.Tests;

public sealed class RequestTests
{
    private const string Items = """{"servedBy":"full","degraded":false,"freshnessMs":0,"items":[]}""";
    private const string Job = """{"id":"j","kind":"train","state":"running"}""";

    private const string Model =
        """{"version":"v","watermark":"w","items":1,"interactions":2,"metrics":{},"parameters":{},"sizeBytes":3}""";

    private const string Page = """{"items":[]}""";

    private static readonly Dictionary<string, Request> Requests = new()
    {
        ["record"] = new("POST /v1/interactions", Clients.Accepted, c => c.RecordAsync(Clients.View(id: "x")))
        {
            Body = """{"userId":"u","itemId":"i","type":"view","id":"x"}""",
        },
        ["record many"] = new("POST /v1/interactions", Clients.Accepted, c => c.RecordAsync([Clients.View(id: "x")]))
        {
            Body = """[{"userId":"u","itemId":"i","type":"view","id":"x"}]""",
        },
        ["retract"] = new("DELETE /v1/users/u%2F1/interactions/x", Clients.Accepted, c => c.RetractAsync("u/1", "x")),
        ["history"] = new(
            "GET /v1/users/u/interactions?count=5&after=p%3D",
            """{"items":[{"itemId":"i","type":"view","timestamp":"2026-01-31T00:00:00Z"}],"position":"p"}""",
            c => c.GetHistoryAsync("u", 5, "p=")),
        ["user"] = new("GET /v1/users/u", """{"userId":"u","interactionsHeld":3}""", c => c.GetUserAsync("u")),
        ["put user"] = new(
            "PUT /v1/users/u", Clients.Accepted, c => c.PutUserAsync("u", new UserBody { Consent = true }))
        {
            Body = """{"consent":true}""",
        },
        ["patch user"] = new("PATCH /v1/users/u", Clients.Accepted, c => c.PatchUserAsync("u", new UserBody()))
        {
            Body = "{}",
        },
        ["put users"] = new(
            "POST /v1/users:batch", Clients.Accepted, c => c.PutUsersAsync([new UserRow { UserId = "u" }]))
        {
            Body = """[{"userId":"u"}]""",
        },
        ["erase"] = new(
            "DELETE /v1/users/u", """{"position":"p","receipt":"r"}""", c => c.EraseUserAsync("u")),
        ["erasure"] = new(
            "GET /v1/erasures/o.1.2", """{"receipt":"o.1.2","state":"running","places":[{"place":"log","removed":1}]}""", c => c.GetErasureAsync("o.1.2")),
        ["merge"] = new("POST /v1/users/u:merge", Clients.Accepted, c => c.MergeUsersAsync("u", "anon"))
        {
            Body = """{"from":"anon"}""",
        },
        ["export"] = new("GET /v1/users/u/export", "{}", c => c.ExportUserAsync("u")),
        ["item"] = new("GET /v1/items/i", """{"itemId":"i"}""", c => c.GetItemAsync("i")),
        ["items"] = new("GET /v1/items?cursor=c&count=2&q=red%20shoe", Page, c => c.GetItemsAsync("c", 2, "red shoe")),
        ["put item"] = new(
            "PUT /v1/items/i", Clients.Accepted, c => c.PutItemAsync("i", new ItemBody { Title = "é", Categories = ["a"] }))
        {
            Body = """{"title":"é","categories":["a"]}""",
        },
        ["patch item"] = new(
            "PATCH /v1/items/i", Clients.Accepted, c => c.PatchItemAsync("i", new ItemBody { Hidden = true }))
        {
            Body = """{"hidden":true}""",
        },
        ["put items"] = new(
            "POST /v1/items:batch", Clients.Accepted, c => c.PutItemsAsync([new ItemRow { ItemId = "i" }]))
        {
            Body = """[{"itemId":"i"}]""",
        },
        ["delete item"] = new("DELETE /v1/items/i", Clients.Accepted, c => c.DeleteItemAsync("i")),
        ["recommendations"] = new(
            "GET /v1/users/u/recommendations?count=3&category=a%26b&scenario=home&next=n&after=p&seen=allow",
            Clients.Slate,
            c => c.GetRecommendationsAsync("u", 3, "a&b", "home", "n", "p", "allow")),
        ["recommend"] = new(
            "POST /v1/recommendations",
            Clients.Slate,
            c => c.RecommendAsync(new RecommendationRequest { Items = ["a", "b"], Diversity = 0.5 }))
        {
            Body = """{"items":["a","b"],"diversity":0.5}""",
        },
        ["similar"] = new(
            "GET /v1/items/i/similar?count=3&category=c&userId=u", Items, c => c.GetSimilarAsync("i", 3, "c", "u")),
        ["trending"] = new(
            "GET /v1/trending?category=c&count=3&window=hour", Items, c => c.GetTrendingAsync("c", 3, "hour")),
        ["latest"] = new("GET /v1/latest", Items, c => c.GetLatestAsync()),
        ["popular"] = new("GET /v1/popular?category=c&count=3", Items, c => c.GetPopularAsync("c", 3)),
        ["shelves"] = new(
            "POST /v1/recommendations:batch",
            """
            {"shelves":[]}
            """,
            c => c.GetShelvesAsync(new ShelvesRequest { UserId = "u", Shelves = [new ShelfBody { Name = "now", Kind = "trending" }] }))
        {
            Body = """{"userId":"u","shelves":[{"name":"now","kind":"trending"}]}""",
        },
        ["explain"] = new(
            "GET /v1/users/u/recommendations/i/explanation?recommendationId=r",
            """
            {"itemId":"i","outcome":"unknownItem","parts":[],"because":[],"modelShare":0,"recentShare":0,"stages":[]}
            """,
            c => c.ExplainAsync("u", "i", "r")),
        ["status"] = new(
            "GET /v1/status",
            """{"logEnd":1,"freshnessMs":0,"servedBy":"full","version":"1.0"}""",
            c => c.GetStatusAsync()),
        ["interaction types"] = new(
            "GET /v1/interaction-types",
            """{"types":[{"name":"view","weight":1,"isRating":false,"comesBack":true}]}""",
            c => c.GetInteractionTypesAsync()),
        ["recent users"] = new(
            "GET /v1/users?count=3",
            """{"users":[{"userId":"ann","lastInteractionAt":"2026-01-01T00:00:00Z"}]}""",
            c => c.GetRecentUsersAsync(3)),
        ["live"] = new("GET /health/live", "{}", c => c.IsLiveAsync()),
        ["ready"] = new("GET /health/ready", "{}", c => c.IsReadyAsync()),
        ["metrics"] = new("GET /metrics", "", c => c.GetMetricsAsync()),
        ["start job"] = new("POST /v1/admin/jobs", Job, c => c.StartJobAsync(new JobRequest { Kind = "train" }))
        {
            Body = """{"kind":"train"}""",
        },
        ["job"] = new("GET /v1/admin/jobs/j", Job, c => c.GetJobAsync("j")),
        ["cancel job"] = new("DELETE /v1/admin/jobs/j", Job, c => c.CancelJobAsync("j")),
        ["models"] = new("GET /v1/admin/models", $$"""{"items":[{{Model}}]}""", c => c.GetModelsAsync()),
        ["promote"] = new("POST /v1/admin/models/v:promote", Model, c => c.PromoteModelAsync("v")),
        ["rollback"] = new("POST /v1/admin/models/v:rollback", Model, c => c.RollbackModelAsync("v")),
        ["cluster"] = new(
            "GET /v1/admin/cluster",
            """
            {"node":"h:1","nodes":[{"name":"h:1","address":"a","roles":["serve"],"status":"up","answers":true,"ready":true,"partitions":[0]}]}
            """,
            c => c.GetClusterAsync()),
        ["partitions"] = new(
            "GET /v1/admin/cluster/partitions",
            """
            {"node":"h:1","partitions":[{"partition":0,"node":"h:1","users":3,"end":2,"next":1,"lagRecords":1,"lagMs":0.5}],"lagRecords":1,"lagMs":0.5,"worst":0}
            """,
            c => c.GetPartitionsAsync()),
        ["drain"] = new(
            "POST /v1/admin/cluster/nodes/h%3A1:drain",
            """{"name":"h:1","address":"a","roles":["serve"],"status":"up","answers":true}""",
            c => c.DrainNodeAsync("h:1")),
        ["settings"] = new("GET /v1/admin/settings", """{"settings":[]}""", c => c.GetSettingsAsync()),
    };

    public static TheoryData<string> Names => [.. Requests.Keys];

    private static CancellationToken Ending => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_method_sends_the_request_of_the_contract_and_reads_its_answer(string name)
    {
        Request request = Requests[name];
        FakeServer server = new(FakeServer.Json(request.Answer));
        using RecSysClient client = Clients.Of(server);

        await request.Send(client);

        Asked asked = Assert.Single(server.Asked);
        Assert.Equal((request.Line, request.Body), (asked.Line, asked.Body));
        Assert.Equal(request.Body.Length == 0 ? null : "application/json", asked.ContentType);
    }

    [Fact]
    public async Task The_key_and_the_path_of_the_base_address_are_sent_with_each_request()
    {
        FakeServer server = new(FakeServer.Json(Clients.Accepted));
        using RecSysClient client = Clients.Of(server, configure: options =>
        {
            options.BaseAddress = new Uri("https://shop.test/recsys");
            options.ApiKey = "secret";
        });

        await client.DeleteItemAsync("i", Ending);

        Asked asked = Assert.Single(server.Asked);
        Assert.Equal(("DELETE /recsys/v1/items/i", "secret"), (asked.Line, asked.ApiKey));
    }

    [Fact]
    public async Task A_slate_is_read_with_all_its_members()
    {
        using RecSysClient client = Clients.Of(new FakeServer(FakeServer.Json(
            """
            {"recommendationId":"r","modelVersion":"m","servedBy":"batchOnly",
             "degraded":true,"degradedReasons":["late"],"coldUser":false,"freshnessMs":12,"reflected":true,
             "stages":{"rank":1.25},"sourceCounts":{"embedding":500},"interactionsHeld":3,"interactionsSinceModel":1,
             "items":[{"itemId":"i","score":0.93,"confidence":0.71,"explanation":"Because you viewed \"x\"",
                       "features":{"affinity":0.8},"sources":["embedding"],"title":"T","categories":["c"],
                       "labels":{"price":9.5}}],
             "next":"n"}
            """)));

        RecommendationsResponse slate = await client.GetRecommendationsAsync("u", cancellationToken: Ending);

        Assert.Equal((true, 12.0, true, "n"), (slate.Degraded, slate.FreshnessMs, slate.Reflected, slate.Next));
        Assert.Equal((1.25, 500), (slate.Stages!["rank"], slate.SourceCounts!["embedding"]));
        RecommendedItem item = Assert.Single(slate.Items);
        Assert.Equal(("Because you viewed \"x\"", 0.8, 9.5),
            (item.Explanation, item.Features["affinity"], item.Labels!["price"].GetDouble()));
    }

    [Fact]
    public async Task A_missing_resource_is_null()
    {
        FakeServer server = new(FakeServer.Problem(HttpStatusCode.NotFound, """{"title":"no such item"}"""));
        using RecSysClient client = Clients.Of(server);

        Assert.Null(await client.GetItemAsync("i", Ending));
        Assert.Null(await client.GetUserAsync("u", Ending));
        Assert.Null(await client.GetJobAsync("j", Ending));
    }

    [Fact]
    public async Task A_404_that_is_not_a_problem_is_an_error()
    {
        FakeServer server = new(_ => Task.FromResult(new HttpResponseMessage(HttpStatusCode.NotFound)
        {
            Content = new StringContent("<h1>nginx</h1>", System.Text.Encoding.UTF8, "text/html"),
        }));
        using RecSysClient client = Clients.Of(server);

        RecSysException error = await Assert.ThrowsAsync<RecSysException>(() => client.GetItemAsync("i", Ending));

        Assert.Equal(HttpStatusCode.NotFound, error.StatusCode);
        Assert.Null(error.Problem);
    }

    [Fact]
    public async Task A_refusal_has_the_servers_message_for_each_field()
    {
        FakeServer server = new(FakeServer.Problem(
            HttpStatusCode.BadRequest,
            """
            {"type":"t","title":"bad request","status":400,"detail":"1 field is wrong","code":"invalidField",
             "errors":{"[3].userId":["is empty"]},"traceId":"abc","more":1}
            """));
        using RecSysClient client = Clients.Of(server);

        RecSysException error =
            await Assert.ThrowsAsync<RecSysException>(() => client.RecordAsync(Clients.View(), Ending));

        Assert.Single(server.Asked);
        Assert.Equal(("invalidField", "abc"), (error.Problem!.Code, error.Problem.TraceId));
        Assert.Equal("the server answered 400: 1 field is wrong; [3].userId: is empty", error.Message);
    }

    [Theory]
    [InlineData("{broken")]
    [InlineData("null")]
    [InlineData("""{"accepted":1}""")]
    [InlineData("")]
    public async Task An_invalid_answer_is_an_error_and_not_retried(string answer)
    {
        FakeServer server = new(FakeServer.Json(answer));
        using RecSysClient client = Clients.Of(server);

        RecSysException error =
            await Assert.ThrowsAsync<RecSysException>(() => client.DeleteItemAsync("i", Ending));

        Assert.StartsWith("the answer could not be read", error.Message, StringComparison.Ordinal);
        Assert.Single(server.Asked);
    }

    [Fact]
    public async Task Only_a_limited_part_of_a_problem_is_read()
    {
        FakeServer server = new(FakeServer.Problem(
            HttpStatusCode.BadRequest, $$"""{"title":"{{new string('x', 2 << 20)}}"}"""));
        using RecSysClient client = Clients.Of(server);

        RecSysException error =
            await Assert.ThrowsAsync<RecSysException>(() => client.DeleteItemAsync("i", Ending));

        Assert.Null(error.Problem);
    }

    [Fact]
    public async Task An_export_is_streamed_to_the_caller()
    {
        FakeServer server = new(FakeServer.Json("line 1\nline 2\n"));
        using RecSysClient client = Clients.Of(server);

        await using Stream export = await client.ExportUserAsync("u", Ending);
        using StreamReader reader = new(export);

        Assert.Equal("line 1\nline 2\n", await reader.ReadToEndAsync(Ending));
    }

    [Fact]
    public async Task A_server_that_is_not_ready_is_reported_without_a_retry()
    {
        FakeServer server = new(FakeServer.Problem(HttpStatusCode.ServiceUnavailable, "{}"));
        using RecSysClient client = Clients.Of(server);

        Assert.False(await client.IsReadyAsync(Ending));
        Assert.Single(server.Asked);
    }

    [Fact]
    public async Task A_job_is_waited_for_until_it_has_ended()
    {
        ArmedTime time = new();
        FakeServer server = new(
            FakeServer.Json("""{"id":"j","kind":"train","state":"queued"}"""),
            FakeServer.Json("""{"id":"j","kind":"train","state":"running","progress":0.5}"""),
            FakeServer.Json("""{"id":"j","kind":"train","state":"failed","message":"no data"}"""));
        using RecSysClient client = Clients.Of(server, time);
        List<string> states = [];

        Task<JobResponse> waiting = client.WaitForJobAsync("j", new SynchronousProgress<JobResponse>(job => states.Add(job.State)), Ending);
        for (int poll = 0; poll < 2; poll++)
        {
            Assert.Equal(TimeSpan.FromSeconds(10), await time.NextTimerAsync()); // the call's limit
            TimeSpan interval = await time.NextTimerAsync();
            Assert.Equal(TimeSpan.FromMilliseconds(500), interval);
            time.Advance(interval);
        }

        Assert.Equal("no data", (await waiting).Message);
        Assert.Equal(["queued", "running", "failed"], states);
    }

    private sealed record Request(string Line, string Answer, Func<IRecSysClient, Task> Send)
    {
        public string Body { get; init; } = "";
    }
}
