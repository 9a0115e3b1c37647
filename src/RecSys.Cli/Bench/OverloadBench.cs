using System.Globalization;
using System.Text;
using RecSys.Client;

namespace RecSys.Cli.Bench;

/// <summary>Measures slates requested at a rate above the server's capacity: how many are answered, by which tier, and how soon.</summary>
internal sealed class OverloadBench(Figures figures, Terminal terminal, TimeProvider time)
{
    private const int CapacityConnections = 16;
    private const int OverloadConnections = 1_024;

    /// <summary>A request that waits longer than this for a free connection is not sent, as a client that cannot connect would give up.</summary>
    private static readonly TimeSpan LateMax = TimeSpan.FromMilliseconds(50);

    /// <summary>Measures the capacity, then sends at a multiple of it.</summary>
    /// <param name="data">A data folder with interactions and a model.</param>
    /// <param name="duration">Duration of each load.</param>
    /// <param name="times">Rate of the overload, as a multiple of the capacity.</param>
    /// <param name="cancellationToken">Cancels the measurement.</param>
    public async Task RunAsync(string data, TimeSpan duration, int times, CancellationToken cancellationToken)
    {
        await using ServerProcess server = await ServerProcess.StartAsync(data, new Dictionary<string, string>(), time, cancellationToken);
        using HttpClient http = new(new SocketsHttpHandler { MaxConnectionsPerServer = OverloadConnections }) { BaseAddress = server.Url };
        using RecSysClient client = new(new RecSysClientOptions { BaseAddress = server.Url, Timeout = TimeSpan.FromMinutes(2) });
        string[] users = await BenchUsers.ReadAsync(client, terminal, time, cancellationToken);
        terminal.Error.WriteLine($"server {server.ProcessId} at {server.Url}; {users.Length} users, {OverloadConnections} connections, sender on the same cores");
        Load load = new(http, time);
        await load.RunAsync(CapacityConnections, duration / 2, number => BenchUsers.Slate(users, number), cancellationToken);
        LoadResult capacity = await load.RunAsync(CapacityConnections, duration, number => BenchUsers.Slate(users, number), cancellationToken);
        figures.Add("overload.capacity", capacity, "slates");

        double rate = capacity.RequestsPerSecond * times;
        await SendAsync(http, users, duration / 2, rate, cancellationToken); // opens the connections
        Print(await SendAsync(http, users, duration, rate, cancellationToken), duration);
    }

    private void Print(List<Outcome> outcomes, TimeSpan duration)
    {
        Outcome[] answered = [.. outcomes.Where(outcome => outcome.Kind == OutcomeKind.Answered)];
        figures.Add("overload.offered", outcomes.Count / duration.TotalSeconds, "requests/s");
        figures.Add("overload.unsent", Percent(OutcomeKind.Unsent), "% of the offered", $"all connections waited for {LateMax.TotalMilliseconds} ms");
        figures.Add("overload.answered.rate", answered.Length / duration.TotalSeconds, "slates/s");
        figures.Add("overload.shed", Percent(OutcomeKind.Shed), "% of the offered", NamesOf(OutcomeKind.Shed));
        figures.Add("overload.failed", Percent(OutcomeKind.Failed), "% of the offered", NamesOf(OutcomeKind.Failed));
        AddQuantiles("overload.answered", answered);
        foreach (IGrouping<string, Outcome> tier in answered.GroupBy(outcome => outcome.Name, StringComparer.Ordinal).OrderByDescending(tier => tier.Count()))
        {
            figures.Add($"overload.tier.{tier.Key}", 100.0 * tier.Count() / answered.Length, "% of the answered");
            AddQuantiles($"overload.tier.{tier.Key}", [.. tier]);
        }

        double Percent(OutcomeKind kind) => 100.0 * outcomes.Count(outcome => outcome.Kind == kind) / outcomes.Count;

        string? NamesOf(OutcomeKind kind) => outcomes.Where(outcome => outcome.Kind == kind).GroupBy(outcome => outcome.Name, StringComparer.Ordinal)
            .Select(name => $"{name.Key}: {name.Count()}").Order(StringComparer.Ordinal).ToArray() is { Length: > 0 } names ? string.Join(", ", names) : null;
    }

    private void AddQuantiles(string name, Outcome[] outcomes)
    {
        LoadResult latencies = new(outcomes.Select(outcome => outcome.LatencyMs), TimeSpan.Zero, failures: 0, firstFailure: null);
        figures.Add($"{name}.p50", latencies.QuantileMs(0.50), "ms", "a request, from its sending");
        figures.Add($"{name}.p95", latencies.QuantileMs(0.95), "ms");
        figures.Add($"{name}.p99", latencies.QuantileMs(0.99), "ms");
    }

    /// <summary>Sends at a fixed rate, independent of the server's answers.</summary>
    private async Task<List<Outcome>> SendAsync(HttpClient http, string[] users, TimeSpan duration, double requestsPerSecond, CancellationToken cancellationToken)
    {
        long lastNumber = -1;
        long start = time.GetTimestamp();
        List<Outcome>[] all = await Task.WhenAll(Enumerable.Range(0, OverloadConnections).Select(_ => Task.Run(ConnectionAsync, cancellationToken)));
        return [.. all.SelectMany(outcomes => outcomes)];

        async Task<List<Outcome>> ConnectionAsync()
        {
            List<Outcome> outcomes = [];
            while (true)
            {
                long number = Interlocked.Increment(ref lastNumber);
                TimeSpan due = TimeSpan.FromSeconds(number / requestsPerSecond);
                if (due >= duration)
                {
                    return outcomes;
                }

                TimeSpan untilDue = due - time.GetElapsedTime(start);
                if (untilDue < -LateMax)
                {
                    outcomes.Add(new Outcome(OutcomeKind.Unsent, "", double.NaN));
                    continue;
                }

                if (untilDue > TimeSpan.Zero)
                {
                    await Task.Delay(untilDue, time, cancellationToken);
                }

                outcomes.Add(await SendOneAsync(http, BenchUsers.Slate(users, number), cancellationToken));
            }
        }
    }

    private async Task<Outcome> SendOneAsync(HttpClient http, HttpRequestMessage message, CancellationToken cancellationToken)
    {
        using HttpRequestMessage request = message;
        long sent = time.GetTimestamp();
        try
        {
            using HttpResponseMessage response = await http.SendAsync(request, HttpCompletionOption.ResponseContentRead, cancellationToken);
            double latencyMs = time.GetElapsedTime(sent).TotalMilliseconds;
            if (response.IsSuccessStatusCode)
            {
                return new Outcome(OutcomeKind.Answered, TierOf(await response.Content.ReadAsByteArrayAsync(cancellationToken)), latencyMs);
            }

            int status = (int)response.StatusCode;
            return new Outcome(status is 429 or 503 ? OutcomeKind.Shed : OutcomeKind.Failed, status.ToString(CultureInfo.InvariantCulture), latencyMs);
        }
        catch (HttpRequestException error)
        {
            return new Outcome(OutcomeKind.Failed, error.Message, double.NaN);
        }
    }

    /// <summary>Finds the tier without parsing the slate, because the sender runs on the server's cores.</summary>
    private static string TierOf(ReadOnlySpan<byte> body)
    {
        ReadOnlySpan<byte> name = "\"servedBy\":\""u8;
        int at = body.IndexOf(name);
        ReadOnlySpan<byte> rest = at < 0 ? default : body[(at + name.Length)..];
        int length = rest.IndexOf((byte)'"');
        return length < 0 ? throw new CommandException("a slate names no tier") : Encoding.ASCII.GetString(rest[..length]);
    }

    private enum OutcomeKind
    {
        /// <summary>All connections waited, and the request was not sent.</summary>
        Unsent,

        /// <summary>A slate; its name is the tier.</summary>
        Answered,

        /// <summary>429 or 503; its name is the status.</summary>
        Shed,

        /// <summary>Another answer or none; its name is the status or the error.</summary>
        Failed,
    }

    private readonly record struct Outcome(OutcomeKind Kind, string Name, double LatencyMs);
}
