using System.Collections.Concurrent;

namespace RecSys.Speed.Ingest;

/// <summary>The ingest actors that run or ran on this node, by partition.</summary>
internal sealed class IngestStatusRegistry
{
    private readonly ConcurrentDictionary<int, IngestStatus> _partitions = [];

    public IEnumerable<IngestStatus> All => _partitions.Values;

    /// <summary>The largest lag of all partitions here, in milliseconds.</summary>
    public double LagMs
    {
        get
        {
            double lagMs = 0;
            foreach (IngestStatus status in _partitions.Values)
            {
                lagMs = Math.Max(lagMs, status.Now.LagMs);
            }

            return lagMs;
        }
    }

    public IngestStatus Of(int partition) => _partitions.GetOrAdd(partition, static partition => new IngestStatus(partition));
}
