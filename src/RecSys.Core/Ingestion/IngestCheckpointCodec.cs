using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace RecSys.Core.Ingestion;

/// <summary>The bytes of an <see cref="IngestCheckpoint"/>.</summary>
/// <remarks>A version byte (1), epoch and partition (int32), position (int64), the number of parked users (int32), and for each owner (16), first and last (int64). Little-endian.</remarks>
public static class IngestCheckpointCodec
{
    private const byte Version = 1;
    private const int HeadBytes = 1 + (3 * sizeof(int)) + sizeof(long);
    private const int ParkedBytes = Owner.SizeBytes + (2 * sizeof(long));

    /// <summary>Writes a checkpoint.</summary>
    public static byte[] Encode(IngestCheckpoint checkpoint)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        byte[] bytes = new byte[HeadBytes + (checkpoint.Parked.Length * ParkedBytes)];
        bytes[0] = Version;
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(1), checkpoint.Epoch);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(5), checkpoint.Partition);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(9), checkpoint.Position);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(17), checkpoint.Parked.Length);
        Span<byte> rest = bytes.AsSpan(HeadBytes);
        foreach (ParkedUser user in checkpoint.Parked)
        {
            user.Owner.WriteTo(rest);
            BinaryPrimitives.WriteInt64LittleEndian(rest[Owner.SizeBytes..], user.First);
            BinaryPrimitives.WriteInt64LittleEndian(rest[(Owner.SizeBytes + sizeof(long))..], user.Last);
            rest = rest[ParkedBytes..];
        }

        return bytes;
    }

    /// <summary>Reads what <see cref="Encode"/> wrote.</summary>
    /// <exception cref="InvalidDataException">The bytes are of another version, or cut short.</exception>
    public static IngestCheckpoint Decode(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < HeadBytes || bytes[0] != Version)
        {
            throw new InvalidDataException(
                $"an ingest checkpoint has {bytes.Length} bytes{(bytes.IsEmpty ? "" : $" and version {bytes[0]}")}; version {Version} is known");
        }

        int count = BinaryPrimitives.ReadInt32LittleEndian(bytes[17..]);
        if (count < 0 || bytes.Length - HeadBytes != (long)count * ParkedBytes)
        {
            throw new InvalidDataException($"an ingest checkpoint of {bytes.Length} bytes says that it lists {count} users");
        }

        ParkedUser[] parked = new ParkedUser[count];
        ReadOnlySpan<byte> rest = bytes[HeadBytes..];
        for (int i = 0; i < count; i++)
        {
            parked[i] = new ParkedUser(
                new Owner(rest),
                BinaryPrimitives.ReadInt64LittleEndian(rest[Owner.SizeBytes..]),
                BinaryPrimitives.ReadInt64LittleEndian(rest[(Owner.SizeBytes + sizeof(long))..]));
            rest = rest[ParkedBytes..];
        }

        return new IngestCheckpoint(
            BinaryPrimitives.ReadInt32LittleEndian(bytes[1..]),
            BinaryPrimitives.ReadInt32LittleEndian(bytes[5..]),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[9..]),
            ImmutableCollectionsMarshal.AsImmutableArray(parked));
    }
}
