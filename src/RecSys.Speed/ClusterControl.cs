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

    /// <summary>An owner that no user has; a query of its actor shows whether user actors answer.</summary>
    private static readonly Owner NoUser = new(new byte[Owner.SizeBytes]);

    public async ValueTask<bool> IsReadyAsync(CancellationToken cancellationToken)
    {
        if (!layer.IsRunning || layer.Board.All.Any(status => status.Now.Fault is not null))
        {
            return false;
        }

        try
        {
            await log.GetRangesAsync(cancellationToken).ConfigureAwait(false);
            object answer = await layer.Users.Ask<object>(
                new UserQueries.GetProfile(NoUser, [], VerifyRevision: false), AnswerMax, cancellationToken).ConfigureAwait(false);
            return answer is UserReplies.Profile;
        }
        catch (Exception e) when (e is AskTimeoutException or StoreUnavailableException or OverloadedException)
        {
            return false;
        }
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
            [.. layer.Board.All.OrderBy(status => status.Partition).Select(status => LagOf(status, ranges[status.Partition].End))]);
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
