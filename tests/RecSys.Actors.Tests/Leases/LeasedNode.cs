using System.Globalization;
using Akka.Actor;
using Akka.Cluster;
using Akka.Remote;
using Akka.Remote.Transport;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using RecSys.Core.Ports;
using RecSys.TestKit;
using Xunit;

namespace RecSys.Actors.Tests.Leases;

/// <summary>A node whose cluster has leases.</summary>
internal sealed class LeasedNode : IAsyncDisposable
{
    private LeasedNode(ActorsOptions options, ILeaseTable leases)
    {
        System = new RecSysActorSystem(Options.Create(options), new InMemorySnapshotTable(), NullLoggerFactory.Instance, TimeProvider.System, [], leases: leases);
        Port = options.Port;
    }

    public RecSysActorSystem System { get; }

    public int Port { get; }

    public Cluster Cluster => Cluster.Get(System.System);

    public int Members => Cluster.State.Members.Count(member => member.Status == MemberStatus.Up);

    /// <summary>Starts a node.</summary>
    /// <param name="nodes">The network.</param>
    /// <param name="leases">The leases.</param>
    /// <param name="port">Port of a node that starts again; null for a free one.</param>
    /// <param name="join">Ports of the nodes to join, the first of which may create a cluster; none: the node itself.</param>
    public static Task<LeasedNode> StartAsync(LoopbackNodes nodes, ILeaseTable leases, int? port = null, params int[] join) =>
        StartAsync(nodes, leases, TimeSpan.FromSeconds(2), port, join);

    /// <summary>Starts a node.</summary>
    /// <param name="nodes">The network.</param>
    /// <param name="leases">The leases.</param>
    /// <param name="leaseDuration">Time after which a lease ends that is not prolonged.</param>
    /// <param name="port">Port of a node that starts again; null for a free one.</param>
    /// <param name="join">Ports of the nodes to join, the first of which may create a cluster; none: the node itself.</param>
    public static async Task<LeasedNode> StartAsync(LoopbackNodes nodes, ILeaseTable leases, TimeSpan leaseDuration, int? port = null, params int[] join)
    {
        ActorsOptions options = new() { LeaseDuration = leaseDuration, JoinTimeout = TimeSpan.FromSeconds(20) };
        nodes.Configure(options, join: null);
        options.Port = port ?? options.Port;
        options.Join = [.. join.DefaultIfEmpty(options.Port).Select(each => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{each}"))];
        LeasedNode node = new(options, leases);
        try
        {
            await node.System.StartAsync(TestContext.Current.CancellationToken);
            return node;
        }
        catch
        {
            await node.CrashAsync();
            throw;
        }
    }

    /// <summary>Loses all messages to and from another node.</summary>
    public Task CutOffAsync(LeasedNode other) =>
        ((IRemoteActorRefProvider)((ExtendedActorSystem)System.System).Provider).Transport.ManagementCommand(new SetThrottle(
            other.Cluster.SelfAddress.WithProtocol("akka.tcp"), ThrottleTransportAdapter.Direction.Both, Blackhole.Instance));

    /// <summary>Ends the node without a word to others.</summary>
    public async Task CrashAsync()
    {
        System.Dispose();
        await System.System.WhenTerminated;
    }

    public async ValueTask DisposeAsync()
    {
        await System.StopAsync(CancellationToken.None);
        System.Dispose();
    }
}
