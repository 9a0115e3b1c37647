using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Confluent.Kafka;
using Npgsql;
using RecSys.Client;
using RecSys.Eng.Servers;
using RecSys.Kafka;
using RecSys.TestKit;
using RecSys.TestKit.Servers;
using Xunit;

namespace RecSys.Cli.Tests.Processes;

/// <summary>A broker of Kafka and a PostgreSQL of a test's own, and the nodes of one cluster over them.</summary>
/// <remarks>Each node has its own data folder; the folder of the models is shared, as a mounted one.</remarks>
internal sealed class ClusterServers : IAsyncDisposable
{
    /// <summary>The time within which a node must have started or stopped, on a busy machine.</summary>
    public static readonly TimeSpan StartMax = TimeSpan.FromSeconds(120);

    /// <summary>The time within which the members of a cluster must know of a node that was started, stopped or killed.</summary>
    public static readonly TimeSpan TakeoverMax = TimeSpan.FromSeconds(90);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("recsys-cluster-");
    private readonly int[] _ports;
    private readonly int _partitions;
    private readonly KafkaServer _broker;
    private readonly PostgresServer _database;

    private ClusterServers(int nodes, int partitions, KafkaServer broker, PostgresServer database)
    {
        _ports = [.. Enumerable.Range(0, nodes).Select(_ => FreePort())];
        _partitions = partitions;
        _broker = broker;
        _database = database;
        Directory.CreateDirectory(Models);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string Models => Path.Combine(_folder.FullName, "models");

    /// <summary>Starts the broker and the database; skips the test if there are no programs for them.</summary>
    /// <param name="nodes">The largest number of nodes.</param>
    /// <param name="partitions">Partitions of the log.</param>
    public static async Task<ClusterServers> StartAsync(int nodes, int partitions)
    {
        Assert.SkipWhen(PostgresServer.Missing is not null, PostgresServer.Missing ?? "");
        KafkaServer broker = await KafkaServer.StartAsync(Cancel);
        try
        {
            return new ClusterServers(nodes, partitions, broker, await PostgresServer.StartOwnAsync(Cancel));
        }
        catch
        {
            await broker.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts a node; it listens when the task completes.</summary>
    /// <param name="node">Its number, from 0; the first one creates the cluster.</param>
    /// <param name="more">Settings by their paths in appsettings.json, beside those of the log, the database and the cluster.</param>
    public async Task<ServerUnderTest> StartNodeAsync(int node, IReadOnlyDictionary<string, string>? more = null)
    {
        Dictionary<string, string> settings = new(more ?? new Dictionary<string, string>(), StringComparer.Ordinal)
        {
            ["recsys:kafka:url"] = $"kafka://{_broker.Servers}",
            ["recsys:kafka:partitions"] = _partitions.ToString(CultureInfo.InvariantCulture),
            ["recsys:postgres:url"] = _database.Url,
            ["recsys:postgres:password"] = PostgresServer.Password,
            ["recsys:actors:port"] = _ports[node].ToString(CultureInfo.InvariantCulture),
            ["recsys:actors:isNetworkTrusted"] = "true",
            ["recsys:speed:saveAfter"] = "00:00:00.200",
            ["recsys:speed:checkpointEvery"] = "00:00:00.500",
        };
        for (int other = 0; other < _ports.Length; other++)
        {
            settings[string.Create(CultureInfo.InvariantCulture, $"recsys:actors:join:{other}")] = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{_ports[other]}");
        }

        string folder = Path.Combine(_folder.FullName, string.Create(CultureInfo.InvariantCulture, $"node{node}"));
        if (!Directory.Exists(folder))
        {
            Directory.CreateDirectory(folder);
            Directory.CreateSymbolicLink(Path.Combine(folder, "models"), Models);
        }

        ServerUnderTest server = await ServerUnderTest.LaunchAsync(folder, settings, StartMax, Cancel);
        Assert.True(server.Url is not null, string.Join('\n', server.Log));
        return server;
    }

    /// <summary>Waits until a node sees so many members that are up.</summary>
    public static Task UntilMembersAsync(RecSysClient client, int members) => Eventually.TrueAsync(
        async () => (await client.GetClusterAsync(Cancel)).Nodes.Count(node => node.Status == "up") == members, $"{members} nodes are up", TakeoverMax);

    /// <summary>Damages the saved states of all users, and returns their number.</summary>
    public async Task<int> DamageStatesAsync() =>
        await CommandAsync($"UPDATE recsys.states SET revision = revision + 1, state = '\\xff' WHERE length(owner) = {RecSys.Core.Owner.TextLength}");

    /// <summary>Waits until no state was saved for two seconds: longer than unsaved records wait.</summary>
    public async Task UntilSavedAsync()
    {
        for (decimal before = -1, now = 0; before != now; now = await SumAsync())
        {
            before = now;
            await Task.Delay(TimeSpan.FromSeconds(2), TimeProvider.System, Cancel);
        }
    }

    /// <summary>Removes the first records of each partition from the log, as retention does.</summary>
    public async Task RemoveRecordsAsync(int countOfAPartition)
    {
        using IAdminClient admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = _broker.Servers }).Build();
        await admin.DeleteRecordsAsync(
            Enumerable.Range(0, _partitions).Select(partition => new TopicPartitionOffset(new KafkaLogOptions().Topic, partition, countOfAPartition)));
    }

    public async ValueTask DisposeAsync()
    {
        _folder.Delete(recursive: true);
        await _broker.DisposeAsync();
        await _database.DisposeAsync();
    }

    private async Task<decimal> SumAsync()
    {
        await using NpgsqlConnection connection = await ConnectAsync();
        await using NpgsqlCommand sum = new("SELECT coalesce(sum(revision), 0) FROM recsys.states", connection);
        return (decimal)(await sum.ExecuteScalarAsync(Cancel))!;
    }

    private async Task<int> CommandAsync(string sql)
    {
        await using NpgsqlConnection connection = await ConnectAsync();
        await using NpgsqlCommand command = new(sql, connection);
        return await command.ExecuteNonQueryAsync(Cancel);
    }

    private async Task<NpgsqlConnection> ConnectAsync()
    {
        Uri url = new(_database.Url);
        NpgsqlConnection connection = new(new NpgsqlConnectionStringBuilder
        {
            Host = url.Host,
            Port = url.Port,
            Username = url.UserInfo,
            Password = PostgresServer.Password,
            Database = url.AbsolutePath[1..],
        }.ConnectionString);
        await connection.OpenAsync(Cancel);
        return connection;
    }

    private static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
