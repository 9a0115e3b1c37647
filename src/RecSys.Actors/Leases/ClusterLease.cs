using Akka.Actor;
using Akka.Cluster;
using Microsoft.Extensions.Logging;
using RecSys.Core.Ports;

namespace RecSys.Actors.Leases;

/// <summary>The lease of a cluster: while a member prolongs it, no node creates another cluster over the same store.</summary>
/// <remarks>
/// Its owner is the cluster, named by the node that created it, and every member prolongs it on behalf of the cluster. So it outlives the creator, and a first seed that starts again while
/// the others run joins them or waits. A member that finds, for the lease's duration, an owner that is not a member of its cluster belongs to a cluster that was replaced, and ends.
/// </remarks>
internal sealed partial class ClusterLease(ILeaseTable table, Cluster cluster, TimeSpan duration, TimeProvider time, ILogger log) : IDisposable
{
    /// <summary>Name of the lease.</summary>
    public const string Name = "cluster";

    private readonly string _own = OwnerOf(cluster.SelfUniqueAddress);
    private readonly CancellationTokenSource _stop = new();
    private Task? _holding;
    private string? _cluster;
    private long? _otherSince;

    /// <summary>Gets the time between two prolongations; three may fail before the lease ends.</summary>
    public TimeSpan Interval => duration / 4;

    /// <summary>Gets the other cluster that held the lease when the store last answered this node's attempt to take it; null without such an answer, and if this node has taken it.</summary>
    public string? Holder { get; private set; }

    /// <summary>Takes the lease for a new cluster.</summary>
    /// <returns>False if another cluster holds it, or the store does not answer.</returns>
    public async Task<bool> TryCreateAsync(CancellationToken cancellationToken)
    {
        try
        {
            LeaseHolding holding = await table.TakeAsync(Name, _own, duration, cancellationToken).ConfigureAwait(false);
            if (holding.Owner == _own)
            {
                _cluster = _own;
                Holder = null;
                return true;
            }

            Holder = holding.Owner;
            LogHeld(holding.Owner, holding.Left);
        }
        catch (StoreUnavailableException error)
        {
            LogUnavailable(error);
        }

        return false;
    }

    /// <summary>Prolongs the lease from now on, until <see cref="Stop"/>.</summary>
    public void Hold() => _holding ??= HoldAsync();

    /// <summary>Stops prolonging the lease.</summary>
    public void Stop() => _stop.Cancel();

    /// <summary>Ends the lease. The last member of a cluster calls it when it stops, so that the next start need not wait until the lease expires.</summary>
    public async Task ReleaseAsync(CancellationToken cancellationToken)
    {
        Stop();
        try
        {
            // A prolongation that is under way would take the lease again.
            await (_holding ?? Task.CompletedTask).WaitAsync(duration, time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // The store does not answer.
        }

        if (_cluster is not { } owner)
        {
            return;
        }

        try
        {
            await table.ReleaseAsync(Name, owner, cancellationToken).ConfigureAwait(false);
        }
        catch (StoreUnavailableException error)
        {
            LogUnavailable(error);
        }
    }

    // The token source is not disposed of: it has no timer to release, and steps of the shutdown may still call Stop.
    public void Dispose() => Stop();

    private static string OwnerOf(UniqueAddress node) => $"{node.Address.HostPort()} {node.Uid}";

    private async Task HoldAsync()
    {
        using PeriodicTimer timer = new(Interval, time);
        try
        {
            do
            {
                if (!await TryProlongAsync().ConfigureAwait(false))
                {
                    _ = CoordinatedShutdown.Get(cluster.System).Run(CoordinatedShutdown.ClusterDowningReason.Instance);
                    return;
                }
            }
            while (await timer.WaitForNextTickAsync(_stop.Token).ConfigureAwait(false));
        }
        catch (OperationCanceledException)
        {
            // This node ends.
        }
    }

    private async Task<bool> TryProlongAsync()
    {
        try
        {
            // A node that joined belongs to the cluster that holds the lease now. The calls are not cancelled: a cancelled call could still take the lease, even after its release.
            _cluster ??= (await table.ReadAsync(Name, CancellationToken.None).ConfigureAwait(false))?.Owner ?? _own;
            LeaseHolding holding = await table.TakeAsync(Name, _cluster, duration, CancellationToken.None).ConfigureAwait(false);
            if (holding.Owner == _cluster || IsMember(holding.Owner))
            {
                // Another owner that is a member is a first seed that took the lease after it had ended during an outage of the store, and then joined this cluster.
                _cluster = holding.Owner;
                _otherSince = null;
                return true;
            }

            long now = time.GetTimestamp();
            _otherSince ??= now;
            if (time.GetElapsedTime(_otherSince.Value, now) < duration)
            {
                return true;
            }

            LogReplaced(holding.Owner);
            return false;
        }
        catch (StoreUnavailableException error)
        {
            LogUnavailable(error);
            return true;
        }
    }

    private bool IsMember(string owner) => cluster.State.Members.Any(member => OwnerOf(member.UniqueAddress) == owner);

    [LoggerMessage(Level = LogLevel.Information, Message = "the lease of the cluster that {Owner} created lasts {Left} more: this node joins that cluster through the other nodes of its list, or creates one if the lease ends")]
    private partial void LogHeld(string owner, TimeSpan left);

    [LoggerMessage(Level = LogLevel.Warning, Message = "the store of the cluster's lease does not answer; until it stops, this node repeats the call")]
    private partial void LogUnavailable(Exception cause);

    [LoggerMessage(Level = LogLevel.Critical, Message = "another cluster, created by {Owner}, uses the same store: this node ends")]
    private partial void LogReplaced(string owner);
}
