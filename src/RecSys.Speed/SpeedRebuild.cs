using Akka.Cluster;
using RecSys.Actors;
using RecSys.Core;
using RecSys.Core.Log;
using RecSys.Core.Ports;
using RecSys.Speed.Folds;

namespace RecSys.Speed;

/// <summary>Rebuilds the speed layer's states from the log, separately from the current ones.</summary>
internal sealed class SpeedRebuild(
    RecSysActorSystem actors, SpeedLayer layer, NodeFolds folds, IInteractionLog log, ISnapshotTable table) : ISpeedRebuild
{
    /// <summary>Number of unread records below which ingestion is paused to read the rest.</summary>
    private const long BehindMax = 10_000;

    /// <summary>Number of times that it reads to the current end of a growing log before it pauses ingestion in any case.</summary>
    private const int CatchUpsMax = 10;

    /// <summary>The share of the progress for the first reading of the log.</summary>
    private const double VerifyShare = 0.2;

    private int _isUnderWay;

    public async ValueTask RebuildAsync(RebuildParts parts, bool acceptDamage, IProgress<double>? progress, CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _isUnderWay, 1) == 1)
        {
            throw new InvalidOperationException("a rebuild is under way");
        }

        try
        {
            int nodes = Cluster.Get(actors.System).State.Members.Count;
            if (nodes > 1)
            {
                throw new InvalidOperationException($"{nodes} nodes run; stop all but one before a rebuild");
            }

            LogRange[] ranges = await log.GetRangesAsync(cancellationToken).ConfigureAwait(false);
            await WholeLog.RequireAsync(log, ranges, acceptDamage, share => progress?.Report(VerifyShare * share), cancellationToken).ConfigureAwait(false);

            // Both read the same log concurrently, each at its own pace.
            Shares shares = new(progress, VerifyShare, (1 - VerifyShare) / (parts == RebuildParts.All ? 2 : 1));
            await Task.WhenAll(
                parts.HasFlag(RebuildParts.Users) ? RebuildUsersAsync(ranges, shares.OfUsers, cancellationToken) : Task.CompletedTask,
                parts.HasFlag(RebuildParts.Trends) ? RebuildTrendsAsync() : Task.CompletedTask).ConfigureAwait(false);
            progress?.Report(1);

            async Task RebuildTrendsAsync()
            {
                LogPosition upTo = new(log.Shape.Epoch, [.. ranges.Select(range => range.End - 1)]);
                await folds.RebuildTrendsAsync(upTo, shares.OfTrends, cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            Volatile.Write(ref _isUnderWay, 0);
        }
    }

    private async Task RebuildUsersAsync(LogRange[] ranges, Action<double> report, CancellationToken cancellationToken)
    {
        ISnapshotReplacement replacement = await table.BeginReplacementAsync(cancellationToken).ConfigureAwait(false);
        await using (replacement.ConfigureAwait(false))
        {
            ProfileStaging staging = new(log, replacement);
            await staging.ReadToAsync(ranges, report, cancellationToken).ConfigureAwait(false);
            for (int round = 0; round < CatchUpsMax && staging.Behind(ranges = await log.GetRangesAsync(cancellationToken).ConfigureAwait(false)) > BehindMax; round++)
            {
                await staging.ReadToAsync(ranges, _ => { }, cancellationToken).ConfigureAwait(false);
            }

            await staging.PutAsync(cancellationToken).ConfigureAwait(false);
            await layer.ReplaceUsersAsync(FinishAsync, () => replacement.CommitAsync(cancellationToken)).ConfigureAwait(false);

            async Task FinishAsync()
            {
                // All ingested records are before these ends, so the new states include them.
                await staging.ReadToAsync(await log.GetRangesAsync(cancellationToken).ConfigureAwait(false), _ => { }, cancellationToken).ConfigureAwait(false);
                if (log.Integrity.DamagedRecords > 0)
                {
                    await KeepErasedAsync(staging, cancellationToken).ConfigureAwait(false);
                }

                await staging.FinishAsync(cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Erases persons by their saved states too, since the records of their erasures may be among the lost ones.</summary>
    private async Task KeepErasedAsync(ProfileStaging staging, CancellationToken cancellationToken)
    {
        await foreach ((Owner owner, LogPosition upTo) in ErasedStates.ReadAsync(table, cancellationToken).ConfigureAwait(false))
        {
            await staging.KeepErasedAsync(owner, upTo, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Reports the progress of two concurrent parts, as a share of a larger progress.</summary>
    private sealed class Shares(IProgress<double>? progress, double before, double weight)
    {
        private double _users;
        private double _trends;

        public void OfUsers(double done) => Report(ref _users, done);

        public void OfTrends(double done) => Report(ref _trends, done);

        private void Report(ref double part, double done)
        {
            Volatile.Write(ref part, done);
            progress?.Report(before + (weight * (Volatile.Read(ref _users) + Volatile.Read(ref _trends))));
        }
    }
}
