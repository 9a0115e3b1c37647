using System.Collections.Immutable;
using System.Diagnostics.Metrics;
using System.Net;
using System.Text.Json;
using RecSys.Client;
using RecSys.Core.Jobs;
using RecSys.Core.Log;
using RecSys.Core.Models;
using RecSys.Core.Ports;
using RecSys.Core.Ranking;
using RecSys.Server.Telemetry;

namespace RecSys.Server.Tests;

public sealed class OperationsTests : IAsyncLifetime
{
    private ServerHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await ServerHost.StartAsync();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task Health_distinguishes_live_from_ready()
    {
        using HttpResponseMessage ready = await _host.SendAsync(HttpMethod.Get, "/health/ready");
        _host.Cluster.IsReady = false;
        using HttpResponseMessage notReady = await _host.SendAsync(HttpMethod.Get, "/health/ready");
        using HttpResponseMessage live = await _host.SendAsync(HttpMethod.Get, "/health/live");
        using HttpResponseMessage head = await _host.SendAsync(HttpMethod.Head, "/health/live");

        Assert.Equal(HttpStatusCode.OK, ready.StatusCode);
        await ServerHost.ProblemAsync(notReady, 503);
        Assert.Equal(HttpStatusCode.OK, live.StatusCode);
        Assert.Equal(HttpStatusCode.OK, head.StatusCode);
    }

    [Fact]
    public async Task An_admin_gets_each_check_with_its_remedy()
    {
        HealthResponse sound = await _host.GetAsync("/health", RecSysJsonContext.Wire.HealthResponse);
        _host.Cluster.IsReady = false;
        HealthResponse broken = await _host.GetAsync("/health", RecSysJsonContext.Wire.HealthResponse);

        Assert.NotEqual("bad", sound.Status);
        Assert.Equal("bad", broken.Status);
        Assert.Equal("see the server's log", Assert.Single(broken.Checks, check => check.Check == "ready").Command);
    }

    [Fact]
    public async Task A_log_that_is_away_is_a_bad_check_beside_the_others()
    {
        _host.Log.Fault = new StoreUnavailableException("the brokers do not answer");

        HealthResponse health = await _host.GetAsync("/health", RecSysJsonContext.Wire.HealthResponse);

        Assert.Equal(("bad", "the brokers do not answer"), health.Checks.Where(check => check.Check == "log").Select(check => (check.Verdict, check.Found)).Single());
        Assert.Contains(health.Checks, check => check.Check == "catalogue");
    }

    [Fact]
    public async Task A_champion_that_cannot_serve_is_a_bad_check_with_the_model_to_promote()
    {
        _host.Models.Fallback = new ModelFallback(new ModelVersion("m-2"), "its checksum is wrong", new ModelVersion("m-1"));

        HealthResponse health = await _host.GetAsync("/health", RecSysJsonContext.Wire.HealthResponse);

        HealthCheck check = Assert.Single(health.Checks, check => check.Check == "model");
        Assert.Equal(("bad", "recsys models promote m-1"), (check.Verdict, check.Command));
        Assert.Contains("its checksum is wrong", check.Found, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_status_reports_model_log_and_freshness()
    {
        using HttpResponseMessage recorded = await _host.RecordAsync("""[{"userId":"u","itemId":"i","type":"view"},{"userId":"u","itemId":"j","type":"view"}]""");
        _host.Models.Cards.Add(Card("20261124-110000-1"));
        await _host.Models.SetAliasAsync(ModelAliases.Champion, new ModelVersion("20261124-110000-1"), TestContext.Current.CancellationToken);

        StatusResponse status = await _host.GetAsync("/v1/status", RecSysJsonContext.Wire.StatusResponse);

        Assert.Equal("20261124-110000-1", status.ModelVersion);
        Assert.Equal(ServerHost.Now.AddHours(-1), status.ModelAt);
        Assert.Equal(2, status.LogEnd);
        Assert.Equal(12.5, status.FreshnessMs);
        Assert.Equal("full", status.ServedBy);
        Assert.NotEmpty(status.Version);
        Assert.False(status.ConfidenceFitted);
    }

    [Fact]
    public async Task The_status_reports_that_the_model_has_a_curve_of_confidences()
    {
        ModelCard card = Card("20261124-110000-1");
        _host.Models.Cards.Add(card with { Parameters = new FittedConfidence(-3, 0.5, 0).WriteTo(card.Parameters) });
        await _host.Models.SetAliasAsync(ModelAliases.Champion, card.Version, TestContext.Current.CancellationToken);

        Assert.True((await _host.GetAsync("/v1/status", RecSysJsonContext.Wire.StatusResponse)).ConfidenceFitted);
    }

    [Fact]
    public async Task A_job_is_started_followed_and_cancelled()
    {
        using HttpResponseMessage started = await _host.SendAsync(
            HttpMethod.Post, "/v1/admin/jobs", """{"kind":"evaluate","parameters":{"pace":"fast"}}""");
        JobResponse job = await ServerHost.ReadAsync(started, RecSysJsonContext.Wire.JobResponse, 202);
        JobResponse followed = await _host.GetAsync("/v1/admin/jobs/job%2F1", RecSysJsonContext.Wire.JobResponse);
        using HttpResponseMessage cancelled = await _host.SendAsync(HttpMethod.Delete, "/v1/admin/jobs/job%2F1");
        using HttpResponseMessage unknown = await _host.SendAsync(HttpMethod.Get, "/v1/admin/jobs/none");

        Assert.Equal(("job/1", "evaluate", "running"), (job.Id, job.Kind, job.State));
        Assert.Equal("/v1/admin/jobs/job%2F1", started.Headers.Location?.OriginalString);
        Assert.Equal(0.28, job.Result!.Value.GetProperty("metrics").GetProperty("ndcg@10").GetDouble());
        Assert.Equal(0.5, followed.Progress);
        Assert.Equal("cancelled", (await ServerHost.ReadAsync(cancelled, RecSysJsonContext.Wire.JobResponse, 202)).State);
        await ServerHost.ProblemAsync(unknown, 404);
        Assert.Equal(JobKind.Evaluate, _host.Jobs.Asked!.Kind);
        Assert.Equal(
            [KeyValuePair.Create("pace", "fast")],
            _host.Jobs.Asked.Parameters);
    }

    [Theory]
    [InlineData("""{"kind":"dance"}""", "kind")]
    [InlineData("{}", "kind")]
    [InlineData("""{"kind":"train","parameters":3}""", "parameters")]
    [InlineData("""{"kind":"train","speed":3}""", "speed")]
    [InlineData("""{"kind":"import"}""", "kind")]
    [InlineData("""{"kind":"train","parameters":{"pace":"brisk"}}""", "parameters.pace")]
    [InlineData("""{"kind":"train","parameters":{"pace":3}}""", "parameters.pace")]
    [InlineData("""{"kind":"train","parameters":{"file":"/data/log.db"}}""", "parameters.file")]
    public async Task An_invalid_job_is_refused_by_field(string body, string field)
    {
        using HttpResponseMessage response = await _host.SendAsync(HttpMethod.Post, "/v1/admin/jobs", body);

        await ServerHost.RequireRefusedAsync(response, field);
    }

    [Fact]
    public async Task The_result_of_a_job_is_fetched_as_lines()
    {
        using HttpResponseMessage started = await _host.SendAsync(HttpMethod.Post, "/v1/admin/jobs", """{"kind":"export"}""");
        using HttpResponseMessage early = await ResultAsync();
        _host.Jobs.Succeed("job/1", new JobResult("7", _host.Results.Bytes.Length, ServerHost.Now.AddHours(1).ToUnixTimeMilliseconds()));
        JobResponse job = await _host.GetAsync("/v1/admin/jobs/job%2F1", RecSysJsonContext.Wire.JobResponse);
        using HttpResponseMessage result = await _host.SendAsync(HttpMethod.Get, job.Download!.Href);

        await ServerHost.ProblemAsync(early, 409);
        Assert.Equal(HttpStatusCode.OK, result.StatusCode);
        Assert.Equal("application/x-ndjson", result.Content.Headers.ContentType?.MediaType);
        Assert.Equal(_host.Results.Bytes, await result.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
        Assert.Equal(_host.Results.Bytes.Length, job.Download.SizeBytes);
        Assert.Equal(ServerHost.Now.AddHours(1), job.Download.ExpiresAt);
    }

    [Fact]
    public async Task A_deleted_or_missing_result_is_not_found()
    {
        using HttpResponseMessage started = await _host.SendAsync(HttpMethod.Post, "/v1/admin/jobs", """{"kind":"export"}""");
        _host.Jobs.Succeed("job/1", result: null);
        using HttpResponseMessage without = await ResultAsync();
        _host.Jobs.Succeed("job/1", new JobResult("8", 3, 0));
        using HttpResponseMessage deleted = await ResultAsync();
        using HttpResponseMessage unknown = await _host.SendAsync(HttpMethod.Get, "/v1/admin/jobs/none/result");

        Assert.Contains("no result", (await ServerHost.ProblemAsync(without, 404)).Detail, StringComparison.Ordinal);
        Assert.Contains("deleted", (await ServerHost.ProblemAsync(deleted, 404)).Detail, StringComparison.Ordinal);
        Assert.Contains("no job", (await ServerHost.ProblemAsync(unknown, 404)).Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_result_of_another_node_names_that_node()
    {
        using HttpResponseMessage started = await _host.SendAsync(HttpMethod.Post, "/v1/admin/jobs", """{"kind":"export"}""");
        _host.Jobs.Succeed("job/1", new JobResult("8", 3, 0), node: "akka.tcp://recsys@10.0.0.8:4053");
        using HttpResponseMessage result = await ResultAsync();
        JobResponse job = await _host.GetAsync("/v1/admin/jobs/job%2F1", RecSysJsonContext.Wire.JobResponse);

        Assert.Contains("akka.tcp://recsys@10.0.0.8:4053", (await ServerHost.ProblemAsync(result, 409)).Detail, StringComparison.Ordinal);
        Assert.Equal("akka.tcp://recsys@10.0.0.8:4053", job.Node);
    }

    [Fact]
    public async Task The_answer_is_aborted_if_the_result_is_deleted_meanwhile()
    {
        using HttpResponseMessage started = await _host.SendAsync(HttpMethod.Post, "/v1/admin/jobs", """{"kind":"export"}""");
        _host.Jobs.Succeed("job/1", new JobResult("7", _host.Results.Bytes.Length + 1, 0));

        await Assert.ThrowsAsync<HttpRequestException>(ResultAsync);
    }

    private Task<HttpResponseMessage> ResultAsync() => _host.SendAsync(HttpMethod.Get, "/v1/admin/jobs/job%2F1/result");

    [Fact]
    public async Task A_promotion_that_another_one_overtakes_is_refused()
    {
        _host.Models.Cards.AddRange([Card("m-1"), Card("m-2"), Card("m-3")]);
        await _host.Models.SetAliasAsync(ModelAliases.Champion, new ModelVersion("m-2"), TestContext.Current.CancellationToken);
        _host.Models.BeforeReplacement = () => _host.Models.SetAliasAsync(ModelAliases.Champion, new ModelVersion("m-3"), TestContext.Current.CancellationToken).AsTask().Wait();

        using HttpResponseMessage promoted = await _host.SendAsync(HttpMethod.Post, "/v1/admin/models/m-1:promote");

        Assert.Contains("'m-3' meanwhile", (await ServerHost.ProblemAsync(promoted, 409)).Detail, StringComparison.Ordinal);
        Assert.Equal(new ModelVersion("m-3"), _host.Models.Champion?.Version);
    }

    [Fact]
    public async Task A_model_is_promoted_and_rolled_back()
    {
        _host.Models.Cards.AddRange([Card("m-2"), Card("m-1")]);
        using HttpResponseMessage first = await PostAsync("m-1:promote");
        using HttpResponseMessage second = await PostAsync("m-2:promote");
        ModelPage page = await _host.GetAsync("/v1/admin/models", RecSysJsonContext.Wire.ModelPage);
        using HttpResponseMessage wrong = await PostAsync("m-1:rollback");
        using HttpResponseMessage back = await PostAsync("m-2:rollback");
        using HttpResponseMessage further = await PostAsync("m-1:rollback");
        using HttpResponseMessage unknown = await PostAsync("m-3:promote");
        using HttpResponseMessage none = await PostAsync("M%203:promote");

        Assert.Equal(["champion"], (await ServerHost.ReadAsync(first, RecSysJsonContext.Wire.ModelResponse, 200)).Alias);
        Assert.Equal("m-2", (await ServerHost.ReadAsync(second, RecSysJsonContext.Wire.ModelResponse, 200)).Version);
        Assert.Equal(["champion"], page.Items[0].Alias);
        Assert.Equal(["previous"], page.Items[1].Alias);
        Assert.Equal(0.25, page.Items[0].Metrics["ndcg@10"]);
        Assert.Equal(64, page.Items[0].Parameters["dimension"].GetDouble());
        Assert.Equal(3_600, page.Items[0].AgeSeconds);
        await ServerHost.ProblemAsync(wrong, 409);
        Assert.Equal("m-1", (await ServerHost.ReadAsync(back, RecSysJsonContext.Wire.ModelResponse, 200)).Version);
        await ServerHost.ProblemAsync(further, 409);
        await ServerHost.ProblemAsync(unknown, 404);
        await ServerHost.ProblemAsync(none, 404);

        Task<HttpResponseMessage> PostAsync(string target) => _host.SendAsync(HttpMethod.Post, $"/v1/admin/models/{target}");
    }

    [Fact]
    public async Task A_damaged_champion_is_listed_and_a_rollback_returns_to_an_undamaged_model()
    {
        _host.Models.Cards.AddRange([Card("m-2"), Card("m-1")]);
        using HttpResponseMessage first = await PostAsync("m-1:promote");
        using HttpResponseMessage second = await PostAsync("m-2:promote");
        _host.Models.Damaged[new ModelVersion("m-2")] = "its checksum is wrong";
        _host.Models.Damaged[new ModelVersion("m-3")] = "it has no card";
        _host.Models.Fallback = new ModelFallback(new ModelVersion("m-2"), "its checksum is wrong", new ModelVersion("m-1"));

        ModelPage page = await _host.GetAsync("/v1/admin/models", RecSysJsonContext.Wire.ModelPage);
        StatusResponse status = await _host.GetAsync("/v1/status", RecSysJsonContext.Wire.StatusResponse);
        using HttpResponseMessage damaged = await PostAsync("m-3:promote");
        using HttpResponseMessage back = await PostAsync("m-2:rollback");

        Assert.Equal(["m-3", "m-2", "m-1"], page.Items.Select(model => model.Version));
        Assert.Equal(["it has no card", "its checksum is wrong", null], page.Items.Select(model => model.Damage));
        Assert.Contains("m-1 is served instead", status.ModelProblem, StringComparison.Ordinal);
        Assert.Contains("is damaged", (await ServerHost.ProblemAsync(damaged, 409)).Detail, StringComparison.Ordinal);
        Assert.Equal("m-1", (await ServerHost.ReadAsync(back, RecSysJsonContext.Wire.ModelResponse, 200)).Version);

        Task<HttpResponseMessage> PostAsync(string target) => _host.SendAsync(HttpMethod.Post, $"/v1/admin/models/{target}");
    }

    [Fact]
    public async Task A_rollback_after_a_promotion_does_not_return_to_a_damaged_champion()
    {
        _host.Models.Cards.AddRange([Card("m-3"), Card("m-2"), Card("m-1")]);
        using HttpResponseMessage second = await PostAsync("m-2:promote");
        _host.Models.Damaged[new ModelVersion("m-2")] = "its checksum is wrong";
        _host.Models.Fallback = new ModelFallback(new ModelVersion("m-2"), "its checksum is wrong", new ModelVersion("m-1"));

        using HttpResponseMessage promoted = await PostAsync("m-3:promote");
        _host.Models.Fallback = null;
        using HttpResponseMessage back = await PostAsync("m-3:rollback");

        Assert.Equal("m-3", (await ServerHost.ReadAsync(promoted, RecSysJsonContext.Wire.ModelResponse, 200)).Version);
        Assert.Equal("m-1", (await ServerHost.ReadAsync(back, RecSysJsonContext.Wire.ModelResponse, 200)).Version);

        Task<HttpResponseMessage> PostAsync(string target) => _host.SendAsync(HttpMethod.Post, $"/v1/admin/models/{target}");
    }

    [Fact]
    public async Task Settings_are_listed_with_secrets_masked()
    {
        await using ServerHost host = await ServerHost.StartAsync(options =>
            options.ApiKeys.Add(new ApiKeyOptions { Key = "a very secret key indeed", Roles = { "admin" } }));
        host.Http.DefaultRequestHeaders.Add("X-Api-Key", "a very secret key indeed");

        using HttpResponseMessage response = await host.SendAsync(HttpMethod.Get, "/v1/admin/settings");

        string text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        SettingsResponse settings = JsonSerializer.Deserialize(text, RecSysJsonContext.Wire.SettingsResponse)!;
        Dictionary<string, SettingEntry> byName = settings.Settings.ToDictionary(setting => setting.Name);
        Assert.DoesNotContain("a very secret", text, StringComparison.Ordinal);
        Assert.Equal("(masked)", byName["recsys:server:apiKeys:0:key"].Value);
        Assert.Equal("admin", byName["recsys:server:apiKeys:0:roles:0"].Value);
        Assert.Equal("268435456", byName["recsys:server:bodiesInFlightBytesMax"].Value);
        Assert.Equal("default", byName["recsys:server:bodiesInFlightBytesMax"].Source);
        Assert.Equal("00:00:00.1500000", byName["recsys:serving:deadline"].Value);
    }

    [Fact]
    public async Task Metrics_include_those_of_all_layers()
    {
        using HttpResponseMessage recorded = await _host.RecordAsync("""{"userId":"u","itemId":"i","type":"view"}""");

        string text = await _host.Http.GetStringAsync(new Uri("/metrics", UriKind.Relative), TestContext.Current.CancellationToken);

        Assert.Contains("recsys_server_interactions_accepted", text, StringComparison.Ordinal);
        Assert.Contains("http_server_request_duration", text, StringComparison.Ordinal);
        Assert.Contains("http_route=\"/v1/interactions\"", text, StringComparison.Ordinal);
        Assert.Contains("dotnet_gc", text, StringComparison.Ordinal);
        Assert.Contains("service_name=\"recsys\"", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Metrics_include_every_partition_and_a_bounded_number_of_other_series()
    {
        using Meter meter = new("RecSys.Test");
        Counter<long> ofPartitions = meter.CreateCounter<long>("recsys.ingest.test");
        Counter<long> other = meter.CreateCounter<long>("recsys.other.test");
        for (int i = 0; i < LogPosition.PartitionsMax; i++)
        {
            ofPartitions.Add(1, new KeyValuePair<string, object?>("partition", i));
            other.Add(1, new KeyValuePair<string, object?>("code", i));
        }

        string text = await _host.Http.GetStringAsync(new Uri("/metrics", UriKind.Relative), TestContext.Current.CancellationToken);

        string[] lines = text.Split('\n');
        Assert.Equal(LogPosition.PartitionsMax, lines.Count(line => line.StartsWith("recsys_ingest_test_total{", StringComparison.Ordinal)));
        Assert.InRange(lines.Count(line => line.StartsWith("recsys_other_test_total{", StringComparison.Ordinal)), MetricSeries.CountMax, MetricSeries.CountMax + 1);
        Assert.Contains(lines, line => line.StartsWith("recsys_other_test_total{", StringComparison.Ordinal) && line.Contains("otel_metric_overflow=\"true\"", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_description_documents_every_field()
    {
        using HttpResponseMessage response = await _host.SendAsync(HttpMethod.Get, "/openapi/v1.json");
        JsonElement document = JsonElement.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        JsonElement interaction = document.GetProperty("components").GetProperty("schemas").GetProperty("InteractionBody").GetProperty("properties");

        Assert.All(interaction.EnumerateObject(), field => Assert.True(field.Value.TryGetProperty("description", out _), field.Name));
        Assert.Equal("date-time", interaction.GetProperty("timestamp").GetProperty("format").GetString());
    }

    [Fact]
    public async Task The_description_has_every_target_and_no_dangling_reference()
    {
        using HttpResponseMessage response = await _host.SendAsync(HttpMethod.Get, "/openapi/v1.json");
        JsonElement document = JsonElement.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));

        JsonElement paths = document.GetProperty("paths");
        string[] targets =
        [
            "/v1/interactions", "/v1/interaction-types", "/v1/users", "/v1/users/{userId}", "/v1/users:batch", "/v1/users:erase", "/v1/users/{userId}:merge", "/v1/users/{userId}/interactions",
            "/v1/users/{userId}/export", "/v1/users/{userId}/interactions/{id}", "/v1/erasures/{receipt}", "/v1/items/{itemId}",
            "/v1/items:batch", "/v1/items", "/v1/users/{userId}/recommendations", "/v1/recommendations", "/v1/recommendations:batch", "/v1/items/{itemId}/similar",
            "/v1/trending", "/v1/latest", "/v1/popular", "/v1/users/{userId}/recommendations/{itemId}/explanation", "/health", "/health/live",
            "/health/ready", "/metrics", "/v1/status", "/v1/admin/jobs", "/v1/admin/jobs/{id}", "/v1/admin/jobs/{id}/result", "/v1/admin/models",
            "/v1/admin/models/{version}:promote", "/v1/admin/models/{version}:rollback", "/v1/admin/cluster", "/v1/admin/cluster/partitions", "/v1/admin/cluster/nodes/{node}:drain",
            "/v1/admin/settings",
        ];
        Assert.Equal(targets.Order(StringComparer.Ordinal), paths.EnumerateObject().Select(path => path.Name).Order(StringComparer.Ordinal));
        JsonElement[] operations = [.. paths.EnumerateObject().SelectMany(path => path.Value.EnumerateObject()).Select(method => method.Value)];
        Assert.Equal(operations.Length, operations.Select(operation => operation.GetProperty("operationId").GetString()).Distinct().Count());
        Assert.All(operations, operation => Assert.False(string.IsNullOrEmpty(operation.GetProperty("summary").GetString())));
        Assert.All(References(document), reference => Assert.True(Exists(document, reference), reference));
        JsonElement fields = document.GetProperty("components").GetProperty("schemas").GetProperty("InteractionBody").GetProperty("properties");
        Assert.Equal(
            "The user. 1 to 512 bytes of UTF-8; ., .. and U+0000 are refused.", fields.GetProperty("userId").GetProperty("description").GetString());
        Assert.Contains("recommendationId of the slate", fields.GetProperty("recommendationId").GetProperty("description").GetString(), StringComparison.Ordinal);
    }

    private static ModelCard Card(string version) => new()
    {
        Algorithm = "ials",
        Version = new ModelVersion(version),
        CreatedAtMs = ServerHost.Now.AddHours(-1).ToUnixTimeMilliseconds(),
        SizeBytes = 1_000,
        Metrics = ImmutableSortedDictionary.CreateRange([KeyValuePair.Create("ndcg@10", 0.25)]),
        Parameters = ImmutableSortedDictionary.CreateRange([KeyValuePair.Create("dimension", 64d)]),
    };

    private static IEnumerable<string> References(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().SelectMany(property =>
            property.NameEquals("$ref") ? [property.Value.GetString()!] : References(property.Value)),
        JsonValueKind.Array => element.EnumerateArray().SelectMany(References),
        _ => [],
    };

    private static bool Exists(JsonElement document, string reference)
    {
        JsonElement at = document;
        foreach (string step in reference.Split('/').Skip(1))
        {
            if (at.ValueKind == JsonValueKind.Array)
            {
                at = at[int.Parse(step, System.Globalization.CultureInfo.InvariantCulture)];
            }
            else if (!at.TryGetProperty(step, out at))
            {
                return false;
            }
        }

        return true;
    }
}
