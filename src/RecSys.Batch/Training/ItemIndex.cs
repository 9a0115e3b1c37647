using System.Text;
using RecSys.Core;
using RecSys.Core.Models;

namespace RecSys.Batch.Training;

/// <summary>Items with indices in ascending order of the UTF-8 bytes of their ids, as in a snapshot. Immutable.</summary>
public sealed class ItemIndex : IItemIndex
{
    private readonly Dictionary<byte[], int> _indices;
    private readonly Dictionary<byte[], int>.AlternateLookup<ReadOnlySpan<byte>> _lookup;

    private ItemIndex(IReadOnlyList<ItemId> items, Dictionary<byte[], int> indices)
    {
        Items = items;
        _indices = indices;
        _lookup = _indices.GetAlternateLookup<ReadOnlySpan<byte>>();
    }

    /// <summary>Gets the items, by index.</summary>
    public IReadOnlyList<ItemId> Items { get; }

    /// <inheritdoc/>
    public bool TryGetIndex(ReadOnlySpan<byte> idUtf8, out int index)
    {
        if (_lookup.TryGetValue(idUtf8, out index))
        {
            return true;
        }

        index = -1;
        return false;
    }

    /// <summary>Creates an index of items; an item may be given more than once.</summary>
    public static ItemIndex Of(IEnumerable<ItemId> items)
    {
        Builder builder = new();
        foreach (ItemId item in items)
        {
            builder.Add(Encoding.UTF8.GetBytes(item.Value));
        }

        return builder.Build();
    }

    /// <summary>Collects items in any order.</summary>
    public sealed class Builder
    {
        private readonly HashSet<byte[]> _ids;
        private readonly HashSet<byte[]>.AlternateLookup<ReadOnlySpan<byte>> _lookup;

        /// <summary>Creates an empty builder.</summary>
        public Builder()
        {
            _ids = new HashSet<byte[]>(IdBytesComparer.Instance);
            _lookup = _ids.GetAlternateLookup<ReadOnlySpan<byte>>();
        }

        /// <summary>Adds an item if it is not present.</summary>
        public void Add(ReadOnlySpan<byte> idUtf8) => _lookup.Add(idUtf8);

        /// <summary>Returns the index of the added items.</summary>
        public ItemIndex Build()
        {
            byte[][] ordered = [.. _ids];
            Array.Sort(ordered, static (left, right) => left.AsSpan().SequenceCompareTo(right));
            ItemId[] items = new ItemId[ordered.Length];
            Dictionary<byte[], int> indices = new(ordered.Length, IdBytesComparer.Instance);
            for (int i = 0; i < ordered.Length; i++)
            {
                items[i] = new ItemId(Encoding.UTF8.GetString(ordered[i]));
                indices.Add(ordered[i], i);
            }

            return new ItemIndex(items, indices);
        }
    }
}

/// <summary>Compares ids by their bytes; a lookup may also use a span of bytes.</summary>
internal sealed class IdBytesComparer : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
{
    public static readonly IdBytesComparer Instance = new();

    public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

    public int GetHashCode(byte[] obj) => GetHashCode(obj.AsSpan());

    public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => alternate.SequenceEqual(other);

    public int GetHashCode(ReadOnlySpan<byte> alternate)
    {
        HashCode hash = default;
        hash.AddBytes(alternate);
        return hash.ToHashCode();
    }

    public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();
}
