using Akka.Actor;
using Akka.Cluster;
using Akka.Remote;
using Akka.Remote.Transport;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using RecSys.Actors;
using RecSys.Actors.Tests;
using RecSys.Core;
using RecSys.Core.Log;
using RecSys.Core.Ports;
using RecSys.Core.Users;
using RecSys.TestKit;
using Xunit;

namespace RecSys.Speed.Tests.Cluster;

/// <summary>Nodes of one cluster in this process, for a test: mutual TLS over loopback, a log and states that they share, and a network whose faults are set.</summary>
internal sealed class SpeedCluster : IAsyncDisposable
{
    public const int PartitionCount = 8;

    /// <summary>The longest time for which a test waits until the cluster is stable.</summary>
    public static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(60);

    private readonly LoopbackNodes _loopback = new();
    private readonly List<SpeedNode> _nodes = [];
    private readonly Action<SpeedOptions>? _configure;
    private readonly Action<IServiceCollection>? _add;

    private SpeedCluster(Action<SpeedOptions>? configure, Action<IServiceCollection>? add)
    {
        _configure = configure;
        _add = add;
    }

    /// <summary>The log and the states that all nodes share.</summary>
    public Stores Stores { get; } = Stores.OfPartitions(PartitionCount);

    /// <summary>The errors that the nodes logged.</summary>
    public LoggedLines Errors { get; } = new(LogLevel.Error);

    /// <summary>The running nodes, in the order of their start.</summary>
    public IReadOnlyList<SpeedNode> Nodes => _nodes;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Starts a cluster.</summary>
    public static async Task<SpeedCluster> StartAsync(int nodes, Action<SpeedOptions>? configure = null, Action<IServiceCollection>? add = null)
    {
        SpeedCluster cluster = new(configure, add);
        while (cluster._nodes.Count < nodes)
        {
            await cluster.AddAsync();
        }

        foreach (SpeedNode node in cluster._nodes)
        {
            Akka.Cluster.Cluster view = Akka.Cluster.Cluster.Get(node.Get<RecSysActorSystem>().System);
            await Eventually.TrueAsync(() => view.State.Members.Count(member => member.Status == MemberStatus.Up) == nodes, "each node knows that all are up", TimeLimit);
        }

        return cluster;
    }

    /// <summary>Starts another node.</summary>
    public Task<SpeedNode> AddAsync() => AddAsync(Stores.OfAnotherNode(), port: null);

    /// <summary>Starts a node again that has ended, at its address and with its own files.</summary>
    public Task<SpeedNode> RestartAsync(SpeedNode ended, int port) => AddAsync(ended.Stores, port);

    private async Task<SpeedNode> AddAsync(Stores stores, int? port)
    {
        int? join = _nodes.Count == 0 ? null : AddressOf(_nodes[0]).Port;
        SpeedNode node = await SpeedNode.StartAsync(
            stores,
            _configure,
            services =>
            {
                services.AddSingleton<ILoggerFactory>(Errors);
                _add?.Invoke(services);
            },
            options => _loopback.Configure(options, join, port));
        _nodes.Add(node);
        return node;
    }

    /// <summary>Ends a node in order: it leaves the cluster.</summary>
    public async Task StopAsync(SpeedNode node)
    {
        _nodes.Remove(node);
        await node.DisposeAsync();
    }

    /// <summary>Ends a node as a crash does: it saves and sends nothing.</summary>
    public async Task CrashAsync(SpeedNode node)
    {
        _nodes.Remove(node);
        await node.CrashAsync();
    }

    /// <summary>Drops all messages between a node and the others.</summary>
    public Task CutOffAsync(SpeedNode node) => SetNetworkAsync(node, Blackhole.Instance);

    /// <summary>Lets messages between a node and the others through again.</summary>
    public Task ReconnectAsync(SpeedNode node) => SetNetworkAsync(node, Unthrottled.Instance);

    /// <summary>Returns the node on which the ingest actor of a partition runs.</summary>
    public SpeedNode HostOf(int partition) => _nodes.First(node => node.Layer.IngestStatuses.Of(partition).Now.IsRunning);

    /// <summary>Appends records.</summary>
    public ValueTask<LogPosition> AppendAsync(params LogRecord[] records) => Stores.Log.AppendAsync(records, Cancel);

    /// <summary>Waits until every node answers every user's profile as the fold of the log gives it, byte for byte.</summary>
    public async Task RequireFoldAsync(IReadOnlyList<string> users)
    {
        ProfileFold fold = await Stores.FoldAsync();
        for (int index = 0; index < users.Count; index++)
        {
            string user = users[index];
            byte[] expected = UserProfileCodec.Encode(fold[SpeedNode.Hash.Of(new UserId(user))]);
            SpeedNode node = _nodes[index % _nodes.Count];
            await Eventually.TrueAsync(
                async () => await TryReadAsync(node, user) is { } profile && UserProfileCodec.Encode(profile).AsSpan().SequenceEqual(expected),
                $"the profile of {user} equals the fold of the log",
                TimeLimit);
        }
    }

    /// <summary>Waits until the ingest actors run on all nodes, as evenly as their number allows.</summary>
    public Task RequireSpreadAsync() => Eventually.TrueAsync(
        () =>
        {
            int[] counts = [.. _nodes.Select(node => node.Layer.IngestStatuses.All.Count(status => status.Now.IsRunning))];
            return counts.Sum() == PartitionCount && counts.Max() - counts.Min() <= 1;
        },
        $"the {PartitionCount} partitions are spread over {_nodes.Count} nodes",
        TimeLimit);

    /// <summary>The address of a node in the cluster.</summary>
    public static Address AddressOf(SpeedNode node) => Akka.Cluster.Cluster.Get(node.Get<ActorSystem>()).SelfAddress;

    public async ValueTask DisposeAsync()
    {
        foreach (SpeedNode node in _nodes)
        {
            await node.CrashAsync();
            await node.DisposeAsync();
        }

        _loopback.Dispose();
    }

    private async Task SetNetworkAsync(SpeedNode node, ThrottleMode mode)
    {
        foreach (SpeedNode other in _nodes.Where(other => other != node))
        {
            await SetAsync(node, other);
            await SetAsync(other, node);
        }

        async Task SetAsync(SpeedNode from, SpeedNode to)
        {
            Address address = AddressOf(to);
            SetThrottle command = new(address.WithProtocol("akka.tcp"), ThrottleTransportAdapter.Direction.Both, mode);
            Assert.True(await TransportOf(from).ManagementCommand(command), $"{address} is not known to the transport");
        }
    }

    /// <summary>A user's profile; null while it cannot be read, because its node ended and no other has taken over.</summary>
    private static async Task<UserProfile?> TryReadAsync(SpeedNode node, string user)
    {
        try
        {
            return (await node.Profiles.GetAsync(new UserId(user), null, Cancel)).Own;
        }
        catch (StoreUnavailableException)
        {
            return null;
        }
    }

    private static RemoteTransport TransportOf(SpeedNode node) =>
        ((IRemoteActorRefProvider)((ExtendedActorSystem)node.Get<ActorSystem>()).Provider).Transport;
}
