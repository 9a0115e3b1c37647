using System.Globalization;
using RecSys.Client;
using RecSys.Eng.Servers;

namespace RecSys.Eng.Chaos;

/// <summary>The disturbances of a run; each ends when all nodes are ready again.</summary>
/// <param name="cluster">The nodes.</param>
/// <param name="ledger">What was acknowledged.</param>
/// <param name="record">What was seen.</param>
/// <param name="persons">Persons to erase.</param>
/// <param name="bars">What is required.</param>
/// <param name="oldProgram">The path of the program that the nodes ran at first.</param>
/// <param name="options">The times of the run.</param>
/// <param name="random">Chooses nodes and users.</param>
internal sealed class ChaosSteps(
    ChaosCluster cluster, ChaosLedger ledger, ChaosRecord record, ChaosPersons persons, ChaosBars bars, string oldProgram, ChaosOptions options, Random random)
{
    private const string Kill = "kill";
    private const string KillOldest = "oldest";
    private const string Suspend = "stop";
    private const string Restart = "restart";
    private const string Hang = "hang";
    private const string Database = "database";
    private const string Kafka = "kafka";
    private const string Train = "train";
    private const string Erase = "erase";
    private const string Upgrade = "upgrade";
    private const string Downgrade = "downgrade";

    private const int UsersAsked = 256;
    private const int AskedAtOnce = 4;
    private const double StaleMsMin = 15_000;

    private static readonly TimeSpan SuspendedFor = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan AfterResume = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan DownedMax = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan HungFor = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan DatabaseAway = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan KafkaAway = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan PolledEvery = TimeSpan.FromMilliseconds(250);

    private readonly TimeSpan _fullMax = TimeSpan.FromSeconds(20) * options.Margin;
    private readonly TimeSpan _askedFor = TimeSpan.FromSeconds(60) * options.Margin;
    private readonly TimeSpan _currentMax = TimeSpan.FromSeconds(60) * options.Margin;
    private readonly TimeSpan _erasureMax = TimeSpan.FromSeconds(60) * options.Margin;
    private readonly TimeSpan _leftMax = TimeSpan.FromSeconds(30) * options.Margin;
    private readonly TimeSpan _servedMax = TimeSpan.FromSeconds(30) * options.Margin;
    private readonly List<(int Node, int? ExitCode)> _exits = [];

    /// <summary>Gets the names of all steps, in the order in which they run.</summary>
    public static IReadOnlyList<string> Names { get; } = [Train, Kill, KillOldest, Suspend, Restart, Hang, Erase, Database, Kafka];

    /// <summary>Gets the names of the steps that need two versions of the program.</summary>
    public static IReadOnlyList<string> NamesOfTwoVersions { get; } = [Upgrade, Downgrade];

    /// <summary>Gets the exit codes of the nodes that were stopped in order.</summary>
    public IReadOnlyList<(int Node, int? ExitCode)> Exits => _exits;

    /// <summary>Returns the time that a step takes about.</summary>
    public static TimeSpan DurationOf(string step) => step switch
    {
        Upgrade or Downgrade => TimeSpan.FromSeconds(150),
        Restart => TimeSpan.FromSeconds(90),
        Suspend or Database => TimeSpan.FromSeconds(60),
        Train or Erase => TimeSpan.FromSeconds(15),
        _ => TimeSpan.FromSeconds(45),
    };

    /// <summary>Runs a step.</summary>
    public async Task RunAsync(string step, CancellationToken cancellationToken)
    {
        record.BeginStep(step, areAllDisturbed: step is Database or Kafka);
        await (step switch
        {
            Kill => KillAsync(cluster.Nodes.Where(node => node != cluster.Oldest).ElementAt(random.Next(2)), "a node", cancellationToken),
            KillOldest => KillAsync(cluster.Oldest, "the oldest node", cancellationToken),
            Suspend => SuspendAsync(cluster.Nodes[random.Next(cluster.Nodes.Count)], cancellationToken),
            Restart => RestartAsync(cancellationToken),
            Hang => HangAsync(cluster.Nodes[random.Next(cluster.Nodes.Count)], cancellationToken),
            Upgrade => ReplaceAsync(ServerUnderTest.Program, cancellationToken),
            Downgrade => ReplaceAsync(oldProgram, cancellationToken),
            Database => DatabaseAsync(cancellationToken),
            Kafka => KafkaAsync(cancellationToken),
            Train => TrainAsync(cancellationToken),
            _ => EraseAsync(cancellationToken),
        });
        await Task.Delay(options.Settling, TimeProvider.System, cancellationToken);
    }

    /// <summary>Stops all nodes in order, one after another.</summary>
    public async Task StopAllAsync()
    {
        foreach (ChaosNode node in cluster.Nodes)
        {
            _exits.Add((node.Number, await node.StopAsync()));
        }
    }

    private async Task KillAsync(ChaosNode node, string what, CancellationToken cancellationToken)
    {
        record.Disturb(node);
        long began = TimeProvider.System.GetTimestamp();
        await node.KillAsync();
        (TimeSpan last, int never) = await UntilFullAsync(began, cancellationToken);
        bars.Add(
            string.Create(CultureInfo.InvariantCulture, $"{UsersAsked} users get full answers within {_fullMax.TotalSeconds} s after kill -9 of {what}"),
            never > 0
                ? string.Create(CultureInfo.InvariantCulture, $"{never} got none within {_askedFor.TotalSeconds} s")
                : string.Create(CultureInfo.InvariantCulture, $"the last one after {last.TotalSeconds:0.0} s"),
            never == 0 && last <= _fullMax);
        await cluster.StartAsync(node, cancellationToken);
        await ChaosCluster.UntilReadyAsync(node, cancellationToken);
    }

    /// <summary>Asks the running nodes for slates of users until each user had a full one.</summary>
    /// <returns>The time of the last user's first full answer, and the number of users that had none.</returns>
    private async Task<(TimeSpan Last, int Never)> UntilFullAsync(long began, CancellationToken cancellationToken)
    {
        HashSet<int> waiting = [];
        while (waiting.Count < Math.Min(UsersAsked, ledger.Users))
        {
            waiting.Add(random.Next(ledger.Users));
        }

        TimeSpan last = TimeSpan.Zero;
        while (waiting.Count > 0 && TimeProvider.System.GetElapsedTime(began) < _askedFor)
        {
            ParallelOptions parallel = new() { MaxDegreeOfParallelism = AskedAtOnce, CancellationToken = cancellationToken };
            await Parallel.ForEachAsync(waiting.ToArray(), parallel, async (user, cancel) =>
            {
                ChaosNode[] running = [.. cluster.Nodes.Where(node => node is { IsDisturbed: false, Client: not null })];
                if (await IsFullAsync(running[user % running.Length], user, cancel))
                {
                    lock (waiting)
                    {
                        waiting.Remove(user);
                        last = TimeProvider.System.GetElapsedTime(began);
                    }
                }
            });
            await Task.Delay(PolledEvery, TimeProvider.System, cancellationToken);
        }

        return (last, waiting.Count);
    }

    private static async Task<bool> IsFullAsync(ChaosNode node, int user, CancellationToken cancellationToken)
    {
        try
        {
            return (await node.Client!.GetRecommendationsAsync(ChaosLedger.UserOf(user), cancellationToken: cancellationToken)).ServedBy == "full";
        }
        catch (RecSysException)
        {
            return false;
        }
    }

    private async Task SuspendAsync(ChaosNode node, CancellationToken cancellationToken)
    {
        record.Disturb(node);
        int order = node.Order;
        node.Suspend();
        await Task.Delay(SuspendedFor, TimeProvider.System, cancellationToken);
        int[] users = [.. Enumerable.Range(0, 50).Select(_ => random.Next(ledger.Users))];
        int[] held = [.. users.Select(ledger.AcknowledgedOf)];
        node.Resume();
        await JudgeResumedAsync(node, users, held, cancellationToken);

        // The others removed it, so it ends, and its supervisor starts it again.
        long began = TimeProvider.System.GetTimestamp();
        while (node.Order == order && TimeProvider.System.GetElapsedTime(began) < DownedMax)
        {
            await Task.Delay(PolledEvery, TimeProvider.System, cancellationToken);
        }

        bars.Add("a node that was suspended for 20 s ends with exit code 3, and its supervisor starts it again", node.Order == order ? "it still runs" : string.Join("; ", cluster.Ends.TakeLast(1)),
            node.Order != order && cluster.Ends is [.., { } end] && end.Contains("exit code 3", StringComparison.Ordinal));
        await ChaosCluster.UntilReadyAsync(node, cancellationToken);
    }

    /// <summary>Judges the answers of a resumed node in its first second: each is declared stale, or has all that was acknowledged before.</summary>
    private async Task JudgeResumedAsync(ChaosNode node, int[] users, int[] held, CancellationToken cancellationToken)
    {
        long began = TimeProvider.System.GetTimestamp();
        RecSysClient client = node.Client!;
        string? first = null;
        bool isFirstStale = true;
        int answers = 0;
        List<string> wrong = [];
        for (int i = 0; i < users.Length && TimeProvider.System.GetElapsedTime(began) < AfterResume; i++)
        {
            try
            {
                RecommendationsResponse slate = await client.GetRecommendationsAsync(ChaosLedger.UserOf(users[i]), cancellationToken: cancellationToken);
                answers++;
                bool isStale = slate.Degraded || slate.FreshnessMs is null or >= StaleMsMin;
                string found = string.Create(CultureInfo.InvariantCulture, $"{slate.ServedBy}, freshness {slate.FreshnessMs:0} ms, after {TimeProvider.System.GetElapsedTime(began).TotalMilliseconds:0} ms");
                isFirstStale = first is null ? isStale : isFirstStale;
                first ??= found;
                if (!isStale && slate.InteractionsHeld < held[i])
                {
                    wrong.Add(string.Create(CultureInfo.InvariantCulture, $"{found}, but {held[i] - slate.InteractionsHeld} acknowledged interactions are missing"));
                }
            }
            catch (RecSysException failure)
            {
                first ??= failure.Message;
            }
        }

        bars.Add(
            "the first answer within 1 s of SIGCONT is degraded, or its freshness is 15,000 ms or more",
            first ?? "no answer", isFirstStale);
        bars.Add(
            "no answer within 1 s of SIGCONT claims to be fresh and lacks acknowledged interactions",
            string.Create(CultureInfo.InvariantCulture, $"{answers} answers, {wrong.Count} wrong{(wrong.Count > 0 ? $": {wrong[0]}" : "")}"), wrong.Count == 0);
    }

    private async Task RestartAsync(CancellationToken cancellationToken)
    {
        foreach (ChaosNode node in cluster.Nodes)
        {
            await RestartAsync(node, cancellationToken);
        }
    }

    private async Task RestartAsync(ChaosNode node, CancellationToken cancellationToken)
    {
        record.Disturb(node);
        _exits.Add((node.Number, await node.StopAsync()));
        await cluster.StartAsync(node, cancellationToken);
        await ChaosCluster.UntilReadyAsync(node, cancellationToken);
        await Task.Delay(options.Settling, TimeProvider.System, cancellationToken);
    }

    /// <summary>Holds what a node writes to the database and reads from it, and then stops the node in order.</summary>
    private async Task HangAsync(ChaosNode node, CancellationToken cancellationToken)
    {
        record.Disturb(node);
        node.HoldDatabase();
        await Task.Delay(HungFor, TimeProvider.System, cancellationToken);
        long began = TimeProvider.System.GetTimestamp();
        int? exitCode = await node.StopAsync();
        TimeSpan took = TimeProvider.System.GetElapsedTime(began);
        node.Database.Release();
        bars.Add(
            string.Create(CultureInfo.InvariantCulture, $"a node whose database does not answer ends within {_leftMax.TotalSeconds} s of SIGTERM"),
            exitCode is { } code ? string.Create(CultureInfo.InvariantCulture, $"exit code {code} after {took.TotalSeconds:0.0} s") : "it had to be killed",
            exitCode is not null && took <= _leftMax);
        await cluster.StartAsync(node, cancellationToken);
        await ChaosCluster.UntilReadyAsync(node, cancellationToken);
    }

    /// <summary>Replaces the program of one node after another. While nodes of both versions run, models are trained and persons erased.</summary>
    private async Task ReplaceAsync(string program, CancellationToken cancellationToken)
    {
        List<string> receipts = [];
        foreach (ChaosNode node in cluster.Nodes)
        {
            node.Program = program;
            await RestartAsync(node, cancellationToken);
            if (node != cluster.Nodes[^1])
            {
                await TrainAsync(cancellationToken);
                receipts.Add(await BeginErasureAsync(cancellationToken));
            }
        }

        await JudgeErasuresAsync("the erasures that began while two versions ran are done on all nodes", receipts, cancellationToken);
    }

    private async Task DatabaseAsync(CancellationToken cancellationToken)
    {
        await cluster.Database.StopAsync(cancellationToken);
        await Task.Delay(DatabaseAway, TimeProvider.System, cancellationToken);
        await cluster.Database.StartAgainAsync(cancellationToken);
        await JudgeReturnAsync("the database is back", cancellationToken);
    }

    private async Task KafkaAsync(CancellationToken cancellationToken)
    {
        await cluster.Kafka.StopAsync(cancellationToken);
        await Task.Delay(KafkaAway, TimeProvider.System, cancellationToken);
        await cluster.Kafka.StartAgainAsync(cancellationToken);
        await JudgeReturnAsync("Kafka is back", cancellationToken);
    }

    /// <summary>Waits until all nodes are ready and report a small lag again.</summary>
    private async Task JudgeReturnAsync(string when, CancellationToken cancellationToken)
    {
        long began = TimeProvider.System.GetTimestamp();
        TimeSpan took = TimeSpan.Zero;
        bool isCurrent = false;
        while (!isCurrent && (took = TimeProvider.System.GetElapsedTime(began)) < _currentMax)
        {
            await Task.Delay(PolledEvery, TimeProvider.System, cancellationToken);
            bool[] current = await Task.WhenAll(cluster.Nodes.Select(node => IsCurrentAsync(node, cancellationToken)));
            isCurrent = current.All(one => one);
        }

        bars.Add(
            string.Create(CultureInfo.InvariantCulture, $"all nodes are ready with a lag of at most 2 s within {_currentMax.TotalSeconds} s after {when}"),
            isCurrent ? string.Create(CultureInfo.InvariantCulture, $"after {took.TotalSeconds:0.0} s") : "they are not", isCurrent);
    }

    private static async Task<bool> IsCurrentAsync(ChaosNode node, CancellationToken cancellationToken)
    {
        try
        {
            return node.IsReady && node.Client is { } client && (await client.GetStatusAsync(cancellationToken)).FreshnessMs <= 2_000;
        }
        catch (RecSysException)
        {
            return false;
        }
    }

    /// <summary>Trains a model, and waits until all nodes serve it.</summary>
    public async Task TrainAsync(CancellationToken cancellationToken)
    {
        RecSysClient client = cluster.Nodes[random.Next(cluster.Nodes.Count)].Client!;
        JobResponse job = await client.StartJobAsync(new JobRequest { Kind = "train" }, cancellationToken);
        JobResponse ended = await client.WaitForJobAsync(job.Id, cancellationToken: cancellationToken);
        string? newest = (await client.GetModelsAsync(cancellationToken)).Items is [var first, ..] ? first.Version : null;
        long began = TimeProvider.System.GetTimestamp();
        string?[] served = [];
        while (TimeProvider.System.GetElapsedTime(began) < _servedMax && (served.Length == 0 || served.Any(version => version is null || version != newest)))
        {
            await Task.Delay(PolledEvery, TimeProvider.System, cancellationToken);
            served = await Task.WhenAll(cluster.Nodes.Select(async node => (await node.Client!.GetStatusAsync(cancellationToken)).ModelVersion));
        }

        bars.Add(
            string.Create(CultureInfo.InvariantCulture, $"all nodes serve a new model within {_servedMax.TotalSeconds} s"),
            ended.State != JobStates.Succeeded
                ? $"the training ended as {ended.State}: {ended.Message}"
                : string.Create(CultureInfo.InvariantCulture, $"after {TimeProvider.System.GetElapsedTime(began).TotalSeconds:0.0} s: {string.Join(", ", served.Select(version => version ?? "none"))}"),
            ended.State == JobStates.Succeeded && newest is not null && served.All(version => version == newest));
    }

    private async Task EraseAsync(CancellationToken cancellationToken) =>
        await JudgeErasuresAsync("an erasure is done on all nodes", [await BeginErasureAsync(cancellationToken)], cancellationToken);

    private async Task<string> BeginErasureAsync(CancellationToken cancellationToken)
    {
        RecSysClient client = cluster.Nodes[random.Next(cluster.Nodes.Count)].Client!;
        return await persons.EraseAsync(client, await persons.AddAsync(client, cancellationToken), cancellationToken);
    }

    private async Task JudgeErasuresAsync(string what, IReadOnlyList<string> receipts, CancellationToken cancellationToken)
    {
        long began = TimeProvider.System.GetTimestamp();
        ErasureStatusResponse?[] states = [];
        while (TimeProvider.System.GetElapsedTime(began) < _erasureMax && (states.Length == 0 || states.Any(state => state?.State != "done")))
        {
            await Task.Delay(PolledEvery, TimeProvider.System, cancellationToken);
            states = await Task.WhenAll(cluster.Nodes.SelectMany(node => receipts.Select(receipt => node.Client!.GetErasureAsync(receipt, cancellationToken))));
        }

        bars.Add(
            string.Create(CultureInfo.InvariantCulture, $"{what} within {_erasureMax.TotalSeconds} s"),
            string.Create(CultureInfo.InvariantCulture, $"after {TimeProvider.System.GetElapsedTime(began).TotalSeconds:0.0} s: {string.Join(", ", states.Select(state => state?.State ?? "unknown"))}"),
            states.All(state => state?.State == "done"));
    }
}
