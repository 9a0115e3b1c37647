using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;

using Xunit;

namespace RecSys.Client.Tests;

public sealed class RetryTests
{
    private static readonly Func<CancellationToken, Task<HttpResponseMessage>> Busy =
        FakeServer.Problem(HttpStatusCode.ServiceUnavailable, """{"title":"overloaded"}""");

    private readonly ArmedTime _time = new();

    private static CancellationToken Ending => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_call_to_a_busy_server_is_retried_with_doubled_delays()
    {
        FakeServer server = new(Busy, Busy, Busy, FakeServer.Json(Clients.Slate));
        using RecSysClient client = Clients.Of(server, _time);

        Task<RecommendationsResponse> call = client.GetRecommendationsAsync("u", cancellationToken: Ending);
        await PassAsync(TimeSpan.FromSeconds(10), advance: false);
        await PassAsync(TimeSpan.FromMilliseconds(100));
        await PassAsync(TimeSpan.FromMilliseconds(200));
        await PassAsync(TimeSpan.FromMilliseconds(400));

        Assert.Equal("r", (await call).RecommendationId);
        Assert.Equal(4, server.Asked.Count);
    }

    [Fact]
    public async Task A_call_to_a_server_that_stays_busy_fails_after_the_retries_with_its_answer()
    {
        FakeServer server = new(Busy);
        using RecSysClient client = Clients.Of(server, _time, options => options.RetriesMax = 1);

        Task<RecommendationsResponse> call = client.GetRecommendationsAsync("u", cancellationToken: Ending);
        await PassAsync(TimeSpan.FromSeconds(10), advance: false);
        await PassAsync(TimeSpan.FromMilliseconds(100));

        RecSysException error = await Assert.ThrowsAsync<RecSysException>(() => call);
        Assert.Equal("overloaded", error.Problem!.Title);
        Assert.Equal(2, server.Asked.Count);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Retry_After_of_the_server_is_respected(bool asDate)
    {
        RetryConditionHeaderValue wait = asDate
            ? new(ArmedTime.Noon + TimeSpan.FromSeconds(3))
            : new(TimeSpan.FromSeconds(3));
        FakeServer server = new(
            FakeServer.Problem(HttpStatusCode.TooManyRequests, "{}", answer => answer.Headers.RetryAfter = wait),
            FakeServer.Json(Clients.Accepted));
        using RecSysClient client = Clients.Of(server, _time);

        Task<AcceptedResponse> call = client.DeleteItemAsync("i", Ending);
        await PassAsync(TimeSpan.FromSeconds(10), advance: false);
        await PassAsync(TimeSpan.FromSeconds(3));

        Assert.Equal("p1", (await call).Position);
    }

    [Fact]
    public async Task A_delay_beyond_the_time_limit_fails_the_call_at_once()
    {
        FakeServer server = new(FakeServer.Problem(
            HttpStatusCode.ServiceUnavailable, "{}", answer => answer.Headers.RetryAfter = new(TimeSpan.FromSeconds(10))));
        using RecSysClient client = Clients.Of(server, _time);

        RecSysException error =
            await Assert.ThrowsAsync<RecSysException>(() => client.DeleteItemAsync("i", Ending));

        Assert.Equal(TimeSpan.FromSeconds(10), error.RetryAfter);
        Assert.Single(server.Asked);
    }

    [Fact]
    public async Task A_retried_interaction_has_the_id_of_its_first_attempt()
    {
        FakeServer server = new(
            FakeServer.Broken(HttpRequestError.ResponseEnded), Busy, FakeServer.Json(Clients.Accepted));
        using RecSysClient client = Clients.Of(server, _time);

        Task<AcceptedResponse> call = client.RecordAsync([Clients.View(), Clients.View(), Clients.View(id: "mine")], Ending);
        await PassAsync(TimeSpan.FromSeconds(10), advance: false);
        await PassAsync(TimeSpan.FromMilliseconds(100));
        await PassAsync(TimeSpan.FromMilliseconds(200));
        await call;

        Assert.Equal(3, server.Asked.Count);
        Assert.Single(server.Asked.Select(asked => asked.Body).Distinct());
        InteractionBody[] rows =
            JsonSerializer.Deserialize(server.Asked[0].Body, RecSysJsonContext.Wire.InteractionBodyArray)!;
        Assert.Equal("mine", rows[2].Id);
        Assert.Equal(3, rows.Select(row => row.Id).OfType<string>().Distinct().Count());
    }

    [Fact]
    public async Task A_call_with_an_interrupted_answer_is_retried()
    {
        FakeServer server = new(
            _ => Task.FromResult(new HttpResponseMessage { Content = new StreamContent(new BrokenStream()) }),
            FakeServer.Json(Clients.Slate));
        using RecSysClient client = Clients.Of(server, _time);

        Task<RecommendationsResponse> call = client.GetRecommendationsAsync("u", cancellationToken: Ending);
        await PassAsync(TimeSpan.FromSeconds(10), advance: false);
        await PassAsync(TimeSpan.FromMilliseconds(100));

        Assert.Equal("r", (await call).RecommendationId);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_probe_of_a_server_that_cannot_be_reached_fails_at_once(bool ofReadiness)
    {
        FakeServer server = new(FakeServer.Broken(HttpRequestError.ConnectionError));
        using RecSysClient client = Clients.Of(server, _time);

        await Assert.ThrowsAsync<RecSysException>(() => ofReadiness ? client.IsReadyAsync(Ending) : client.IsLiveAsync(Ending));

        Assert.Single(server.Asked);
    }

    [Fact]
    public async Task A_call_that_must_not_be_repeated_is_sent_once()
    {
        foreach (Func<CancellationToken, Task<HttpResponseMessage>> answer in
            new[] { Busy, FakeServer.Broken(HttpRequestError.ResponseEnded) })
        {
            FakeServer server = new(answer);
            using RecSysClient client = Clients.Of(server, _time);

            await Assert.ThrowsAsync<RecSysException>(
                () => client.StartJobAsync(new JobRequest { Kind = "train" }, Ending));
            await Assert.ThrowsAsync<RecSysException>(() => client.RollbackModelAsync("v", Ending));

            Assert.Equal(2, server.Asked.Count);
        }
    }

    [Fact]
    public async Task A_call_that_was_not_sent_is_always_retried()
    {
        FakeServer server = new(
            FakeServer.Broken(HttpRequestError.ConnectionError),
            FakeServer.Json("""{"id":"j","kind":"train","state":"queued"}"""));
        using RecSysClient client = Clients.Of(server, _time);

        Task<JobResponse> call = client.StartJobAsync(new JobRequest { Kind = "train" }, Ending);
        await PassAsync(TimeSpan.FromSeconds(10), advance: false);
        await PassAsync(TimeSpan.FromMilliseconds(100));

        Assert.Equal("j", (await call).Id);
    }

    [Theory]
    [InlineData(HttpStatusCode.BadRequest)]
    [InlineData(HttpStatusCode.Unauthorized)]
    [InlineData(HttpStatusCode.Conflict)]
    [InlineData(HttpStatusCode.InternalServerError)]
    public async Task A_refusal_is_not_retried(HttpStatusCode status)
    {
        FakeServer server = new(FakeServer.Problem(status, "{}"));
        using RecSysClient client = Clients.Of(server, _time);

        RecSysException error =
            await Assert.ThrowsAsync<RecSysException>(() => client.DeleteItemAsync("i", Ending));

        Assert.Equal(status, error.StatusCode);
        Assert.Single(server.Asked);
    }

    [Fact]
    public async Task A_call_without_an_answer_fails_at_the_time_limit()
    {
        FakeServer server = new(FakeServer.Never);
        using RecSysClient client = Clients.Of(server, _time);

        Task<AcceptedResponse> call = client.DeleteItemAsync("i", Ending);
        await PassAsync(TimeSpan.FromSeconds(10));

        RecSysException error = await Assert.ThrowsAsync<RecSysException>(() => call);
        Assert.IsType<TimeoutException>(error.InnerException);
        Assert.Equal("no answer to DELETE within 10000 ms", error.Message);
    }

    [Fact]
    public async Task Cancellation_ends_a_call_and_the_delay_before_a_retry()
    {
        foreach (Func<CancellationToken, Task<HttpResponseMessage>> answer in new[] { FakeServer.Never, Busy })
        {
            using CancellationTokenSource caller = new();
            using RecSysClient client = Clients.Of(new FakeServer(answer), _time);

            Task<AcceptedResponse> call = client.DeleteItemAsync("i", caller.Token);
            await caller.CancelAsync();

            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        }
    }

    [Theory]
    [InlineData(0, 0, 50)]
    [InlineData(0, 1, 100)]
    [InlineData(3, 0.5, 600)]
    [InlineData(6, 1, 5_000)]
    [InlineData(10_000, 1, 5_000)]
    public void Delays_double_up_to_a_limit_and_have_jitter(int retry, double random, double waitMs) =>
        Assert.Equal(waitMs, RetryDelays.Before(retry, random).TotalMilliseconds);

    [Fact]
    public void The_random_number_of_a_client_is_between_0_and_1() =>
        Assert.All(Enumerable.Range(0, 1_000), _ => Assert.InRange(RetryDelays.NextRandom(), 0, 1));

    private async Task PassAsync(TimeSpan expected, bool advance = true)
    {
        Assert.Equal(expected, await _time.NextTimerAsync());
        if (advance)
        {
            _time.Advance(expected);
        }
    }

    private sealed class BrokenStream : MemoryStream
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            throw new IOException("the connection broke");
    }
}
