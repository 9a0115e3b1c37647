using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Options;
using RecSys.Client;

namespace RecSys.Server.Tests;

public sealed class AccessTests
{
    private const string ReadKey = "read-key-0123456789";
    private const string WriteKey = "write-key-0123456789";
    private const string AdminKey = "admin-key-0123456789";
    private const string Row = """{"userId":"u","itemId":"i","type":"view"}""";

    [Theory]
    [InlineData(null, 401, 401, 401)]
    [InlineData("nonsense", 401, 401, 401)]
    [InlineData(ReadKey, 200, 403, 403)]
    [InlineData(WriteKey, 403, 202, 403)]
    [InlineData(AdminKey, 200, 202, 200)]
    public async Task A_key_allows_the_calls_of_its_roles(string? key, int read, int write, int admin)
    {
        await using ServerHost host = await ServerHost.StartAsync(WithKeys);
        if (key is not null)
        {
            host.Http.DefaultRequestHeaders.Add("X-Api-Key", key);
        }

        using HttpResponseMessage reading = await host.SendAsync(HttpMethod.Get, "/v1/users/u/recommendations");
        using HttpResponseMessage writing = await host.RecordAsync(Row);
        using HttpResponseMessage settings = await host.SendAsync(HttpMethod.Get, "/v1/admin/settings");
        using HttpResponseMessage health = await host.SendAsync(HttpMethod.Get, "/health/live");
        using HttpResponseMessage page = await host.SendAsync(HttpMethod.Get, "/");

        Assert.Equal((read, write, admin), ((int)reading.StatusCode, (int)writing.StatusCode, (int)settings.StatusCode));
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (health.StatusCode, page.StatusCode));
        if (read >= 400)
        {
            await ServerHost.ProblemAsync(reading, read);
        }
    }

    [Fact]
    public async Task A_missing_key_an_unknown_one_and_a_lacking_role_are_distinguished()
    {
        await using ServerHost host = await ServerHost.StartAsync(WithKeys);

        string missing = await host.RawAsync("GET", "/v1/status");
        string unknown = await host.RawAsync("GET", "/v1/status", "X-Api-Key: nonsense\r\n");
        string tooLong = await host.RawAsync("GET", "/v1/status", $"X-Api-Key: {new string('x', 10_000)}\r\n");
        string lacking = await host.RawAsync("GET", "/v1/status", $"X-Api-Key: {WriteKey}\r\n");

        Assert.Contains("keyMissing", missing, StringComparison.Ordinal);
        Assert.Contains("WWW-Authenticate", missing, StringComparison.Ordinal);
        Assert.Contains("keyUnknown", unknown, StringComparison.Ordinal);
        Assert.Contains("keyUnknown", tooLong, StringComparison.Ordinal);
        Assert.Contains("lacks the role read", lacking, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://0.0.0.0:0")]
    [InlineData("http://[::]:0")]
    [InlineData("http://*:0")]
    [InlineData("http://example.com:0")]
    public async Task An_address_that_other_machines_reach_requires_a_key(string url)
    {
        await using WebApplication app = ServerHost.Build(null, url);

        UnguardedAddressException refusal =
            await Assert.ThrowsAsync<UnguardedAddressException>(() => app.StartAsync(TestContext.Current.CancellationToken));

        Assert.Contains(url, refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refusal.Message);
    }

    [Fact]
    public async Task An_address_that_is_configured_before_is_refused_before_anything_starts()
    {
        await using WebApplication app = ServerHost.Build(null, "http://*:0");

        Assert.Throws<UnguardedAddressException>(() => app.MapRecSys());
    }

    [Fact]
    public async Task With_a_key_any_address_is_allowed()
    {
        await using WebApplication app = ServerHost.Build(WithKeys, "http://0.0.0.0:0");

        await app.StartAsync(TestContext.Current.CancellationToken);

        Assert.NotEmpty(app.Urls);
    }

    [Theory]
    [InlineData("", "admin", "0 characters")]
    [InlineData("short", "admin", "16 to 256")]
    [InlineData(AdminKey, "king", "'king'")]
    [InlineData(AdminKey, null, "roles is empty")]
    public void An_invalid_key_in_the_settings_prevents_the_start(string key, string? role, string message)
    {
        ApiKeyOptions added = new() { Key = key };
        if (role is not null)
        {
            added.Roles.Add(role);
        }

        OptionsValidationException refusal = Assert.Throws<OptionsValidationException>(() =>
            ServerHost.Build(options => options.ApiKeys.Add(added), "http://127.0.0.1:0"));

        Assert.Contains(message, refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Host: evil.example", "")]
    [InlineData("Host: localhost", "Origin: https://evil.example\r\n")]
    [InlineData("Host: localhost", "Origin: null\r\n")]
    [InlineData("Host: localhost", "Origin: \r\n")]
    [InlineData("Host: localhost", "Origin: http://localhost@evil.example\r\n")]
    [InlineData("Host: localhost", "Origin: http://evil.example#localhost\r\n")]
    [InlineData("Host: localhost", "Origin: http://localhost.evil.example\r\n")]
    [InlineData("Host: localhost", "Origin: http://localhost\r\nOrigin: https://evil.example\r\n")]
    [InlineData("Host: localhost", "Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: no-cors\r\n")]
    [InlineData("Host: localhost.evil.example", "")]
    [InlineData("Host: 0.0.0.0", "")]
    [InlineData("Host: 10.0.0.1", "")]
    public async Task Without_keys_pages_of_other_sites_may_not_call(string host, string headers)
    {
        await using ServerHost server = await ServerHost.StartAsync();

        string answer = await server.RawAsync(System.Text.Encoding.ASCII.GetBytes(
            $"GET /v1/status HTTP/1.1\r\n{host}\r\nConnection: close\r\n{headers}\r\n"));

        Assert.StartsWith("HTTP/1.1 403", answer, StringComparison.Ordinal);
        Assert.Contains("\"code\":\"forbidden\"", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_keys_a_form_of_another_sites_page_records_nothing_and_a_link_is_followed()
    {
        await using ServerHost server = await ServerHost.StartAsync();

        string form = await server.RawAsync(System.Text.Encoding.ASCII.GetBytes(
            $"POST /v1/interactions HTTP/1.1\r\nHost: localhost\r\nOrigin: https://evil.example\r\nContent-Type: text/plain\r\nContent-Length: {Row.Length}\r\nConnection: close\r\n\r\n{Row}"));
        string link = await server.RawAsync("GET", "/", "Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate\r\n");

        Assert.StartsWith("HTTP/1.1 403", form, StringComparison.Ordinal);
        Assert.Empty(await server.RecordsAsync());
        Assert.StartsWith("HTTP/1.1 200", link, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("localhost:5000")]
    [InlineData("127.0.0.1")]
    [InlineData("[::1]:8080")]
    [InlineData("shop.localhost")]
    public async Task Without_keys_this_machine_may_call_by_any_of_its_names(string host)
    {
        await using ServerHost server = await ServerHost.StartAsync();

        string answer = await server.RawAsync(System.Text.Encoding.ASCII.GetBytes(
            $"GET /v1/status HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\nConnection: close\r\n\r\n"));

        Assert.StartsWith("HTTP/1.1 200", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_configured_origins_are_allowed()
    {
        await using ServerHost none = await ServerHost.StartAsync(WithKeys);
        await using ServerHost one = await ServerHost.StartAsync(options =>
        {
            WithKeys(options);
            options.CorsOrigins.Add("https://shop.example");
        });
        const string Preflight = "Access-Control-Request-Method: GET\r\nAccess-Control-Request-Headers: x-api-key\r\n";

        string refused = await none.RawAsync("OPTIONS", "/v1/status", $"Origin: https://shop.example\r\n{Preflight}");
        string allowed = await one.RawAsync("OPTIONS", "/v1/status", $"Origin: https://shop.example\r\n{Preflight}");
        string other = await one.RawAsync("OPTIONS", "/v1/status", $"Origin: https://evil.example\r\n{Preflight}");

        Assert.DoesNotContain("Access-Control-Allow-Origin", refused, StringComparison.Ordinal);
        Assert.Contains("Access-Control-Allow-Origin: https://shop.example", allowed, StringComparison.Ordinal);
        Assert.DoesNotContain("Access-Control-Allow-Origin", other, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Each_call_is_reported_to_the_handler()
    {
        List<CompletedCall> calls = [];
        await using ServerHost host = await ServerHost.StartAsync(options => options.CallCompleted = calls.Add);

        using HttpResponseMessage recorded = await host.RecordAsync(Row);
        using HttpResponseMessage missing = await host.SendAsync(HttpMethod.Get, "/v1/nothing?x=1");

        Assert.Equal(
            [("POST", "/v1/interactions", "/v1/interactions", 202), ("GET", "/v1/nothing?x=1", null, 404)],
            calls.Select(call => (call.Method, call.Target, call.Route, call.Status)));
    }

    [Fact]
    public async Task The_typed_client_reads_the_servers_problems()
    {
        await using ServerHost host = await ServerHost.StartAsync(WithKeys);
        using RecSysClient client = new(new RecSysClientOptions { BaseAddress = host.Address, ApiKey = AdminKey });

        AcceptedResponse accepted = await client.RecordAsync(
            new InteractionBody
            {
                UserId = "u",
                ItemId = "i",
                Type = "view",
                Context = new ContextBody { Time = ServerHost.Now, Device = "phone", SessionFeatures = new() { ["a"] = 1 } },
            },
            TestContext.Current.CancellationToken);
        HistoryResponse history = await client.GetHistoryAsync("u", after: accepted.Position, cancellationToken: TestContext.Current.CancellationToken);
        RecSysException refused = await Assert.ThrowsAsync<RecSysException>(() =>
            client.RecordAsync(new InteractionBody { UserId = "u", ItemId = "i", Type = "sneeze" }, TestContext.Current.CancellationToken));

        Assert.Equal("i", Assert.Single(history.Items).ItemId);
        Assert.Contains("must be one of", refused.Message, StringComparison.Ordinal);
        Assert.True(await client.IsReadyAsync(TestContext.Current.CancellationToken));
    }

    private static void WithKeys(RecSysServerOptions options)
    {
        options.ApiKeys.Add(new ApiKeyOptions { Key = ReadKey, Roles = { "read" } });
        options.ApiKeys.Add(new ApiKeyOptions { Key = WriteKey, Roles = { "write" } });
        options.ApiKeys.Add(new ApiKeyOptions { Key = AdminKey, Roles = { "Admin" } });
    }
}
