using System.Buffers.Binary;
using System.Runtime.InteropServices;
using RecSys.Core.Log;

namespace RecSys.Core.Ingestion;

/// <summary>The bytes of an <see cref="IngestCheckpoint"/>.</summary>
/// <remarks>A version byte (2), epoch and partition (int32), position (int64), the number of parked users (int32), for each of them owner (16), first and last (int64), then the XXH3 of all these bytes (int64), which version 1 does not have. Little-endian.</remarks>
public static class IngestCheckpointCodec
{
    private const byte Version = 2;
    private const byte VersionWithoutChecksum = 1;
    private const int HeadBytes = 1 + (3 * sizeof(int)) + sizeof(long);
    private const int ParkedBytes = Owner.SizeBytes + (2 * sizeof(long));

    /// <summary>Writes a checkpoint.</summary>
    public static byte[] Encode(IngestCheckpoint checkpoint)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        byte[] bytes = new byte[HeadBytes + (checkpoint.Parked.Length * ParkedBytes) + sizeof(ulong)];
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

        BinaryPrimitives.WriteUInt64LittleEndian(rest, LogChecksum.Of(bytes.AsSpan(..^sizeof(ulong))));
        return bytes;
    }

    /// <summary>Reads what <see cref="Encode"/> wrote.</summary>
    /// <exception cref="CorruptRecordException">The bytes differ from the written ones.</exception>
    /// <exception cref="NotSupportedException">A newer program wrote them.</exception>
    public static IngestCheckpoint Decode(ReadOnlySpan<byte> bytes)
    {
        if (bytes is not [VersionWithoutChecksum, ..])
        {
            int length = bytes.Length - sizeof(ulong);
            if (length < HeadBytes || BinaryPrimitives.ReadUInt64LittleEndian(bytes[length..]) != LogChecksum.Of(bytes[..length]))
            {
                throw new CorruptRecordException("the saved bytes of an ingest checkpoint are corrupt: their checksum does not match");
            }

            bytes = bytes[..length];
        }

        if (!bytes.IsEmpty && bytes[0] > Version)
        {
            throw new NotSupportedException($"an ingest checkpoint was saved in version {bytes[0]}, and this program supports versions up to {Version}: upgrade this node");
        }

        int count = bytes.Length < HeadBytes ? -1 : BinaryPrimitives.ReadInt32LittleEndian(bytes[17..]);
        if (count < 0 || !HasParked(bytes[HeadBytes..], count, mayHaveMore: bytes[0] != VersionWithoutChecksum))
        {
            throw new CorruptRecordException($"the saved bytes of an ingest checkpoint, {bytes.Length}, are corrupt");
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

    /// <summary>Returns whether bytes contain the parked users, and after them nothing but fields that a later program added.</summary>
    private static bool HasParked(ReadOnlySpan<byte> bytes, int count, bool mayHaveMore)
    {
        if (bytes.Length < (long)count * ParkedBytes)
        {
            return false;
        }

        ByteReader rest = new(bytes[(count * ParkedBytes)..]);
        if (mayHaveMore)
        {
            rest.SkipAddedFields();
        }

        return rest.IsDone;
    }
}
