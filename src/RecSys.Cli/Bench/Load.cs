using System.Collections.Concurrent;
using System.Net.Http.Headers;

namespace RecSys.Cli.Bench;

/// <summary>Sends requests from several connections and measures their latencies.</summary>
internal sealed class Load(HttpClient http, TimeProvider time)
{
    /// <summary>Returns a request that records interactions.</summary>
    /// <param name="json">One interaction, or an array of interactions.</param>
    public static HttpRequestMessage Interactions(byte[] json)
    {
        HttpRequestMessage request = new(HttpMethod.Post, new Uri("/v1/interactions", UriKind.Relative)) { Content = new ByteArrayContent(json) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return request;
    }

    /// <summary>Sends the next request as soon as an answer arrives.</summary>
    /// <param name="connections">Requests under way at once.</param>
    /// <param name="duration">How long.</param>
    /// <param name="make">Creates the request with a number, counted from 0.</param>
    /// <param name="cancellationToken">Ends the load early.</param>
    public Task<LoadResult> RunAsync(int connections, TimeSpan duration, Func<long, HttpRequestMessage> make, CancellationToken cancellationToken) =>
        RunAsync(connections, duration, requestsPerSecond: 0, make, cancellationToken);

    /// <summary>Sends at a fixed rate: a request that is due while all connections wait is sent late, and its time counts from when it was due.</summary>
    /// <param name="connections">The most requests under way at once.</param>
    /// <param name="duration">How long.</param>
    /// <param name="requestsPerSecond">The rate; 0 sends the next request as soon as an answer arrives.</param>
    /// <param name="make">Creates the request with a number, counted from 0.</param>
    /// <param name="cancellationToken">Ends the load early, which is no error: the measurements so far count.</param>
    public async Task<LoadResult> RunAsync(
        int connections, TimeSpan duration, double requestsPerSecond, Func<long, HttpRequestMessage> make, CancellationToken cancellationToken)
    {
        ConcurrentBag<List<double>> all = [];
        long number = -1;
        int failures = 0;
        string? firstFailure = null;
        long start = time.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, connections).Select(_ => Task.Run(Connection, CancellationToken.None)));
        return new LoadResult(all.SelectMany(latencies => latencies), time.GetElapsedTime(start), failures, firstFailure);

        async Task Connection()
        {
            List<double> latencies = [];
            all.Add(latencies);
            while (!cancellationToken.IsCancellationRequested)
            {
                long mine = Interlocked.Increment(ref number);
                TimeSpan due = requestsPerSecond > 0 ? TimeSpan.FromSeconds(mine / requestsPerSecond) : time.GetElapsedTime(start);
                if (due >= duration)
                {
                    return;
                }

                try
                {
                    TimeSpan early = due - time.GetElapsedTime(start);
                    if (early > TimeSpan.Zero)
                    {
                        await Task.Delay(early, time, cancellationToken);
                    }

                    await SendAsync(mine, due, latencies);
                }
                catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
                {
                    return;
                }
            }
        }

        async Task SendAsync(long mine, TimeSpan due, List<double> latencies)
        {
            try
            {
                using HttpRequestMessage request = make(mine);
                using HttpResponseMessage response = await http.SendAsync(request, HttpCompletionOption.ResponseContentRead, cancellationToken);
                if (response.IsSuccessStatusCode)
                {
                    latencies.Add((time.GetElapsedTime(start) - due).TotalMilliseconds);
                    return;
                }

                Fail($"{(int)response.StatusCode} {await response.Content.ReadAsStringAsync(cancellationToken)}");
            }
            catch (HttpRequestException error)
            {
                Fail(error.Message);
            }
        }

        void Fail(string what)
        {
            Interlocked.Increment(ref failures);
            Interlocked.CompareExchange(ref firstFailure, what, null);
        }
    }
}
