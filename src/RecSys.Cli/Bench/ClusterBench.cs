using System.Globalization;
using RecSys.Cli.Hosting;
using RecSys.Client;
using RecSys.Core;
using RecSys.Core.Log;
using RecSys.Core.Ports;
using RecSys.Kafka;
using RecSys.Numerics;
using RecSys.Postgres;

namespace RecSys.Cli.Bench;

/// <summary>Measures nodes over a log on Kafka and states in PostgreSQL, on running servers: saves, ingestion from Kafka, local and remote reads, a failover, and loading users; also the message rate of Akka alone.</summary>
/// <remarks>The nodes run on this machine, on the same cores as the sender, and Kafka and PostgreSQL too if they do. The topic and the schema are this run's own and are removed at its end.</remarks>
internal sealed class ClusterBench(Figures figures, TimeProvider time)
{
    /// <summary>The states of one group of saves, as user actors save them.</summary>
    private const int SaveGroup = 512;

    private const int SaveGroupsAtOnce = 2;
    private const int StateBytes = 1_000;
    private const int SavedOwners = 20 * SaveGroup;

    private const int BatchRecords = 2_000;
    private const int BatchesAtOnce = 8;
    private const int Users = 50_000;
    private const int Items = 10_000;

    private const int WakeConnections = 64;
    private const int FailoverUsersMax = 64;

    private static readonly TimeSpan PollPeriod = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan FailoverMax = TimeSpan.FromMinutes(2);

    /// <summary>Runs all measurements.</summary>
    /// <param name="place">The topic and the schema of this run.</param>
    /// <param name="records">Number of interactions in the log.</param>
    /// <param name="duration">Duration of each load.</param>
    /// <param name="cancellationToken">Cancels the measurement; the topic and the schema are removed.</param>
    /// <exception cref="CommandException">A node does not start, or a figure cannot be measured.</exception>
    public async Task RunAsync(ClusterPlace place, int records, TimeSpan duration, CancellationToken cancellationToken)
    {
        await AkkaBench.RunAsync(figures, time, cancellationToken);
        string first = place.FolderOf(0);
        await using (ServerProcess node = await StartAsync(place, 0, cancellationToken))
        {
            await node.StopAsync(); // the node has created the topic, the tables and the key of the owners
        }

        await SavesAsync(place, duration, cancellationToken);
        LogShape shape;
        OwnerHash owners;
        await using (KafkaInteractionLog log = await place.OpenLogAsync(first))
        {
            shape = log.Shape;
            owners = ClusterPlace.OwnersOf(first);
            await AppendAsync(log, records, cancellationToken);
        }

        await using ServerProcess one = await StartAsync(place, 0, cancellationToken);
        await IngestAsync(one, records, cancellationToken);
        await using (ServerProcess two = await StartAsync(place, 1, cancellationToken))
        {
            int[] remote = await BalanceAsync(two, shape, cancellationToken);
            string[] near = UsersOf(shape, owners, partition => !remote.Contains(partition));
            string[] far = UsersOf(shape, owners, remote.Contains);
            await ReadsAsync(one, near, far, duration, cancellationToken);
            await FailoverAsync(one, two, far, cancellationToken);
        }

        await one.StopAsync();
        await WakeAsync(place, duration, cancellationToken);
    }

    private Task<ServerProcess> StartAsync(ClusterPlace place, int node, CancellationToken cancellationToken) =>
        ServerProcess.StartAsync(place.FolderOf(node), place.SettingsOf(node), time, cancellationToken);

    /// <summary>Measures saves of states of 1 kB in groups, as the user actors of a node send them.</summary>
    private async Task SavesAsync(ClusterPlace place, TimeSpan duration, CancellationToken cancellationToken)
    {
        await using PostgresStore store = place.OpenStore();
        PostgresSnapshotTable table = new(store);
        SeededRandom random = new(5);
        byte[] state = new byte[StateBytes];
        foreach (ref byte part in state.AsSpan())
        {
            part = (byte)random.NextUInt64();
        }

        SavedState[][] groups = [.. Enumerable.Range(0, SavedOwners).Select(owner => new SavedState($"bench-{owner}", 1, state)).Chunk(SaveGroup)];
        long start = time.GetTimestamp();
        await SaveAllAsync(1);
        figures.Add("cluster.saves.first", SavedOwners / time.GetElapsedTime(start).TotalSeconds, "states/s", $"of {StateBytes} bytes, new rows, groups of {SaveGroup}, {SaveGroupsAtOnce} at the same time");
        start = time.GetTimestamp();
        long saved = 0;
        for (long revision = 2; time.GetElapsedTime(start) < duration; revision++)
        {
            await SaveAllAsync(revision);
            saved += SavedOwners;
        }

        figures.Add("cluster.saves", saved / time.GetElapsedTime(start).TotalSeconds, "states/s", "the same rows again");

        async Task SaveAllAsync(long revision) => await Parallel.ForEachAsync(
            groups,
            new ParallelOptions { MaxDegreeOfParallelism = SaveGroupsAtOnce, CancellationToken = cancellationToken },
            async (group, cancel) =>
            {
                SaveOutcome[] outcomes = await table.SaveAsync([.. group.Select(row => row with { Revision = revision })], cancel);
                if (Array.Exists(outcomes, outcome => outcome != SaveOutcome.Saved))
                {
                    throw new CommandException("a state was not saved: another program writes to this run's schema");
                }
            });
    }

    private async Task AppendAsync(KafkaInteractionLog log, int records, CancellationToken cancellationToken)
    {
        long nowMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        long start = time.GetTimestamp();
        await Parallel.ForEachAsync(
            Enumerable.Range(0, (records + BatchRecords - 1) / BatchRecords),
            new ParallelOptions { MaxDegreeOfParallelism = BatchesAtOnce, CancellationToken = cancellationToken },
            async (batch, cancel) =>
            {
                SeededRandom random = new(3, (ulong)batch);
                LogRecord[] rows = new LogRecord[Math.Min(BatchRecords, records - (batch * BatchRecords))];
                for (int row = 0; row < rows.Length; row++)
                {
                    rows[row] = new LogRecord.Interaction(
                        new UserId(UserOf((int)(random.NextUInt64() % Users))), new ItemId(string.Create(CultureInfo.InvariantCulture, $"item-{random.NextUInt64() % Items}")), "view", nowMs);
                }

                await log.AppendAsync(rows, cancel);
            });
        figures.Add("cluster.append", records / time.GetElapsedTime(start).TotalSeconds, "interactions/s", $"acknowledged by Kafka, batches of {BatchRecords}, {BatchesAtOnce} at the same time");
    }

    /// <summary>Measures a node that reads the whole log: from the first record that it has read until all are applied, and until all states are saved.</summary>
    private async Task IngestAsync(ServerProcess node, int records, CancellationToken cancellationToken)
    {
        using RecSysClient client = Client(node);
        long began = 0;
        long before = 0;
        while (true)
        {
            IReadOnlyList<ClusterPartition> partitions = (await client.GetPartitionsAsync(cancellationToken)).Partitions;
            if (partitions.FirstOrDefault(partition => partition.Fault is not null) is { } failed)
            {
                throw new CommandException($"partition {failed.Partition} is not ingested: {failed.Fault}");
            }

            long next = partitions.Sum(partition => partition.Next ?? 0);
            if (began == 0 && next > 0)
            {
                (began, before) = (time.GetTimestamp(), next);
            }

            if (next >= records && partitions.All(partition => partition is { LagRecords: 0, LagMs: 0 }))
            {
                break;
            }

            await Task.Delay(PollPeriod, time, cancellationToken);
        }

        double seconds = time.GetElapsedTime(began).TotalSeconds;
        if (records - before < records / 2)
        {
            throw new CommandException($"the node had already read {Terminal.Number(before)} of {Terminal.Number(records)} records when it first answered: more --records are needed for a figure");
        }

        figures.Add("cluster.ingest", (records - before) / seconds, "interactions/s", string.Create(
            CultureInfo.InvariantCulture, $"from Kafka to the profiles of {Terminal.Number(Users)} users on one node, read to applied, over {seconds:0.0} s"));
        await UntilSavedAsync(client, cancellationToken);
        figures.Add("cluster.ingest.saved_after", time.GetElapsedTime(began).TotalSeconds, "s", "until all of these states were saved too");
        figures.Add("cluster.ingest.memory", (node.AnonymousBytes() ?? 0) / 1e6, "MB", "anonymous resident memory of the node");
    }

    /// <summary>Waits until each of two nodes has half of the partitions, and returns those of the second.</summary>
    private async Task<int[]> BalanceAsync(ServerProcess two, LogShape shape, CancellationToken cancellationToken)
    {
        using RecSysClient second = Client(two);
        long start = time.GetTimestamp();
        while (time.GetElapsedTime(start) < FailoverMax)
        {
            PartitionsResponse all = await second.GetPartitionsAsync(cancellationToken);
            int[] ofSecond = [.. all.Partitions.Where(partition => partition.Node == all.Node).Select(partition => partition.Partition)];
            if (ofSecond.Length == shape.PartitionCount / 2 && all.Partitions.All(partition => partition is { LagRecords: 0, Node: not null }))
            {
                figures.Add("cluster.balanced_after", time.GetElapsedTime(start).TotalSeconds, "s", $"from the second node's start until it had {ofSecond.Length} of {shape.PartitionCount} partitions");
                return ofSecond;
            }

            await Task.Delay(PollPeriod, time, cancellationToken);
        }

        throw new CommandException($"the second node did not get half of the partitions within {FailoverMax.TotalSeconds:0} s");
    }

    /// <summary>Measures reads of profiles through one node: of users on that node, and of users on the other.</summary>
    private async Task ReadsAsync(ServerProcess node, string[] near, string[] far, TimeSpan duration, CancellationToken cancellationToken)
    {
        using HttpClient http = new(new SocketsHttpHandler { MaxConnectionsPerServer = 1 }) { BaseAddress = node.Url };
        Load load = new(http, time);
        foreach ((string name, string[] users, string note) in new[] { ("local", near, "of users on the asked node"), ("remote", far, "of users on the other node") })
        {
            await load.RunAsync(1, duration / 2, number => Read(users[number % users.Length]), cancellationToken);
            LoadResult read = await load.RunAsync(1, duration, number => Read(users[number % users.Length]), cancellationToken);
            Require(read);
            figures.Add($"cluster.read.{name}.p50", read.QuantileMs(0.50), "ms", $"a profile over HTTP, {note}, one at a time");
            figures.Add($"cluster.read.{name}.p99", read.QuantileMs(0.99), "ms");
        }
    }

    /// <summary>Measures the time from kill -9 of a node until all of its users can be read from the other.</summary>
    private async Task FailoverAsync(ServerProcess left, ServerProcess killed, string[] users, CancellationToken cancellationToken)
    {
        using RecSysClient client = new(new RecSysClientOptions { BaseAddress = left.Url, Timeout = TimeSpan.FromSeconds(5), RetriesMax = 0 });
        await killed.KillAsync();
        long start = time.GetTimestamp();
        TimeSpan[] times = await Task.WhenAll(users.Take(FailoverUsersMax).Select(async user =>
        {
            while (time.GetElapsedTime(start) < FailoverMax)
            {
                try
                {
                    await client.GetHistoryAsync(user, count: 1, cancellationToken: cancellationToken);
                    return time.GetElapsedTime(start);
                }
                catch (RecSysException)
                {
                    await Task.Delay(PollPeriod, time, cancellationToken); // the other node has not taken the user over yet
                }
            }

            throw new CommandException($"{user} could not be read within {FailoverMax.TotalSeconds:0} s after the other node was killed");
        }));
        figures.Add("cluster.failover", times.Max().TotalSeconds, "s", $"from kill -9 of a node until {times.Length} of its users were read from the other");
    }

    /// <summary>Measures the loading of users by a node that has just started.</summary>
    private async Task WakeAsync(ClusterPlace place, TimeSpan duration, CancellationToken cancellationToken)
    {
        await using ServerProcess node = await StartAsync(place, 0, cancellationToken);
        using RecSysClient client = Client(node);
        await CatchUp.WaitAsync(client, time, cancellationToken);
        await UntilSavedAsync(client, cancellationToken);
        using HttpClient http = new(new SocketsHttpHandler { MaxConnectionsPerServer = WakeConnections }) { BaseAddress = node.Url };
        Load load = new(http, time);
        const int WarmUp = Users / 5;
        await EachOnceAsync(0, WarmUp);
        LoadResult woken = await EachOnceAsync(WarmUp, Users);
        Require(woken);
        figures.Add("cluster.wake", woken, "users");

        async Task<LoadResult> EachOnceAsync(int from, int to)
        {
            using CancellationTokenSource all = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            return await load.RunAsync(
                WakeConnections,
                duration,
                number =>
                {
                    if (from + number >= to)
                    {
                        all.Cancel(); // every user is loaded
                    }

                    return Read(UserOf((int)Math.Min(to - 1, from + number)));
                },
                all.Token);
        }
    }

    private async Task UntilSavedAsync(RecSysClient client, CancellationToken cancellationToken)
    {
        while (await UnsavedUsers.CountAsync(client, cancellationToken) > 0)
        {
            await Task.Delay(PollPeriod, time, cancellationToken);
        }
    }

    private static void Require(LoadResult load)
    {
        if (load.Requests == 0)
        {
            throw new CommandException($"no request succeeded: {load.FirstFailure}");
        }
    }

    private static RecSysClient Client(ServerProcess node) => new(new RecSysClientOptions { BaseAddress = node.Url });

    private static HttpRequestMessage Read(string user) => new(HttpMethod.Get, new Uri($"/v1/users/{user}/interactions?count=1", UriKind.Relative));

    private static string UserOf(int user) => string.Create(CultureInfo.InvariantCulture, $"user-{user}");

    private static string[] UsersOf(LogShape shape, OwnerHash owners, Func<int, bool> isWanted) =>
        [.. Enumerable.Range(0, Users).Select(UserOf).Where(user => isWanted(shape.PartitionOf(owners.Of(new UserId(user)))))];
}
