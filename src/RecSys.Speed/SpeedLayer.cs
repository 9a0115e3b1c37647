using Akka.Actor;
using Akka.Cluster;
using Akka.Cluster.Sharding;
using Akka.Persistence;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using RecSys.Actors;
using RecSys.Core;
using RecSys.Core.Diagnostics;
using RecSys.Core.Ports;
using RecSys.Speed.Ingest;
using RecSys.Speed.Metrics;
using RecSys.Speed.Sharding;
using RecSys.Speed.Users;

namespace RecSys.Speed;

/// <summary>The actors of the speed layer on this node: users, their pacer, and ingestion; started before the node joins its cluster and stopped with the host.</summary>
internal sealed partial class SpeedLayer(
    RecSysActorSystem actors,
    IInteractionLog log,
    ISnapshotTable table,
    IOptions<SpeedOptions> options,
    TimeProvider time,
    ILogger<SpeedLayer> logger)
{
    /// <summary>Name of the region that contains users and ingest actors.</summary>
    private const string RegionName = "speed";

    /// <summary>Time within which the ingest actors must report that they stopped reading, and later that their checkpoints are saved.</summary>
    private static readonly TimeSpan PauseMax = TimeSpan.FromSeconds(1.5);

    /// <summary>Time within which the users must save. Records that are still unsaved then are read from the log again.</summary>
    private static readonly TimeSpan SaveMax = TimeSpan.FromSeconds(9);

    /// <summary>Time within which a partition's ingest actor must answer that its users' actors check their states.</summary>
    private static readonly TimeSpan ReplacedMax = TimeSpan.FromSeconds(1);

    private const int ReplacedTriesMax = 60;

    private readonly LogLimiter _cut = new();
    private readonly SpeedOptions _options = options.Value;
    private IActorRef? _region;
    private IActorRef? _pacer;
    private IActorRef? _keeper;
    private UserServices? _userServices;
    private IngestServices? _ingestServices;

    public IngestStatusRegistry IngestStatuses { get; } = new(log.Shape.PartitionCount, time);

    public LiveUsers Live { get; } = new();

    public SpeedCounters Counters { get; } = new();

    public PacerStatus Pacer { get; } = new();

    public ShardStatus Shards { get; } = new();

    /// <summary>Gets the shard region of users and ingest actors, or a proxy to those of other nodes.</summary>
    public IActorRef Region => _region ?? throw new StoreUnavailableException("the speed layer is not started");

    /// <summary>Gets whether the layer is started and no shutdown has begun.</summary>
    public bool IsRunning => _region is not null && !actors.IsStopping;

    /// <summary>Starts the regions and their actors; they receive messages once this node has joined the cluster.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (log.Shape.Problem() is { } problem)
        {
            throw new InvalidOperationException(problem);
        }

        ActorSystem system = actors.System;
        ClusterSharding sharding = ClusterSharding.Get(system);
        ClusterShardingSettings settings = ClusterShardingSettings.Create(system).WithRole(NodeRoles.Profile);
        system.ActorOf(Props.Create(() => new LagReporter(IngestStatuses)), LagReporter.Name);
        if (!Cluster.Get(system).SelfRoles.Contains(NodeRoles.Profile))
        {
            _region = await sharding.StartProxyAsync(RegionName, NodeRoles.Profile, new SpeedExtractor()).ConfigureAwait(false);
            return;
        }

        _pacer = system.ActorOf(Props.Create(() => new PacerActor(_options, Live, Counters, Pacer, time)), "pacer");
        IActorRef snapshots = Persistence.Instance.Apply(system).SnapshotStoreFor(null);
        _userServices = new UserServices(log.Shape, _pacer, snapshots, new ProfileHealer(log, OnCut), Live, Counters, time, logger);
        _ingestServices = new IngestServices(log, table, _options.ToIngestOptions(), IngestStatuses, Counters, CheckUsers, time, logger);
        IngestServices ingestServices = _ingestServices;
        Props user = UserActor.PropsFor(_userServices);
        IActorRef region = await sharding.StartAsync(
            RegionName,
            entity => SpeedExtractor.IsIngest(entity, out int partition) ? IngestActor.PropsFor(ingestServices, partition) : user,
            settings,
            new SpeedExtractor(),
            new PartitionAllocation(log.Shape),
            EntityStop.Instance).ConfigureAwait(false);
        _userServices.Region = _ingestServices.Region = region;
        system.ActorOf(Props.Create(() => new UndeliveredMessageCounter(Counters)), "message-watch");
        system.ActorOf(Props.Create(() => new ShardProbe(region, Shards)), "shard-watch");
        _keeper = system.ActorOf(Props.Create(() => new IngestSupervisor(region, log.Shape.PartitionCount)), "ingest-keeper");
        _region = region;

        actors.OnShutdown(ShutdownStep.IngestStops, "ingest", StopIngestAsync);
        actors.OnShutdown(ShutdownStep.UsersSave, "users", SaveUsersAsync);
        actors.OnShutdown(ShutdownStep.ShardsLeave, "region", () =>
        {
            system.ActorOf(Props.Create(() => new RegionStopper(region)), "region-stopper");
            return Task.CompletedTask;
        });
    }

    /// <summary>Tells the node of a partition that the saved states of its users were replaced: their actors there then load the new ones before they answer further reads.</summary>
    /// <param name="partition">Number of the partition, from 0.</param>
    /// <param name="isCheckpointReplaced">Whether ingestion starts again from a new checkpoint.</param>
    /// <param name="cancellationToken">Cancels the attempts.</param>
    /// <exception cref="StoreUnavailableException">No node answered.</exception>
    public async Task TellReplacedAsync(int partition, bool isCheckpointReplaced, CancellationToken cancellationToken)
    {
        await AskUsersCheckAsync(new IngestCommands.StatesReplaced(partition, isCheckpointReplaced), cancellationToken).ConfigureAwait(false);
        if (isCheckpointReplaced)
        {
            await AskUsersCheckAsync(new IngestCommands.StatesReplaced(partition, IsCheckpointReplaced: false), cancellationToken).ConfigureAwait(false); // answered by the ingest actor that starts next
        }
    }

    private async Task AskUsersCheckAsync(IngestCommands.StatesReplaced replaced, CancellationToken cancellationToken)
    {
        for (int tries = 1; ; tries++)
        {
            try
            {
                await Region.Ask<IngestReplies.UsersCheck>(replaced, ReplacedMax, cancellationToken).ConfigureAwait(false);
                return;
            }
            catch (AskTimeoutException e) when (tries == ReplacedTriesMax)
            {
                throw new StoreUnavailableException(
                    $"the states of partition {replaced.Partition} are replaced, but its node does not answer: its users' actors find the new states within minutes; to be sure, run the rebuild again", e);
            }
            catch (AskTimeoutException)
            {
                // The partition moves to another node, or its ingest actor starts again.
            }
        }
    }

    private void OnCut(Owner owner, long start)
    {
        Counters.CountCutState();
        if (_cut.TryPass(time, out long leftOut))
        {
            string text = owner.ToString();
            LogCut(logger, text, start, leftOut);
        }
    }

    private void CheckUsers(int partition) => Live.TellAll(log.Shape, partition, UserCommands.Check.Instance);

    /// <summary>Stops the supervisor, because a region that holds messages for ingest actors stops later (<see cref="RegionStopper"/>), and then the reading.</summary>
    private async Task StopIngestAsync()
    {
        actors.System.Stop(_keeper);
        await PauseIngestAsync().ConfigureAwait(false);
    }

    /// <summary>Stops the reading of this node's partitions; records in flight still reach their users.</summary>
    private async Task PauseIngestAsync()
    {
        _ingestServices!.IsPaused = true;
        await Task.WhenAll(IngestStatuses.Actors.Select(actor => actor.Ask<IngestReplies.Paused>(IngestCommands.Pause.Instance, PauseMax))).ConfigureAwait(false);
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

    private async Task FinishIngestAsync() =>
        await Task.WhenAll(IngestStatuses.Actors.Select(actor => actor.Ask<IngestReplies.Finished>(IngestCommands.Finish.Instance, PauseMax))).ConfigureAwait(false);

    [LoggerMessage(
        Level = LogLevel.Error,
        Message = "the saved state of {Owner} is damaged, and the log begins at offset {Start}: the profile lacks the records before that offset ({LeftOut} more since the last logged one)")]
    private static partial void LogCut(ILogger logger, string owner, long start, long leftOut);

    [LoggerMessage(Level = LogLevel.Information, Message = "all users were saved in {Elapsed}")]
    private static partial void LogSaved(ILogger logger, TimeSpan elapsed);

    [LoggerMessage(Level = LogLevel.Warning, Message = "the users ({Users} left) or the checkpoints were not saved in time; the next start reads the unsaved records from the log again")]
    private static partial void LogNotAllSaved(ILogger logger, int users);
}
