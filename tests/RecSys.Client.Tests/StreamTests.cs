using System.Net;
using System.Runtime.ExceptionServices;
using System.Text.Json;
using System.Threading.Channels;

using Xunit;

namespace RecSys.Client.Tests;

public sealed class StreamTests
{
    private static CancellationToken Ending => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_stream_is_sent_in_order_in_blocks_of_lines()
    {
        FakeServer server = new(Kept(1_000, "p1"), Kept(1_000, "p2"), Kept(500, "p3"));
        using RecSysClient client = Clients.Of(server);
        List<AcceptedResponse> reported = [];

        AcceptedResponse? kept = await client.RecordStreamAsync(
            Rows(2_500), new SynchronousProgress<AcceptedResponse>(reported.Add), Ending);

        Assert.Equal(new AcceptedResponse { Accepted = 2_500, Position = "p3" }, kept);
        Assert.Equal([1_000L, 2_000, 2_500], reported.Select(soFar => soFar.Accepted));
        Assert.All(server.Asked, asked =>
            Assert.Equal(("POST /v1/interactions", "application/x-ndjson"), (asked.Line, asked.ContentType)));
        InteractionBody[] rows = [.. server.Asked.SelectMany(Lines)];
        Assert.Equal(Enumerable.Range(0, 2_500).Select(row => $"i{row}"), rows.Select(row => row.ItemId));
        Assert.Equal(2_500, rows.Select(row => row.Id).OfType<string>().Distinct().Count());
        Assert.Equal([1_000, 1_000, 500], server.Asked.Select(asked => Lines(asked).Count()));
    }

    [Fact]
    public async Task A_retried_block_is_unchanged()
    {
        ArmedTime time = new();
        FakeServer server = new(FakeServer.Broken(HttpRequestError.ResponseEnded), Kept(3, "p"));
        using RecSysClient client = Clients.Of(server, time);

        Task<AcceptedResponse?> call = client.RecordStreamAsync(Rows(3), cancellationToken: Ending);
        await time.NextTimerAsync();
        time.Advance(await time.NextTimerAsync());

        Assert.Equal(3, (await call)!.Accepted);
        Assert.Equal(server.Asked[0], server.Asked[1]);
    }

    [Fact]
    public async Task An_invalid_line_ends_the_stream_and_is_numbered_from_the_first_row_of_the_source()
    {
        FakeServer server = new(
            Kept(1_000, "p1"),
            FakeServer.Problem(HttpStatusCode.BadRequest, """{"title":"bad line","line":7,"accepted":0}"""));
        using RecSysClient client = Clients.Of(server);

        RecSysException error = await Assert.ThrowsAsync<RecSysException>(
            () => client.RecordStreamAsync(Rows(5_000), cancellationToken: Ending));

        Assert.Equal(2, server.Asked.Count);
        Assert.Equal((1_007L, 1_000L), (error.Problem!.Line, error.Problem.Accepted));
        Assert.Equal((1_000L, HttpStatusCode.BadRequest), (error.Accepted, error.StatusCode));
    }

    [Fact]
    public async Task The_rows_before_a_pause_of_the_source_are_sent()
    {
        ArmedTime time = new();
        FakeServer server = new(Kept(2, "p1"), Kept(1, "p2"));
        using RecSysClient client = Clients.Of(server, time);
        Channel<InteractionBody> source = Channel.CreateBounded<InteractionBody>(10);
        source.Writer.TryWrite(Clients.View());
        source.Writer.TryWrite(Clients.View());
        TaskCompletionSource<AcceptedResponse> first = new(TaskCreationOptions.RunContinuationsAsynchronously);

        Task<AcceptedResponse?> call = client.RecordStreamAsync(
            source.Reader.ReadAllAsync(Ending),
            new SynchronousProgress<AcceptedResponse>(soFar => first.TrySetResult(soFar)),
            Ending);
        time.Advance(await time.NextTimerAsync());
        Assert.Equal("p1", (await first.Task).Position);

        source.Writer.TryWrite(Clients.View());
        source.Writer.Complete();

        Assert.Equal(new AcceptedResponse { Accepted = 3, Position = "p2" }, await call);
        Assert.Equal([2, 1], server.Asked.Select(asked => Lines(asked).Count()));
    }

    [Fact]
    public async Task A_row_that_arrives_at_the_end_of_the_pause_is_sent()
    {
        ArmedTime time = new();
        FakeServer server = new(Kept(1, "p1"), Kept(1, "p2"));
        using RecSysClient client = Clients.Of(server, time);
        Channel<InteractionBody> source = Channel.CreateBounded<InteractionBody>(10);
        source.Writer.TryWrite(Clients.View());

        // The runtime reports an exception before its filters run: a time-out that is thrown meets the row there.
        void OnThrown(object? sender, FirstChanceExceptionEventArgs thrown)
        {
            if (thrown.Exception is TimeoutException)
            {
                source.Writer.TryWrite(Clients.View());
                source.Writer.TryComplete();
            }
        }

        AppDomain.CurrentDomain.FirstChanceException += OnThrown;
        try
        {
            Task<AcceptedResponse?> call = client.RecordStreamAsync(source.Reader.ReadAllAsync(Ending), null, Ending);
            time.Advance(await time.NextTimerAsync());
            source.Writer.TryWrite(Clients.View());
            source.Writer.TryComplete();

            Assert.Equal(2, (await call)!.Accepted);
        }
        finally
        {
            AppDomain.CurrentDomain.FirstChanceException -= OnThrown;
        }
    }

    [Fact]
    public async Task A_failure_while_the_source_produces_a_row_cancels_the_source()
    {
        ArmedTime time = new();
        FakeServer server = new(FakeServer.Problem(HttpStatusCode.Forbidden, "{}"));
        using RecSysClient client = Clients.Of(server, time);
        Channel<InteractionBody> source = Channel.CreateBounded<InteractionBody>(10);
        source.Writer.TryWrite(Clients.View());

        Task<AcceptedResponse?> call = client.RecordStreamAsync(source.Reader.ReadAllAsync(Ending), cancellationToken: Ending);
        time.Advance(await time.NextTimerAsync());

        RecSysException error = await Assert.ThrowsAsync<RecSysException>(() => call);
        Assert.Equal(HttpStatusCode.Forbidden, error.StatusCode);
    }

    [Fact]
    public async Task An_exception_of_the_source_fails_the_call()
    {
        FakeServer server = new(Kept(1_000, "p1"));
        using RecSysClient client = Clients.Of(server);

        await Assert.ThrowsAsync<FormatException>(
            () => client.RecordStreamAsync(Rows(1_200, failAt: 1_100), cancellationToken: Ending));

        Assert.Single(server.Asked);
    }

    [Fact]
    public async Task A_source_without_rows_sends_nothing()
    {
        FakeServer server = new(Kept(0, "p"));
        using RecSysClient client = Clients.Of(server);

        Assert.Null(await client.RecordStreamAsync(Rows(0), cancellationToken: Ending));
        Assert.Empty(server.Asked);
    }

    private static Func<CancellationToken, Task<HttpResponseMessage>> Kept(int accepted, string position) =>
        FakeServer.Json($$"""{"accepted":{{accepted}},"position":"{{position}}"}""", HttpStatusCode.Accepted);

    private static IEnumerable<InteractionBody> Lines(Asked asked) =>
        asked.Body.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonSerializer.Deserialize(line, RecSysJsonContext.Wire.InteractionBody)!);

    private static async IAsyncEnumerable<InteractionBody> Rows(int count, int failAt = -1)
    {
        for (int row = 0; row < count; row++)
        {
            if (row == failAt)
            {
                throw new FormatException();
            }

            yield return Clients.View(item: $"i{row}");
        }

        await Task.CompletedTask;
    }
}
