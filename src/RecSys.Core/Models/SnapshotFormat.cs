using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;

namespace RecSys.Core.Models;

/// <summary>
/// The layout of a snapshot: a header, a table of sections, the sections. Little-endian; sections start at multiples of
/// <see cref="Alignment"/>, with zeros between them. The format is extended only by new sections, and by a new version for all other changes.
/// </summary>
/// <remarks>
/// Header: magic (8), version (4), sections (4), file length (8), zeros (24), XxHash128 of the header up to here and the table (16).
/// An entry of the table: name (24, ASCII, padded with zeros), offset (8), length (8), XxHash128 of the section (16), zeros (8).
/// </remarks>
internal static class SnapshotFormat
{
    public const int Version = 1;
    public const int HeaderBytes = 64;
    public const int EntryBytes = 64;
    public const int NameBytes = 24;
    public const int HashBytes = 16;
    public const int Alignment = 64;
    public const int SectionsMax = 64;
    public const int SectionBytesMax = 1 << 30;

    public const string Card = "card";
    public const string ItemStarts = "item.starts";
    public const string ItemBytes = "item.bytes";
    public const string ItemSlots = "item.slots";
    public const string Origins = "item.origins";
    public const string Popularity = "popularity";
    public const string Factors = "factors";
    public const string FoldIn = "foldin";
    public const string Similar = "similar";
    public const string ContentNeighbours = "neighbours";
    public const string Operator = "operator";
    public const string ContentVectors = "content.vectors";
    public const string ContentTokens = "content.tokens";
    public const string ContentIdf = "content.idf";

    public const string StartsSuffix = ".starts";
    public const string IndicesSuffix = ".items";
    public const string ScoresSuffix = ".scores";

    /// <summary>The value of an empty slot in the hash table from ids to items.</summary>
    public const int EmptySlot = -1;

    private const int HashOffset = HeaderBytes - HashBytes;

    public static ReadOnlySpan<byte> Magic => "RecSysMS"u8;

    /// <summary>Returns the length of the hash table: the power of two that leaves at least half of the slots empty.</summary>
    public static int SlotCount(int itemCount) =>
        itemCount == 0 ? 0 : (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)itemCount * 2);

    /// <summary>Returns the first slot of an id. Part of the format; never changes.</summary>
    public static int SlotOf(ReadOnlySpan<byte> id, int slotCount) =>
        (int)(XxHash3.HashToUInt64(id) & (ulong)(slotCount - 1));

    public static long Aligned(long offset) => (offset + Alignment - 1) / Alignment * Alignment;

    public static byte[] EncodeHead(IReadOnlyList<Section> sections, long fileLength)
    {
        byte[] head = new byte[HeaderBytes + (sections.Count * EntryBytes)];
        Magic.CopyTo(head);
        BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(8), Version);
        BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(12), sections.Count);
        BinaryPrimitives.WriteInt64LittleEndian(head.AsSpan(16), fileLength);
        for (int i = 0; i < sections.Count; i++)
        {
            Span<byte> entry = head.AsSpan(HeaderBytes + (i * EntryBytes), EntryBytes);
            Encoding.ASCII.GetBytes(sections[i].Name, entry[..NameBytes]);
            BinaryPrimitives.WriteInt64LittleEndian(entry[24..], sections[i].Offset);
            BinaryPrimitives.WriteInt64LittleEndian(entry[32..], sections[i].Length);
            sections[i].Hash.CopyTo(entry[40..]);
        }

        HashOfHead(head).CopyTo(head.AsSpan(HashOffset));
        return head;
    }

    /// <exception cref="CorruptModelException">The bytes do not begin with the header of a complete snapshot.</exception>
    public static List<Section> DecodeHead(SnapshotBytes bytes)
    {
        Require(bytes.Length >= HeaderBytes, $"it has {bytes.Length} bytes, fewer than a header");
        ReadOnlySpan<byte> header = bytes.Slice(0, HeaderBytes).Span;
        Require(header[..8].SequenceEqual(Magic), "it does not begin with the magic bytes of a model snapshot");
        int version = BinaryPrimitives.ReadInt32LittleEndian(header[8..]);
        Require(version == Version, $"its format version is {version}, and this program reads {Version}");
        int count = BinaryPrimitives.ReadInt32LittleEndian(header[12..]);
        Require(count is > 0 and <= SectionsMax, $"it names {count} sections; 1 to {SectionsMax} are allowed");
        long headLength = HeaderBytes + ((long)count * EntryBytes);
        Require(bytes.Length >= headLength, "its table of sections is cut short");
        ReadOnlySpan<byte> head = bytes.Slice(0, (int)headLength).Span;
        Require(HashOfHead(head).AsSpan().SequenceEqual(head.Slice(HashOffset, HashBytes)), "the checksum of its header is wrong");
        long fileLength = BinaryPrimitives.ReadInt64LittleEndian(head[16..]);
        Require(fileLength == bytes.Length, $"it has {bytes.Length} bytes, and its header says {fileLength}");

        List<Section> sections = new(count);
        long end = headLength;
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<byte> entry = head.Slice(HeaderBytes + (i * EntryBytes), EntryBytes);
            Section section = new(
                Encoding.ASCII.GetString(entry[..NameBytes].TrimEnd((byte)0)),
                BinaryPrimitives.ReadInt64LittleEndian(entry[24..]),
                BinaryPrimitives.ReadInt64LittleEndian(entry[32..]),
                entry.Slice(40, HashBytes).ToArray());
            Require(
                section.Offset == Aligned(end) && section.Length is >= 0 and <= SectionBytesMax
                    && section.Length <= bytes.Length - section.Offset,
                $"its section {section.Name} is not at its required place");
            RequireZeros(bytes, end, section.Offset);
            end = section.Offset + section.Length;
            sections.Add(section);
        }

        Require(end == bytes.Length, "bytes follow its last section");
        return sections;
    }

    /// <summary>Throws on a big-endian machine: numbers are read directly from the file, which is little-endian.</summary>
    public static void RequireLittleEndian()
    {
        if (!BitConverter.IsLittleEndian)
        {
            throw new PlatformNotSupportedException("model snapshots are little-endian, and this machine is not");
        }
    }

    public static void Require(bool condition, string problem)
    {
        if (!condition)
        {
            throw new CorruptModelException($"the model snapshot is corrupt: {problem}");
        }
    }

    private static void RequireZeros(SnapshotBytes bytes, long from, long to) =>
        Require(
            to <= bytes.Length && !bytes.Slice(from, (int)(to - from)).Span.ContainsAnyExcept((byte)0),
            "the bytes between its sections are not zero");

    private static byte[] HashOfHead(ReadOnlySpan<byte> head)
    {
        XxHash128 hash = new();
        hash.Append(head[..HashOffset]);
        hash.Append(head[HeaderBytes..]);
        return hash.GetCurrentHash();
    }

    internal sealed record Section(string Name, long Offset, long Length, byte[] Hash);
}
