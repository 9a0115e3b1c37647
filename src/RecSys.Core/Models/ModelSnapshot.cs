using System.Runtime.InteropServices;
using System.Text;

namespace RecSys.Core.Models;

/// <summary>A trained model: sections of item data over bytes in memory. Immutable; safe for concurrent use.</summary>
/// <remarks>
/// An <c>int</c> index is an item's row in this snapshot only; it is never stored. Spans are valid until the snapshot is
/// disposed of: hold a <see cref="Ports.ModelLease"/> while you use them. A snapshot contains no data of users.
/// </remarks>
public sealed partial class ModelSnapshot : IItemIndex, IDisposable
{
    // invariant: AllFactors.Length = ItemCount * Dimension, AllContent.Length = ItemCount * ContentDimension
    // invariant: Popularity.Length = ItemCount, ContentTokens.Length = ContentIdf.Length
    // invariant: Dimension > 0 if and only if FoldInBase is not null
    private readonly SnapshotBytes _bytes;
    private readonly ReadOnlyMemory<byte> _itemStarts;
    private readonly ReadOnlyMemory<byte> _itemBytes;
    private readonly ReadOnlyMemory<byte> _itemSlots;
    private readonly ReadOnlyMemory<byte> _origins;
    private readonly ReadOnlyMemory<byte> _popularity;
    private readonly ReadOnlyMemory<byte> _factors;
    private readonly ReadOnlyMemory<byte> _contentVectors;
    private readonly ReadOnlyMemory<byte> _contentTokens;
    private readonly ReadOnlyMemory<byte> _contentIdf;
    private readonly Rows _similar;
    private readonly Rows _contentNeighbours;
    private readonly Rows _operator;
    private readonly string?[] _ids;

    /// <summary>Gets the card.</summary>
    public ModelCard Card { get; }

    /// <summary>Gets the number of items; indices start at 0.</summary>
    public int ItemCount { get; }

    /// <summary>Gets the length of an embedding; 0 if the model has none.</summary>
    public int Dimension { get; }

    /// <summary>Gets the length of a content vector; 0 if the model has none.</summary>
    public int ContentDimension { get; }

    /// <summary>Gets all item embeddings, row after row; rows of items without one are zero. Empty if the model has none.</summary>
    public ReadOnlySpan<float> AllFactors => As<float>(_factors);

    /// <summary>Gets the total weight of the interactions with each item.</summary>
    public ReadOnlySpan<float> Popularity => As<float>(_popularity);

    /// <summary>Gets all content vectors, row after row; empty if the model has none.</summary>
    public ReadOnlySpan<float> AllContent => As<float>(_contentVectors);

    /// <summary>Gets the hashes of the content's tokens, ascending.</summary>
    public ReadOnlySpan<ulong> ContentTokens => As<ulong>(_contentTokens);

    /// <summary>Gets the inverse document frequency of each token.</summary>
    public ReadOnlySpan<float> ContentIdf => As<float>(_contentIdf);

    /// <summary>Gets whether there is a linear operator from a history to scores.</summary>
    public bool HasOperator => !_operator.Starts.IsEmpty;

    /// <summary>Gets the normal equations by which users are folded in; null if the model has no embeddings.</summary>
    public FoldInBase? FoldInBase { get; }

    /// <summary>Returns the id of an item.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such item.</exception>
    public ItemId ItemAt(int index)
    {
        RequireItem(index);
        return ItemId.FromChecked(_ids[index] ??= Encoding.UTF8.GetString(IdBytes(index)));
    }

    /// <summary>Finds the index of an item by its id; −1 if there is none.</summary>
    public bool TryGetIndex(ItemId id, out int index)
    {
        Span<byte> bytes = stackalloc byte[Limits.IdBytesMax];
        return TryGetIndex(bytes[..Encoding.UTF8.GetBytes(id.Value, bytes)], out index);
    }

    /// <inheritdoc/>
    public bool TryGetIndex(ReadOnlySpan<byte> idUtf8, out int index)
    {
        ReadOnlySpan<int> slots = As<int>(_itemSlots);
        if (!slots.IsEmpty)
        {
            ReadOnlySpan<int> starts = As<int>(_itemStarts);
            ReadOnlySpan<byte> ids = _itemBytes.Span;
            for (int slot = SnapshotFormat.SlotOf(idUtf8, slots.Length); ; slot = (slot + 1) & (slots.Length - 1))
            {
                index = slots[slot];
                if (index == SnapshotFormat.EmptySlot)
                {
                    break;
                }

                if (ids[starts[index]..starts[index + 1]].SequenceEqual(idUtf8))
                {
                    return true;
                }
            }
        }

        index = -1;
        return false;
    }

    /// <summary>Returns an item's embedding: zeros if the item has none, empty if the model has none.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such item.</exception>
    public ReadOnlySpan<float> FactorsOf(int index)
    {
        RequireItem(index);
        return AllFactors.Slice(index * Dimension, Dimension);
    }

    /// <summary>Returns the origin of an item's embedding.</summary>
    /// <exception cref="IndexOutOfRangeException">There is no such item.</exception>
    public EmbeddingOrigin OriginOf(int index) => (EmbeddingOrigin)_origins.Span[index];

    /// <summary>Returns whether an item's embedding was learned; an item without interactions has only content, and perhaps an estimate.</summary>
    /// <exception cref="IndexOutOfRangeException">There is no such item.</exception>
    public bool HasEmbedding(int index) => OriginOf(index) == EmbeddingOrigin.Trained;

    /// <summary>Returns an item's content vector: of norm 1, zeros for an item without known tokens, empty if the model has none.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such item.</exception>
    public ReadOnlySpan<float> ContentOf(int index)
    {
        RequireItem(index);
        return AllContent.Slice(index * ContentDimension, ContentDimension);
    }

    /// <summary>Returns the items with interactions of the same users, best first; scores are above 0, at most 1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such item.</exception>
    public Neighbours SimilarTo(int index) => Of(_similar, index);

    /// <summary>Returns the items of similar content, best first; scores are cosines above 0.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such item.</exception>
    public Neighbours ContentNeighboursOf(int index) => Of(_contentNeighbours, index);

    /// <summary>Returns the contributions of an item of a history to other items' scores, in ascending order of index; scores of either sign.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such item.</exception>
    public Neighbours OperatorOf(int index) => Of(_operator, index);

    /// <summary>Gets <see cref="OperatorOf"/> for all items: faster if many are read.</summary>
    public NeighbourRows Operator => new(As<int>(_operator.Starts), As<int>(_operator.Indices), As<float>(_operator.Scores));

    /// <summary>Releases the bytes; the snapshot's spans must not be used afterwards.</summary>
    public void Dispose() => _bytes.Dispose();

    private static ReadOnlySpan<T> As<T>(ReadOnlyMemory<byte> bytes)
        where T : unmanaged => MemoryMarshal.Cast<byte, T>(bytes.Span);

    private ReadOnlySpan<byte> IdBytes(int index)
    {
        ReadOnlySpan<int> starts = As<int>(_itemStarts);
        return _itemBytes.Span[starts[index]..starts[index + 1]];
    }

    private Neighbours Of(in Rows rows, int index)
    {
        RequireItem(index);
        if (rows.Starts.IsEmpty)
        {
            return default;
        }

        ReadOnlySpan<int> starts = As<int>(rows.Starts);
        int start = starts[index];
        int count = starts[index + 1] - start;
        return new Neighbours(As<int>(rows.Indices).Slice(start, count), As<float>(rows.Scores).Slice(start, count));
    }

    private void RequireItem(int index) =>
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)ItemCount, nameof(index));

    private readonly record struct Rows(ReadOnlyMemory<byte> Starts, ReadOnlyMemory<byte> Indices, ReadOnlyMemory<byte> Scores);
}
