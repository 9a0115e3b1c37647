using System.Collections.Concurrent;

namespace RecSys.Speed.Ingest;

/// <summary>The ingest actors that run or ran on this node, by partition.</summary>
internal sealed class IngestStatusRegistry(int partitionCount)
{
    private readonly ConcurrentDictionary<int, IngestStatus> _partitions = [];

    public IEnumerable<IngestStatus> All => _partitions.Values;

    /// <summary>Gets the largest lag of all partitions, in milliseconds; null while one of them is not ingested on this node.</summary>
    public double? LagMs
    {
        get
        {
            double lagMs = 0;
            for (int partition = 0; partition < partitionCount; partition++)
            {
                if (!_partitions.TryGetValue(partition, out IngestStatus? status) || status.Now.LagMs is not { } own)
                {
                    return null;
                }

                lagMs = Math.Max(lagMs, own);
            }

            return lagMs;
        }
    }

    public IngestStatus Of(int partition) => _partitions.GetOrAdd(partition, static partition => new IngestStatus(partition));
}
