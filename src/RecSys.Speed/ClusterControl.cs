using System.Collections.Immutable;
using Akka.Actor;
using Akka.Cluster;
using RecSys.Actors;
using RecSys.Core;
using RecSys.Core.Diagnostics;
using RecSys.Core.Log;
using RecSys.Core.Ports;
using RecSys.Speed.Ingest;
using RecSys.Speed.Nodes;
using RecSys.Speed.Users;

namespace RecSys.Speed;

/// <summary>The state of the cluster and of the speed layer: what this node sees, and what the others report.</summary>
internal sealed class ClusterControl(RecSysActorSystem actors, SpeedLayer layer, IInteractionLog log, TimeProvider time, IServedModels? models = null) : IClusterControl
{
    private static readonly TimeSpan AnswerMax = TimeSpan.FromSeconds(1);

    private readonly long _startedAtMs = time.GetUtcNow().ToUnixTimeMilliseconds();

    public string Node => NodeName.Of(Cluster.SelfAddress);

    private Cluster Cluster => Cluster.Get(actors.System);

    /// <summary>Starts the actor that answers other nodes.</summary>
    public void Start() => actors.System.ActorOf(Props.Create(() => new NodeReporter(ReportAsync, actors.Drain)), NodeReporter.Name);

    public async ValueTask<bool> IsReadyAsync(CancellationToken cancellationToken)
    {
        if (!layer.IsRunning
            || !actors.IsUp
            || layer.IngestStatuses.All.Any(status => status.Now.Fault is not null))
        {
            return false;
        }

        // The log is not queried: if it is unavailable, all nodes would be unready, and a load balancer would drop all of them.
        return await AreUsersAnsweringAsync(cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask<ClusterStatus> GetStatusAsync(CancellationToken cancellationToken)
    {
        LogRange[] ranges = await log.GetRangesAsync(cancellationToken).ConfigureAwait(false);
        return new ClusterStatus(
            Members(),
            layer.Shards.Started,
            layer.Live.Count,
            [.. layer.IngestStatuses.All.OrderBy(status => status.Partition).Select(status => ProgressOf(status, ranges[status.Partition].End))]);
    }

    public async ValueTask<IReadOnlyList<NodeStatus>> GetNodesAsync(CancellationToken cancellationToken) =>
        await Task.WhenAll(Members().Select(async member => new NodeStatus(member, await TryGetReportAsync(member, cancellationToken).ConfigureAwait(false)))).ConfigureAwait(false);

    public async ValueTask<IReadOnlyList<PartitionStatus>> GetPartitionsAsync(CancellationToken cancellationToken)
    {
        // The ends are read after the call began, so that each record that the log then contained counts as lag until it is read. The log and the nodes are asked concurrently, so that several silent ones delay the answer no longer than one.
        Task<LogRange[]?> ends = TryGetRangesAsync(cancellationToken);
        IReadOnlyList<NodeStatus> nodes = await GetNodesAsync(cancellationToken).ConfigureAwait(false);
        LogRange[]? ranges = await ends.ConfigureAwait(false);
        ILookup<int, (string Node, HostedPartition Hosted)> hosted = nodes
            .SelectMany(node => (node.Report?.Partitions ?? []).Select(partition => (node.Member.Name, partition)))
            .ToLookup(pair => pair.partition.Partition);
        return [.. Enumerable.Range(0, log.Shape.PartitionCount).Select(partition => StatusOf(partition, hosted[partition], ranges?[partition].End ?? 0))];
    }

    public async ValueTask<DrainAnswer> DrainAsync(string node, CancellationToken cancellationToken)
    {
        IReadOnlyList<NodeStatus> nodes = await GetNodesAsync(cancellationToken).ConfigureAwait(false);
        NodeStatus? found = nodes.FirstOrDefault(other => other.Member.Name == node || other.Member.Address == node);
        if (found is null)
        {
            return new DrainAnswer(DrainOutcome.UnknownNode, null, nodes);
        }

        if (found.Report is null)
        {
            return new DrainAnswer(DrainOutcome.NoAnswer, found, nodes);
        }

        bool hasPartitions = found.Member.Roles.Contains(NodeRoles.Profile);
        if (!nodes.Any(other => other != found && other.Report is { IsReady: true } && (!hasPartitions || other.Member.Roles.Contains(NodeRoles.Profile))))
        {
            return new DrainAnswer(DrainOutcome.NoSuccessor, found, nodes);
        }

        object? answer = await TryAskAsync(found.Member, NodeMessages.Drain.Instance, cancellationToken).ConfigureAwait(false);
        return new DrainAnswer(answer is NodeMessages.Draining ? DrainOutcome.Accepted : DrainOutcome.NoAnswer, found, nodes);
    }

    private static PartitionStatus StatusOf(int partition, IEnumerable<(string Node, HostedPartition Hosted)> hosted, long end)
    {
        // During a move two nodes may report the partition: the one that reads it counts.
        (string? node, HostedPartition? host) = hosted
            .Where(pair => pair.Hosted.Progress is not null)
            .OrderByDescending(pair => pair.Hosted.Progress!.LagMs is not null)
            .ThenByDescending(pair => pair.Hosted.Progress!.Next)
            .FirstOrDefault();
        end = Math.Max(end, host?.Progress?.End ?? 0);
        return new PartitionStatus(partition, node, hosted.Sum(pair => pair.Hosted.Users), end, host?.Progress is { } progress ? progress with { End = end } : null);
    }

    private static string StatusOf(Member member) => member.Status switch
    {
        MemberStatus.Joining => "joining",
        MemberStatus.WeaklyUp or MemberStatus.Up => "up",
        MemberStatus.Leaving => "leaving",
        MemberStatus.Exiting => "exiting",
        _ => "down",
    };

    private static PartitionProgress ProgressOf(IngestStatus status, long end)
    {
        IngestStatus.State now = status.Now;
        return new PartitionProgress(status.Partition, Math.Max(Math.Max(end, now.Range.End), now.Next), now.Next, now.Checkpoint, now.LagMs, now.UnsavedUsers) { Fault = now.Fault };
    }

    /// <summary>Returns an owner that no user has, in a shard of a partition; a query of its actor shows whether the node's user actors answer.</summary>
    private static Owner NoUserOf(int partition)
    {
        Span<byte> bytes = stackalloc byte[Owner.SizeBytes];
        bytes.Clear();
        bytes[0] = (byte)partition;
        return new Owner(bytes);
    }

    private ClusterMember[] Members()
    {
        ClusterEvent.CurrentClusterState state = Cluster.State;
        ImmutableHashSet<Member> unreachable = state.Unreachable;
        return
        [
            .. state.Members
                .Select(member => new ClusterMember(
                    NodeName.Of(member.Address),
                    member.Address.ToString(),
                    [.. member.Roles.Order(StringComparer.Ordinal)],
                    unreachable.Contains(member) ? "unreachable" : StatusOf(member)))
                .OrderBy(member => member.Name, StringComparer.Ordinal),
        ];
    }

    /// <summary>
    /// Returns whether user actors of this node answer: those of any of its partitions, because the users of a partition that moves to another node do not answer. Other nodes are not asked, so
    /// that this node stays ready when another one stops.
    /// </summary>
    private async Task<bool> AreUsersAnsweringAsync(CancellationToken cancellationToken)
    {
        IngestStatus[] own = [.. layer.IngestStatuses.All.Where(status => status.Actor is not null)];
        await foreach (Task<bool> asked in Task.WhenEach(own.Select(status => IsAnsweringAsync(status, cancellationToken))).ConfigureAwait(false))
        {
            if (await asked.ConfigureAwait(false))
            {
                return true;
            }
        }

        return own.All(status => status.Actor is null); // all users are on other nodes, or moved there meanwhile
    }

    private async Task<bool> IsAnsweringAsync(IngestStatus status, CancellationToken cancellationToken)
    {
        try
        {
            object answer = await layer.Region.Ask<object>(
                new UserQueries.GetProfile(NoUserOf(status.Partition), [], VerifyRevision: false), AnswerMax, cancellationToken).ConfigureAwait(false);
            return answer is UserReplies.Profile or UserReplies.Unavailable; // an unavailable store is unavailable for all nodes: its answer shows nothing about this node
        }
        catch (Exception error) when (error is AskTimeoutException || (error is OperationCanceledException && cancellationToken.IsCancellationRequested))
        {
            return false;
        }
    }

    private async Task<NodeReport> ReportAsync()
    {
        int[] users = layer.Live.CountsByPartition(log.Shape);
        Dictionary<int, PartitionProgress> progress = layer.IngestStatuses.All.ToDictionary(status => status.Partition, status => ProgressOf(status, end: 0));
        return new NodeReport
        {
            IsReady = await IsReadySoonAsync().ConfigureAwait(false),
            Version = ProductVersion.Text,
            StartedAtMs = _startedAtMs,
            Model = models?.Champion?.Version.Value,
            ModelProblem = models?.Fallback?.Reason,
            Shards = layer.Shards.Started,
            Partitions =
            [
                .. Enumerable.Range(0, log.Shape.PartitionCount)
                    .Where(partition => users[partition] > 0 || progress.ContainsKey(partition))
                    .Select(partition => new HostedPartition(partition, users[partition], progress.GetValueOrDefault(partition))),
            ],
        };
    }

    private async Task<bool> IsReadySoonAsync()
    {
        using CancellationTokenSource timeout = new(AnswerMax, time);
        try
        {
            return await IsReadyAsync(timeout.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private async Task<NodeReport?> TryGetReportAsync(ClusterMember member, CancellationToken cancellationToken) =>
        (await TryAskAsync(member, NodeMessages.GetReport.Instance, cancellationToken).ConfigureAwait(false) as NodeMessages.Reported)?.Report;

    private Task<object?> TryAskAsync(ClusterMember member, object message, CancellationToken cancellationToken) =>
        new NodeActor(actors.System, Address.Parse(member.Address), NodeReporter.Name).TryAskAsync(message, NodeStatus.AnswerMax, cancellationToken);

    /// <summary>Returns the ranges of the log; null if it does not answer in time: the state of the nodes is then reported without them.</summary>
    private async Task<LogRange[]?> TryGetRangesAsync(CancellationToken cancellationToken)
    {
        using CancellationTokenSource timeout = new(NodeStatus.AnswerMax, time);
        using CancellationTokenSource deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            return await log.GetRangesAsync(deadline.Token).ConfigureAwait(false);
        }
        catch (StoreUnavailableException)
        {
            return null;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }
}
