using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using RecSys.Client;
using RecSys.Core;
using RecSys.Core.Log;
using RecSys.Core.Ports;

namespace RecSys.Server.Tests;

public sealed class InteractionTests : IAsyncLifetime
{
    private const string Row = """{"userId":"u","itemId":"i","type":"view"}""";
    private ServerHost _host = null!;

    public static TheoryData<string, string, string, string> BadRows => new()
    {
        // body, code, field, text in the message
        { "", "brokenJson", "", "byte 0" },
        { "{", "brokenJson", "", "byte 1" },
        { """{"userId":"u",}""", "brokenJson", "", "byte 14" },
        { "{\n\"userId\":\n  nonsense}", "brokenJson", "", "byte 15" },
        { Row + Row, "brokenJson", "", "byte 41" },
        { "[" + Row + ",{]", "brokenJson", "", "byte 44" },
        { """{"userId":"u","itemId":"i","type":"view","value":NaN}""", "brokenJson", "", "byte 49" },
        { "null", "invalidField", "", "object" },
        { "3", "invalidField", "", "object" },
        { "[]", "invalidField", "", "1 to 10000" },
        { "[" + Row + ",3]", "invalidField", "[1]", "object" },
        { """{"itemId":"i","type":"view"}""", "invalidField", "userId", "missing" },
        { """{"userId":"u","type":"view"}""", "invalidField", "itemId", "missing" },
        { """{"userId":"u","itemId":"i"}""", "invalidField", "type", "missing" },
        { """{"userId":"","itemId":"i","type":"view"}""", "invalidField", "userId", "empty" },
        { """{"userId":null,"itemId":"i","type":"view"}""", "invalidField", "userId", "1 to 512 bytes" },
        { """{"userId":7,"itemId":"i","type":"view"}""", "invalidField", "userId", "1 to 512 bytes" },
        { """{"userId":{"a":1},"itemId":"i","type":"view"}""", "invalidField", "userId", "1 to 512 bytes" },
        { """{"userId":".","itemId":"i","type":"view"}""", "invalidField", "userId", "'.'" },
        { """{"userId":"u","itemId":"..","type":"view"}""", "invalidField", "itemId", "'..'" },
        { """{"userId":"\ud800","itemId":"i","type":"view"}""", "invalidField", "userId", "Unicode" },
        { $$"""{"userId":"{{new string('x', 513)}}","itemId":"i","type":"view"}""", "invalidField", "userId", "513 bytes of UTF-8; at most 512" },
        { $$"""{"userId":"u","itemId":"{{new string('é', 257)}}","type":"view"}""", "invalidField", "itemId", "514 bytes of UTF-8; at most 512" },
        { """{"userId":"u","itemId":"i","type":"sneeze"}""", "invalidField", "type", "one of view, click" },
        { """{"userId":"u","itemId":"i","type":1}""", "invalidField", "type", "one of view, click" },
        { """{"userId":"u","itemId":"i","type":"view","value":"3"}""", "invalidField", "value", "finite" },
        { """{"userId":"u","itemId":"i","type":"view","value":1e999}""", "invalidField", "value", "finite" },
        { """{"userId":"u","itemId":"i","type":"view","value":-1e999}""", "invalidField", "value", "finite" },
        { """{"userId":"u","itemId":"i","type":"view","value":"NaN"}""", "invalidField", "value", "finite" },
        { """{"userId":"u","itemId":"i","type":"view","timestamp":"2026-11-25T12:00:00.001Z"}""", "invalidField", "timestamp", "24 hours" },
        { """{"userId":"u","itemId":"i","type":"view","timestamp":"9999-12-31T23:59:59Z"}""", "invalidField", "timestamp", "24 hours" },
        { """{"userId":"u","itemId":"i","type":"view","timestamp":"1969-12-31T23:59:59Z"}""", "invalidField", "timestamp", "1970" },
        { """{"userId":"u","itemId":"i","type":"view","timestamp":"2026-11-24T12:00:00"}""", "invalidField", "timestamp", "RFC 3339" },
        { """{"userId":"u","itemId":"i","type":"view","timestamp":"2026-02-30T12:00:00Z"}""", "invalidField", "timestamp", "RFC 3339" },
        { """{"userId":"u","itemId":"i","type":"view","timestamp":1764000000}""", "invalidField", "timestamp", "RFC 3339" },
        { """{"userId":"u","itemId":"i","type":"view","id":""}""", "invalidField", "id", "empty" },
        { $$"""{"userId":"u","itemId":"i","type":"view","id":"{{new string('x', 513)}}"}""", "invalidField", "id", "at most 512" },
        { """{"userId":"u","itemId":"i","type":"view","recommendationId":true}""", "invalidField", "recommendationId", "512" },
        { """{"userId":"u","itemId":"i","type":"view","colour":"red"}""", "unknownField", "colour", "known are userId" },
        { """{"userId":"u","userId":"v","itemId":"i","type":"view"}""", "invalidField", "userId", "more than once" },
        { """{"userId":"u","itemId":"i","type":"view","context":3}""", "invalidField", "context", "object" },
        { """{"userId":"u","itemId":"i","type":"view","context":{"device":3}}""", "invalidField", "context.device", "text" },
        { """{"userId":"u","itemId":"i","type":"view","context":{"mood":"good"}}""", "unknownField", "context.mood", "sessionFeatures" },
        { """{"userId":"u","itemId":"i","type":"view","context":{"time":"noon"}}""", "invalidField", "context.time", "RFC 3339" },
        { """{"userId":"u","itemId":"i","type":"view","context":{"sessionFeatures":{"a":"b"}}}""", "invalidField", "context.sessionFeatures.a", "finite" },
        { """{"userId":"u","itemId":"i","type":"view","context":{"sessionFeatures":{"":1}}}""", "invalidField", "context.sessionFeatures", "empty" },
        { $$$"""{"userId":"u","itemId":"i","type":"view","context":{"location":"{{{new string('x', 8193)}}}"}}""", "invalidField", "context.location", "8193 bytes of UTF-8; at most 8192" },
        { $$"""[{{Row}},{{Row}},{"userId":"u","itemId":"","type":"view"}]""", "invalidField", "[2].itemId", "empty" },
        { "[" + Row + """,{"userId":"u","itemId":"i","type":"view","context":{"device":[]}}]""", "invalidField", "[1].context.device", "text" },
        { "[" + string.Join(',', Enumerable.Repeat(Row, 10_001)) + "]", "invalidField", "", "more than 10000 rows" },
    };

    public async ValueTask InitializeAsync() => _host = await ServerHost.StartAsync();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Theory]
    [MemberData(nameof(BadRows))]
    public async Task An_invalid_row_refuses_the_whole_body_by_field_and_limit(string body, string code, string field, string message)
    {
        using HttpResponseMessage response = await _host.RecordAsync(body);

        ProblemBody problem = await ServerHost.RequireRefusedAsync(response, field, message);
        Assert.Equal(code, problem.Code);
        Assert.Contains(message, problem.Detail, StringComparison.Ordinal);
        Assert.Empty(await _host.RecordsAsync());
    }

    [Fact]
    public async Task Bytes_that_are_not_UTF8_are_refused_with_their_position()
    {
        byte[] body = [.. """{"userId":"u"""u8, 0xC3, 0x28, .. "\"}"u8];

        using HttpResponseMessage response = await _host.SendAsync(HttpMethod.Post, "/v1/interactions", body, "application/json");

        ProblemBody problem = await ServerHost.ProblemAsync(response, 400);
        Assert.Contains("not valid UTF-8 at byte 12", problem.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_recorded_interaction_is_in_the_log_with_all_its_fields()
    {
        using HttpResponseMessage response = await _host.RecordAsync("""
            {"userId":"Ann \"A\" 🙂","itemId":"a/b","type":"rating","timestamp":"2026-11-24T13:00:00.25+02:00","value":4.5,"id":"e-1",
             "recommendationId":"r","context":{"location":"PT","device":"phone","time":"2026-11-24T11:00:00Z","sessionFeatures":{"depth":3}}}
            """);

        AcceptedResponse accepted = await ServerHost.ReadAsync(response, RecSysJsonContext.Wire.AcceptedResponse, 202);
        Assert.Equal(1, accepted.Accepted);
        Assert.True(LogPosition.TryParse(accepted.Position, out LogPosition? position));
        Assert.Equal(0, position[0]);
        LogRecord.Interaction record = Assert.IsType<LogRecord.Interaction>(Assert.Single(await _host.RecordsAsync()));
        Assert.Equal("Ann \"A\" 🙂", record.User.Value);
        Assert.Equal("a/b", record.Item.Value);
        Assert.Equal("rating", record.Type);
        Assert.Equal(new DateTimeOffset(2026, 11, 24, 11, 0, 0, 250, TimeSpan.Zero).ToUnixTimeMilliseconds(), record.TimestampMs);
        Assert.Equal(4.5, record.Value);
        Assert.Equal("e-1", record.Id);
        Assert.Equal("r", record.RecommendationId);
        Assert.Equal("PT", record.Context!.Location);
        Assert.Equal("phone", record.Context.Device);
        Assert.Equal("2026-11-24T11:00:00Z", record.Context.Time);
        Assert.Equal(3, record.Context.SessionFeatures["depth"]);
    }

    [Fact]
    public async Task Absent_and_null_fields_have_their_defaults()
    {
        using HttpResponseMessage response = await _host.RecordAsync(
            """{"userId":"u","itemId":"i","type":"view","timestamp":null,"value":null,"recommendationId":null,"context":null,"id":null}""");

        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        LogRecord.Interaction record = Assert.IsType<LogRecord.Interaction>(Assert.Single(await _host.RecordsAsync()));
        Assert.Equal(new LogRecord.Interaction(new UserId("u"), new ItemId("i"), "view", ServerHost.Now.ToUnixTimeMilliseconds()), record);
    }

    [Fact]
    public async Task Ten_thousand_rows_and_the_longest_ids_are_accepted()
    {
        string longest = new('x', 512);
        string[] rows = [.. Enumerable.Range(0, 10_000).Select(index => $$"""{"userId":"u{{index}}","itemId":"{{longest}}","type":"view"}""")];

        using HttpResponseMessage response = await _host.RecordAsync("[" + string.Join(",\n", rows) + "]");

        AcceptedResponse accepted = await ServerHost.ReadAsync(response, RecSysJsonContext.Wire.AcceptedResponse, 202);
        Assert.Equal(10_000, accepted.Accepted);
        Assert.Equal(10_000, (await _host.RecordsAsync()).Count);
    }

    [Fact]
    public async Task A_time_up_to_a_day_ahead_is_accepted()
    {
        using HttpResponseMessage response = await _host.RecordAsync(
            """{"userId":"u","itemId":"i","type":"view","timestamp":"2026-11-25T12:00:00Z"}""");

        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("application/json; charset=utf-16")]
    [InlineData(null)]
    public async Task An_unsupported_content_type_is_refused(string? type)
    {
        using HttpResponseMessage response = await _host.SendAsync(HttpMethod.Post, "/v1/interactions", Encoding.UTF8.GetBytes(Row), type);

        ProblemBody problem = await ServerHost.ProblemAsync(response, 415);
        Assert.Contains("application/x-ndjson", problem.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("application/json; charset=utf-8")]
    [InlineData("application/JSON")]
    public async Task Other_spellings_of_the_content_type_are_accepted(string type)
    {
        using HttpResponseMessage response = await _host.RecordAsync("\uFEFF" + Row, type);

        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
    }

    [Fact]
    public async Task A_body_over_the_limit_is_refused_by_name_announced_or_not()
    {
        string announced = await _host.RawAsync(
            "POST", "/v1/interactions", $"Content-Type: application/json\r\nContent-Length: {RecSysServerOptions.BodyBytesMax + 1}\r\n");
        using HttpRequestMessage chunked = new(HttpMethod.Post, "/v1/interactions")
        {
            Content = new StreamContent(new MemoryStream(Enumerable.Repeat((byte)' ', RecSysServerOptions.BodyBytesMax + 1).ToArray())),
        };
        chunked.Headers.TransferEncodingChunked = true;
        chunked.Content.Headers.ContentType = new("application/json");
        using HttpResponseMessage response = await _host.Http.SendAsync(chunked, TestContext.Current.CancellationToken);

        Assert.StartsWith("HTTP/1.1 413", announced, StringComparison.Ordinal);
        Assert.Contains("at most 33554432", announced, StringComparison.Ordinal);
        ProblemBody problem = await ServerHost.ProblemAsync(response, 413);
        Assert.Contains("33554432", problem.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_overloaded_log_is_429_and_an_unavailable_one_503_both_with_Retry_After()
    {
        _host.Log.Fault = new OverloadedException("more than 9 records wait");
        using HttpResponseMessage overloaded = await _host.RecordAsync(Row);
        _host.Log.Fault = new StoreUnavailableException("/secret/path/log.db is locked");
        using HttpResponseMessage unavailable = await _host.RecordAsync(Row);
        _host.Log.Fault = new InvalidOperationException("internals");
        using HttpResponseMessage failed = await _host.RecordAsync(Row);

        Assert.Contains("9 records", (await ServerHost.ProblemAsync(overloaded, 429)).Detail, StringComparison.Ordinal);
        Assert.NotNull(overloaded.Headers.RetryAfter);
        Assert.DoesNotContain("secret", (await ServerHost.ProblemAsync(unavailable, 503)).Detail, StringComparison.Ordinal);
        Assert.NotNull(unavailable.Headers.RetryAfter);
        Assert.DoesNotContain("internals", (await ServerHost.ProblemAsync(failed, 500)).Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_log_names_a_failed_request_by_the_trace_id_of_its_answer()
    {
        _host.Log.Fault = new InvalidOperationException("internals");
        using HttpResponseMessage failed = await _host.RecordAsync(Row);

        string traceId = (await ServerHost.ProblemAsync(failed, 500)).TraceId!;
        Assert.Contains(_host.LoggedLines, line => line.Contains(traceId, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", true)]
    [InlineData("no trace", false)]
    public async Task A_problem_belongs_to_the_trace_of_its_caller(string traceParent, bool isTrace)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, "/v1/nothing");
        request.Headers.Add("traceparent", traceParent);
        using HttpResponseMessage answer = await _host.Http.SendAsync(request, TestContext.Current.CancellationToken);

        string traceId = (await ServerHost.ProblemAsync(answer, 404)).TraceId!;
        Assert.Equal(isTrace, traceId.Contains("0af7651916cd43dd8448eb211c80319c", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_stream_of_lines_is_stored_to_its_end()
    {
        StringBuilder lines = new();
        for (int line = 0; line < 2_500; line++)
        {
            lines.Append(CultureInfo.InvariantCulture, $$"""{"userId":"u{{line}}","itemId":"i","type":"view"}""").Append(line % 2 == 0 ? "\n" : "\r\n\n");
        }

        lines.Append(Row);
        using HttpResponseMessage response = await _host.RecordAsync(lines.ToString(), "application/x-ndjson");

        AcceptedResponse accepted = await ServerHost.ReadAsync(response, RecSysJsonContext.Wire.AcceptedResponse, 202);
        Assert.Equal(2_501, accepted.Accepted);
        Assert.True(LogPosition.TryParse(accepted.Position, out LogPosition? position));
        Assert.Equal(2_500, position[0]);
    }

    [Fact]
    public async Task An_invalid_line_ends_the_stream_and_the_stored_rows_are_reported()
    {
        string[] lines = [.. Enumerable.Repeat(Row, 2_345), """{"userId":"","itemId":"i","type":"view"}""", Row];

        using HttpResponseMessage response = await _host.RecordAsync(string.Join('\n', lines), "application/x-ndjson");

        ProblemBody problem = await ServerHost.ProblemAsync(response, 400);
        Assert.Equal(2_346, problem.Line);
        Assert.Equal(2_000, problem.Accepted);
        Assert.Equal("userId", Assert.Single(problem.Errors!).Key);
        Assert.Contains("line 2346: userId must not be empty", problem.Detail, StringComparison.Ordinal);
        Assert.Equal(2_000, (await _host.RecordsAsync()).Count);
    }

    [Fact]
    public async Task An_interaction_whose_context_is_too_long_for_one_message_is_refused_with_the_limit()
    {
        string features = string.Join(',', Enumerable.Range(0, 256).Select(index => $"\"{index:D3}{new string('x', 509)}\":1"));

        using HttpResponseMessage response = await _host.RecordAsync("""{"userId":"u","itemId":"i","type":"view","context":{"sessionFeatures":{""" + features + "}}}");

        ProblemBody problem = await ServerHost.ProblemAsync(response, 400);
        Assert.Contains("at most 131072", problem.Detail, StringComparison.Ordinal);
        Assert.Empty(await _host.RecordsAsync());
    }

    [Fact]
    public async Task A_line_over_the_limit_ends_the_stream()
    {
        string line = $$"""{"userId":"u","itemId":"i","type":"view","id":"{{new string('x', RecSysServerOptions.LineBytesMax)}}"}""";

        using HttpResponseMessage response = await _host.RecordAsync(Row + "\n" + line + "\n" + Row, "application/x-ndjson");

        ProblemBody problem = await ServerHost.ProblemAsync(response, 413);
        Assert.Equal(2, problem.Line);
        Assert.Equal(0, problem.Accepted);
        Assert.Contains("1048576", problem.Detail, StringComparison.Ordinal);
        Assert.Empty(await _host.RecordsAsync());
    }

    [Fact]
    public async Task A_stream_may_be_longer_than_a_body()
    {
        string line = $$$"""{"userId":"u","itemId":"i","type":"view","context":{"location":"{{{new string('x', 8_000)}}}"}}""" + "\n";
        byte[] lines = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(line, (RecSysServerOptions.BodyBytesMax / line.Length) + 100)));

        using HttpResponseMessage response = await _host.SendAsync(HttpMethod.Post, "/v1/interactions", lines, "application/x-ndjson");

        AcceptedResponse accepted = await ServerHost.ReadAsync(response, RecSysJsonContext.Wire.AcceptedResponse, 202);
        Assert.Equal(lines.Length / line.Length, accepted.Accepted);
    }

    [Fact]
    public async Task An_interrupted_stream_keeps_only_whole_chunks()
    {
        string lines = string.Join('\n', Enumerable.Repeat(Row, 1_500));
        string head = $"POST /v1/interactions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-ndjson\r\nContent-Length: {lines.Length + 100}\r\n\r\n";
        using (TcpClient tcp = new())
        {
            await tcp.ConnectAsync(_host.Address.Host, _host.Address.Port, TestContext.Current.CancellationToken);
            await tcp.GetStream().WriteAsync(Encoding.ASCII.GetBytes(head + lines), TestContext.Current.CancellationToken);
            await _host.Log.WaitAsync(0, 999, TestContext.Current.CancellationToken);
        }

        Assert.Equal(1_000, (await _host.RecordsAsync()).Count);
    }

    [Fact]
    public async Task An_empty_stream_is_refused()
    {
        using HttpResponseMessage response = await _host.RecordAsync("\n\n", "application/x-ndjson");

        Assert.Equal("invalidField", (await ServerHost.ProblemAsync(response, 400)).Code);
    }

    [Fact]
    public async Task An_interaction_is_retracted_by_its_id()
    {
        using HttpResponseMessage response = await _host.SendAsync(HttpMethod.Delete, "/v1/users/u%2F1/interactions/e%201");

        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        Assert.Equal(
            new LogRecord.InteractionRetracted(new UserId("u/1"), "e 1", ServerHost.Now.ToUnixTimeMilliseconds()),
            Assert.Single(await _host.RecordsAsync()));
    }
}
