using System.Collections.Concurrent;
using Akka.Actor;

namespace RecSys.Speed.Ingest;

/// <summary>The ingest actors of this node, by partition, and the lags that other nodes reported. Safe for concurrent use.</summary>
internal sealed class IngestStatusRegistry(int partitionCount, TimeProvider time)
{
    /// <summary>Age above which a status of this node is outdated; its actor sets the status every 100 ms.</summary>
    private static readonly TimeSpan StatusMax = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<int, IngestStatus> _partitions = [];
    private readonly ConcurrentDictionary<int, (double LagMs, long ReceivedAt)> _reports = [];

    /// <summary>Gets the partitions of this node; not those that it handed to another node.</summary>
    public IEnumerable<IngestStatus> All => _partitions.Values.Where(status => status.IsHere);

    /// <summary>Gets the ingest actors of this node.</summary>
    public IEnumerable<IActorRef> Actors => _partitions.Values.Select(status => status.Actor).OfType<IActorRef>();

    /// <summary>
    /// Gets the largest lag of all partitions, in milliseconds; null until each was reported once. To the lag of a partition on another node
    /// the age of its report is added, so that it grows by itself while that node cannot be reached.
    /// </summary>
    public double? LagMs
    {
        get
        {
            double lagMs = 0;
            for (int partition = 0; partition < partitionCount; partition++)
            {
                if (LagOf(partition) is not { } own)
                {
                    return null;
                }

                lagMs = Math.Max(lagMs, own);
            }

            return lagMs;
        }
    }

    public IngestStatus Of(int partition) => _partitions.GetOrAdd(partition, partition => new IngestStatus(partition, time));

    /// <summary>Records the lag of a partition that another node ingests.</summary>
    public void OnReport(int partition, double lagMs) => _reports[partition] = (lagMs, time.GetTimestamp());

    private double? LagOf(int partition)
    {
        if (_partitions.TryGetValue(partition, out IngestStatus? status) && status.Now.LagMs is { } own)
        {
            TimeSpan age = status.Age;
            return age > StatusMax ? own + age.TotalMilliseconds : own;
        }

        if (!_reports.TryGetValue(partition, out (double LagMs, long ReceivedAt) known))
        {
            return null;
        }

        // After a partition has left this node, the newest report may date from before it came here: then the lag that this node measured last is newer.
        if (status?.LastLag is { } last && last.SetAt > known.ReceivedAt)
        {
            known = last;
        }

        return known.LagMs + time.GetElapsedTime(known.ReceivedAt).TotalMilliseconds;
    }
}
