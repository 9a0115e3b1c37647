using RecSys.Client;

namespace RecSys.Cli.Bench;

/// <summary>Measures slates per second and their latencies, compared with an empty endpoint in the same run, alone and while a model is trained.</summary>
internal sealed class ServeBench(Figures figures, Terminal terminal, TimeProvider time)
{
    private const int Connections = 16;
    private const int Rounds = 3;

    /// <summary>Runs all measurements.</summary>
    /// <param name="data">A data folder with interactions and a model.</param>
    /// <param name="duration">Duration of each round.</param>
    /// <param name="cancellationToken">Cancels the measurement.</param>
    public async Task RunAsync(string data, TimeSpan duration, CancellationToken cancellationToken)
    {
        await using ServerProcess server = await ServerProcess.StartAsync(data, new Dictionary<string, string>(), time, cancellationToken);
        using HttpClient http = new(new SocketsHttpHandler { MaxConnectionsPerServer = Connections }) { BaseAddress = server.Url };
        using RecSysClient client = new(new RecSysClientOptions { BaseAddress = server.Url, Timeout = TimeSpan.FromMinutes(2) });
        string[] users = await BenchUsers.ReadAsync(client, terminal, time, cancellationToken);
        terminal.Error.WriteLine($"server {server.ProcessId} at {server.Url}; {users.Length} users, {Connections} connections, sender on the same cores");
        Load load = new(http, time);
        Func<long, HttpRequestMessage> slate = number => BenchUsers.Slate(users, number);
        Func<long, HttpRequestMessage> empty = _ => new HttpRequestMessage(HttpMethod.Get, new Uri("/health/live", UriKind.Relative));
        await load.RunAsync(Connections, duration / 2, slate, cancellationToken);
        await load.RunAsync(Connections, duration / 2, empty, cancellationToken);

        // The two alternate, so that other load on the machine affects both.
        List<LoadResult> slates = [];
        List<LoadResult> empties = [];
        for (int round = 0; round < Rounds; round++)
        {
            empties.Add(await load.RunAsync(Connections, duration, empty, cancellationToken));
            slates.Add(await load.RunAsync(Connections, duration, slate, cancellationToken));
        }

        figures.Add("serve.empty", Median(empties), "requests");
        figures.Add("serve.slate", Median(slates), "slates");
        figures.Add("serve.slate.of_empty", Median(slates).RequestsPerSecond / Median(empties).RequestsPerSecond, "of the empty endpoint's rate");

        LoadResult training = await WhileTrainingAsync(client, load, slate, cancellationToken);
        figures.Add("serve.training", training, "slates");
    }

    // An evaluation trains a model like a training, and publishes none.
    private static async Task<LoadResult> WhileTrainingAsync(
        RecSysClient client, Load load, Func<long, HttpRequestMessage> slate, CancellationToken cancellationToken)
    {
        JobResponse job = await client.StartJobAsync(new JobRequest { Kind = "evaluate" }, cancellationToken);
        using CancellationTokenSource ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task<LoadResult> loading = load.RunAsync(Connections, TimeSpan.FromMinutes(5), slate, ended.Token);
        await client.WaitForJobAsync(job.Id, cancellationToken: cancellationToken);
        await ended.CancelAsync();
        return await loading;
    }

    private static LoadResult Median(List<LoadResult> rounds) => rounds.OrderBy(round => round.RequestsPerSecond).ElementAt(rounds.Count / 2);
}
