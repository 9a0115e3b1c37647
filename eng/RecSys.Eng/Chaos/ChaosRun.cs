using System.Globalization;
using RecSys.Client;
using RecSys.Eng.Servers;
using RecSys.TestKit;
using RecSys.TestKit.Servers;

namespace RecSys.Eng.Chaos;

/// <summary>Disturbs three nodes over one log on Kafka and one PostgreSQL in turn, while interactions are recorded and slates are asked for, and checks the data at the end.</summary>
/// <remarks>Each acknowledged interaction must be held once, and each profile must equal the fold of the log, byte for byte.</remarks>
internal static class ChaosRun
{
    private const double LagOfOthersMsMax = 2_000;

    /// <summary>The part of the run's time before the first step: 1 of so many.</summary>
    private const int WarmUpShare = 8;

    private const string Table = "seconds.md";

    private static readonly TimeSpan WarmUpMax = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    /// <summary>Runs the steps and reports the bars.</summary>
    /// <returns>0 if all are met or the run is skipped, else 1; 2 for an invalid option.</returns>
    public static async Task<int> ReportAsync(ChaosOptions options, Report report, CancellationToken cancellationToken)
    {
        if (options.Problem() is { } problem)
        {
            await Console.Error.WriteLineAsync(problem);
            return 2;
        }

        if ((KafkaServer.Missing ?? PostgresServer.Missing) is { } missing)
        {
            await Console.Out.WriteLineAsync($"chaos: SKIPPED, {missing}");
            return 0;
        }

        DirectoryInfo folder = Directory.CreateTempSubdirectory("recsys-chaos-");
        string logs = Directory.CreateDirectory(options.Logs ?? Path.Combine(folder.FullName, "logs")).FullName;
        ChaosBars bars = new();
        bool isKept = options.Logs is null;
        try
        {
            await RunAsync(folder.FullName, logs, options, bars, report, cancellationToken);
            isKept &= !bars.AreMet;
            return bars.AreMet ? 0 : 1;
        }
        finally
        {
            if (isKept)
            {
                await Console.Error.WriteLineAsync($"the logs of the nodes are in {logs}");
            }
            else
            {
                folder.Delete(recursive: true);
            }
        }
    }

    private static async Task RunAsync(string folder, string logs, ChaosOptions options, ChaosBars bars, Report report, CancellationToken cancellationToken)
    {
        string program = options.From is { } from ? await PublishedProgram.GetAsync(from, Path.Combine(folder, "from"), cancellationToken) : ServerUnderTest.Program;
        await using ChaosCluster cluster = await ChaosCluster.StartAsync(folder, program, options.Margin, cancellationToken);
        try
        {
            ChaosLedger ledger = new(options.Users);
            ChaosRecord record = new(LagOfOthersMsMax * options.Margin);
            ChaosPersons persons = new();
            ChaosSteps steps = new(cluster, ledger, record, persons, bars, program, options, new Random(options.Seed));
            await LoadAsync(cluster, ledger, record, steps, logs, options, cancellationToken);
            await ChaosCheck.HistoriesAsync(cluster, ledger, bars, cancellationToken);
            await steps.StopAllAsync();
            await ChaosCheck.StatesAsync(cluster, ledger, persons, bars, cancellationToken);
            Judge(record, steps, bars);
            string[] crashes = [.. cluster.Ends.Where(end => !end.Contains("disturbed", StringComparison.Ordinal))];
            bars.Add("no undisturbed node ends", crashes.Length == 0 ? "none ended" : string.Join("; ", crashes), crashes.Length == 0);
            Write(record, cluster, bars, ledger, options, report);
        }
        finally
        {
            foreach (ChaosNode node in cluster.Nodes)
            {
                await node.WriteLogAsync(logs);
            }
        }
    }

    /// <summary>Runs the steps beside writers and readers, until all interactions are acknowledged.</summary>
    private static async Task LoadAsync(
        ChaosCluster cluster, ChaosLedger ledger, ChaosRecord record, ChaosSteps steps, string logs, ChaosOptions options, CancellationToken cancellationToken)
    {
        foreach (ChaosNode node in cluster.Nodes)
        {
            await ChaosCluster.UntilReadyAsync(node, cancellationToken);
        }

        await cluster.Nodes[0].Client!.PutItemsAsync(
            [.. Enumerable.Range(0, ChaosWriters.Items).Select(item => new ItemRow { ItemId = ChaosWriters.ItemOf(item), Title = $"title of {ChaosWriters.ItemOf(item)}" })], cancellationToken);
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task supervision = cluster.SuperviseAsync(stop.Token);
        Task beside = Task.WhenAny(
            Task.WhenAll(new ChaosReaders(cluster, ledger, record, options).RunAsync(stop.Token), supervision, PrintAsync(record, Path.Combine(logs, Table), stop.Token)),
            supervision).Unwrap();
        try
        {
            TimeSpan pace = options.Pace ?? WarmUpMax + TimeSpan.FromSeconds(options.Steps.Sum(step => ChaosSteps.DurationOf(step).TotalSeconds));
            TimeSpan warmUp = TimeSpan.FromTicks(Math.Min(WarmUpMax.Ticks, pace.Ticks / WarmUpShare));
            Task writers = new ChaosWriters(cluster, ledger, record, options).RunAsync(pace, stop.Token);
            await Task.WhenAny(writers, Task.Delay(warmUp, TimeProvider.System, cancellationToken));
            await steps.TrainAsync(cancellationToken); // without a model no slate is full
            foreach (string step in options.Steps)
            {
                await steps.RunAsync(step, cancellationToken);
                if (beside.IsCompleted)
                {
                    await beside; // a node that ended cannot be started again
                }
            }

            record.BeginStep("rest", areAllDisturbed: false);
            await writers;
            record.End();
        }
        finally
        {
            await stop.CancelAsync();
            await beside.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await beside;
    }

    private static async Task PrintAsync(ChaosRecord record, string table, CancellationToken cancellationToken)
    {
        await using StreamWriter file = new(table);
        await LineAsync(ChaosRecord.Heading);
        await LineAsync("|---|---|---|---|---|---|---|---|---|---|");
        using PeriodicTimer timer = new(Second, TimeProvider.System);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                await LineAsync(record.EndSecond());
            }
        }
        catch (OperationCanceledException)
        {
            // The run ends.
        }

        async Task LineAsync(string line)
        {
            await Console.Out.WriteLineAsync(line);
            await file.WriteLineAsync(line);
        }
    }

    private static void Judge(ChaosRecord record, ChaosSteps steps, ChaosBars bars)
    {
        IReadOnlyList<ChaosSpan> judged = [.. record.Steps.Skip(1)]; // not the start
        bars.Add("at least one node is ready at any time", $"at most {judged.Max(step => step.Unready)} unready at the same time", judged.All(step => step.Unready < 3));
        int failed = judged.Sum(step => step.Failed);
        bars.Add(
            "no 5xx and no missing answer of an undisturbed node",
            string.Create(CultureInfo.InvariantCulture, $"{failed} of {judged.Sum(step => step.Slates):N0} slates{(failed > 0 ? $": {string.Join("; ", record.Failures.Take(3))}" : "")}"),
            failed == 0);
        double lag = judged.Max(step => step.LagOfOthersMs);
        bars.Add(
            string.Create(CultureInfo.InvariantCulture, $"the lag of the partitions of other nodes is at most {record.LagMsMax / 1_000:0} s"),
            string.Create(CultureInfo.InvariantCulture, $"at most {lag:N0} ms{(record.Lags.Count > 0 ? $": {string.Join("; ", record.Lags.Take(3))}" : "")}"), lag <= record.LagMsMax);
        bars.Add(
            "a node that is stopped in order ends with exit code 0",
            string.Join(", ", steps.Exits.Select(exit => $"node {exit.Node}: {exit.ExitCode?.ToString(CultureInfo.InvariantCulture) ?? "killed after 60 s"}")),
            steps.Exits.All(exit => exit.ExitCode == 0));
    }

    private static void Write(ChaosRecord record, ChaosCluster cluster, ChaosBars bars, ChaosLedger ledger, ChaosOptions options, Report report)
    {
        report.Line(string.Create(
            CultureInfo.InvariantCulture,
            $"{Report.Date()}: {ledger.Total:N0} acknowledged interactions of {options.Users:N0} users, three nodes, {ChaosCluster.Partitions} partitions, seed {options.Seed}, {Environment.ProcessorCount} cores."));
        if (options.From is { } from)
        {
            report.Line("");
            report.Line($"The nodes began with the program {from}.");
        }

        report.Line("");
        report.Row("step", "slates", "full", "p95 ms", "failed", "failed of the disturbed node", "most unready", "freshness ms", "lag of others ms", "repeated writes", "acknowledged");
        report.Line("|---|---|---|---|---|---|---|---|---|---|---|");
        foreach (ChaosSpan step in record.Steps)
        {
            report.Row(
                [
                    step.Name, .. new double[] { step.Slates }.Select(Number), step.Slates == 0 ? "-" : $"{100.0 * step.Full / step.Slates:0.0} %",
                    .. new double[] { step.P95Ms, step.Failed, step.FailedOfDisturbed, step.Unready, step.FreshnessMs, step.LagOfOthersMs, step.FailedWrites, step.Acknowledged }.Select(Number),
                ]);
        }

        report.Line("");
        report.Row("bar", "", "result");
        report.Line("|---|---|---|");
        foreach ((string bar, string found, bool isMet) in bars.All)
        {
            report.Row(bar, isMet ? "met" : "**missed**", found);
        }

        foreach (string end in cluster.Ends)
        {
            report.Line("");
            report.Line(end);
        }

        report.Save();
    }

    private static string Number(double value) => value.ToString("N0", CultureInfo.InvariantCulture);
}
