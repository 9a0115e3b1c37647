using System.Globalization;
using RecSys.Core;
using RecSys.Core.Jobs;
using RecSys.Core.Log;
using RecSys.Core.Ports;

namespace RecSys.Speed;

/// <summary>Rebuilds the states of the speed layer from the log, while all nodes continue to serve.</summary>
internal sealed class SpeedRebuild(SpeedLayer layer, TrendsOfNodes trends, IInteractionLog log, ISnapshotTable table, TimeProvider time) : ISpeedRebuild
{
    /// <summary>The share of the progress for the first reading of the log.</summary>
    private const double VerifyShare = 0.2;

    private int _isUnderWay;

    public async ValueTask RebuildAsync(RebuildParts parts, RebuildLosses accepted, IProgress<JobProgress>? progress, CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _isUnderWay, 1) == 1)
        {
            throw new InvalidOperationException("a rebuild is under way");
        }

        try
        {
            LogRange[] ranges = await log.GetRangesAsync(cancellationToken).ConfigureAwait(false);
            await WholeLog.ReadAsync(
                log,
                ranges,
                accepted.HasFlag(RebuildLosses.Damaged),
                share => progress?.Report(new JobProgress("reading the log", VerifyShare * share)),
                cancellationToken).ConfigureAwait(false);
            SavedStates states = new(log, table);
            ILookup<int, Owner> unusable = await states.FindUnusableAsync(cancellationToken).ConfigureAwait(false);
            if (!accepted.HasFlag(RebuildLosses.Removed))
            {
                await RequireRemovedAsync(parts, states, ranges, unusable, cancellationToken).ConfigureAwait(false);
            }

            // Both read the same log concurrently, each at its own pace.
            Shares shares = new(progress, parts == RebuildParts.All ? 2 : 1);
            await Task.WhenAll(
                parts.HasFlag(RebuildParts.Users) ? RebuildUsersAsync(unusable, shares.OfUsers, cancellationToken) : Task.CompletedTask,
                parts.HasFlag(RebuildParts.Trends) ? trends.RebuildAsync(shares.OfTrends, cancellationToken) : Task.CompletedTask).ConfigureAwait(false);
            progress?.Report(new JobProgress("done", 1));
        }
        finally
        {
            Volatile.Write(ref _isUnderWay, 0);
        }
    }

    /// <summary>Requires that new states have what the log no longer has.</summary>
    private static async Task RequireRemovedAsync(RebuildParts parts, SavedStates states, LogRange[] ranges, ILookup<int, Owner> unusable, CancellationToken cancellationToken)
    {
        if (parts.HasFlag(RebuildParts.Users))
        {
            await states.RequireRemovedRecordsAsync(ranges, unusable, cancellationToken).ConfigureAwait(false);
        }

        int cut = Array.FindIndex(ranges, range => range.Start > 0);
        if (parts.HasFlag(RebuildParts.Trends) && cut >= 0)
        {
            throw new InvalidOperationException(string.Create(
                CultureInfo.InvariantCulture,
                $"partition {cut} of the log begins at offset {ranges[cut].Start}: rebuilt trends would lack the {ranges.Sum(range => range.Start):N0} removed records, and the present ones may have them. "
                + $"Rebuild the users alone (`recsys rebuild users`), or accept the loss with --accept-loss"));
        }
    }

    private async Task RebuildUsersAsync(ILookup<int, Owner> unusable, Action<JobProgress> report, CancellationToken cancellationToken)
    {
        int count = log.Shape.PartitionCount;
        for (int partition = 0; partition < count; partition++)
        {
            double from = (double)partition / count;
            double to = (partition + 1.0) / count;
            int number = partition + 1;
            LogRange range = (await log.GetRangesAsync(cancellationToken).ConfigureAwait(false))[partition];
            bool isCheckpointReplaced = await new PartitionRebuild(log, table, partition, time).RunAsync(
                range,
                [.. unusable[partition]],
                (records, share) => report(new JobProgress(
                    string.Create(CultureInfo.InvariantCulture, $"users of partition {number} of {count}: {records:N0} records"), share).Within(from, to)),
                cancellationToken).ConfigureAwait(false);
            await layer.TellReplacedAsync(partition, isCheckpointReplaced, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Reports the progress of concurrent parts as one.</summary>
    private sealed class Shares(IProgress<JobProgress>? progress, int parts)
    {
        private readonly Lock _lock = new();
        private JobProgress _users;
        private JobProgress _trends;

        public void OfUsers(JobProgress made)
        {
            lock (_lock)
            {
                _users = made;
                Report();
            }
        }

        public void OfTrends(double share)
        {
            lock (_lock)
            {
                _trends = new JobProgress("trends of all nodes", share);
                Report();
            }
        }

        private void Report()
        {
            JobProgress shown = _users is { Stage: not null, Done: < 1 } || _trends.Stage is null ? _users : _trends;
            progress?.Report((shown with { Done = (_users.Done + _trends.Done) / parts }).Within(VerifyShare, 1));
        }
    }
}
