using RecSys.Client;
using RecSys.Eng.Servers;
using RecSys.TestKit;
using Xunit;

namespace RecSys.Cli.Tests.Processes;

/// <summary>Two real servers over one log on Kafka and one PostgreSQL: a cluster of two nodes.</summary>
[Trait("Category", "Slow")]
public sealed class NodesOfOneClusterTests
{
    private readonly AcknowledgedInteractions _acknowledged = new(users: 40, rowsOfAPhase: 400);

    [Fact]
    public async Task Two_nodes_serve_each_others_users_and_each_goes_on_without_the_other()
    {
        await using ClusterServers cluster = await ClusterServers.StartAsync(nodes: 2, partitions: 4);
        ServerUnderTest one = await cluster.StartNodeAsync(0);
        await using ServerUnderTest two = await cluster.StartNodeAsync(1);
        using RecSysClient first = Client(one);
        using RecSysClient second = Client(two);
        await ClusterServers.UntilMembersAsync(second, 2);
        await _acknowledged.WriteAsync(first);
        await _acknowledged.WriteAsync(second);
        await RequireAsync(first);
        await RequireAsync(second);

        await one.KillAsync();
        await one.DisposeAsync();
        await ClusterServers.UntilMembersAsync(second, 1);
        await _acknowledged.WriteAsync(second);
        await RequireAsync(second);

        await using ServerUnderTest again = await cluster.StartNodeAsync(0);
        using RecSysClient third = Client(again);
        await ClusterServers.UntilMembersAsync(third, 2);
        await _acknowledged.WriteAsync(third);
        await StopAsync(two);
        await ClusterServers.UntilMembersAsync(third, 1);
        await _acknowledged.WriteAsync(third);
        await RequireAsync(third);
        await StopAsync(again);
    }

    [Fact]
    public async Task A_node_with_an_empty_folder_joins_a_cluster_with_records_and_a_drained_one_ends_with_exit_code_0()
    {
        await using ClusterServers cluster = await ClusterServers.StartAsync(nodes: 3, partitions: 4);
        await using ServerUnderTest one = await cluster.StartNodeAsync(0);
        await using ServerUnderTest two = await cluster.StartNodeAsync(1);
        using RecSysClient first = Client(one);
        using RecSysClient second = Client(two);
        await ClusterServers.UntilMembersAsync(second, 2);
        await _acknowledged.WriteAsync(first);

        await using ServerUnderTest three = await cluster.StartNodeAsync(2);
        using RecSysClient third = Client(three);
        await ClusterServers.UntilMembersAsync(third, 3);
        await RequireAsync(third);

        string name = (await first.GetClusterAsync(TestContext.Current.CancellationToken)).Node;
        ClusterNode drained = await second.DrainNodeAsync(name, TestContext.Current.CancellationToken);
        Assert.Equal(name, drained.Name);
        await Eventually.TrueAsync(() => one.ExitCode is not null, "the process of the drained node ends", ClusterServers.StartMax);
        Assert.True(one.ExitCode == 0, $"exit code {one.ExitCode}:\n{string.Join('\n', one.Log.TakeLast(40))}");
        await ClusterServers.UntilMembersAsync(third, 2);
        await _acknowledged.WriteAsync(third);
        await RequireAsync(second);
        Assert.DoesNotContain((await third.GetPartitionsAsync(TestContext.Current.CancellationToken)).Partitions, partition => partition.Node == name);
    }

    [Fact]
    public async Task Nodes_have_only_the_roles_of_their_settings()
    {
        await using ClusterServers cluster = await ClusterServers.StartAsync(nodes: 2, partitions: 4);
        await using ServerUnderTest owner = await cluster.StartNodeAsync(0, new Dictionary<string, string> { ["recsys:actors:roles:0"] = "profile" });
        await using ServerUnderTest serving = await cluster.StartNodeAsync(1, new Dictionary<string, string> { ["recsys:actors:roles:0"] = "serve", ["recsys:actors:roles:1"] = "batch" });
        using RecSysClient ofOwner = Client(owner);
        using RecSysClient ofServing = Client(serving);
        await ClusterServers.UntilMembersAsync(ofServing, 2);

        await _acknowledged.WriteAsync(ofServing);
        await RequireAsync(ofServing);

        ClusterResponse found = await ofOwner.GetClusterAsync(TestContext.Current.CancellationToken);
        ClusterNode owning = found.Nodes.Single(node => node.Name == found.Node);
        ClusterNode other = found.Nodes.Single(node => node.Name != found.Node);
        Assert.Equal(["profile"], owning.Roles);
        Assert.Equal(["batch", "serve"], other.Roles.Order(StringComparer.Ordinal));
        Assert.Equal([0, 1, 2, 3], owning.Partitions!.Order());
        Assert.Empty(other.Partitions ?? []);
        RecSysException refused = await Assert.ThrowsAsync<RecSysException>(() => ofOwner.GetRecommendationsAsync("user-0", cancellationToken: TestContext.Current.CancellationToken));
        Assert.Contains("does not have the role serve", refused.Message, StringComparison.Ordinal);
        Assert.Equal("train", (await ofServing.StartJobAsync(new JobRequest { Kind = "train" }, TestContext.Current.CancellationToken)).Kind);
    }

    private static RecSysClient Client(ServerUnderTest server) => new(new RecSysClientOptions { BaseAddress = server.Url!, Timeout = TimeSpan.FromSeconds(60) });

    private static async Task StopAsync(ServerUnderTest server)
    {
        int? exitCode = await server.StopAsync(ClusterServers.StartMax);
        Assert.True(exitCode == 0, $"exit code {exitCode}:\n{string.Join('\n', server.Log.TakeLast(40))}");
    }

    private async Task RequireAsync(RecSysClient client) => await _acknowledged.RequireAsync(client, ClusterServers.TakeoverMax);
}
