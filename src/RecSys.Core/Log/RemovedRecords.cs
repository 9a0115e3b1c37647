using System.Buffers;
using System.Collections.Immutable;

namespace RecSys.Core.Log;

/// <summary>The records that retention removed from the log before the folds of a node had read them, by fold and partition. Saved beside the folds.</summary>
public sealed class RemovedRecords
{
    /// <summary>The name under which the list is saved.</summary>
    public const string FoldName = "removed";

    /// <summary>No removed records.</summary>
    public static readonly RemovedRecords None = new([]);

    private const byte Version = 1;
    private const int FoldBytesMax = 64;
    private const int PlacesMax = 16 * LogPosition.PartitionsMax;

    private RemovedRecords(ImmutableArray<Place> places) => Places = places;

    /// <summary>Gets the places, at most one for each fold and partition.</summary>
    public ImmutableArray<Place> Places { get; }

    /// <summary>Gets the number of records, of all folds together.</summary>
    public long Count => Places.Sum(place => place.Count);

    /// <summary>Returns a list with further removed records.</summary>
    /// <param name="fold">Name of the fold; ASCII.</param>
    /// <param name="partition">Number of the partition, from 0.</param>
    /// <param name="from">The first removed offset.</param>
    /// <param name="to">The first offset that the log still has.</param>
    public RemovedRecords With(string fold, int partition, long from, long to)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(from);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(to, from);
        Place before = Places.FirstOrDefault(place => place.Fold == fold && place.Partition == partition) ?? new Place(fold, partition, from, from, 0);
        Place after = new(fold, partition, Math.Min(before.From, from), Math.Max(before.To, to), before.Count + to - from);
        return new RemovedRecords([.. Places.Where(place => place != before), after]);
    }

    /// <summary>Returns a list without the records of a fold that was rebuilt.</summary>
    public RemovedRecords Without(string fold) => new([.. Places.Where(place => place.Fold != fold)]);

    /// <summary>Returns the bytes to save.</summary>
    public byte[] Encode()
    {
        ArrayBufferWriter<byte> bytes = new();
        ByteWriter writer = new(bytes);
        writer.Byte(Version);
        writer.Count(Places.Length);
        foreach (Place place in Places)
        {
            writer.Text(place.Fold, FoldBytesMax, "the name of a fold");
            writer.Count(place.Partition);
            writer.Offset(place.From);
            writer.Offset(place.To);
            writer.Offset(place.Count);
        }

        writer.Flush();
        return Checksummed.Seal(bytes.WrittenSpan);
    }

    /// <summary>Reads saved bytes.</summary>
    /// <exception cref="CorruptRecordException">The bytes are damaged, or of a newer version.</exception>
    public static RemovedRecords Decode(ReadOnlySpan<byte> bytes)
    {
        ByteReader reader = new(Checksummed.Open(bytes, "the removed records"));
        if (reader.Byte() != Version)
        {
            throw new CorruptRecordException("the list of removed records was saved by a newer version");
        }

        int count = reader.Count(PlacesMax);
        ImmutableArray<Place>.Builder places = ImmutableArray.CreateBuilder<Place>();
        for (int place = 0; place < count && !reader.IsBroken; place++)
        {
            places.Add(new Place(reader.String(FoldBytesMax), reader.Count(LogPosition.PartitionsMax), reader.Offset(), reader.Offset(), reader.Offset()));
        }

        reader.SkipAddedFields();
        reader.RequireDone("the removed records");
        return new RemovedRecords(places.ToImmutable());
    }

    /// <summary>Removed records of one partition that a fold did not read.</summary>
    /// <param name="Fold">Name of the fold.</param>
    /// <param name="Partition">Number of the partition, from 0.</param>
    /// <param name="From">The first offset.</param>
    /// <param name="To">The offset after the last one.</param>
    /// <param name="Count">The number of offsets, which may have gaps between them.</param>
    public sealed record Place(string Fold, int Partition, long From, long To, long Count);
}
