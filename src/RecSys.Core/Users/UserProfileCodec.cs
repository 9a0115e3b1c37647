using System.Buffers;
using RecSys.Core.Log;

namespace RecSys.Core.Users;

/// <summary>
/// The saved bytes of a profile: the version, the positions, the packed history, the rare parts if there are any, and, from version 2 on, the XXH3
/// of all these bytes. Version 3 adds older statements and retractions to the rare parts; a profile without them is written as version 2. Bytes of earlier versions stay readable. After the rare parts, which
/// are then written even if they are empty, later programs may add fields; this one skips them, and a save drops them.
/// </summary>
public static class UserProfileCodec
{
    private const byte Version = 3;
    private const byte VersionWithoutOlder = 2;
    private const byte VersionWithoutChecksum = 1;
    private const int HistoryBytesMax = 1 << 24;

    /// <summary>The largest buffer that a thread keeps for its next profile.</summary>
    private const int KeptBytesMax = 1 << 16;

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? _kept;

    /// <summary>Writes a profile.</summary>
    public static byte[] Encode(UserProfile profile)
    {
        ArgumentNullException.ThrowIfNull(profile);

        ArrayBufferWriter<byte> bytes = _kept ?? new ArrayBufferWriter<byte>();
        bytes.ResetWrittenCount(); // the bytes of the thread's previous profile
        Write(profile, bytes);
        _kept = bytes.Capacity <= KeptBytesMax ? bytes : null;
        return Checksummed.Seal(bytes.WrittenSpan);
    }

    private static void Write(UserProfile profile, ArrayBufferWriter<byte> bytes)
    {
        ByteWriter writer = new(bytes);
        writer.Byte(profile.Facts.HasPartsOfVersion3 ? Version : VersionWithoutOlder);
        ProfilePosition places = profile.Places;
        writer.Count(places.Epoch);
        ProfilePosition.Other[] all = places.All;
        writer.Count(all.Length);
        foreach (ProfilePosition.Other place in all)
        {
            writer.Count(place.Partition);
            writer.Offset(place.Offset);
        }

        writer.Count(profile.Count);
        writer.Text(profile.Packed.Bytes);
        if (!profile.Facts.IsEmpty)
        {
            ProfileFacts.Write(ref writer, profile.Facts);
        }

        writer.Flush();
    }

    /// <summary>Reads a profile.</summary>
    /// <exception cref="CorruptRecordException">The bytes are not those of a profile.</exception>
    /// <exception cref="NotSupportedException">A newer program wrote them.</exception>
    public static UserProfile Decode(ReadOnlySpan<byte> bytes) => Decode(bytes, out _);

    /// <summary>Reads a profile, and returns whether it must be saved again because an earlier version saved it with the ids of merged users.</summary>
    /// <exception cref="CorruptRecordException">The bytes are not those of a profile.</exception>
    /// <exception cref="NotSupportedException">A newer program wrote them.</exception>
    public static UserProfile Decode(ReadOnlySpan<byte> bytes, out bool hasIdsOfOthers)
    {
        hasIdsOfOthers = false;
        bool hasChecksum = bytes is not [VersionWithoutChecksum, ..];
        ByteReader reader = new(hasChecksum ? Checksummed.Open(bytes, "a profile") : bytes);
        byte version = reader.Byte();
        if (version > Version)
        {
            throw new NotSupportedException($"a profile was saved in version {version}, and this program supports versions up to {Version}: upgrade this node");
        }

        ProfilePosition places = new(0, 0, -1, null);
        int epoch = reader.Count(int.MaxValue);
        int count = reader.Count(LogPosition.PartitionsMax);
        int before = -1;
        for (int i = 0; i < count; i++)
        {
            int partition = reader.Count(LogPosition.PartitionsMax - 1);
            long offset = reader.Offset();
            if (reader.IsBroken || partition <= before || offset < 0)
            {
                reader.Break();
                break;
            }

            before = partition;
            places = places.With(new RecordPosition(epoch, partition, offset));
        }

        int historyCount = reader.Count(Limits.HistoryMax);
        PackedHistory history = PackedHistory.Load(reader.Bytes(reader.Count(HistoryBytesMax)), historyCount);
        ProfileFacts facts = reader.IsDone ? ProfileFacts.None : ProfileFacts.Read(ref reader, out hasIdsOfOthers);
        if (hasChecksum)
        {
            reader.SkipAddedFields();
        }

        reader.RequireDone("a profile");
        return UserProfile.Of(history, places, facts);
    }
}
