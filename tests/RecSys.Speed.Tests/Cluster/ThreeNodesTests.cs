using System.Collections.Immutable;
using Akka.Actor;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using RecSys.Core;
using RecSys.Core.Log;
using RecSys.Core.Ports;
using RecSys.Speed.Ingest;
using RecSys.Speed.Users;
using RecSys.TestKit;
using Xunit;
using static RecSys.Speed.Tests.Records;

namespace RecSys.Speed.Tests.Cluster;

/// <summary>Three nodes give the same profiles as one: the fold of the log.</summary>
[Trait("Category", "Slow")]
public sealed class ThreeNodesTests
{
    private static readonly string[] Users = [.. Enumerable.Range(0, 300).Select(number => $"user {number}")];

    private static readonly TimeSpan OwnWriteMax = TimeSpan.FromSeconds(5);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_profile_equals_the_fold_of_the_log_on_every_node()
    {
        await using SpeedCluster cluster = await SpeedCluster.StartAsync(nodes: 3);

        await AppendAsync(cluster, from: 0, count: 3_000);

        await cluster.RequireFoldAsync(Users);
    }

    [Fact]
    public async Task The_largest_records_and_profiles_reach_readers_on_every_node()
    {
        await using SpeedCluster cluster = await SpeedCluster.StartAsync(nodes: 3);
        await cluster.RequireSpreadAsync();
        string[] users = [.. Users.Take(9)];
        string filler = new('x', Limits.IdBytesMax - 5);
        foreach (string user in users)
        {
            await cluster.AppendAsync(
            [
                .. Enumerable.Range(0, 600).Select(number => Click(user, $"{number:D4}-{filler}", number, $"i{number:D4}{filler}")),
                new LogRecord.UserChanged(new UserId(user), LongLabels(), null, false, 1_000),
            ]);
        }

        foreach (SpeedNode _ in cluster.Nodes)
        {
            await cluster.RequireFoldAsync(users);
            users = [.. users.Skip(1), users[0]]; // each node is asked for other users
        }
    }

    [Fact]
    public async Task Nodes_join_and_spread_the_partitions_without_an_error()
    {
        await using SpeedCluster cluster = await SpeedCluster.StartAsync(nodes: 3);
        await AppendAsync(cluster, from: 0, count: 600);

        await cluster.RequireSpreadAsync();
        await cluster.RequireFoldAsync(Users);

        Assert.Empty(cluster.Errors.Lines);
    }

    [Fact]
    public async Task Partitions_spread_over_the_nodes_and_their_users_live_beside_their_ingest_actor()
    {
        await using SpeedCluster cluster = await SpeedCluster.StartAsync(nodes: 3);
        await AppendAsync(cluster, from: 0, count: 600);
        await cluster.RequireSpreadAsync();
        await AppendAsync(cluster, from: 600, count: 600);
        await cluster.RequireFoldAsync(Users);

        Assert.Equal(SpeedCluster.PartitionCount, cluster.Nodes.Sum(node => node.Layer.IngestStatuses.All.Count())); // none is left on a node that it moved away from
        await Eventually.TrueAsync(() => cluster.Nodes.All(AreUsersLocal), "all users of a partition are on the node of its ingest actor", SpeedCluster.TimeLimit);
    }

    [Fact]
    public async Task Profiles_equal_the_fold_after_nodes_left_crashed_and_joined_amid_writes()
    {
        await using SpeedCluster cluster = await SpeedCluster.StartAsync(nodes: 3);
        await AppendAsync(cluster, from: 0, count: 500);
        await cluster.RequireSpreadAsync();

        Task left = cluster.StopAsync(cluster.Nodes[0]);
        await AppendAsync(cluster, from: 500, count: 500);
        await left;
        await cluster.AddAsync();
        await AppendAsync(cluster, from: 1_000, count: 500);
        await cluster.RequireSpreadAsync();
        Task crashed = cluster.CrashAsync(cluster.Nodes[1]);
        await AppendAsync(cluster, from: 1_500, count: 500);
        await crashed;

        await cluster.RequireFoldAsync(Users);
        await cluster.RequireSpreadAsync();
    }

    [Fact]
    public async Task A_leaving_node_whose_saves_hang_stops_only_its_own_partitions()
    {
        await using SpeedCluster cluster = await SpeedCluster.StartAsync(nodes: 3);
        await AppendAsync(cluster, from: 0, count: 600);
        await cluster.RequireSpreadAsync();
        await cluster.RequireFoldAsync(Users);
        SpeedNode leaving = cluster.Nodes[2];
        string[] ofOthers = [.. Users.Where(user => !leaving.Layer.IngestStatuses.Of(PartitionOf(user)).Now.IsRunning)];
        using CancellationTokenSource hung = new();
        leaving.Stores.Table.Hold = Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, hung.Token);
        await AppendAsync(cluster, from: 600, count: 600);

        Task stopped = cluster.StopAsync(leaving);
        int reads = 0;
        for (; !stopped.IsCompleted && reads < ofOthers.Length; reads++)
        {
            LogPosition position = await cluster.AppendAsync(Click(ofOthers[reads], "while a node leaves", 50_000 + reads));
            using CancellationTokenSource deadline = new(OwnWriteMax);
            ProfileReading reading = await cluster.Nodes[0].Profiles.GetAsync(new UserId(ofOthers[reads]), position, deadline.Token);
            Assert.True(reading.IsReflected, $"read {reads} lacks the record just written");
        }

        await hung.CancelAsync();
        await stopped;
        Assert.True(reads > 10, $"only {reads} reads");
    }

    [Fact]
    public async Task Nodes_that_stop_together_do_not_wait_for_messages_to_partitions_that_no_node_takes()
    {
        LoggedLines warnings = new(LogLevel.Warning);
        await using SpeedCluster cluster = await SpeedCluster.StartAsync(nodes: 2, add: services => services.AddSingleton<ILoggerFactory>(warnings));
        await cluster.RequireSpreadAsync();
        IActorRef[] regions = [.. cluster.Nodes.Select(node => node.Layer.Region)];

        Task stopped = Task.WhenAll(cluster.Nodes.ToArray().Select(cluster.StopAsync));
        while (!stopped.IsCompleted)
        {
            foreach (IActorRef region in regions)
            {
                for (int partition = 0; partition < SpeedCluster.PartitionCount; partition++)
                {
                    region.Tell(new IngestCommands.Run(partition));
                }
            }

            await Task.WhenAny(stopped, Task.Delay(TimeSpan.FromMilliseconds(50), Cancel));
        }

        await stopped;
        Assert.DoesNotContain(warnings.Lines, line => line.Contains("shutdown of shard region timed out", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Survivors_stay_ready_when_another_node_crashes()
    {
        await using SpeedCluster cluster = await SpeedCluster.StartAsync(nodes: 3);
        await cluster.RequireSpreadAsync();
        await Eventually.TrueAsync(
            async () => await AreReadyAsync(cluster.Nodes), "all nodes are ready", SpeedCluster.TimeLimit);

        SpeedNode crashed = cluster.HostOf(partition: 0);
        await cluster.CrashAsync(crashed);

        await Eventually.TrueAsync(
            async () =>
            {
                Assert.True(await AreReadyAsync(cluster.Nodes), "a survivor is not ready");
                return cluster.Nodes.Sum(node => node.Layer.IngestStatuses.All.Count(status => status.Now.IsRunning)) == SpeedCluster.PartitionCount;
            },
            "the survivors ingest all partitions",
            SpeedCluster.TimeLimit);
    }

    [Fact]
    public async Task A_node_that_is_cut_off_grows_stale_by_itself()
    {
        await using SpeedCluster cluster = await SpeedCluster.StartAsync(nodes: 3);
        await AppendAsync(cluster, from: 0, count: 300);
        await cluster.RequireSpreadAsync();
        await Eventually.TrueAsync(
            () => cluster.Nodes.All(node => node.Profiles.LagMs < 2_000), "every node knows the lag of every partition", SpeedCluster.TimeLimit);
        SpeedNode cut = cluster.Nodes[2];

        await cluster.CutOffAsync(cut);

        await Eventually.TrueAsync(() => cut.Profiles.LagMs is null or > 4_000, "the node that is cut off says so", SpeedCluster.TimeLimit);
    }

    private static async Task<bool> AreReadyAsync(IEnumerable<SpeedNode> nodes)
    {
        bool[] ready = await Task.WhenAll(nodes.Select(node => node.Get<IClusterControl>().IsReadyAsync(Cancel).AsTask()));
        return ready.All(isReady => isReady);
    }

    private static int PartitionOf(string user) => SpeedNode.Hash.Of(new UserId(user)).Shard % SpeedCluster.PartitionCount;

    private static bool AreUsersLocal(SpeedNode node) => node.Layer.Live.All().All(
        (LiveUser user) => Owner.TryParse(user.Actor.Path.Name, out Owner owner)
            && node.Layer.IngestStatuses.Of(owner.Shard % SpeedCluster.PartitionCount).Now.IsRunning);

    private static async Task AppendAsync(SpeedCluster cluster, int from, int count)
    {
        const int Batch = 100;
        for (int number = from; number < from + count; number += Batch)
        {
            await cluster.AppendAsync([.. Enumerable.Range(number, Batch).Select(NthRecord)]);
        }
    }

    private static ImmutableSortedDictionary<string, string> LongLabels() => ImmutableSortedDictionary.CreateRange(
        StringComparer.Ordinal, Enumerable.Range(0, 8).Select(number => KeyValuePair.Create($"l{number}", $"\"{new string('y', 8_000)}\"")));

    private static LogRecord NthRecord(int number) => Click(Users[number * 7 % Users.Length], $"item {number % 40}", 1_000 + number, $"i{number}");
}
