using Akka;
using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Cluster;
using Akka.Configuration;
using Akka.Hosting.Logging;
using Akka.Serialization;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using RecSys.Actors.Leases;
using RecSys.Actors.Persistence;
using RecSys.Actors.Remoting;
using RecSys.Actors.Serialization;
using RecSys.Core.Ports;

namespace RecSys.Actors;

/// <summary>This node's actor system: a member of a cluster, which may consist of this node only.</summary>
/// <remarks>
/// Start it before the services that depend on it and stop it after them: a host stops its services in the reverse order of their
/// registration. Work that has to run in a certain order at the shutdown is added by <see cref="OnShutdown"/>.
/// </remarks>
public sealed partial class RecSysActorSystem : IHostedService, IDisposable
{
    /// <summary>
    /// The longest time for which the shutdown of a single-node cluster waits, after the last step, for actors to stop. It does not wait for all of
    /// them: stopping 200,000 actors takes seconds, and they have nothing left to save.
    /// </summary>
    private static readonly TimeSpan TerminationMax = TimeSpan.FromSeconds(1);

    private readonly ActorsOptions _options;
    private readonly ISnapshotTable _table;
    private readonly ILeaseTable? _leases;
    private readonly ILoggerFactory _loggers;
    private readonly ILogger<RecSysActorSystem> _log;
    private readonly TimeProvider _time;
    private readonly IHostApplicationLifetime? _lifetime;
    private readonly IReadOnlyList<MessageSerializer> _serializers;
    private readonly IReadOnlyList<BeforeJoin> _beforeJoin;
    private readonly Lazy<ActorSystem> _system;
    private readonly TaskCompletionSource _isSaved = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private CancellationTokenRegistration _onStopping;
    private volatile bool _isUp; // the status of SelfMember may become Up a moment later
    private volatile bool _isStopping;
    private int _end;
    private ClusterLease? _lease;

    /// <summary>Creates the service; nothing is started yet.</summary>
    public RecSysActorSystem(
        IOptions<ActorsOptions> options,
        ISnapshotTable table,
        ILoggerFactory loggers,
        TimeProvider time,
        IEnumerable<MessageSerializer> serializers,
        IHostApplicationLifetime? lifetime = null,
        IEnumerable<BeforeJoin>? beforeJoin = null,
        ILeaseTable? leases = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(loggers);
        _options = options.Value;
        _table = table;
        _leases = leases;
        _loggers = loggers;
        _log = loggers.CreateLogger<RecSysActorSystem>();
        _time = time;
        _serializers = [.. serializers];
        _beforeJoin = [.. beforeJoin ?? []];
        _lifetime = lifetime;
        _system = new Lazy<ActorSystem>(Create);
    }

    /// <summary>Loads a configuration and discards it, so that the code for it is already JIT-compiled when the actor system is created. A process can call this on another thread during its start.</summary>
    public static void Preload()
    {
        ConfigurationFactory.Load(); // an actor system also reads the application's configuration file
        Config config = HoconFiles.Load(new ActorsOptions()).WithFallback(ConfigurationFactory.Default());
        config.GetTimeSpan("akka.actor.creation-timeout"); // compiles the regular expression of all of them
    }

    /// <summary>Gets the actor system; created at its first use, a member of its cluster once <see cref="StartAsync"/> has completed.</summary>
    public ActorSystem System => _system.Value;

    /// <summary>Gets whether this node is up in its cluster, and not leaving it.</summary>
    public bool IsUp => _isUp && Cluster.Get(System).SelfMember.Status is not (MemberStatus.Leaving or MemberStatus.Exiting or MemberStatus.Down or MemberStatus.Removed);

    /// <summary>Gets whether the shutdown has begun: this node is no longer ready.</summary>
    public bool IsStopping => _isStopping;

    /// <summary>Gets the reason why the cluster ended this node.</summary>
    /// <value><see cref="NodeEnd.None"/> while the node runs, and if its own process stopped it; <see cref="NodeEnd.Drained"/> as soon as <see cref="Drain"/> was called.</value>
    public NodeEnd End => (NodeEnd)Volatile.Read(ref _end);

    /// <summary>Adds work to a step of the shutdown; the work of one step runs concurrently.</summary>
    /// <param name="step">Step of the shutdown in which the work runs.</param>
    /// <param name="name">Name of the work in the log.</param>
    /// <param name="run">The work. A step has a time-out (hocon/shutdown.conf), after which the next step begins.</param>
    public void OnShutdown(ShutdownStep step, string name, Func<Task> run)
    {
        ArgumentNullException.ThrowIfNull(run);
        CoordinatedShutdown.Get(System).AddTask(ShutdownSteps.PhaseOf(step), name, async () =>
        {
            await run().ConfigureAwait(false);
            return Done.Instance;
        });
    }

    /// <summary>Creates the system, runs the work of <see cref="BeforeJoin"/>, joins the cluster, and waits until this node is up in it.</summary>
    /// <exception cref="TimeoutException">The node is not up after <see cref="ActorsOptions.JoinTimeout"/>, with leases after <see cref="ActorsOptions.LeaseDuration"/> in addition.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        Cluster cluster = Cluster.Get(System);
        if (_leases is not null)
        {
            _lease = new ClusterLease(_leases, cluster, _options.LeaseDuration, _time, _log);
        }

        TaskCompletionSource isUp = new(TaskCreationOptions.RunContinuationsAsynchronously);
        cluster.RegisterOnMemberUp(() => isUp.TrySetResult());
        foreach (BeforeJoin work in _beforeJoin)
        {
            await work.RunAsync(cancellationToken).ConfigureAwait(false);
        }

        OnShutdown(ShutdownStep.ReadinessFalls, "readiness", () =>
        {
            _isStopping = true;
            _lease?.Stop();
            return Task.CompletedTask;
        });

        CoordinatedShutdown.Get(System).AddTask(CoordinatedShutdown.PhaseBeforeClusterShutdown, "saved", () =>
        {
            _isSaved.TrySetResult();
            return Task.FromResult(Done.Instance);
        });

        // If this node is stopped by a signal or by downing, it becomes unready immediately, and the whole host stops.
        _onStopping = _lifetime?.ApplicationStopping.Register(() => _isStopping = true) ?? default;
        System.RegisterOnTermination(OnTermination);

        // The node waits until the lease of an earlier cluster has expired.
        TimeSpan timeout = _options.JoinTimeout + (_lease is null ? TimeSpan.Zero : _options.LeaseDuration);
        using CancellationTokenSource isLate = new(timeout, _time);
        using CancellationTokenSource ends = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, isLate.Token);
        try
        {
            await JoinAsync(cluster, isUp.Task, ends.Token).ConfigureAwait(false);
            await isUp.Task.WaitAsync(ends.Token).ConfigureAwait(false);
            _isUp = true;
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException(
                $"this node is not up in its cluster after {timeout}; "
                + (_lease?.Holder is { } holder
                    ? $"a cluster over the same stores runs, created by {holder}: name its nodes in {ActorsOptions.Section}:join (which now names: {string.Join(", ", _options.Join.DefaultIfEmpty("none"))})"
                    : $"it tried to join {string.Join(", ", _options.Join.DefaultIfEmpty("only itself"))}"),
                e);
        }

        _lease?.Hold();
        LogUp(cluster.SelfAddress, _options.Roles);
    }

    /// <summary>Shuts the system down in the order of <see cref="ShutdownStep"/>.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        _isStopping = true;
        if (!_system.IsValueCreated)
        {
            return;
        }

        bool isAlone = Cluster.Get(System).State.Members.Count <= 1;
        Task ended = CoordinatedShutdown.Get(System).Run(CoordinatedShutdown.ClrExitReason.Instance);
        if (isAlone)
        {
            await Task.WhenAny(ended, _isSaved.Task).WaitAsync(cancellationToken).ConfigureAwait(false);
            await Task.WhenAny(ended, Task.Delay(TerminationMax, _time, cancellationToken)).ConfigureAwait(false);
            await (_lease?.ReleaseAsync(cancellationToken) ?? Task.CompletedTask).ConfigureAwait(false);
        }
        else
        {
            await ended.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Begins to stop this node in the same way as a request to stop its process, and sets <see cref="End"/> to <see cref="NodeEnd.Drained"/>. Its partitions go to other nodes. Does not wait until the node has stopped.</summary>
    public void Drain()
    {
        if (Interlocked.CompareExchange(ref _end, (int)NodeEnd.Drained, (int)NodeEnd.None) != (int)NodeEnd.None)
        {
            return;
        }

        _isStopping = true;
        LogDrains();
        if (_lifetime is { } lifetime)
        {
            _ = Task.Run(lifetime.StopApplication); // handlers of the stop may be slow
        }
        else
        {
            _ = CoordinatedShutdown.Get(System).Run(CoordinatedShutdown.ClusterLeavingReason.Instance);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _onStopping.Dispose();
        _lease?.Dispose();
        if (_system.IsValueCreated)
        {
            System.Dispose();
        }
    }

    /// <summary>Joins the nodes of the options, or creates a cluster if this node may.</summary>
    private async Task JoinAsync(Cluster cluster, Task isUp, CancellationToken cancellationToken)
    {
        Address[] nodes = [.. _options.Join.Select(AddressOf).DefaultIfEmpty(cluster.SelfAddress)];
        if (_lease is null || nodes[0] != cluster.SelfAddress)
        {
            Join(nodes);
            return;
        }

        // If the list given to JoinSeedNodes does not contain this node, Akka only asks the listed nodes until one lets it join; it creates no cluster.
        Address[] others = nodes[1..];
        bool isJoining = false;
        while (!isUp.IsCompleted)
        {
            if (await _lease.TryCreateAsync(cancellationToken).ConfigureAwait(false))
            {
                _lease.Hold();
                Join(nodes);
                return;
            }

            if (!isJoining && others.Length > 0)
            {
                Join(others);
                isJoining = true;
            }

            await Task.WhenAny(isUp, Task.Delay(_lease.Interval, _time, cancellationToken)).ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
        }

        void Join(Address[] addresses)
        {
            if (addresses is [Address only] && only == cluster.SelfAddress)
            {
                cluster.Join(only);
            }
            else
            {
                cluster.JoinSeedNodes(addresses);
            }
        }
    }

    private ActorSystem Create()
    {
        ActorSystemSetup setup = ActorSystemSetup.Create(
            BootstrapSetup.Create().WithConfig(HoconFiles.Load(_options, hasLeases: _leases is not null)),
            new LoggerFactorySetup(_loggers),
            new SnapshotTableSetup(_table, _options),
            SerializationSetup.Create(system => [.. _serializers.Select(serializer => serializer.DetailsFor(system))]));
        if (_options.Certificate is not null)
        {
            setup = setup.And(NodeCertificate.SetupOf(_options));
        }

        if (_leases is not null)
        {
            setup = setup.And(new LeaseTableSetup(_leases, _time));
        }

        return ActorSystem.Create(ActorsOptions.SystemName, setup);
    }

    private Address AddressOf(string node) =>
        NodeAddress.TryParse(node, out NodeAddress address)
            ? Cluster.Get(System).SelfAddress.WithHost(address.Host).WithPort(address.Port)
            : throw new FormatException($"'{node}' is not HOST:PORT");

    private void OnTermination()
    {
        CoordinatedShutdown.Reason? reason = CoordinatedShutdown.Get(System).ShutdownReason;
        switch (reason)
        {
            case CoordinatedShutdown.ClusterLeavingReason:
                Volatile.Write(ref _end, (int)NodeEnd.Drained);
                LogDrained();
                _lifetime?.StopApplication();
                break;
            case CoordinatedShutdown.ClusterDowningReason:
                Volatile.Write(ref _end, (int)NodeEnd.Downed);
                LogDowned();
                _lifetime?.StopApplication();
                break;
            default:
                break; // this process stops the node
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "node {Address} is up as {Roles}")]
    private partial void LogUp(Address address, IReadOnlyList<string> roles);

    [LoggerMessage(Level = LogLevel.Information, Message = "this node is drained: it hands its partitions to other nodes, saves, and its process stops")]
    private partial void LogDrains();

    [LoggerMessage(Level = LogLevel.Information, Message = "this node has left the cluster: the process stops")]
    private partial void LogDrained();

    [LoggerMessage(Level = LogLevel.Critical, Message = "this node was removed from the cluster, or its cluster was replaced (an earlier message may tell why): the process stops")]
    private partial void LogDowned();
}
