using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Text;
using RecSys.Core;
using RecSys.Core.Slates;

namespace RecSys.Sqlite.Impressions;

/// <summary>Encodes one shown slate: version (0: erased), whether it has an owner, the owner's 16 bytes, time, texts, items. Little-endian.</summary>
internal static class ImpressionCodec
{
    private const byte Erased = 0;
    private const byte Version = 1;

    /// <summary>The layout of version 1 with the names of the parts of a score before the items, and the reason and the parts after each item.</summary>
    private const byte ExplainedVersion = 2;

    private const int OwnerAt = 2;
    private const int TextsAt = OwnerAt + Owner.SizeBytes + sizeof(long);

    /// <exception cref="ArgumentException">The slate exceeds a limit, which the message names.</exception>
    public static byte[] Encode(SlateImpression slate)
    {
        if (slate.Items.Count > Limits.SlateMax)
        {
            throw new ArgumentException($"the slate has {slate.Items.Count} items; at most {nameof(Limits.SlateMax)} = {Limits.SlateMax} are allowed", nameof(slate));
        }

        int names = slate.PartNames.Length;
        bool isExplained = names > 0;
        int size = TextsAt + SizeOf(slate.RecommendationId) + SizeOf(slate.ModelVersion) + sizeof(byte) + (isExplained ? sizeof(byte) : 0);
        foreach (string name in slate.PartNames)
        {
            size += SizeOf(name);
        }

        foreach (ImpressionItem item in slate.Items)
        {
            size += SizeOf(item.Item.Value) + (2 * sizeof(float)) + (isExplained ? SizeOf(item.Reason) + (names * sizeof(float)) : 0);
        }

        byte[] bytes = new byte[size];
        bytes[0] = isExplained ? ExplainedVersion : Version;
        if (slate.Owner is { } owner)
        {
            bytes[1] = 1;
            owner.WriteTo(bytes.AsSpan(OwnerAt));
        }

        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(OwnerAt + Owner.SizeBytes), slate.TimestampMs);
        Span<byte> rest = bytes.AsSpan(TextsAt);
        WriteText(ref rest, slate.RecommendationId);
        WriteText(ref rest, slate.ModelVersion);
        if (isExplained)
        {
            rest[0] = checked((byte)names);
            rest = rest[1..];
            foreach (string name in slate.PartNames)
            {
                WriteText(ref rest, name);
            }
        }

        rest[0] = (byte)slate.Items.Count;
        rest = rest[1..];
        foreach (ImpressionItem item in slate.Items)
        {
            WriteText(ref rest, item.Item.Value);
            BinaryPrimitives.WriteSingleLittleEndian(rest, item.Score);
            BinaryPrimitives.WriteSingleLittleEndian(rest[sizeof(float)..], item.Propensity);
            rest = rest[(2 * sizeof(float))..];
            if (isExplained)
            {
                WriteText(ref rest, item.Reason);
                for (int part = 0; part < names; part++)
                {
                    BinaryPrimitives.WriteSingleLittleEndian(rest, item.Parts.IsDefault ? 0 : item.Parts[part]);
                    rest = rest[sizeof(float)..];
                }
            }
        }

        return bytes;
    }

    /// <summary>Decodes a slate; returns null if it was erased.</summary>
    /// <exception cref="InvalidDataException">The bytes are not a slate, or of a newer version.</exception>
    public static SlateImpression? Decode(ReadOnlySpan<byte> bytes)
    {
        if (bytes is [Erased, ..])
        {
            return null;
        }

        if (bytes.Length < TextsAt || bytes[0] is not (Version or ExplainedVersion))
        {
            throw new InvalidDataException($"a slate of {bytes.Length} bytes and version {(bytes.IsEmpty ? "none" : bytes[0])} cannot be read");
        }

        try
        {
            Owner? owner = bytes[1] == 1 ? new Owner(bytes[OwnerAt..]) : null;
            long timestampMs = BinaryPrimitives.ReadInt64LittleEndian(bytes[(OwnerAt + Owner.SizeBytes)..]);
            ReadOnlySpan<byte> rest = bytes[TextsAt..];
            string? recommendationId = ReadText(ref rest);
            string? modelVersion = ReadText(ref rest);
            bool isExplained = bytes[0] == ExplainedVersion;
            ImmutableArray<string> names = isExplained ? ReadNames(ref rest) : [];
            ImpressionItem[] items = new ImpressionItem[rest[0]];
            rest = rest[1..];
            for (int index = 0; index < items.Length; index++)
            {
                ItemId item = new(ReadText(ref rest) ?? "");
                items[index] = new ImpressionItem(
                    item, BinaryPrimitives.ReadSingleLittleEndian(rest), BinaryPrimitives.ReadSingleLittleEndian(rest[sizeof(float)..]));
                rest = rest[(2 * sizeof(float))..];
                if (isExplained)
                {
                    items[index] = items[index] with { Reason = ReadText(ref rest), Parts = ReadParts(ref rest, names.Length) };
                }
            }

            return new SlateImpression(recommendationId ?? "", owner, timestampMs, modelVersion, items) { PartNames = names };
        }
        catch (Exception problem) when (problem is ArgumentException or IndexOutOfRangeException)
        {
            throw new InvalidDataException($"a slate of {bytes.Length} bytes is damaged", problem);
        }
    }

    /// <summary>Returns whether encoded bytes are of the slate with an id.</summary>
    public static bool IsOf(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> recommendationId) =>
        bytes.Length >= TextsAt + sizeof(ushort) + recommendationId.Length
        && BinaryPrimitives.ReadUInt16LittleEndian(bytes[TextsAt..]) == recommendationId.Length + 1
        && bytes.Slice(TextsAt + sizeof(ushort), recommendationId.Length).SequenceEqual(recommendationId);

    private static ImmutableArray<string> ReadNames(ref ReadOnlySpan<byte> rest)
    {
        string[] names = new string[rest[0]];
        rest = rest[1..];
        for (int name = 0; name < names.Length; name++)
        {
            names[name] = ReadText(ref rest) ?? "";
        }

        return ImmutableCollectionsMarshal.AsImmutableArray(names);
    }

    private static ImmutableArray<float> ReadParts(ref ReadOnlySpan<byte> rest, int count)
    {
        float[] parts = new float[count];
        for (int part = 0; part < count; part++)
        {
            parts[part] = BinaryPrimitives.ReadSingleLittleEndian(rest);
            rest = rest[sizeof(float)..];
        }

        return ImmutableCollectionsMarshal.AsImmutableArray(parts);
    }

    // A text is its length + 1 in two bytes, then its UTF-8; 0 for null.
    private static int SizeOf(string? text)
    {
        int length = text is null ? 0 : Encoding.UTF8.GetByteCount(text);
        return length <= Limits.IdBytesMax
            ? sizeof(ushort) + length
            : throw new ArgumentException($"a text of a slate has {length} bytes; at most {nameof(Limits.IdBytesMax)} = {Limits.IdBytesMax} are allowed", nameof(text));
    }

    private static void WriteText(ref Span<byte> rest, string? text)
    {
        int length = text is null ? -1 : Encoding.UTF8.GetBytes(text, rest[sizeof(ushort)..]);
        BinaryPrimitives.WriteUInt16LittleEndian(rest, (ushort)(length + 1));
        rest = rest[(sizeof(ushort) + Math.Max(length, 0))..];
    }

    private static string? ReadText(ref ReadOnlySpan<byte> rest)
    {
        int length = BinaryPrimitives.ReadUInt16LittleEndian(rest) - 1;
        string? text = length < 0 ? null : Encoding.UTF8.GetString(rest.Slice(sizeof(ushort), length));
        rest = rest[(sizeof(ushort) + Math.Max(length, 0))..];
        return text;
    }
}
