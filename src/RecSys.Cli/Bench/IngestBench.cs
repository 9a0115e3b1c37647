using System.Globalization;
using System.Text;
using RecSys.Cli.Hosting;
using RecSys.Client;
using RecSys.Numerics;

namespace RecSys.Cli.Bench;

/// <summary>Measures ingestion over HTTP on this machine: the rate of acknowledged writes, the rate that actors keep up with, freshness, and a rebuild from the log.</summary>
/// <remarks>The sender shares the processor cores with the server; the notes of the figures state it.</remarks>
internal sealed class IngestBench(Figures figures, Terminal terminal, TimeProvider time)
{
    private const int BatchRows = 1_000;
    private const int BatchConnections = 4;
    private const int SingleConnections = 64;
    private const int DistinctBatches = 200;

    /// <summary>The sustained rate at which freshness is measured, in interactions per second.</summary>
    private const int FreshnessRate = 1_000;

    private const int Users = 50_000;

    private static readonly TimeSpan SamplePeriod = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan ProbePause = TimeSpan.FromMilliseconds(10);

    private readonly byte[][] _batches = MakeBatches();

    /// <summary>Runs all measurements.</summary>
    /// <param name="duration">Duration of each load.</param>
    /// <param name="sustained">Duration of the sustained load.</param>
    /// <param name="rate">Rate of the sustained load, in interactions per second.</param>
    /// <param name="cancellationToken">Cancels the measurement.</param>
    public async Task RunAsync(TimeSpan duration, TimeSpan sustained, int rate, CancellationToken cancellationToken)
    {
        await using ServerProcess server = await ServerProcess.StartAsync(null, new Dictionary<string, string>(), time, cancellationToken);
        using HttpClient http = new(new SocketsHttpHandler { MaxConnectionsPerServer = SingleConnections + BatchConnections }) { BaseAddress = server.Url };
        using RecSysClient client = new(new RecSysClientOptions { BaseAddress = server.Url });
        Load load = new(http, time);
        terminal.Error.WriteLine($"server {server.ProcessId} at {server.Url}; sender on the same cores");

        // Warms up the server and the sender, so that the figures do not include the compilation of their code.
        await load.RunAsync(BatchConnections, duration / 4, Batch, cancellationToken);
        await load.RunAsync(BatchConnections, duration / 4, number => BenchUsers.Slate(User(number)), cancellationToken);
        await CatchUp.WaitAsync(client, time, cancellationToken);
        await FreshnessAsync(load, client, duration / 4, cancellationToken);

        (LoadResult recorded, LoadResult fresh) = await FreshnessAsync(load, client, duration, cancellationToken);
        figures.Add("freshness.rate", recorded.RequestsPerSecond, "interactions/s");
        figures.Add("freshness.p50", fresh.QuantileMs(0.50), "ms", "from acknowledgement to the first answer that shows it, without after=");
        figures.Add("freshness.p99", fresh.QuantileMs(0.99), "ms", string.Create(CultureInfo.InvariantCulture, $"of {fresh.Requests} probes"));

        figures.Add("ingest.single", await load.RunAsync(SingleConnections, duration, Single, cancellationToken), "interactions");
        await CatchUp.WaitAsync(client, time, cancellationToken);

        await SustainedAsync(load, client, sustained, rate, cancellationToken);

        await OverloadAsync(load, client, duration, cancellationToken);
        (long backlog, double lagMs) = await LagAsync(client, cancellationToken);
        figures.Add("ingest.batch.backlog", backlog, "records", $"not yet applied by actors when the load ended, {lagMs:0} ms old");
        long start = time.GetTimestamp();
        await CatchUp.WaitAsync(client, time, cancellationToken);
        figures.Add("ingest.batch.caught_up_after", time.GetElapsedTime(start).TotalSeconds, "s");

        await RebuildAsync(client, cancellationToken);
        figures.Add("ingest.memory", (server.AnonymousBytes() ?? 0) / 1e6, "MB", "anonymous resident memory of the server");
    }

    /// <summary>Measures the rate that actors keep up with: a fixed rate, and the largest lag.</summary>
    private async Task SustainedAsync(Load load, RecSysClient client, TimeSpan duration, int rate, CancellationToken cancellationToken)
    {
        double worst = 0;
        LoadResult result = await BesideAsync(
            () => load.RunAsync(BatchConnections, duration, (double)rate / BatchRows, Batch, cancellationToken),
            SamplePeriod,
            async (_, cancel) => worst = Math.Max(worst, (await LagAsync(client, cancel)).LagMs),
            cancellationToken);
        figures.Add("ingest.sustained", result, "interactions", BatchRows);
        figures.Add("ingest.sustained.lag_max", worst, "ms", string.Create(CultureInfo.InvariantCulture, $"of actors behind the log, over {duration.TotalSeconds:0} s"));
    }

    /// <summary>Measures the largest rate of acknowledged writes, which is higher than the rate at which actors apply them, and the latency of slates during this load.</summary>
    private async Task OverloadAsync(Load load, RecSysClient client, TimeSpan duration, CancellationToken cancellationToken)
    {
        List<double> asked = [];
        List<double> served = [];
        int live = 0;
        LoadResult result = await BesideAsync(
            () => load.RunAsync(BatchConnections, duration, Batch, cancellationToken),
            ProbePause,
            async (number, cancel) =>
            {
                long start = time.GetTimestamp();
                RecommendationsResponse slate = await client.GetRecommendationsAsync(User(number), cancellationToken: cancel);
                asked.Add(time.GetElapsedTime(start).TotalMilliseconds);
                served.Add(slate.Stages?.Values.Sum() ?? 0);
                live += slate.ServedBy is "full" or "reduced" ? 1 : 0;
            },
            cancellationToken);
        figures.Add("ingest.batch", result, "interactions", BatchRows);

        LoadResult atClient = new(asked, duration, 0, null);
        LoadResult inServer = new(served, duration, 0, null);
        figures.Add("ingest.batch.slates.p50", atClient.QuantileMs(0.50), "ms", string.Create(CultureInfo.InvariantCulture, $"of {asked.Count} slates requested meanwhile"));
        figures.Add("ingest.batch.slates.p99", atClient.QuantileMs(0.99), "ms");
        figures.Add("ingest.batch.slates.server_p99", inServer.QuantileMs(0.99), "ms", "of these, time in the serving layer");
        figures.Add("ingest.batch.slates.server_max", inServer.QuantileMs(1), "ms");
        figures.Add("ingest.batch.slates.live", 100.0 * live / Math.Max(1, asked.Count), "%", "made of the user's live profile; the others came from lower tiers");
    }

    /// <summary>Measures the time from the acknowledgement of an interaction to the first answer that shows it, during a sustained load of single interactions.</summary>
    private async Task<(LoadResult Recorded, LoadResult Fresh)> FreshnessAsync(
        Load load, RecSysClient client, TimeSpan duration, CancellationToken cancellationToken)
    {
        List<double> fresh = [];
        LoadResult recorded = await BesideAsync(
            () => load.RunAsync(SingleConnections, duration, FreshnessRate, Single, cancellationToken),
            ProbePause,
            async (number, cancel) =>
            {
                string user = string.Create(CultureInfo.InvariantCulture, $"prober-{number % 50}");
                string item = string.Create(CultureInfo.InvariantCulture, $"probe-{number}");
                await client.RecordAsync(new InteractionBody { UserId = user, ItemId = item, Type = "view" }, cancel);
                long acknowledged = time.GetTimestamp();
                while ((await client.GetHistoryAsync(user, count: 1, cancellationToken: cancel)).Items is not [{ } newest] || newest.ItemId != item)
                {
                }

                fresh.Add(time.GetElapsedTime(acknowledged).TotalMilliseconds);
            },
            cancellationToken);
        return (recorded, new LoadResult(fresh, duration, 0, null));
    }

    /// <summary>Runs a load and, at the same time, repeats a probe until the load ends.</summary>
    /// <param name="load">Sends the load, and returns its result.</param>
    /// <param name="pause">Time between two probes.</param>
    /// <param name="probe">Runs a probe; its first argument is the number of the probe, from 0.</param>
    /// <param name="cancellationToken">Cancels the load and the probes.</param>
    private async Task<LoadResult> BesideAsync(
        Func<Task<LoadResult>> load, TimeSpan pause, Func<int, CancellationToken, Task> probe, CancellationToken cancellationToken)
    {
        using CancellationTokenSource probing = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task probes = ProbeAsync();
        LoadResult result = await load();
        await probing.CancelAsync();
        await probes;
        return result;

        async Task ProbeAsync()
        {
            try
            {
                for (int number = 0; !probing.IsCancellationRequested; number++)
                {
                    await probe(number, probing.Token);
                    await Task.Delay(pause, time, probing.Token);
                }
            }
            catch (OperationCanceledException)
            {
                // The load has ended.
            }
        }
    }

    /// <summary>Measures the rate of a rebuild of every profile, the catalogue and the trends from the log.</summary>
    private async Task RebuildAsync(RecSysClient client, CancellationToken cancellationToken)
    {
        long records = (await client.GetStatusAsync(cancellationToken)).LogEnd;
        long start = time.GetTimestamp();
        JobResponse job = await client.StartJobAsync(new JobRequest { Kind = "rebuild" }, cancellationToken);
        await client.WaitForJobAsync(job.Id, cancellationToken: cancellationToken);
        await CatchUp.WaitAsync(client, time, cancellationToken);
        double seconds = time.GetElapsedTime(start).TotalSeconds;
        figures.Add("ingest.rebuild.rate", records / seconds, "records/s", $"{Terminal.Number(records)} records from the log into actors, catalogue and trends");
    }

    private static async Task<(long Records, double LagMs)> LagAsync(RecSysClient client, CancellationToken cancellationToken)
    {
        PartitionsResponse partitions = await client.GetPartitionsAsync(cancellationToken);
        return (partitions.LagRecords, partitions.LagMs ?? 0);
    }

    private HttpRequestMessage Batch(long number) => Load.Interactions(_batches[number % _batches.Length]);

    private static HttpRequestMessage Single(long number)
    {
        ulong mixed = new SeededRandom(7, (ulong)number).NextUInt64();
        return Load.Interactions(Encoding.UTF8.GetBytes(Row(mixed)));
    }

    private static string User(long number) => string.Create(CultureInfo.InvariantCulture, $"user-{number * 7_919 % Users}");

    private static byte[][] MakeBatches()
    {
        SeededRandom random = new(1);
        byte[][] batches = new byte[DistinctBatches][];
        for (int i = 0; i < batches.Length; i++)
        {
            StringBuilder text = new("[");
            for (int row = 0; row < BatchRows; row++)
            {
                text.Append(row == 0 ? "" : ",").Append(Row(random.NextUInt64()));
            }

            batches[i] = Encoding.UTF8.GetBytes(text.Append(']').ToString());
        }

        return batches;
    }

    // Returns a row with a random user and one of 10,000 items. All users are equally frequent; items with lower numbers are more frequent.
    private static string Row(ulong random)
    {
        double user = (random & 0xFFFF_FFFF) / 4294967296.0;
        double item = (random >> 32) / 4294967296.0;
        return string.Create(
            CultureInfo.InvariantCulture,
            $$"""{"userId":"user-{{(int)(user * Users)}}","itemId":"item-{{(int)(item * item * 10_000)}}","type":"{{(random % 5 == 0 ? "click" : "view")}}"}""");
    }
}
