using System.Text.Json;
using RecSys.Client;
using RecSys.Core.Ports;

namespace RecSys.Server.Tests;

public sealed class ClusterTests : IAsyncLifetime
{
    private ServerHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await ServerHost.StartAsync();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task A_node_is_shown_with_its_report()
    {
        ClusterResponse cluster = await _host.GetAsync("/v1/admin/cluster", RecSysJsonContext.Wire.ClusterResponse);

        Assert.Equal("local", cluster.Node);
        ClusterNode node = Assert.Single(cluster.Nodes);
        Assert.Equal(("local", "up", true, true, "1.2.3"), (node.Name, node.Status, node.Answers, node.Ready, node.Version));
        Assert.Equal((256, 7, DateTimeOffset.UnixEpoch.AddSeconds(1)), (node.Shards, node.Users, node.StartedAt));
        Assert.Equal([0], node.Partitions);
        Assert.Null(node.ModelVersion);
    }

    [Fact]
    public async Task A_node_that_does_not_answer_is_listed_without_a_report()
    {
        _host.Cluster.Nodes = [.. _host.Cluster.Nodes, Away("10.0.0.8:4053")];

        ClusterResponse cluster = await _host.GetAsync("/v1/admin/cluster", RecSysJsonContext.Wire.ClusterResponse);

        ClusterNode away = cluster.Nodes[1];
        Assert.Equal(("10.0.0.8:4053", "unreachable", false), (away.Name, away.Status, away.Answers));
        Assert.Equal((null, null, null), (away.Ready, away.Version, away.Partitions));
    }

    [Fact]
    public async Task The_list_of_models_has_what_each_node_serves_and_why_one_does_not_serve_the_champion()
    {
        NodeStatus own = _host.Cluster.Nodes[0];
        _host.Cluster.Nodes = [own with { Report = own.Report! with { Model = "m-1", ModelProblem = "m-2 is damaged" } }, Away("10.0.0.8:4053")];

        ModelPage page = await _host.GetAsync("/v1/admin/models", RecSysJsonContext.Wire.ModelPage);

        Assert.Equal(2, page.Nodes!.Count);
        Assert.Equal((own.Member.Address, "m-1", "m-2 is damaged"), (page.Nodes[0].Node, page.Nodes[0].Version, page.Nodes[0].Problem));
        Assert.Null(page.Nodes[1].Version);
        Assert.Contains("does not answer", page.Nodes[1].Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_partition_is_shown_with_its_node_its_users_and_its_lag()
    {
        PartitionsResponse response = await _host.GetAsync("/v1/admin/cluster/partitions", RecSysJsonContext.Wire.PartitionsResponse);

        ClusterPartition partition = Assert.Single(response.Partitions);
        Assert.Equal(("local", 7, 2), (partition.Node, partition.Users, partition.UnsavedUsers));
        Assert.Equal((5, 8, 10, 2, 3.5), (partition.Checkpoint, partition.Next, partition.End, partition.LagRecords, partition.LagMs));
        Assert.Equal((2, 3.5, 0), (response.LagRecords, response.LagMs, response.Worst));
    }

    [Fact]
    public async Task A_partition_that_no_node_reports_is_the_worst_one()
    {
        _host.Cluster.Partitions = [.. _host.Cluster.Partitions, new PartitionStatus(1, null, 3, 40, null), new PartitionStatus(2, "local", 0, 9, new(2, 9, 1, 0, 900, 0))];

        PartitionsResponse response = await _host.GetAsync("/v1/admin/cluster/partitions", RecSysJsonContext.Wire.PartitionsResponse);

        Assert.Equal((null, 3, 40, null, null), (response.Partitions[1].Node, response.Partitions[1].Users, response.Partitions[1].End, response.Partitions[1].Next, response.Partitions[1].LagRecords));
        Assert.Equal((10, null, 1), (response.LagRecords, response.LagMs, response.Worst));
        _host.Cluster.Partitions = [_host.Cluster.Partitions[0], _host.Cluster.Partitions[2]];
        Assert.Equal(2, (await _host.GetAsync("/v1/admin/cluster/partitions", RecSysJsonContext.Wire.PartitionsResponse)).Worst);
    }

    [Theory]
    [InlineData(DrainOutcome.Accepted, 202, "\"name\":\"10.0.0.8:4053\"")]
    [InlineData(DrainOutcome.UnknownNode, 404, "its nodes are local, 10.0.0.8:4053")]
    [InlineData(DrainOutcome.NoAnswer, 503, "10.0.0.8:4053 does not answer within 2 s")]
    [InlineData(DrainOutcome.NoSuccessor, 409, "no other node that is ready could take the partitions of 10.0.0.8:4053")]
    public async Task A_drain_is_answered_by_its_outcome(DrainOutcome outcome, int status, string text)
    {
        _host.Cluster.Nodes = [.. _host.Cluster.Nodes, Away("10.0.0.8:4053")];
        _host.Cluster.Drained = outcome;

        using HttpResponseMessage response = await _host.SendAsync(HttpMethod.Post, "/v1/admin/cluster/nodes/10.0.0.8%3A4053:drain");

        string body = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Equal(status, (int)response.StatusCode);
        Assert.Contains(text, JsonElement.Parse(body).ToString(), StringComparison.Ordinal);
    }

    private static NodeStatus Away(string name) => new(new ClusterMember(name, $"akka.tcp://recsys@{name}", ["serve"], "unreachable"), null);
}
