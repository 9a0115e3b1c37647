using System.Diagnostics;
using System.IO.Hashing;

namespace RecSys.Core.Models;

public sealed partial class ModelSnapshot
{
    private ModelSnapshot(
        SnapshotBytes bytes, Dictionary<string, ReadOnlyMemory<byte>> sections, Func<ModelCard, ModelCard>? complete)
    {
        SnapshotFormat.RequireLittleEndian();
        _bytes = bytes;
        ModelCard card = ModelCardCodec.Decode(Section(SnapshotFormat.Card));
        Card = complete is null ? card : complete(card);

        _itemStarts = Section(SnapshotFormat.ItemStarts);
        ItemCount = As<int>(_itemStarts).Length - 1;
        SnapshotFormat.Require(
            ItemCount == card.ItemCount && _itemStarts.Length == (ItemCount + 1) * sizeof(int),
            "its card and its items disagree");
        _itemBytes = Section(SnapshotFormat.ItemBytes);
        RequireStarts(_itemStarts, _itemBytes.Length, SnapshotFormat.ItemStarts);
        _itemSlots = Numbers(SnapshotFormat.ItemSlots, sizeof(int), SnapshotFormat.SlotCount(ItemCount));
        RequireIndices(_itemSlots, least: SnapshotFormat.EmptySlot, SnapshotFormat.ItemSlots);
        SnapshotFormat.Require(
            _itemSlots.IsEmpty || As<int>(_itemSlots).Contains(SnapshotFormat.EmptySlot), "its items have no empty slot");
        _origins = Numbers(SnapshotFormat.Origins, 1, ItemCount);
        _popularity = Numbers(SnapshotFormat.Popularity, sizeof(float), ItemCount);
        _ids = new string?[ItemCount];

        if (sections.ContainsKey(SnapshotFormat.FoldIn))
        {
            ReadOnlySpan<double> foldIn = As<double>(Section(SnapshotFormat.FoldIn));
            SnapshotFormat.Require(foldIn.Length > 3, "its section foldin is cut short");
            Dimension = foldIn.Length - 3;
            FoldInBase = new FoldInBase(foldIn[3..].ToArray(), foldIn[0], foldIn[1], foldIn[2]);
            _factors = Numbers(SnapshotFormat.Factors, sizeof(float), (long)ItemCount * Dimension);
        }

        _similar = RowsOf(SnapshotFormat.Similar);
        _contentNeighbours = RowsOf(SnapshotFormat.ContentNeighbours);
        _operator = RowsOf(SnapshotFormat.Operator);
        if (ItemCount > 0 && sections.ContainsKey(SnapshotFormat.ContentVectors))
        {
            _contentVectors = Section(SnapshotFormat.ContentVectors);
            ContentDimension = _contentVectors.Length / sizeof(float) / ItemCount;
            SnapshotFormat.Require(
                _contentVectors.Length == (long)ItemCount * ContentDimension * sizeof(float), "its content vectors are cut short");
            _contentTokens = Section(SnapshotFormat.ContentTokens);
            _contentIdf = Numbers(SnapshotFormat.ContentIdf, sizeof(float), _contentTokens.Length / sizeof(ulong));
        }

        Debug.Assert(Dimension > 0 == FoldInBase is not null, "a model has embeddings but no fold-in, or the reverse");
        Debug.Assert(AllFactors.Length == (long)ItemCount * Dimension, "the embeddings do not fit the items");
        Debug.Assert(AllContent.Length == (long)ItemCount * ContentDimension, "the content vectors do not fit the items");

        ReadOnlyMemory<byte> Section(string name) =>
            sections.TryGetValue(name, out ReadOnlyMemory<byte> section)
                ? section
                : throw new CorruptModelException($"the model snapshot is corrupt: the section {name} is missing");

        ReadOnlyMemory<byte> Numbers(string name, int size, long count)
        {
            ReadOnlyMemory<byte> section = Section(name);
            SnapshotFormat.Require(section.Length == count * size, $"its section {name} has {section.Length} bytes where {count * size} are needed");
            return section;
        }

        Rows RowsOf(string name)
        {
            if (!sections.ContainsKey(name + SnapshotFormat.StartsSuffix))
            {
                return default;
            }

            Rows rows = new(
                Numbers(name + SnapshotFormat.StartsSuffix, sizeof(int), ItemCount + 1L),
                Section(name + SnapshotFormat.IndicesSuffix),
                Section(name + SnapshotFormat.ScoresSuffix));
            RequireStarts(rows.Starts, rows.Indices.Length / sizeof(int), name);
            SnapshotFormat.Require(
                rows.Indices.Length % sizeof(int) == 0 && rows.Scores.Length == rows.Indices.Length,
                $"its section {name} does not have one score per item");
            RequireIndices(rows.Indices, least: 0, name);
            return rows;
        }
    }

    /// <summary>Opens a snapshot over its bytes, and checks all of them.</summary>
    /// <param name="bytes">The bytes; the snapshot owns them, and disposes of them if it cannot be opened.</param>
    /// <param name="complete">Sets the fields of the card that are not in the bytes; null if there are none to set.</param>
    /// <exception cref="CorruptModelException">The bytes are not a complete snapshot; the message names the damage.</exception>
    public static ModelSnapshot Open(SnapshotBytes bytes, Func<ModelCard, ModelCard>? complete = null)
    {
        ArgumentNullException.ThrowIfNull(bytes);
        try
        {
            return new ModelSnapshot(bytes, Read(bytes), complete);
        }
        catch
        {
            bytes.Dispose();
            throw;
        }
    }

    /// <summary>Creates a snapshot over a model's content, without copying its arrays or writing a file.</summary>
    /// <param name="content">The content; its arrays must not change as long as the snapshot is used.</param>
    /// <exception cref="ArgumentException">The lengths of the content's parts do not match.</exception>
    public static ModelSnapshot Of(ModelContent content)
    {
        ArgumentNullException.ThrowIfNull(content);
        return new ModelSnapshot(
            SnapshotBytes.Of(ReadOnlyMemory<byte>.Empty),
            ModelSnapshotWriter.Parts(content).ToDictionary(part => part.Name, part => part.Bytes, StringComparer.Ordinal),
            complete: null);
    }

    /// <summary>Reads only the card of a snapshot; the other sections are not checked.</summary>
    /// <exception cref="CorruptModelException">The bytes contain no undamaged header or no undamaged card.</exception>
    public static ModelCard ReadCard(SnapshotBytes bytes)
    {
        ArgumentNullException.ThrowIfNull(bytes);
        foreach (SnapshotFormat.Section section in SnapshotFormat.DecodeHead(bytes))
        {
            if (section.Name == SnapshotFormat.Card)
            {
                return ModelCardCodec.Decode(Checked(bytes, section));
            }
        }

        throw new CorruptModelException("the model snapshot is corrupt: it has no card");
    }

    private static Dictionary<string, ReadOnlyMemory<byte>> Read(SnapshotBytes bytes)
    {
        Dictionary<string, ReadOnlyMemory<byte>> sections = new(StringComparer.Ordinal);
        foreach (SnapshotFormat.Section section in SnapshotFormat.DecodeHead(bytes))
        {
            SnapshotFormat.Require(sections.TryAdd(section.Name, Checked(bytes, section)), $"it has two sections {section.Name}");
        }

        return sections;
    }

    private static ReadOnlyMemory<byte> Checked(SnapshotBytes bytes, SnapshotFormat.Section section)
    {
        ReadOnlyMemory<byte> slice = bytes.Slice(section.Offset, (int)section.Length);
        Span<byte> hash = stackalloc byte[SnapshotFormat.HashBytes];
        XxHash128.Hash(slice.Span, hash);
        SnapshotFormat.Require(hash.SequenceEqual(section.Hash), $"the checksum of its section {section.Name} is wrong");
        return slice;
    }

    private static void RequireStarts(ReadOnlyMemory<byte> starts, long end, string name)
    {
        int before = 0;
        bool ascends = true;
        foreach (int start in As<int>(starts))
        {
            ascends &= start >= before;
            before = start;
        }

        SnapshotFormat.Require(ascends, $"its section {name} does not ascend");
        SnapshotFormat.Require(before == end && As<int>(starts)[0] == 0, $"its section {name} has {end} entries, and its rows {before}");
    }

    private void RequireIndices(ReadOnlyMemory<byte> indices, int least, string name)
    {
        ReadOnlySpan<int> all = As<int>(indices);
        int wrong = all.IndexOfAnyExceptInRange(least, ItemCount - 1);
        if (wrong >= 0)
        {
            SnapshotFormat.Require(false, $"its section {name} names item {all[wrong]} of {ItemCount}");
        }
    }
}
