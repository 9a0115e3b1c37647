using RecSys.Actors;
using RecSys.Core.Ports;
using RecSys.TestKit;
using Xunit;
using static RecSys.Speed.Tests.Records;

namespace RecSys.Speed.Tests.Cluster;

/// <summary>Any node answers for all nodes of the cluster, and drains any of them.</summary>
[Trait("Category", "Slow")]
public sealed class NodesOfTheClusterTests
{
    private static readonly string[] Users = [.. Enumerable.Range(0, 60).Select(number => $"user {number}")];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_node_answers_with_all_nodes_and_with_the_node_the_users_and_the_lag_of_each_partition()
    {
        await using SpeedCluster cluster = await StartAsync(nodes: 3);
        string[] names = [.. cluster.Nodes.Select(NameOf).Order(StringComparer.Ordinal)];

        foreach (SpeedNode asked in cluster.Nodes)
        {
            IClusterControl control = asked.Get<IClusterControl>();
            IReadOnlyList<NodeStatus> nodes = await control.GetNodesAsync(Cancel);
            Assert.Equal(names, nodes.Select(node => node.Member.Name));
            Assert.All(nodes, node => Assert.True(node.Report is { IsReady: true, StartedAtMs: > 0, Version.Length: > 0 }, $"{node}"));

            IReadOnlyList<PartitionStatus>? partitions = null;
            await Eventually.TrueAsync(
                async () => (partitions = await control.GetPartitionsAsync(Cancel)).All(partition => partition.Progress is { LagMs: 0 } progress && progress.Next == progress.End),
                "all records are applied",
                SpeedCluster.TimeLimit);
            Assert.Equal(Enumerable.Range(0, SpeedCluster.PartitionCount), partitions!.Select(partition => partition.Partition));
            Assert.Equal(partitions!.Select(partition => NameOf(cluster.HostOf(partition.Partition))), partitions!.Select(partition => partition.Node));
            Assert.True(partitions!.Sum(partition => partition.Users) >= Users.Length, "the users are counted");
            Assert.Equal(Users.Length, partitions!.Sum(partition => partition.End));
        }
    }

    [Fact]
    public async Task A_node_that_does_not_answer_is_listed_and_is_not_drained()
    {
        await using SpeedCluster cluster = await StartAsync(nodes: 3);
        SpeedNode away = cluster.Nodes[2];
        IClusterControl control = cluster.Nodes[0].Get<IClusterControl>();
        await cluster.CutOffAsync(away);

        IReadOnlyList<NodeStatus> nodes = await control.GetNodesAsync(Cancel);

        Assert.Equal(3, nodes.Count);
        Assert.Equal([NameOf(away)], nodes.Where(node => node.Report is null).Select(node => node.Member.Name));
        DrainAnswer answer = await control.DrainAsync(NameOf(away), Cancel);
        Assert.NotEqual(DrainOutcome.Accepted, answer.Outcome); // it does not answer, or the others have removed it meanwhile
    }

    [Fact]
    public async Task The_log_that_is_away_hides_no_node_and_no_partition()
    {
        await using SpeedCluster cluster = await StartAsync(nodes: 2);
        IClusterControl control = cluster.Nodes[0].Get<IClusterControl>();
        cluster.Stores.Log.Fault = new StoreUnavailableException("away");

        IReadOnlyList<PartitionStatus> partitions = await control.GetPartitionsAsync(Cancel);

        cluster.Stores.Log.Fault = null;
        Assert.Equal(SpeedCluster.PartitionCount, partitions.Count);
        Assert.All(partitions, partition => Assert.NotNull(partition.Node));
        Assert.Equal(Users.Length, partitions.Sum(partition => partition.End));
    }

    [Fact]
    public async Task A_drained_node_hands_its_partitions_and_users_to_the_others_and_leaves()
    {
        await using SpeedCluster cluster = await StartAsync(nodes: 3);
        SpeedNode drained = cluster.Nodes[1];
        IClusterControl control = cluster.Nodes[0].Get<IClusterControl>();

        DrainAnswer answer = await control.DrainAsync(NameOf(drained), Cancel);

        Assert.Equal(DrainOutcome.Accepted, answer.Outcome);
        await Eventually.TrueAsync(async () => !await drained.Get<IClusterControl>().IsReadyAsync(Cancel), "the node is not ready", SpeedCluster.TimeLimit);
        await drained.Get<RecSysActorSystem>().System.WhenTerminated.WaitAsync(SpeedCluster.TimeLimit, Cancel);
        Assert.Equal(NodeEnd.Drained, drained.Get<RecSysActorSystem>().End);
        await cluster.StopAsync(drained);
        await Eventually.TrueAsync(async () => (await control.GetNodesAsync(Cancel)).Count == 2, "the node has left", SpeedCluster.TimeLimit);
        await cluster.RequireSpreadAsync();
        await cluster.AppendAsync([.. Users.Select(user => Click(user, "jam", timestampMs: 2_000))]);
        await cluster.RequireFoldAsync(Users);
        Assert.Empty(cluster.Errors.Lines);
    }

    [Fact]
    public async Task A_node_that_no_other_could_replace_is_not_drained()
    {
        await using SpeedCluster cluster = await StartAsync(nodes: 1);
        IClusterControl control = cluster.Nodes[0].Get<IClusterControl>();

        Assert.Equal(DrainOutcome.NoSuccessor, (await control.DrainAsync(control.Node, Cancel)).Outcome);
        DrainAnswer unknown = await control.DrainAsync("10.0.0.7:4053", Cancel);
        Assert.Equal((DrainOutcome.UnknownNode, null), (unknown.Outcome, unknown.Node));
        Assert.Equal([control.Node], unknown.Nodes.Select(node => node.Member.Name));
        Assert.True(await control.IsReadyAsync(Cancel));
    }

    private static string NameOf(SpeedNode node) => NodeName.Of(SpeedCluster.AddressOf(node));

    private static async Task<SpeedCluster> StartAsync(int nodes)
    {
        SpeedCluster cluster = await SpeedCluster.StartAsync(nodes);
        await cluster.RequireSpreadAsync();
        await cluster.AppendAsync([.. Users.Select(user => Click(user, "tea"))]);
        await cluster.RequireFoldAsync(Users);
        return cluster;
    }
}
