using System.Collections.Immutable;
using Akka.Actor;
using Akka.Cluster;
using RecSys.Actors;
using RecSys.Core;
using RecSys.Core.Log;
using RecSys.Core.Ports;
using RecSys.Speed.Ingest;
using RecSys.Speed.Users;

namespace RecSys.Speed;

/// <summary>The state of the cluster and of the speed layer, as this node sees it.</summary>
internal sealed class ClusterControl(RecSysActorSystem actors, SpeedLayer layer, IInteractionLog log) : IClusterControl
{
    private static readonly TimeSpan AnswerMax = TimeSpan.FromSeconds(1);

    public async ValueTask<bool> IsReadyAsync(CancellationToken cancellationToken)
    {
        if (!layer.IsRunning
            || Cluster.Get(actors.System).SelfMember.Status is not (MemberStatus.Up or MemberStatus.WeaklyUp)
            || layer.IngestStatuses.All.Any(status => status.Now.Fault is not null))
        {
            return false;
        }

        // The log is not asked: all nodes share one that can be away, and a load balancer would drop all of them.
        return await AreUsersAnsweringAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Returns whether user actors of this node answer: those of any of its partitions, because the users of a partition that moves to another node do not. Other nodes are not asked, so
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
            return answer is UserReplies.Profile or UserReplies.Unavailable; // all nodes share a store that is away: its answer says nothing about this node
        }
        catch (Exception error) when (error is AskTimeoutException || (error is OperationCanceledException && cancellationToken.IsCancellationRequested))
        {
            return false;
        }
    }

    /// <summary>Returns an owner that no user has, in a shard of a partition; a query of its actor shows whether the node's user actors answer.</summary>
    private static Owner NoUserOf(int partition)
    {
        Span<byte> bytes = stackalloc byte[Owner.SizeBytes];
        bytes.Clear();
        bytes[0] = (byte)partition;
        return new Owner(bytes);
    }

    public async ValueTask<ClusterStatus> GetStatusAsync(CancellationToken cancellationToken)
    {
        LogRange[] ranges = await log.GetRangesAsync(cancellationToken).ConfigureAwait(false);
        ClusterEvent.CurrentClusterState state = Cluster.Get(actors.System).State;
        ImmutableHashSet<Member> unreachable = state.Unreachable;
        return new ClusterStatus(
            [.. state.Members.Select(member => new ClusterMember(
                member.Address.ToString(),
                [.. member.Roles.Order(StringComparer.Ordinal)],
                unreachable.Contains(member) ? "unreachable" : StatusOf(member)))],
            layer.Shards.Started,
            layer.Live.Count,
            [.. layer.IngestStatuses.All.OrderBy(status => status.Partition).Select(status => LagOf(status, ranges[status.Partition].End))]);
    }

    private static string StatusOf(Member member) => member.Status switch
    {
        MemberStatus.Joining => "joining",
        MemberStatus.WeaklyUp or MemberStatus.Up => "up",
        MemberStatus.Leaving => "leaving",
        MemberStatus.Exiting => "exiting",
        _ => "down",
    };

    private static PartitionProgress LagOf(IngestStatus status, long end)
    {
        IngestStatus.State now = status.Now;
        return new PartitionProgress(status.Partition, Math.Max(end, now.Next), now.Next, now.Checkpoint, now.LagMs, now.UnsavedUsers) { Fault = now.Fault };
    }
}
