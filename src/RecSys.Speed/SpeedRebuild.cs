using Akka.Cluster;
using RecSys.Actors;
using RecSys.Core.Log;
using RecSys.Core.Ports;
using RecSys.Speed.Folds;
using RecSys.Speed.Ingest;

namespace RecSys.Speed;

/// <summary>Makes the speed layer's states anew from the log.</summary>
internal sealed class SpeedRebuild(
    RecSysActorSystem actors, SpeedLayer layer, NodeFolds folds, IInteractionLog log, TimeProvider time) : ISpeedRebuild
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(50);

    private static readonly TimeSpan AnswerMax = TimeSpan.FromSeconds(2);

    private int _isUnderWay;

    public async ValueTask RebuildAsync(RebuildParts parts, IProgress<double>? progress, CancellationToken cancellationToken)
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
            for (int partition = 0; partition < ranges.Length; partition++)
            {
                if (ranges[partition].Start > 0)
                {
                    throw new InvalidOperationException(
                        $"partition {partition} begins at offset {ranges[partition].Start}: the log no longer holds what a rebuild needs");
                }
            }

            // Both read the same log at their own pace, beside each other.
            double share = parts == RebuildParts.All ? 0.5 : 1;
            Shares shares = new(progress, share);
            await Task.WhenAll(
                parts.HasFlag(RebuildParts.Users) ? RebuildUsersAsync() : Task.CompletedTask,
                parts.HasFlag(RebuildParts.Trends) ? RebuildTrendsAsync() : Task.CompletedTask).ConfigureAwait(false);
            progress?.Report(1);

            async Task RebuildUsersAsync()
            {
                await layer.RebuildUsersAsync(cancellationToken).ConfigureAwait(false);
                await UntilIngestedAsync(ranges, shares.OfUsers, cancellationToken).ConfigureAwait(false);
            }

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

    private async Task UntilIngestedAsync(LogRange[] ranges, Action<double> report, CancellationToken cancellationToken)
    {
        long total = Math.Max(1, ranges.Sum(range => range.End));
        long? readAt = null;
        while (true)
        {
            long done = 0;
            for (int partition = 0; partition < ranges.Length; partition++)
            {
                IngestStatus.State now = layer.Board.Of(partition).Now;
                done += now.IsRunning ? Math.Min(now.Next, ranges[partition].End) : 0;
                if (now.Fault is { } fault)
                {
                    throw new InvalidOperationException(fault);
                }
            }

            report((double)done / total);
            if (done >= ranges.Sum(range => range.End))
            {
                // What was told is in the profiles when it is answered; under a load that never rests, soon enough.
                long read = readAt ??= time.GetTimestamp();
                if (time.GetElapsedTime(read) > AnswerMax || layer.Board.All.All(status => status.Now.InFlight == 0))
                {
                    return;
                }
            }

            await Task.Delay(LookEvery, time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Two halves of one progress.</summary>
    private sealed class Shares(IProgress<double>? progress, double weight)
    {
        private double _users;
        private double _trends;

        public void OfUsers(double done) => Report(ref _users, done);

        public void OfTrends(double done) => Report(ref _trends, done);

        private void Report(ref double part, double done)
        {
            Volatile.Write(ref part, done);
            progress?.Report(weight * (Volatile.Read(ref _users) + Volatile.Read(ref _trends)));
        }
    }
}
