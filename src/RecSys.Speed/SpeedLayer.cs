using Akka.Actor;
using Akka.Cluster;
using Akka.Cluster.Sharding;
using Akka.Persistence;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using RecSys.Actors;
using RecSys.Core.Ports;
using RecSys.Speed.Ingest;
using RecSys.Speed.Metrics;
using RecSys.Speed.Users;

namespace RecSys.Speed;

/// <summary>The actors of the speed layer on this node: users, their pacer, and ingestion; started and stopped with the host.</summary>
internal sealed partial class SpeedLayer(
    RecSysActorSystem actors,
    IInteractionLog log,
    ISnapshotTable table,
    IOptions<SpeedOptions> options,
    TimeProvider time,
    ILogger<SpeedLayer> logger) : IHostedService
{
    /// <summary>Time within which the ingest actors must report that they stopped reading.</summary>
    private static readonly TimeSpan PauseMax = TimeSpan.FromSeconds(1.5);

    /// <summary>Time within which the users must save. Records that are still unsaved then are read from the log again.</summary>
    private static readonly TimeSpan SaveMax = TimeSpan.FromSeconds(9);

    private static readonly TimeSpan DiscardPause = TimeSpan.FromMilliseconds(20);

    private readonly SpeedOptions _options = options.Value;
    private IActorRef? _users;
    private IActorRef? _ingest;
    private IActorRef? _pacer;
    private IActorRef? _keeper;
    private UserServices? _userServices;

    public IngestStatusRegistry Board { get; } = new(log.Shape.PartitionCount);

    public LiveUsers Live { get; } = new();

    public SpeedCounters Counters { get; } = new();

    public PacerStatus Pacer { get; } = new();

    public ShardStatus Shards { get; } = new();

    /// <summary>Gets the shard region of users, or a proxy to those of other nodes.</summary>
    public IActorRef Users => _users ?? throw new StoreUnavailableException("the speed layer is not started");

    /// <summary>Gets the shard region of ingest actors.</summary>
    public IActorRef Ingest => _ingest ?? throw new StoreUnavailableException("the speed layer is not started");

    /// <summary>Gets whether the layer is started and no shutdown has begun.</summary>
    public bool IsRunning => _users is not null && !actors.IsStopping;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        ActorSystem system = actors.System;
        ClusterSharding sharding = ClusterSharding.Get(system);
        ClusterShardingSettings settings = ClusterShardingSettings.Create(system).WithRole(NodeRoles.Profile);
        if (!Cluster.Get(system).SelfRoles.Contains(NodeRoles.Profile))
        {
            _ingest = await sharding.StartProxyAsync("ingest", NodeRoles.Profile, new IngestExtractor()).ConfigureAwait(false);
            _users = await sharding.StartProxyAsync("users", NodeRoles.Profile, new UserExtractor()).ConfigureAwait(false);
            return;
        }

        _pacer = system.ActorOf(Props.Create(() => new PacerActor(_options, Live, Counters, Pacer, time)), "pacer");
        IActorRef snapshots = Persistence.Instance.Apply(system).SnapshotStoreFor(null);
        _userServices = new UserServices(_pacer, snapshots, new ProfileHealer(log), Live, Counters, time, logger);
        Props user = UserActor.PropsFor(_userServices);
        IActorRef users = await sharding.StartAsync(
            "users", _ => user, settings, new UserExtractor(), sharding.DefaultShardAllocationStrategy(settings), UserCommands.Stop.Instance)
            .ConfigureAwait(false);
        IngestServices ingestServices = new(log, table, users, _options.ToIngestOptions(), Board, Counters, time, logger);
        _ingest = await sharding.StartAsync(
            "ingest", partition => IngestActor.PropsFor(ingestServices, partition), settings, new IngestExtractor(),
            sharding.DefaultShardAllocationStrategy(settings), IngestCommands.Stop.Instance)
            .ConfigureAwait(false);
        system.ActorOf(Props.Create(() => new UndeliveredMessageCounter(Counters)), "message-watch");
        system.ActorOf(Props.Create(() => new ShardProbe(users, Shards)), "shard-watch");
        StartKeeper();
        _users = users;

        actors.OnShutdown(ShutdownStep.IngestStops, "ingest", () => PauseIngestAsync());
        actors.OnShutdown(ShutdownStep.UsersSave, "users", SaveUsersAsync);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask; // the coordinated shutdown of the actor system stops the layer

    /// <summary>Replaces the saved states of all users.</summary>
    /// <param name="finish">Completes the new states, while ingestion is paused and users still answer from the old ones.</param>
    /// <param name="commit">Replaces the states, while no user actor runs.</param>
    /// <exception cref="StoreUnavailableException">The replacement failed; ingestion continues from the saved states, either the old or the new ones.</exception>
    public async Task ReplaceUsersAsync(Func<Task> finish, Func<ValueTask> commit)
    {
        if (_userServices is not { } users)
        {
            throw new InvalidOperationException("this node does not have the role of user actors");
        }

        try
        {
            await PauseIngestAsync().ConfigureAwait(false);
            await FinishIngestAsync().ConfigureAwait(false);
            await finish().ConfigureAwait(false);

            // From here on no user actor starts, so that none keeps or saves a state that is replaced.
            users.IsDiscarding = true;
            while (Live.Count > 0)
            {
                foreach (LiveUser user in Live.All())
                {
                    user.Actor.Tell(UserCommands.Discard.Instance);
                }

                await Task.Delay(DiscardPause, time).ConfigureAwait(false);
            }

            await commit().ConfigureAwait(false);
        }
        catch (AskTimeoutException e)
        {
            throw new StoreUnavailableException("the ingest actors did not stop in time", e);
        }
        finally
        {
            users.IsDiscarding = false;
            StartKeeper();
        }
    }

    private void StartKeeper() =>
        _keeper = actors.System.ActorOf(Props.Create(() => new IngestSupervisor(_ingest!, log.Shape.PartitionCount)));

    /// <summary>Stops reading; records in flight still reach their users.</summary>
    private async Task PauseIngestAsync()
    {
        if (_keeper is { } keeper)
        {
            await keeper.GracefulStop(PauseMax).ConfigureAwait(false);
            _keeper = null;
        }

        await Task.WhenAll(Enumerable.Range(0, log.Shape.PartitionCount)
            .Select(partition => Ingest.Ask<IngestReplies.Paused>(new IngestCommands.Pause(partition), PauseMax))).ConfigureAwait(false);
    }

    /// <summary>Saves all users, then the checkpoints.</summary>
    private async Task SaveUsersAsync()
    {
        long started = time.GetTimestamp();
        try
        {
            await _pacer.Ask<PacerMessages.Drained>(PacerMessages.Drain.Instance, SaveMax).ConfigureAwait(false);
            await FinishIngestAsync().ConfigureAwait(false);
            TimeSpan elapsed = time.GetElapsedTime(started);
            LogSaved(logger, elapsed);
        }
        catch (AskTimeoutException)
        {
            int left = Pacer.Waiting + Pacer.InFlight;
            LogNotAllSaved(logger, left);
        }
    }

    private Task<IngestReplies.Finished[]> FinishIngestAsync() => Task.WhenAll(Enumerable.Range(0, log.Shape.PartitionCount)
        .Select(partition => Ingest.Ask<IngestReplies.Finished>(new IngestCommands.Finish(partition), PauseMax)));

    [LoggerMessage(Level = LogLevel.Information, Message = "all users were saved in {Elapsed}")]
    private static partial void LogSaved(ILogger logger, TimeSpan elapsed);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Users} users were not saved in time; the next start reads their records from the log again")]
    private static partial void LogNotAllSaved(ILogger logger, int users);
}
