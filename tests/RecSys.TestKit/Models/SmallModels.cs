using System.Text;
using RecSys.Core;
using RecSys.Core.Models;

namespace RecSys.TestKit.Models;

/// <summary>Small models with known content.</summary>
public static class SmallModels
{
    /// <summary>Returns a model with one trained embedding of norm 1 per item and no other section.</summary>
    /// <param name="ids">Item ids in any order.</param>
    /// <param name="dimension">Number of values of an embedding.</param>
    public static ModelContent Content(IEnumerable<string> ids, int dimension = 2)
    {
        ItemId[] items = [.. ids.OrderBy(id => id, Comparer<string>.Create(CompareBytes)).Select(id => new ItemId(id))];
        float[] factors = new float[items.Length * dimension];
        for (int i = 0; i < items.Length; i++)
        {
            factors[(i * dimension) + (i % dimension)] = 1;
        }

        return new ModelContent
        {
            Card = new ModelCard { Algorithm = "made up", ItemCount = items.Length, UserCount = 1, InteractionCount = items.Length },
            Items = items,
            Origins = [.. Enumerable.Repeat(EmbeddingOrigin.Trained, items.Length)],
            Popularity = [.. Enumerable.Range(0, items.Length).Select(i => items.Length - (float)i)],
            Dimension = dimension,
            Factors = factors,
            FoldIn = new FoldInBase([.. Enumerable.Repeat(0.5, dimension)], Regularisation: 0.1, Offset: 1, Exponent: 1),
        };
    }

    /// <summary>Returns the snapshot of a content, in memory.</summary>
    public static ModelSnapshot Snapshot(ModelContent content) => ModelSnapshot.Open(SnapshotBytes.Of(Bytes(content)));

    /// <summary>Returns the bytes of a content's snapshot.</summary>
    public static byte[] Bytes(ModelContent content)
    {
        using MemoryStream stream = new();
        ModelSnapshotWriter.Write(content, stream);
        return stream.ToArray();
    }

    private static int CompareBytes(string? left, string? right) =>
        Encoding.UTF8.GetBytes(left!).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(right!));
}
