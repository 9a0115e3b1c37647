using System.Globalization;
using System.Net;
using System.Net.Sockets;
using RecSys.Client;
using RecSys.Eng.Servers;
using RecSys.TestKit;
using RecSys.TestKit.Servers;
using Xunit;

namespace RecSys.Cli.Tests.Processes;

/// <summary>Two real servers over one log on Kafka and one PostgreSQL: a cluster of two nodes.</summary>
[Trait("Category", "Slow")]
public sealed class NodesOfOneClusterTests : IAsyncLifetime
{
    private static readonly TimeSpan StartMax = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan TakeoverMax = TimeSpan.FromSeconds(90);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("recsys-cluster-");
    private readonly AcknowledgedInteractions _acknowledged = new(users: 40, rowsOfAPhase: 400);
    private readonly int[] _ports = [FreePort(), FreePort()];
    private KafkaServer? _broker;
    private PostgresServer? _database;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        Assert.SkipWhen(PostgresServer.Missing is not null, PostgresServer.Missing ?? "");
        try
        {
            _broker = await KafkaServer.StartAsync(Cancel);
            _database = await PostgresServer.StartOwnAsync(Cancel);
        }
        catch
        {
            await DisposeAsync(); // xUnit disposes only of what was initialized
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        _folder.Delete(recursive: true);
        if (_broker is not null)
        {
            await _broker.DisposeAsync();
        }

        if (_database is not null)
        {
            await _database.DisposeAsync();
        }
    }

    [Fact]
    public async Task Two_nodes_serve_each_others_users_and_each_goes_on_without_the_other()
    {
        ServerUnderTest one = await StartAsync(0);
        await using ServerUnderTest two = await StartAsync(1);
        using RecSysClient first = Client(one);
        using RecSysClient second = Client(two);
        await UntilMembersAsync(second, 2);
        await _acknowledged.WriteAsync(first);
        await _acknowledged.WriteAsync(second);
        await _acknowledged.RequireAsync(first, TakeoverMax);
        await _acknowledged.RequireAsync(second, TakeoverMax);

        await one.KillAsync();
        await one.DisposeAsync();
        await UntilMembersAsync(second, 1);
        await _acknowledged.WriteAsync(second);
        await _acknowledged.RequireAsync(second, TakeoverMax);

        await using ServerUnderTest again = await StartAsync(0);
        using RecSysClient third = Client(again);
        await UntilMembersAsync(third, 2);
        await _acknowledged.WriteAsync(third);
        await StopAsync(two);
        await UntilMembersAsync(third, 1);
        await _acknowledged.WriteAsync(third);
        await _acknowledged.RequireAsync(third, TakeoverMax);
        await StopAsync(again);
    }

    private static RecSysClient Client(ServerUnderTest server) => new(new RecSysClientOptions { BaseAddress = server.Url!, Timeout = TimeSpan.FromSeconds(60) });

    private static Task UntilMembersAsync(RecSysClient client, int members) => Eventually.TrueAsync(
        async () => (await client.GetClusterAsync(Cancel)).Nodes.Count(node => node.Status == "up") == members, $"{members} nodes are up", TakeoverMax);

    private static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static async Task StopAsync(ServerUnderTest server)
    {
        int? exitCode = await server.StopAsync(StartMax);
        Assert.True(exitCode == 0, $"exit code {exitCode}:\n{string.Join('\n', server.Log.TakeLast(40))}");
    }

    private async Task<ServerUnderTest> StartAsync(int node)
    {
        Dictionary<string, string> settings = new(StringComparer.Ordinal)
        {
            ["recsys:kafka:url"] = $"kafka://{_broker!.Servers}",
            ["recsys:kafka:partitions"] = "4",
            ["recsys:postgres:url"] = _database!.Url,
            ["recsys:postgres:password"] = PostgresServer.Password,
            ["recsys:actors:port"] = _ports[node].ToString(CultureInfo.InvariantCulture),
            ["recsys:actors:isNetworkTrusted"] = "true",
            ["recsys:actors:join:0"] = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{_ports[0]}"),
            ["recsys:actors:join:1"] = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{_ports[1]}"),
            ["recsys:speed:saveAfter"] = "00:00:00.200",
            ["recsys:speed:checkpointEvery"] = "00:00:00.500",
        };
        ServerUnderTest server = await ServerUnderTest.LaunchAsync(
            Path.Combine(_folder.FullName, string.Create(CultureInfo.InvariantCulture, $"node{node}")), settings, StartMax, Cancel);
        Assert.True(server.Url is not null, string.Join('\n', server.Log));
        return server;
    }
}
