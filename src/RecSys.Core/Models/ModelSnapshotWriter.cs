using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Text;

namespace RecSys.Core.Models;

/// <summary>Writes a trained model as the bytes of a snapshot; equal content gives equal bytes.</summary>
public static class ModelSnapshotWriter
{
    /// <summary>Writes a snapshot.</summary>
    /// <param name="content">The content to write.</param>
    /// <param name="into">Receives the bytes in order; it is neither flushed nor closed.</param>
    /// <param name="cancellationToken">Checked between sections.</param>
    /// <exception cref="ArgumentException">The lengths of the content's parts do not match, the items are not in ascending order, or a section would be larger than 1 GiB.</exception>
    public static void Write(ModelContent content, Stream into, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(content);
        ArgumentNullException.ThrowIfNull(into);
        SnapshotFormat.RequireLittleEndian();
        List<(string Name, ReadOnlyMemory<byte> Bytes)> parts = Parts(content);

        List<SnapshotFormat.Section> sections = new(parts.Count);
        long end = SnapshotFormat.HeaderBytes + ((long)parts.Count * SnapshotFormat.EntryBytes);
        foreach ((string name, ReadOnlyMemory<byte> bytes) in parts)
        {
            cancellationToken.ThrowIfCancellationRequested();
            long offset = SnapshotFormat.Aligned(end);
            sections.Add(new(name, offset, bytes.Length, XxHash128.Hash(bytes.Span)));
            end = offset + bytes.Length;
        }

        byte[] head = SnapshotFormat.EncodeHead(sections, end);
        into.Write(head);
        long written = head.Length;
        Span<byte> zeros = stackalloc byte[SnapshotFormat.Alignment];
        zeros.Clear();
        for (int i = 0; i < parts.Count; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            into.Write(zeros[..(int)(sections[i].Offset - written)]);
            into.Write(parts[i].Bytes.Span);
            written = sections[i].Offset + sections[i].Length;
        }
    }

    /// <summary>Returns the sections of a model's content; arrays of numbers are not copied.</summary>
    internal static List<(string Name, ReadOnlyMemory<byte> Bytes)> Parts(ModelContent content)
    {
        int count = content.Items.Count;
        RequireLength(content.Origins.Length, count, nameof(content.Origins));
        RequireLength(content.Popularity.Length, count, nameof(content.Popularity));
        RequireLength(content.Factors.Length, (long)count * content.Dimension, nameof(content.Factors));
        RequireLength(content.ContentVectors.Length, (long)count * content.ContentDimension, nameof(content.ContentVectors));
        RequireLength(content.ContentIdf.Length, content.ContentTokens.Length, nameof(content.ContentIdf));

        (int[] starts, byte[] bytes) = Ids(content.Items);
        List<(string, ReadOnlyMemory<byte>)> parts = [];
        Add(SnapshotFormat.Card, ModelCardCodec.Encode(content.Card));
        Add(SnapshotFormat.ItemStarts, starts);
        Add(SnapshotFormat.ItemBytes, bytes);
        Add(SnapshotFormat.ItemSlots, Slots(starts, bytes));
        Add(SnapshotFormat.Origins, content.Origins);
        Add(SnapshotFormat.Popularity, content.Popularity);
        if (content.Dimension > 0)
        {
            FoldInBase foldIn = content.FoldIn ?? throw new ArgumentException("embeddings need the normal equations of the fold-in", nameof(content));
            RequireLength(foldIn.Diagonal.Length, content.Dimension, nameof(content.FoldIn));
            Add(SnapshotFormat.Factors, content.Factors);
            Add<double>(SnapshotFormat.FoldIn, [foldIn.Regularisation, foldIn.Offset, foldIn.Exponent, .. foldIn.Diagonal]);
        }

        AddRows(SnapshotFormat.Similar, content.Similar);
        AddRows(SnapshotFormat.ContentNeighbours, content.ContentNeighbours);
        AddRows(SnapshotFormat.Operator, content.Operator);
        if (content.ContentDimension > 0)
        {
            Add(SnapshotFormat.ContentVectors, content.ContentVectors);
            Add(SnapshotFormat.ContentTokens, content.ContentTokens);
            Add(SnapshotFormat.ContentIdf, content.ContentIdf);
        }

        return parts;

        void Add<T>(string name, T[] values)
            where T : unmanaged
        {
            ReadOnlySpan<T> span = values;
            if ((long)span.Length * System.Runtime.CompilerServices.Unsafe.SizeOf<T>() > SnapshotFormat.SectionBytesMax)
            {
                throw new ArgumentException($"the section {name} would be larger than {SnapshotFormat.SectionBytesMax} bytes: keep fewer items or entries", nameof(content));
            }

            parts.Add((name, new ArrayBytes<T>(values).Memory));
        }

        void AddRows(string name, SparseRows rows)
        {
            if (rows.Starts.Length == 0)
            {
                return;
            }

            RequireLength(rows.Starts.Length, count + 1L, name);
            RequireLength(rows.Indices.Length, rows.Starts[^1], name);
            RequireLength(rows.Scores.Length, rows.Starts[^1], name);
            Add(name + SnapshotFormat.StartsSuffix, rows.Starts);
            Add(name + SnapshotFormat.IndicesSuffix, rows.Indices);
            Add(name + SnapshotFormat.ScoresSuffix, rows.Scores);
        }
    }

    private static (int[] Starts, byte[] Bytes) Ids(IReadOnlyList<ItemId> items)
    {
        int[] starts = new int[items.Count + 1];
        long total = 0;
        for (int i = 0; i < items.Count; i++)
        {
            total += Encoding.UTF8.GetByteCount(items[i].Value);
            if (total > SnapshotFormat.SectionBytesMax)
            {
                throw new ArgumentException("the ids of all items are larger than a section may be", nameof(items));
            }

            starts[i + 1] = (int)total;
        }

        byte[] bytes = new byte[total];
        for (int i = 0; i < items.Count; i++)
        {
            Encoding.UTF8.GetBytes(items[i].Value, bytes.AsSpan(starts[i]));
            if (i > 0 && bytes.AsSpan(starts[i - 1], starts[i] - starts[i - 1]).SequenceCompareTo(bytes.AsSpan(starts[i], starts[i + 1] - starts[i])) >= 0)
            {
                throw new ArgumentException($"item {i}, '{items[i]}', is not in ascending order", nameof(items));
            }
        }

        return (starts, bytes);
    }

    private static int[] Slots(int[] starts, byte[] bytes)
    {
        int[] slots = new int[SnapshotFormat.SlotCount(starts.Length - 1)];
        Array.Fill(slots, SnapshotFormat.EmptySlot);
        for (int i = 0; i < starts.Length - 1; i++)
        {
            int slot = SnapshotFormat.SlotOf(bytes.AsSpan(starts[i], starts[i + 1] - starts[i]), slots.Length);
            while (slots[slot] != SnapshotFormat.EmptySlot)
            {
                slot = (slot + 1) & (slots.Length - 1);
            }

            slots[slot] = i;
        }

        return slots;
    }

    private static void RequireLength(long actual, long expected, string name)
    {
        if (actual != expected)
        {
            throw new ArgumentException($"{name} has {actual} values where {expected} are needed", name);
        }
    }

    /// <summary>Returns an array of numbers as bytes, without a copy.</summary>
    private sealed class ArrayBytes<T>(T[] values) : System.Buffers.MemoryManager<byte>
        where T : unmanaged
    {
        public override Span<byte> GetSpan() => MemoryMarshal.AsBytes(values.AsSpan());

        public override System.Buffers.MemoryHandle Pin(int elementIndex = 0) => throw new NotSupportedException();

        public override void Unpin() => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
        }
    }
}
