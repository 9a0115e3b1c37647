using System.Globalization;
using System.Net;
using System.Net.Sockets;
using RecSys.Client;
using RecSys.TestKit;
using RecSys.TestKit.Servers;

namespace RecSys.Eng.Chaos;

/// <summary>Three nodes on loopback, the broker with their log, and the database with their states. A node that ends by itself is started again, as by a supervisor.</summary>
internal sealed class ChaosCluster : IAsyncDisposable
{
    /// <summary>Number of partitions of the log.</summary>
    public const int Partitions = 8;

    private const int NodesCount = 3;

    private static readonly TimeSpan ReadyMax = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan StartsMax = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan SupervisedEvery = TimeSpan.FromMilliseconds(250);

    private readonly List<string> _ends = [];
    private int _starts;

    private ChaosCluster(KafkaServer kafka, PostgresServer database, ChaosNode[] nodes)
    {
        Kafka = kafka;
        Database = database;
        Nodes = nodes;
    }

    /// <summary>Gets the broker.</summary>
    public KafkaServer Kafka { get; }

    /// <summary>Gets the database.</summary>
    public PostgresServer Database { get; }

    /// <summary>Gets the nodes.</summary>
    public IReadOnlyList<ChaosNode> Nodes { get; }

    /// <summary>Gets the ends of nodes that this run did not cause, one line each.</summary>
    public IReadOnlyList<string> Ends
    {
        get
        {
            lock (_ends)
            {
                return [.. _ends];
            }
        }
    }

    /// <summary>Gets the oldest member.</summary>
    public ChaosNode Oldest => Nodes.Where(node => node.Client is not null).MinBy(node => node.Order)!;

    /// <summary>Returns a node as a load balancer chooses it: one that was ready when it was last asked, or any where none was.</summary>
    public ChaosNode Balanced(Random random)
    {
        ChaosNode[] ready = [.. Nodes.Where(node => node.IsReady)];
        return ready.Length > 0 ? ready[random.Next(ready.Length)] : Nodes[random.Next(Nodes.Count)];
    }

    /// <summary>Starts the broker, the database, and the nodes one after another.</summary>
    /// <param name="folder">The folder of the nodes' data.</param>
    /// <param name="program">The path of the program that the nodes run.</param>
    /// <param name="margin">The factor of the time within which a node must answer.</param>
    /// <param name="cancellationToken">Cancels the start.</param>
    public static async Task<ChaosCluster> StartAsync(string folder, string program, int margin, CancellationToken cancellationToken)
    {
        KafkaServer kafka = await KafkaServer.StartAsync(cancellationToken);
        PostgresServer database = await PostgresServer.StartOwnAsync(cancellationToken);
        int[] ports = [.. Enumerable.Range(0, NodesCount).Select(_ => FreePort())];
        string models = Directory.CreateDirectory(Path.Combine(folder, "models")).FullName;
        ChaosNode[] nodes = [.. Enumerable.Range(0, NodesCount).Select(number =>
        {
            string own = Directory.CreateDirectory(Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"node{number}"))).FullName;
            Directory.CreateSymbolicLink(Path.Combine(own, "models"), models);
            DatabaseRelay relay = new(new Uri(database.Url).Port);
            return new ChaosNode(number, own, SettingsOf(kafka, database, relay, ports, number), margin) { Program = program, Database = relay };
        })];
        ChaosCluster cluster = new(kafka, database, nodes);
        try
        {
            foreach (ChaosNode node in nodes)
            {
                node.IsDisturbed = true; // until it is ready
                await cluster.StartAsync(node, cancellationToken);
            }

            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts a node that has ended.</summary>
    public Task StartAsync(ChaosNode node, CancellationToken cancellationToken) => node.StartAsync(Interlocked.Increment(ref _starts), cancellationToken);

    /// <summary>Waits until a node is ready; from then on its failures count.</summary>
    /// <exception cref="InvalidOperationException">It is not ready within two minutes.</exception>
    public static async Task UntilReadyAsync(ChaosNode node, CancellationToken cancellationToken)
    {
        long began = TimeProvider.System.GetTimestamp();
        while (!await IsReadyAsync(node, cancellationToken))
        {
            if (TimeProvider.System.GetElapsedTime(began) > ReadyMax)
            {
                throw new InvalidOperationException($"node {node.Number} is not ready within {ReadyMax.TotalSeconds} s");
            }

            await Task.Delay(SupervisedEvery, TimeProvider.System, cancellationToken);
        }

        node.IsDisturbed = false;
    }

    /// <summary>Asks a node whether it is ready.</summary>
    public static async Task<bool> IsReadyAsync(ChaosNode node, CancellationToken cancellationToken)
    {
        try
        {
            return node.Client is { } client && await client.IsReadyAsync(cancellationToken);
        }
        catch (RecSysException)
        {
            return false;
        }
    }

    /// <summary>Starts nodes again that end by themselves, until it is cancelled.</summary>
    public Task SuperviseAsync(CancellationToken cancellationToken) => Task.WhenAll(Nodes.Select(node => SuperviseAsync(node, cancellationToken)));

    private async Task SuperviseAsync(ChaosNode node, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            if (node.HasEndedByItself)
            {
                lock (_ends)
                {
                    _ends.Add(string.Create(CultureInfo.InvariantCulture, $"node {node.Number} ended by itself with exit code {node.ExitCode}{(node.IsDisturbed ? ", after it was disturbed" : "")}"));
                }

                await StartAgainAsync(node, cancellationToken);
            }

            await Task.Delay(SupervisedEvery, TimeProvider.System, CancellationToken.None);
        }
    }

    // A node does not start without the broker and the database: it is tried again.
    private async Task StartAgainAsync(ChaosNode node, CancellationToken cancellationToken)
    {
        node.IsDisturbed = true;
        long began = TimeProvider.System.GetTimestamp();
        while (true)
        {
            try
            {
                await StartAsync(node, cancellationToken);
                await UntilReadyAsync(node, cancellationToken);
                return;
            }
            catch (InvalidOperationException) when (TimeProvider.System.GetElapsedTime(began) < StartsMax)
            {
                await Task.Delay(SupervisedEvery, TimeProvider.System, cancellationToken);
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (ChaosNode node in Nodes)
        {
            await node.DisposeAsync();
            await node.Database.DisposeAsync();
        }

        await Kafka.DisposeAsync();
        await Database.DisposeAsync();
    }

    private static Dictionary<string, string> SettingsOf(KafkaServer kafka, PostgresServer database, DatabaseRelay relay, int[] ports, int number)
    {
        Dictionary<string, string> settings = new(StringComparer.Ordinal)
        {
            ["recsys:kafka:url"] = $"kafka://{kafka.Servers}",
            ["recsys:kafka:partitions"] = Partitions.ToString(CultureInfo.InvariantCulture),
            ["recsys:postgres:url"] = new UriBuilder(database.Url) { Port = relay.Port }.Uri.AbsoluteUri,
            ["recsys:postgres:password"] = PostgresServer.Password,
            ["recsys:actors:port"] = ports[number].ToString(CultureInfo.InvariantCulture),
            ["recsys:actors:isNetworkTrusted"] = "true",
            ["recsys:batch:interval"] = "00:00:00", // a step trains
        };
        for (int other = 0; other < ports.Length; other++)
        {
            settings[string.Create(CultureInfo.InvariantCulture, $"recsys:actors:join:{other}")] = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{ports[other]}");
        }

        return settings;
    }

    private static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
