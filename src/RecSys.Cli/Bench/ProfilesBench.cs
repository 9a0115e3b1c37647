using System.Globalization;
using System.Text;
using RecSys.Client;

namespace RecSys.Cli.Bench;

/// <summary>Measures user actors: the memory of one, the rate at which they are loaded from disk, and the time of a stop at which all of them are saved.</summary>
internal sealed class ProfilesBench(Figures figures, Terminal terminal, TimeProvider time)
{
    private const int BatchRows = 1_000;
    private const int Connections = 4;
    private const int WakeConnections = 64;

    private static readonly TimeSpan WakeDuration = TimeSpan.FromSeconds(10);

    /// <summary>Time for which other users than the measured ones are loaded, so that the code is compiled.</summary>
    private static readonly TimeSpan WarmUpDuration = TimeSpan.FromSeconds(3);

    /// <summary>Time after which the server is idle and returns memory.</summary>
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(20);

    /// <summary>Runs all measurements in a temporary folder.</summary>
    /// <param name="known">Number of known users.</param>
    /// <param name="live">Number of them in memory; each has the requested interactions, the others have one.</param>
    /// <param name="interactions">Interactions of a live user.</param>
    /// <param name="cancellationToken">Cancels the measurement.</param>
    public async Task RunAsync(int known, int live, int interactions, CancellationToken cancellationToken)
    {
        string folder = Directory.CreateTempSubdirectory("recsys-bench-").FullName;
        try
        {
            Dictionary<string, string> settings = new(StringComparer.Ordinal)
            {
                ["recsys:speed:liveUsersMax"] = live.ToString(CultureInfo.InvariantCulture),
                ["recsys:speed:idleAfter"] = "01:00:00",
                ["recsys:batch:interval"] = "00:00:00", // users are measured, not a training
            };
            await using (ServerProcess server = await ServerProcess.StartAsync(folder, settings, time, cancellationToken))
            {
                using RecSysClient client = new(new RecSysClientOptions { BaseAddress = server.Url });
                using HttpClient http = new(new SocketsHttpHandler { MaxConnectionsPerServer = Connections }) { BaseAddress = server.Url };
                long before = server.AnonymousBytes() ?? 0;
                terminal.Error.WriteLine($"filling {Terminal.Number(known)} users through {server.Url}");
                await FillAsync(http, from: live, known, interactions: 1, cancellationToken);
                await FillAsync(http, from: 0, live, interactions, cancellationToken);
                await SavedAsync(client, cancellationToken);
                figures.Add("profiles.memory.filled", (server.AnonymousBytes() ?? 0) / 1e6, "MB", "anonymous resident memory when the last user was saved");
                await Task.Delay(Rest, time, cancellationToken);
                long after = server.AnonymousBytes() ?? 0;
                figures.Add("profiles.memory", after / 1e6, "MB", string.Create(
                    CultureInfo.InvariantCulture, $"{Rest.TotalSeconds:0} s later, with {Terminal.Number(known)} users known and {Terminal.Number(live)} live"));
                figures.Add("profiles.live_user_bytes", (double)(after - before) / live, "bytes", $"{interactions} interactions each; includes all other growth since the start");
                figures.Add("profiles.stop", (await server.StopAsync()).TotalSeconds, "s", "from SIGTERM to the end of the process");
            }

            await WakeAsync(folder, settings, known, live, interactions, cancellationToken);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private async Task WakeAsync(string folder, Dictionary<string, string> settings, int known, int live, int interactions, CancellationToken cancellationToken)
    {
        await using ServerProcess server = await ServerProcess.StartAsync(folder, settings, time, cancellationToken);
        using RecSysClient client = new(new RecSysClientOptions { BaseAddress = server.Url });
        using HttpClient http = new(new SocketsHttpHandler { MaxConnectionsPerServer = WakeConnections }) { BaseAddress = server.Url };
        await SavedAsync(client, cancellationToken);
        Load load = new(http, time);
        await load.RunAsync(WakeConnections, WarmUpDuration, number => Read(live + (number % Math.Max(1, known - live))), cancellationToken);
        using CancellationTokenSource all = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        LoadResult woken = await load.RunAsync(WakeConnections, WakeDuration, number => number < live ? Read(number) : Ended(), all.Token);
        figures.Add("profiles.wake", woken, "users");
        HistoryResponse one = await client.GetHistoryAsync("user-0", cancellationToken: cancellationToken);
        figures.Add("profiles.kept", one.Items.Count, "interactions", $"of user-0 after the restart; {interactions} were sent");

        static HttpRequestMessage Read(long user) => new(HttpMethod.Get, new Uri($"/v1/users/user-{user}/interactions?count=1", UriKind.Relative));

        HttpRequestMessage Ended()
        {
            all.Cancel(); // every user is loaded
            return new HttpRequestMessage(HttpMethod.Get, new Uri("/health/live", UriKind.Relative));
        }
    }

    private async Task FillAsync(HttpClient http, int from, int to, int interactions, CancellationToken cancellationToken)
    {
        long rows = (long)(to - from) * interactions;
        long batches = (rows + BatchRows - 1) / BatchRows;
        long next = -1;
        await Task.WhenAll(Enumerable.Range(0, Connections).Select(_ => Task.Run(SendAsync, cancellationToken)));

        async Task SendAsync()
        {
            for (long batch; (batch = Interlocked.Increment(ref next)) < batches;)
            {
                StringBuilder text = new("[");
                for (long row = batch * BatchRows; row < Math.Min(rows, (batch + 1) * BatchRows); row++)
                {
                    long user = from + (row % (to - from));
                    text.Append(text.Length == 1 ? "" : ",").Append(
                        CultureInfo.InvariantCulture, $$"""{"userId":"user-{{user}}","itemId":"item-{{row * 2654435761 % 10_000}}","type":"view"}""");
                }

                using HttpRequestMessage request = Load.Interactions(Encoding.UTF8.GetBytes(text.Append(']').ToString()));
                using HttpResponseMessage response = await http.SendAsync(request, cancellationToken);
                response.EnsureSuccessStatusCode();
            }
        }
    }

    /// <summary>Waits until the actors have applied and saved all records of the log.</summary>
    private async Task SavedAsync(RecSysClient client, CancellationToken cancellationToken)
    {
        while ((await client.GetPartitionsAsync(cancellationToken)).Partitions.Any(partition => partition.LagRecords is not 0)
            || await UnsavedUsers.CountAsync(client, cancellationToken) > 0)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(200), time, cancellationToken);
        }
    }
}
