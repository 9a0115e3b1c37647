using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using RecSys.Client;
using RecSys.Core.Ports;
using RecSys.Server.Edge;

namespace RecSys.Server.Tests;

/// <summary>Tests the requests that are refused, on every route and before routing.</summary>
public sealed class RefusalTests : IAsyncLifetime
{
    private static readonly string[] Methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "FOO"];

    private ServerHost _host = null!;

    public static TheoryData<string, int, string> NotHttp => new()
    {
        { "GET\r\n\r\n", 400, "badRequest" },
        { "GET / HTTP/9.9\r\n\r\n", 505, "notSupported" },
        { "GET / HTTP/1.1\r\n\r\n", 400, "badRequest" },
        { "GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil\r\n\r\n", 400, "badRequest" },
        { "GET / HTTP/1.1\r\nHost: localhost\r\nBad Header: x\r\n\r\n", 400, "badRequest" },
        { "GET /v1/items/%00 HTTP/1.1\r\nHost: localhost\r\n\r\n", 400, "badRequest" },
        { "GET http://evil.example/v1/status HTTP/1.1\r\nHost: localhost\r\n\r\n", 400, "badRequest" },
        { "POST /v1/interactions HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n", 400, "badRequest" },
        { $"GET /{new string('a', 20_000)} HTTP/1.1\r\nHost: localhost\r\n\r\n", 414, "tooLarge" },
        { $"GET / HTTP/1.1\r\nHost: localhost\r\nX-Big: {new string('a', 40_000)}\r\n\r\n", 431, "tooLarge" },
        { $"GET / HTTP/1.1\r\nHost: localhost\r\n{string.Concat(Enumerable.Range(0, 101).Select(index => $"X-{index}: 1\r\n"))}\r\n", 431, "tooLarge" },
    };

    public static TheoryData<string> BrokenChunks =>
        ["ffffffffffffffff\r\n", "7fffffffffffffff1\r\n", "80000000\r\n", "zz\r\n", "-1\r\n", "1\r\nabc\r\n0\r\n\r\n"];

    public async ValueTask InitializeAsync() => _host = await ServerHost.StartAsync();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Theory]
    [MemberData(nameof(NotHttp))]
    public async Task Invalid_HTTP_is_answered_with_a_problem(string request, int status, string code)
    {
        string answer = await _host.RawAsync(Encoding.Latin1.GetBytes(request));

        Assert.StartsWith($"HTTP/1.1 {status}", answer, StringComparison.Ordinal);
        Assert.Contains("Connection: close\r\n", answer, StringComparison.Ordinal);
        Assert.Contains("Content-Type: application/problem+json\r\n", answer, StringComparison.Ordinal);
        string body = answer[(answer.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..];
        Assert.Contains($"Content-Length: {Encoding.UTF8.GetByteCount(body)}\r\n", answer, StringComparison.Ordinal);
        ProblemBody problem = JsonSerializer.Deserialize(body, RecSysJsonContext.Wire.ProblemBody)!;
        Assert.Equal((status, code), (problem.Status, problem.Code));
        Assert.False(string.IsNullOrEmpty(problem.Detail));
        Assert.False(string.IsNullOrEmpty(problem.TraceId));
    }

    [Theory]
    [InlineData("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nX-Content-Type-Options: nosniff\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")]
    [InlineData("HTTP/1.1 400 Bad Request\r\nContent-Length: 5\r\n\r\n")]
    [InlineData("")]
    public void An_answer_with_a_body_is_sent_unchanged(string answer) => Assert.Null(ProtocolErrorBodies.Expand(Encoding.ASCII.GetBytes(answer), "t"));

    [Fact]
    public async Task Invalid_HTTP_after_many_requests_of_one_connection_is_answered_with_a_problem()
    {
        // The answers of one connection share blocks of 4,096 bytes: the tested one is at every place in them.
        for (int requests = 1; requests < 20; requests++)
        {
            string live = string.Concat(Enumerable.Repeat("GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n", requests));

            string answers = await _host.RawAsync(Encoding.ASCII.GetBytes(live + "GET\r\n\r\n"));

            Assert.EndsWith("}", answers, StringComparison.Ordinal);
            Assert.Equal(1, answers.Split("\"code\":\"badRequest\"").Length - 1);
        }
    }

    [Theory]
    [MemberData(nameof(BrokenChunks))]
    public async Task An_invalid_chunk_is_a_bad_request(string chunks)
    {
        foreach (string type in new[] { "application/json", "application/x-ndjson" })
        {
            using TcpClient tcp = await _host.OpenAsync(
                $"POST /v1/interactions HTTP/1.1\r\nHost: localhost\r\nContent-Type: {type}\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}");
            string answer = await ServerHost.ReadAnswerAsync(tcp);

            Assert.StartsWith("HTTP/1.1 400", answer, StringComparison.Ordinal);
            Assert.Contains("\"code\":\"badRequest\"", answer, StringComparison.Ordinal);
            Assert.DoesNotContain("Exception", answer, StringComparison.Ordinal);
        }

        Assert.Empty(await _host.RecordsAsync());
    }

    [Fact]
    public async Task A_failed_read_does_not_report_about_storage()
    {
        _host.Profiles.Fault = new StoreUnavailableException("/secret/state.db is locked");
        using HttpResponseMessage read = await _host.SendAsync(HttpMethod.Get, "/v1/users/u");
        _host.Log.Fault = new StoreUnavailableException("/secret/log.db is locked");
        using HttpResponseMessage write = await _host.SendAsync(HttpMethod.Put, "/v1/users/u", "{}");

        string? ofRead = (await ServerHost.ProblemAsync(read, 503)).Detail;
        string? ofWrite = (await ServerHost.ProblemAsync(write, 503)).Detail;

        Assert.DoesNotContain("stored", ofRead, StringComparison.Ordinal);
        Assert.Contains("it is unknown whether the data was stored", ofWrite, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", ofRead + ofWrite, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_route_accepts_an_encoded_body()
    {
        foreach (Route route in _host.Routes.Where(route => route.Body is not null))
        {
            foreach (string encoding in new[] { "gzip", "br", "x", "identity, gzip" })
            {
                string answer = await _host.RawAsync(
                    route.Method, TargetOf(route), $"Content-Type: application/json\r\nContent-Encoding: {encoding}\r\nContent-Length: 0\r\n");

                Assert.StartsWith("HTTP/1.1 415", answer, StringComparison.Ordinal);
                Assert.Contains(encoding, answer, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public async Task A_route_without_a_body_refuses_one()
    {
        foreach (Route route in _host.Routes.Where(route => route.Body is null))
        {
            string sized = await _host.RawAsync(
                Encoding.ASCII.GetBytes($"{route.Method} {TargetOf(route)} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{{}}"));
            string chunked = await _host.RawAsync(
                Encoding.ASCII.GetBytes($"{route.Method} {TargetOf(route)} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"));

            Assert.StartsWith("HTTP/1.1 400", sized, StringComparison.Ordinal);
            Assert.StartsWith("HTTP/1.1 400", chunked, StringComparison.Ordinal);
            Assert.Contains("accepts no body", sized, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_method_that_a_target_lacks_is_refused_with_the_allowed_ones()
    {
        foreach (IGrouping<string, Route> target in _host.Routes.GroupBy(route => route.Template))
        {
            HashSet<string> known = [.. target.Select(route => route.Method)];
            if (known.Contains("GET"))
            {
                known.Add("HEAD");
            }

            foreach (string method in Methods.Where(method => !known.Contains(method)))
            {
                string answer = await _host.RawAsync(method, TargetOf(target.First()));

                Assert.StartsWith("HTTP/1.1 405", answer, StringComparison.Ordinal);
                Assert.Contains($"Allow: {string.Join(", ", known.Order(StringComparer.Ordinal))}\r\n", answer, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public async Task A_target_with_more_or_fewer_slashes_is_unknown_and_the_problem_explains_slashes()
    {
        foreach (Route route in _host.Routes)
        {
            foreach (string target in new[] { TargetOf(route) + "/", TargetOf(route) + "//", "/" + TargetOf(route), TargetOf(route).Replace("/v1/", "/v1//", StringComparison.Ordinal) })
            {
                if (target == TargetOf(route))
                {
                    continue;
                }

                string answer = await _host.RawAsync(route.Method, target);

                Assert.True(answer.StartsWith("HTTP/1.1 404", StringComparison.Ordinal) || answer.StartsWith("HTTP/1.1 400", StringComparison.Ordinal)
                    || answer.StartsWith("HTTP/1.1 405", StringComparison.Ordinal), $"{route.Method} {target}: {answer}");
                Assert.Contains("application/problem+json", answer, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public async Task A_target_with_scheme_and_host_and_a_HEAD_are_answered_as_the_GET_is()
    {
        foreach (Route route in _host.Routes.Where(route => route.Method == "GET"))
        {
            string plain = await _host.RawAsync("GET", TargetOf(route));
            string absolute = await _host.RawAsync("GET", "http://localhost" + TargetOf(route));
            string head = await _host.RawAsync("HEAD", TargetOf(route));

            Assert.Equal(StatusOf(plain), StatusOf(absolute));
            Assert.Equal(StatusOf(plain), StatusOf(head));
            Assert.EndsWith("\r\n\r\n", head, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task No_answer_of_the_API_may_be_cached()
    {
        foreach (Route route in _host.Routes)
        {
            string answer = await _host.RawAsync(route.Method, TargetOf(route));

            Assert.Contains("Cache-Control: no-store\r\n", answer, StringComparison.Ordinal);
            Assert.Contains("X-Content-Type-Options: nosniff\r\n", answer, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Expect_100_continue_gets_the_refusal_instead()
    {
        using TcpClient tcp = await _host.OpenAsync(
            "POST /v1/interactions HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 415", await ServerHost.ReadAnswerAsync(tcp), StringComparison.Ordinal);
    }

    private static string TargetOf(Route route) =>
        string.Join('/', route.Template.Split('/').Select(segment => segment.StartsWith('{') ? "x" + segment[(segment.IndexOf('}', StringComparison.Ordinal) + 1)..] : segment));

    private static int StatusOf(string answer) => int.Parse(answer.AsSpan(9, 3), CultureInfo.InvariantCulture);
}
