using System.Collections.Immutable;
using System.Globalization;

namespace RecSys.Core.Ingestion;

/// <summary>How far a partition is ingested: every record before <paramref name="Position"/> is saved, but those of the users set aside.</summary>
/// <param name="Epoch">The log's epoch.</param>
/// <param name="Partition">The partition.</param>
/// <param name="Position">The offset to read on from.</param>
/// <param name="Parked">The users set aside, with their unsaved records.</param>
public sealed record IngestCheckpoint(int Epoch, int Partition, long Position, ImmutableArray<ParkedUser> Parked)
{
    /// <summary>The key of a partition's checkpoint in the snapshot table.</summary>
    public static string KeyOf(int epoch, int partition) =>
        string.Create(CultureInfo.InvariantCulture, $"ingest-{epoch}-{partition}");
}

/// <summary>A user who was set aside because their saves keep failing.</summary>
/// <param name="Owner">Who.</param>
/// <param name="First">The oldest record that is not known to be saved.</param>
/// <param name="Last">The newest record.</param>
public readonly record struct ParkedUser(Owner Owner, long First, long Last);
