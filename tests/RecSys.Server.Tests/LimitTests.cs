using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using RecSys.Client;
using RecSys.Core.Ports;
using RecSys.Server.Bodies;
using RecSys.Server.Edge;

namespace RecSys.Server.Tests;

public sealed class LimitTests
{
    private const string Json = "application/json";
    private const string Lines = "application/x-ndjson";
    private const string Row = """{"userId":"u","itemId":"i","type":"view"}""";

    private static string LargestContentLength => string.Create(CultureInfo.InvariantCulture, $"Content-Length: {RecSysServerOptions.BodyBytesMax}");

    public static TheoryData<string, string, byte[]> RefusedBodies => new()
    {
        { "bad JSON", Json, "{"u8.ToArray() },
        { "bad row", Json, """{"userId":"u"}"""u8.ToArray() },
        { "bad UTF-8", Json, [0xFF] },
        { "larger than the first buffer, then bad", Json, [.. Enumerable.Repeat((byte)'[', 100_000)] },
        { "bad line", Lines, Encoding.UTF8.GetBytes(string.Join('\n', Enumerable.Repeat(Row, 1_500)) + "\n{") },
        { "line too long", Lines, [.. Enumerable.Repeat((byte)' ', RecSysServerOptions.LineBytesMax + 1), (byte)'x'] },
        { "no lines", Lines, "\n"u8.ToArray() },
    };

    [Fact]
    public async Task Announced_bodies_that_do_not_arrive_use_no_memory()
    {
        await using ServerHost host = await ServerHost.StartAsync(options => options.BodiesInFlightBytesMax = 2L * RecSysServerOptions.BodyBytesMax);
        TcpClient[] slow = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => host.BeginBodyAsync(Json, LargestContentLength)));
        await Task.WhenAll(slow.Select(tcp => tcp.GetStream().WriteAsync("["u8.ToArray(), TestContext.Current.CancellationToken).AsTask()));

        using HttpResponseMessage response = await host.RecordAsync(Row);

        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        Assert.InRange(host.Bodies.Held, 1, 8L * 16_384); // eight first buffers
        Array.ForEach(slow, tcp => tcp.Dispose());
        await ServerHost.UntilAsync(() => host.Bodies.Held == 0);
    }

    [Fact]
    public async Task Large_bodies_leave_a_reserve_for_small_ones()
    {
        await using ServerHost host = await ServerHost.StartAsync(options => options.BodiesInFlightBytesMax = 2L * RecSysServerOptions.BodyBytesMax);
        using MemoryPermit large = host.Bodies.Open();
        Assert.True(large.TrySet(48L << 20));
        string rows = $"[{string.Join(',', Enumerable.Repeat(Row, 2_000))}]";

        using HttpResponseMessage refused = await host.RecordAsync(rows);
        using HttpResponseMessage taken = await host.RecordAsync(Row);

        Assert.Contains("67108864 bytes", (await ServerHost.ProblemAsync(refused, 429)).Detail, StringComparison.Ordinal);
        Assert.NotNull(refused.Headers.RetryAfter);
        Assert.Equal(HttpStatusCode.Accepted, taken.StatusCode);
        Assert.Equal(large.Bytes, host.Bodies.Held);
    }

    [Theory]
    [MemberData(nameof(RefusedBodies))]
    public async Task The_memory_of_a_refused_body_is_returned(string what, string type, byte[] body)
    {
        await using ServerHost host = await ServerHost.StartAsync();

        using HttpResponseMessage response = await host.SendAsync(HttpMethod.Post, "/v1/interactions", body, type);

        Assert.True((int)response.StatusCode is >= 400 and < 500, what);
        await ServerHost.UntilAsync(() => host.Bodies.Held == 0);
    }

    [Theory]
    [InlineData(Json)]
    [InlineData(Lines)]
    public async Task The_memory_of_a_body_is_returned_when_it_is_stored_and_when_the_log_refuses_it(string type)
    {
        await using ServerHost host = await ServerHost.StartAsync();
        using HttpResponseMessage stored = await host.RecordAsync(Row, type);
        host.Log.Fault = new OverloadedException("full");
        using HttpResponseMessage overloaded = await host.RecordAsync(Row, type);
        host.Log.Fault = new StoreUnavailableException("gone");
        using HttpResponseMessage unavailable = await host.RecordAsync(Row, type);
        host.Log.Fault = new InvalidOperationException("a fault of the program");
        using HttpResponseMessage failed = await host.RecordAsync(Row, type);

        Assert.Equal([202, 429, 503, 500], new[] { stored, overloaded, unavailable, failed }.Select(response => (int)response.StatusCode));
        await ServerHost.UntilAsync(() => host.Bodies.Held == 0);
    }

    [Theory]
    [InlineData(Json, "[")]
    [InlineData(Lines, Row + "\n{")]
    public async Task The_memory_of_a_body_is_returned_when_its_sender_disconnects(string type, string part)
    {
        await using ServerHost host = await ServerHost.StartAsync();
        using (TcpClient tcp = await host.BeginBodyAsync(type, LargestContentLength))
        {
            await tcp.GetStream().WriteAsync(Encoding.UTF8.GetBytes(part), TestContext.Current.CancellationToken);
            await ServerHost.UntilAsync(() => host.Bodies.Held > 0);
        }

        await ServerHost.UntilAsync(() => host.Bodies.Held == 0);
    }

    [Fact]
    public async Task A_body_that_does_not_arrive_in_time_is_refused_and_its_memory_returned()
    {
        await using ServerHost host = await ServerHost.StartAsync();
        using TcpClient tcp = await host.BeginBodyAsync(Json, LargestContentLength);
        host.Time.Advance(TimeSpan.FromSeconds(60));

        string answer = await ServerHost.ReadAnswerAsync(tcp);

        Assert.StartsWith("HTTP/1.1 408", answer, StringComparison.Ordinal);
        Assert.Contains("\"code\":\"tooSlow\"", answer, StringComparison.Ordinal);
        Assert.Contains("within 60 s", answer, StringComparison.Ordinal);
        Assert.Equal(0, host.Bodies.Held);
    }

    [Fact]
    public async Task Lines_of_a_pausing_stream_are_stored_and_the_stream_continues()
    {
        await using ServerHost host = await ServerHost.StartAsync();
        using TcpClient tcp = await host.BeginBodyAsync(Lines, "Transfer-Encoding: chunked");
        await tcp.GetStream().WriteAsync(HttpChunk(Row + "\n" + Row + "\n"), TestContext.Current.CancellationToken);
        Task stored = host.Log.WaitAsync(0, 1, TestContext.Current.CancellationToken).AsTask();
        await ServerHost.UntilAsync(() => stored.IsCompleted, () => host.Time.Advance(RecSysServerOptions.StreamPause));
        await tcp.GetStream().WriteAsync((byte[])[.. HttpChunk(Row + "\n"), .. "0\r\n\r\n"u8], TestContext.Current.CancellationToken);

        string answer = await ServerHost.ReadAnswerAsync(tcp);

        Assert.StartsWith("HTTP/1.1 202", answer, StringComparison.Ordinal);
        Assert.Contains("\"accepted\":3", answer, StringComparison.Ordinal);
        Assert.Equal(0, host.Bodies.Held);
    }

    [Fact]
    public async Task An_idle_stream_is_ended_and_reports_the_stored_rows()
    {
        await using ServerHost host = await ServerHost.StartAsync();
        using TcpClient tcp = await host.BeginBodyAsync(Lines, "Transfer-Encoding: chunked");
        await tcp.GetStream().WriteAsync(HttpChunk(Row + "\n"), TestContext.Current.CancellationToken);
        Task stored = host.Log.WaitAsync(0, 0, TestContext.Current.CancellationToken).AsTask();
        await ServerHost.UntilAsync(() => stored.IsCompleted, () => host.Time.Advance(RecSysServerOptions.StreamPause));
        Task<string> reading = ServerHost.ReadAnswerAsync(tcp);
        await ServerHost.UntilAsync(() => reading.IsCompleted, () => host.Time.Advance(RecSysServerOptions.StreamIdleMax));

        string answer = await reading;

        Assert.StartsWith("HTTP/1.1 408", answer, StringComparison.Ordinal);
        Assert.Contains("\"accepted\":1", answer, StringComparison.Ordinal);
        Assert.Contains("10 minutes", answer, StringComparison.Ordinal);
        Assert.Single(await host.RecordsAsync());
        Assert.Equal(0, host.Bodies.Held);
    }

    [Fact]
    public async Task A_line_that_arrives_too_slowly_ends_its_stream()
    {
        await using ServerHost host = await ServerHost.StartAsync();
        using TcpClient tcp = await host.BeginBodyAsync(Lines, "Transfer-Encoding: chunked");
        Task<string> reading = ServerHost.ReadAnswerAsync(tcp);
        await ServerHost.UntilAsync(
            () => reading.IsCompleted,
            () =>
            {
                tcp.Client.Send(HttpChunk("{"));
                host.Time.Advance(TimeSpan.FromSeconds(1));
            });

        Assert.Contains("the line has not arrived within 30 s", await reading, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_batch_of_long_lines_is_stored_before_it_has_a_thousand_of_them()
    {
        await using ServerHost host = await ServerHost.StartAsync();
        string line = $$$"""{"userId":"u","itemId":"i","type":"view","context":{"location":"{{{new string('x', 8_000)}}}"}}""" + "\n";
        int lineBytes = line.Length - 1; // the newline is not counted
        int perChunk = (RecSysServerOptions.StreamChunkBytesMax + lineBytes - 1) / lineBytes;

        using HttpResponseMessage response = await host.RecordAsync(string.Concat(Enumerable.Repeat(line, perChunk + 1)) + "{", Lines);

        Assert.Equal(perChunk, (await ServerHost.ProblemAsync(response, 400)).Accepted);
    }

    [Fact]
    public async Task One_stream_more_than_allowed_is_refused_with_the_limit()
    {
        await using ServerHost host = await ServerHost.StartAsync(options => options.StreamsMax = 1);
        using TcpClient first = await host.BeginBodyAsync(Lines, LargestContentLength);

        using HttpResponseMessage second = await host.RecordAsync(Row, Lines);

        Assert.Contains("1 streams are open", (await ServerHost.ProblemAsync(second, 429)).Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_request_more_than_allowed_is_refused_and_health_is_answered()
    {
        await using ServerHost host = await ServerHost.StartAsync(options => options.RequestsMax = 16);
        TcpClient[] waiting = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => host.BeginBodyAsync(Json, LargestContentLength)));

        using HttpResponseMessage more = await host.RecordAsync(Row);
        using HttpResponseMessage live = await host.SendAsync(HttpMethod.Get, "/health/live");

        Assert.Contains("16 requests", (await ServerHost.ProblemAsync(more, 429)).Detail, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, live.StatusCode);
        Array.ForEach(waiting, tcp => tcp.Dispose());
    }

    [Fact]
    public async Task One_connection_more_than_allowed_is_closed_and_the_others_are_served()
    {
        await using ServerHost host = await ServerHost.StartAsync(options => options.ConnectionsMax = 16);
        TcpClient[] waiting = await Task.WhenAll(Enumerable.Range(0, 15).Select(_ => host.BeginBodyAsync(Json, LargestContentLength)));
        using HttpResponseMessage last = await host.RecordAsync(Row);

        using TcpClient more = await host.OpenAsync("");
        int read = await more.GetStream().ReadAsync(new byte[1], TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.Accepted, last.StatusCode);
        Assert.Equal(0, read);
        Array.ForEach(waiting, tcp => tcp.Dispose());
    }

    [Theory]
    [InlineData(4_096, null, 4_096)]
    [InlineData(4_096, 1_048_576L, 4_096)]
    [InlineData(4_096, 2_048L, 1_024)]
    [InlineData(4_096, 1_024L, 256)]
    [InlineData(4_096, 256L, 64)]
    [InlineData(16, 1_024L, 16)]
    public void Connections_never_exceed_the_open_files(int wanted, long? openFilesMax, int allowed) =>
        Assert.Equal(allowed, KestrelLimits.ConnectionsMax(wanted, openFilesMax));

    [Fact]
    public async Task Kestrel_has_the_minimum_rates_and_header_limits_of_the_options()
    {
        await using ServerHost host = await ServerHost.StartAsync();

        Assert.Equal(RecSysServerOptions.BodyBytesPerSecondMin, host.Kestrel.Limits.MinRequestBodyDataRate?.BytesPerSecond);
        Assert.Equal(RecSysServerOptions.AnswerBytesPerSecondMin, host.Kestrel.Limits.MinResponseDataRate?.BytesPerSecond);
        Assert.Equal(RecSysServerOptions.HeaderDeadline, host.Kestrel.Limits.RequestHeadersTimeout);
        Assert.Equal(RecSysServerOptions.HeaderBytesMax, host.Kestrel.Limits.MaxRequestHeadersTotalSize);
        Assert.Equal(RecSysServerOptions.HeadersMax, host.Kestrel.Limits.MaxRequestHeaderCount);
    }

    [Fact]
    public async Task A_page_of_large_items_ends_at_the_size_limit_and_the_pages_have_all_items()
    {
        await using ServerHost host = await ServerHost.StartAsync();
        await PutLargeItemsAsync(host, 12);
        List<string> ids = [];
        string? next = null;
        do
        {
            using HttpResponseMessage response = await host.SendAsync(HttpMethod.Get, $"/v1/items?count=1000{(next is null ? "" : "&cursor=" + next)}");
            byte[] body = await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
            Assert.InRange(body.Length, 1, RecSysServerOptions.PageBytesMax + (1 << 20));
            ItemPage page = JsonSerializer.Deserialize(body, RecSysJsonContext.Wire.ItemPage)!;
            ids.AddRange(page.Items.Select(item => item.ItemId));
            next = page.Next;
        }
        while (next is not null);

        Assert.Equal(Enumerable.Range(10, 12).Select(index => $"i{index}"), ids);
    }

    [Fact]
    public async Task The_memory_of_unread_answers_is_held_until_their_client_disconnects()
    {
        await using ServerHost host = await ServerHost.StartAsync();
        await PutLargeItemsAsync(host, 5);
        const string Get = "GET /v1/items HTTP/1.1\r\nHost: localhost\r\n\r\n";
        using (TcpClient reader = await host.OpenAsync(string.Concat(Enumerable.Repeat(Get, 16))))
        {
            await ServerHost.UntilAsync(() => host.Answers.Held > RecSysServerOptions.PageBytesMax);
        }

        await ServerHost.UntilAsync(() => host.Answers.Held == 0);
    }

    [Fact]
    public async Task An_answer_over_the_memory_limit_is_refused_and_small_ones_are_sent()
    {
        await using ServerHost host = await ServerHost.StartAsync(options => options.AnswersInFlightBytesMax = 64 << 20);
        await PutLargeItemsAsync(host, 5);
        await ServerHost.UntilAsync(() => host.Answers.Held == 0);
        using MemoryPermit others = host.Answers.Open();
        Assert.True(others.TrySet(48L << 20));

        using HttpResponseMessage large = await host.SendAsync(HttpMethod.Get, "/v1/items");
        using HttpResponseMessage small = await host.SendAsync(HttpMethod.Get, "/v1/items?q=nothing");

        Assert.Contains("67108864 bytes", (await ServerHost.ProblemAsync(large, 429)).Detail, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, small.StatusCode);
        await ServerHost.UntilAsync(() => host.Answers.Held == others.Bytes);
    }

    private static async Task PutLargeItemsAsync(ServerHost host, int count)
    {
        string labels = string.Join(',', Enumerable.Range(0, 125).Select(index => $"\"l{index}\":\"{new string('x', 8_000)}\""));
        AcceptedResponse? accepted = null;
        for (int index = 0; index < count; index++)
        {
            using HttpResponseMessage put = await host.SendAsync(HttpMethod.Put, $"/v1/items/i{index + 10}", $"{{\"labels\":{{{labels}}}}}");
            accepted = await ServerHost.ReadAsync(put, RecSysJsonContext.Wire.AcceptedResponse, 202);
        }

        // Waits until the catalogue has the last item.
        (await host.SendAsync(HttpMethod.Get, $"/v1/items/i10?after={accepted!.Position}")).Dispose();
    }

    private static byte[] HttpChunk(string text) => Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{text.Length:x}\r\n{text}\r\n"));
}
