using System.Globalization;
using RecSys.Client;

namespace RecSys.Cli.Bench;

/// <summary>Measures the duration of a training on the data of a folder.</summary>
internal sealed class TrainBench(Figures figures, TimeProvider time)
{
    private const int Rounds = 3;

    /// <summary>Measures evaluations, which do not publish a model, and one training.</summary>
    public async Task RunAsync(string data, CancellationToken cancellationToken)
    {
        await using ServerProcess server = await ServerProcess.StartAsync(data, new Dictionary<string, string>(), time, cancellationToken);
        using RecSysClient client = new(new RecSysClientOptions { BaseAddress = server.Url, Timeout = TimeSpan.FromMinutes(2) });
        List<double> seconds = [];
        for (int round = 0; round < Rounds; round++)
        {
            seconds.Add(await RunAsync(client, "evaluate", cancellationToken));
        }

        figures.Add("train.evaluate", seconds.Order().ElementAt(Rounds / 2), "s", string.Create(CultureInfo.InvariantCulture, $"median of {Rounds}: train on the past, judge on the newest"));
        figures.Add("train.publish", await RunAsync(client, "train", cancellationToken), "s", "train, judge, train on to the end, publish");
        figures.Add("train.log", (await client.GetStatusAsync(cancellationToken)).LogEnd, "records");
        figures.Add("train.memory", (server.AnonymousBytes() ?? 0) / 1e6, "MB", "anonymous resident memory of the server afterwards");
    }

    private async Task<double> RunAsync(RecSysClient client, string kind, CancellationToken cancellationToken)
    {
        long start = time.GetTimestamp();
        JobResponse job = await client.StartJobAsync(new JobRequest { Kind = kind }, cancellationToken);
        JobResponse ended = await client.WaitForJobAsync(job.Id, cancellationToken: cancellationToken);
        return ended.State == JobStates.Succeeded
            ? time.GetElapsedTime(start).TotalSeconds
            : throw new CommandException($"{kind} {ended.State}: {ended.Message}");
    }
}
