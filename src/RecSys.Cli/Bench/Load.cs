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

    /// <summary>Sends the next request of a connection as soon as its answer arrives.</summary>
    /// <param name="connections">Number of concurrent requests.</param>
    /// <param name="duration">Time for which requests are sent.</param>
    /// <param name="make">Creates a request from its number; the first is 0.</param>
    /// <param name="cancellationToken">Ends the load early.</param>
    public Task<LoadResult> RunAsync(int connections, TimeSpan duration, Func<long, HttpRequestMessage> make, CancellationToken cancellationToken) =>
        RunAsync(connections, duration, requestsPerSecond: 0, make, cancellationToken);

    /// <summary>Sends at a fixed rate. If all connections are busy when a request is due, it is sent late; its latency counts from the time when it was due.</summary>
    /// <param name="connections">The largest number of concurrent requests.</param>
    /// <param name="duration">Time for which requests are sent.</param>
    /// <param name="requestsPerSecond">The rate; 0 sends the next request of a connection as soon as its answer arrives.</param>
    /// <param name="make">Creates a request from its number; the first is 0.</param>
    /// <param name="cancellationToken">Ends the load early; the result then has the requests answered before. No exception is thrown.</param>
    public async Task<LoadResult> RunAsync(
        int connections, TimeSpan duration, double requestsPerSecond, Func<long, HttpRequestMessage> make, CancellationToken cancellationToken)
    {
        ConcurrentBag<List<double>> latenciesMs = [];
        long lastNumber = -1;
        int failures = 0;
        string? firstFailure = null;
        long start = time.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, connections).Select(_ => Task.Run(RunConnectionAsync, CancellationToken.None)));
        return new LoadResult(latenciesMs.SelectMany(connection => connection), time.GetElapsedTime(start), failures, firstFailure);

        async Task RunConnectionAsync()
        {
            List<double> ownLatenciesMs = [];
            latenciesMs.Add(ownLatenciesMs);
            while (!cancellationToken.IsCancellationRequested)
            {
                long number = Interlocked.Increment(ref lastNumber);
                TimeSpan due = requestsPerSecond > 0 ? TimeSpan.FromSeconds(number / requestsPerSecond) : time.GetElapsedTime(start);
                if (due >= duration)
                {
                    return;
                }

                try
                {
                    TimeSpan untilDue = due - time.GetElapsedTime(start);
                    if (untilDue > TimeSpan.Zero)
                    {
                        await Task.Delay(untilDue, time, cancellationToken);
                    }

                    await SendAsync(number, due, ownLatenciesMs);
                }
                catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
                {
                    return;
                }
            }
        }

        async Task SendAsync(long number, TimeSpan due, List<double> ownLatenciesMs)
        {
            try
            {
                using HttpRequestMessage request = make(number);
                using HttpResponseMessage response = await http.SendAsync(request, HttpCompletionOption.ResponseContentRead, cancellationToken);
                if (response.IsSuccessStatusCode)
                {
                    ownLatenciesMs.Add((time.GetElapsedTime(start) - due).TotalMilliseconds);
                    return;
                }

                CountFailure($"{(int)response.StatusCode} {await response.Content.ReadAsStringAsync(cancellationToken)}");
            }
            catch (HttpRequestException error)
            {
                CountFailure(error.Message);
            }
        }

        void CountFailure(string message)
        {
            Interlocked.Increment(ref failures);
            Interlocked.CompareExchange(ref firstFailure, message, null);
        }
    }
}
