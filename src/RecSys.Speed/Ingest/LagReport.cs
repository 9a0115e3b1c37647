using System.Collections.Immutable;

namespace RecSys.Speed.Ingest;

/// <summary>The lags of the partitions that a node ingests, for the other nodes.</summary>
internal sealed record LagReport(ImmutableArray<PartitionLag> Lags);

/// <summary>The lag of a partition: the age of its oldest record that is not applied yet, in milliseconds.</summary>
internal readonly record struct PartitionLag(int Partition, double LagMs);
