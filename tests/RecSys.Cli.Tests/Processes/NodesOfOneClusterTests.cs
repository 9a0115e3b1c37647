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
    private const int Users = 40;
    private const int RowsOfAPhase = 400;

    private static readonly TimeSpan StartMax = TimeSpan.FromSeconds(120);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("recsys-cluster-");
    private readonly Dictionary<string, List<string>> _acknowledged = Enumerable.Range(0, Users).ToDictionary(UserOf, _ => new List<string>(), StringComparer.Ordinal);
    private readonly int[] _ports = [FreePort(), FreePort()];
    private KafkaServer? _broker;
    private PostgresServer? _database;
    private int _rows;
    private string? _position;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        Assert.SkipWhen(PostgresServer.Missing is not null, PostgresServer.Missing ?? "");
        _broker = await KafkaServer.StartAsync(Cancel);
        _database = await PostgresServer.StartOwnAsync(Cancel);
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
        await WriteAsync(first);
        await WriteAsync(second);
        await RequireAcknowledgedAsync(first);
        await RequireAcknowledgedAsync(second);

        await one.KillAsync();
        await one.DisposeAsync();
        await UntilMembersAsync(second, 1);
        await WriteAsync(second);
        await RequireAcknowledgedAsync(second);

        await using ServerUnderTest again = await StartAsync(0);
        using RecSysClient third = Client(again);
        await UntilMembersAsync(third, 2);
        await WriteAsync(third);
        await StopAsync(two);
        await UntilMembersAsync(third, 1);
        await WriteAsync(third);
        await RequireAcknowledgedAsync(third);
        await StopAsync(again);
    }

    private static string UserOf(int user) => string.Create(CultureInfo.InvariantCulture, $"user-{user}");

    private static RecSysClient Client(ServerUnderTest server) => new(new RecSysClientOptions { BaseAddress = server.Url!, Timeout = TimeSpan.FromSeconds(60) });

    private static Task UntilMembersAsync(RecSysClient client, int members) => Eventually.TrueAsync(
        async () => (await client.GetClusterAsync(Cancel)).Nodes.Count(node => node.Status == "up") == members, $"{members} nodes are up", TimeSpan.FromSeconds(90));

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

    private async Task WriteAsync(RecSysClient client)
    {
        for (int sent = 0; sent < RowsOfAPhase; sent += Users)
        {
            InteractionBody[] rows =
            [
                .. Enumerable.Range(0, Users).Select(user => new InteractionBody
                {
                    UserId = UserOf(user),
                    ItemId = string.Create(CultureInfo.InvariantCulture, $"item-{_rows++}"),
                    Type = "click",
                }),
            ];
            _position = (await client.RecordAsync(rows, Cancel)).Position;
            foreach (InteractionBody row in rows)
            {
                _acknowledged[row.UserId].Add(row.ItemId);
            }
        }
    }

    private async Task RequireAcknowledgedAsync(RecSysClient client)
    {
        foreach ((string user, List<string> items) in _acknowledged)
        {
            HistoryResponse? history = null;
            await Eventually.TrueAsync(
                async () => (history = await TryReadAsync(client, user))?.Reflected is true, $"what was acknowledged of {user} is reflected", TimeSpan.FromSeconds(90));
            Assert.Equal(items.Order(StringComparer.Ordinal), history!.Items.Select(item => item.ItemId).Order(StringComparer.Ordinal));
        }
    }

    // Users of a node that was killed cannot be read until the other has taken over.
    private async Task<HistoryResponse?> TryReadAsync(RecSysClient client, string user)
    {
        try
        {
            return await client.GetHistoryAsync(user, count: 1_024, after: _position, cancellationToken: Cancel);
        }
        catch (RecSysException away) when (away.StatusCode == HttpStatusCode.ServiceUnavailable)
        {
            return null;
        }
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
