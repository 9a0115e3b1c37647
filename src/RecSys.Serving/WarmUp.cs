using System.Buffers;
using RecSys.Core;
using RecSys.Core.Log;
using RecSys.Core.Models;
using RecSys.Core.Users;

namespace RecSys.Serving;

/// <summary>Creates a synthetic model and profile. A slate made from them compiles the code of a slate before the first request, which has a deadline.</summary>
internal static class WarmUp
{
    private const int ItemCount = 16;
    private const int Dimension = 8;

    /// <summary>Returns a model that has every section.</summary>
    public static ModelSnapshot Model()
    {
        float[] factors = new float[ItemCount * Dimension];
        for (int i = 0; i < factors.Length; i++)
        {
            factors[i] = 1 / (1f + i);
        }

        int[] next = [.. Enumerable.Range(0, ItemCount).Select(item => (item + 1) % ItemCount)];
        SparseRows rows = new([.. Enumerable.Range(0, ItemCount + 1)], next, [.. Enumerable.Repeat(0.5f, ItemCount)]);
        ModelContent content = new()
        {
            Card = new ModelCard { Algorithm = "warm-up", ItemCount = ItemCount },
            Items = [.. Enumerable.Range(0, ItemCount).Select(ItemOf)],
            Origins = [.. Enumerable.Repeat(EmbeddingOrigin.Trained, ItemCount)],
            Popularity = [.. Enumerable.Repeat(1f, ItemCount)],
            Dimension = Dimension,
            Factors = factors,
            FoldIn = new FoldInBase([.. Enumerable.Repeat(1.0, Dimension)], Regularisation: 1, Offset: 1, Exponent: 1),
            Similar = rows,
            ContentNeighbours = rows,
            Operator = rows,
            ContentDimension = 1,
            ContentVectors = [.. Enumerable.Repeat(1f, ItemCount)],
        };
        using MemoryStream bytes = new();
        ModelSnapshotWriter.Write(content, bytes);
        return ModelSnapshot.Open(SnapshotBytes.Of(bytes.ToArray()));
    }

    /// <summary>Returns a profile with one view of each item in the first half of the model.</summary>
    public static UserProfile Profile(long nowMs)
    {
        LogEntry[] entries = new LogEntry[ItemCount / 2];
        for (int i = 0; i < entries.Length; i++)
        {
            ArrayBufferWriter<byte> bytes = new();
            LogRecordCodec.Encode(new LogRecord.Interaction(new UserId("nobody"), ItemOf(i), "view", nowMs), default(Owner), bytes);
            entries[i] = new LogEntry(i, bytes.WrittenMemory);
        }

        return UserProfile.Empty.Apply(0, 0, entries);
    }

    // Ids end in letters, so that the order of the items is that of their bytes.
    private static ItemId ItemOf(int item) => new($"warm-up {(char)('a' + item)}");
}
