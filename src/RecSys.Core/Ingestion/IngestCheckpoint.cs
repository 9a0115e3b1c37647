using System.Collections.Immutable;
using System.Globalization;

namespace RecSys.Core.Ingestion;

/// <summary>Progress of a partition: all records before <paramref name="Position"/> are saved, except those of the parked users.</summary>
/// <param name="Epoch">Epoch of the log.</param>
/// <param name="Partition">Number of the partition, from 0.</param>
/// <param name="Position">Offset at which reading continues.</param>
/// <param name="Parked">The parked users, with their unsaved records.</param>
public sealed record IngestCheckpoint(int Epoch, int Partition, long Position, ImmutableArray<ParkedUser> Parked)
{
    /// <summary>Returns the key of a partition's checkpoint in the snapshot table.</summary>
    public static string KeyOf(int epoch, int partition) =>
        string.Create(CultureInfo.InvariantCulture, $"ingest-{epoch}-{partition}");
}

/// <summary>A user whose saves keep failing; the checkpoint moves past the user's unsaved records.</summary>
/// <param name="Owner">Owner of the user's state.</param>
/// <param name="First">Offset of the oldest record that is not known to be saved.</param>
/// <param name="Last">Offset of the newest record.</param>
public readonly record struct ParkedUser(Owner Owner, long First, long Last);
