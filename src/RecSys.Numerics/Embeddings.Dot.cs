using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace RecSys.Numerics;

/// <summary>Arithmetic on embeddings that are stored row after row in one span.</summary>
/// <remarks>
/// No method allocates. Results are the same, bit for bit, on every instruction tier: sums run in 16 fixed
/// lanes whose sums are added in a fixed tree, products are rounded before they are added, the values after the
/// last whole block of 16 are added from left to right, and no operation is approximate. (Only the bits of a NaN
/// may differ.)
/// </remarks>
public static partial class Embeddings
{
    /// <summary>Rows of a block that <see cref="DotAll"/> keeps in the cache, in bytes.</summary>
    private const int CachedRowsBytes = 128 * 1024;

    /// <summary>Returns the dot product.</summary>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static float Dot(ReadOnlySpan<float> x, ReadOnlySpan<float> y)
    {
        Throw.IfLengthIsNot(y.Length, x.Length, nameof(y));
        return LaneKernels.Dot(
            in MemoryMarshal.GetReference(x), in MemoryMarshal.GetReference(y), x.Length);
    }

    /// <inheritdoc cref="Dot(ReadOnlySpan{float}, ReadOnlySpan{float})"/>
    public static double Dot(ReadOnlySpan<double> x, ReadOnlySpan<double> y)
    {
        Throw.IfLengthIsNot(y.Length, x.Length, nameof(y));
        return LaneKernels.Dot(
            in MemoryMarshal.GetReference(x), in MemoryMarshal.GetReference(y), x.Length);
    }

    /// <summary>Writes the dot product of <paramref name="query"/> with every row.</summary>
    /// <param name="query">The query embedding.</param>
    /// <param name="rows">The embeddings to score, <c>query.Length</c> values per row.</param>
    /// <param name="scores">Receives one score per row: the value of <c>Dot</c>, bit for bit.</param>
    /// <exception cref="ArgumentException">The three lengths do not fit together.</exception>
    public static void DotRows(ReadOnlySpan<float> query, ReadOnlySpan<float> rows, Span<float> scores)
    {
        Throw.IfLengthIsNot(rows.Length, (long)query.Length * scores.Length, nameof(rows));
        LaneKernels.DotRows(
            in MemoryMarshal.GetReference(query),
            in MemoryMarshal.GetReference(rows),
            query.Length,
            ref MemoryMarshal.GetReference(scores),
            scores.Length);
    }

    /// <summary>Writes the dot product of <paramref name="query"/> with the chosen rows.</summary>
    /// <param name="query">The query embedding.</param>
    /// <param name="rows">All embeddings, <c>query.Length</c> values per row.</param>
    /// <param name="indices">The rows to score, in any order; a row may be given twice.</param>
    /// <param name="scores">Receives one score per index.</param>
    /// <exception cref="ArgumentException">The lengths do not fit together, or an index has no row.</exception>
    public static void DotSelected(
        ReadOnlySpan<float> query, ReadOnlySpan<float> rows, ReadOnlySpan<int> indices, Span<float> scores)
    {
        int rowCount = RowCount(rows.Length, query.Length, nameof(rows));
        Throw.IfLengthIsNot(scores.Length, indices.Length, nameof(scores));
        ref float first = ref MemoryMarshal.GetReference(rows);
        for (int i = 0; i < indices.Length; i++)
        {
            int row = indices[i];
            if ((uint)row >= (uint)rowCount)
            {
                Throw.OutOfRange(nameof(indices), row, 0, rowCount - 1);
            }

            scores[i] = LaneKernels.Dot(
                in MemoryMarshal.GetReference(query),
                in Unsafe.Add(ref first, (nuint)row * (nuint)query.Length),
                query.Length);
        }
    }

    /// <summary>Writes the dot products of every query with every row: the product Q·Rᵀ.</summary>
    /// <param name="queries">Embeddings, <paramref name="dimension"/> values each.</param>
    /// <param name="rows">Embeddings, <paramref name="dimension"/> values each.</param>
    /// <param name="dimension">Number of values per embedding, at least 1.</param>
    /// <param name="scores">Receives the scores, all rows of the first query first.</param>
    /// <exception cref="ArgumentException">The lengths do not fit together.</exception>
    public static void DotAll(
        ReadOnlySpan<float> queries, ReadOnlySpan<float> rows, int dimension, Span<float> scores)
    {
        int queryCount = RowCount(queries.Length, dimension, nameof(queries));
        int rowCount = RowCount(rows.Length, dimension, nameof(rows));
        Throw.IfLengthIsNot(scores.Length, (long)queryCount * rowCount, nameof(scores));

        int blockRows = Math.Max(4, CachedRowsBytes / sizeof(float) / dimension / 4 * 4);
        for (int start = 0; start < rowCount; start += blockRows)
        {
            int count = Math.Min(blockRows, rowCount - start);
            ReadOnlySpan<float> block = rows.Slice(start * dimension, count * dimension);
            for (int query = 0; query < queryCount; query++)
            {
                LaneKernels.DotRows(
                    in queries[query * dimension],
                    in MemoryMarshal.GetReference(block),
                    dimension,
                    ref scores[(query * rowCount) + start],
                    count);
            }
        }
    }

    private static int RowCount(int length, int dimension, string name)
    {
        Throw.IfOutside(dimension, 1, int.MaxValue, nameof(dimension));
        if (length % dimension != 0)
        {
            Throw.Argument(name, $"{name} has {length} values, which are not whole rows of {dimension}");
        }

        return length / dimension;
    }
}
