using System.Buffers;
using System.Numerics;
using System.Runtime.InteropServices;

namespace RecSys.Numerics;

/// <summary>Symmetric matrices, summed up from outer products.</summary>
/// <remarks>
/// <para>
/// A symmetric n × n matrix is a span of n² values, row after row. What is added goes to the <b>upper triangle</b>
/// (column ≥ row) with the diagonal, and <see cref="Cholesky"/> reads only that; <see cref="Mirror(Span{float}, int)"/>
/// copies it to the lower one where both are needed.
/// </para>
/// <para>
/// Every element is a sum in an order that the definition fixes, independent of the instruction tier and the number of
/// threads, so the bits are always the same. Scratch comes from the shared array pool: nothing is allocated once
/// that is warm.
/// </para>
/// </remarks>
public static partial class SymmetricMatrix
{
    /// <summary>The largest n: n² fits in an <see cref="int"/>.</summary>
    public const int DimensionMax = 32_768;

    // Rows that are packed and multiplied at a time: at dimension 64, both copies stay in the first-level cache.
    private const int PackedRows = 32;

    /// <summary>Adds weight · x xᵀ: into[i,j] += (weight · x[i]) · x[j], for j ≥ i.</summary>
    /// <param name="x">n values.</param>
    /// <param name="weight">The weight, of either sign.</param>
    /// <param name="into">n² values; values below the diagonal are unchanged.</param>
    /// <exception cref="ArgumentException"><paramref name="into"/> does not have n² values.</exception>
    public static void AddOuter(ReadOnlySpan<float> x, float weight, Span<float> into)
    {
        RequireSquare(into.Length, x.Length, nameof(into));
        AddOuterCore(x, weight, into);
    }

    /// <inheritdoc cref="AddOuter(ReadOnlySpan{float}, float, Span{float})"/>
    public static void AddOuter(ReadOnlySpan<double> x, double weight, Span<double> into)
    {
        RequireSquare(into.Length, x.Length, nameof(into));
        AddOuterCore(x, weight, into);
    }

    /// <summary>
    /// Adds the outer products of chosen rows, each times its weight. The same bits as one
    /// <see cref="AddOuter(ReadOnlySpan{float}, float, Span{float})"/> per index, in order, and several times faster.
    /// The normal equations of weighted least squares are such sums.
    /// </summary>
    /// <param name="rows">All rows, <paramref name="dimension"/> values each.</param>
    /// <param name="dimension">n, 1 to <see cref="DimensionMax"/>.</param>
    /// <param name="indices">The rows to add; a row may be given twice.</param>
    /// <param name="weights">One weight per index, or empty for all 1.</param>
    /// <param name="into">n² values; values below the diagonal are unchanged.</param>
    /// <exception cref="ArgumentException">The lengths do not fit together, or an index has no row.</exception>
    public static void AddOuters(
        ReadOnlySpan<float> rows,
        int dimension,
        ReadOnlySpan<int> indices,
        ReadOnlySpan<float> weights,
        Span<float> into)
    {
        RequireOuters(rows.Length, dimension, indices, weights.Length, into.Length);
        AddOutersCore(rows, dimension, indices, weights, into);
    }

    /// <inheritdoc cref="AddOuters(ReadOnlySpan{float}, int, ReadOnlySpan{int}, ReadOnlySpan{float}, Span{float})"/>
    public static void AddOuters(
        ReadOnlySpan<double> rows,
        int dimension,
        ReadOnlySpan<int> indices,
        ReadOnlySpan<double> weights,
        Span<double> into)
    {
        RequireOuters(rows.Length, dimension, indices, weights.Length, into.Length);
        AddOutersCore(rows, dimension, indices, weights, into);
    }

    /// <summary>Adds <paramref name="value"/> to each element of the diagonal.</summary>
    /// <exception cref="ArgumentException"><paramref name="a"/> does not have n² values.</exception>
    public static void AddToDiagonal(Span<float> a, int dimension, float value)
    {
        RequireSquare(a.Length, dimension, nameof(a));
        for (int i = 0; i < dimension; i++)
        {
            a[(i * dimension) + i] += value;
        }
    }

    /// <inheritdoc cref="AddToDiagonal(Span{float}, int, float)"/>
    public static void AddToDiagonal(Span<double> a, int dimension, double value)
    {
        RequireSquare(a.Length, dimension, nameof(a));
        for (int i = 0; i < dimension; i++)
        {
            a[(i * dimension) + i] += value;
        }
    }

    /// <summary>Copies the upper triangle to the lower one.</summary>
    /// <exception cref="ArgumentException"><paramref name="a"/> does not have n² values.</exception>
    public static void Mirror(Span<float> a, int dimension)
    {
        RequireSquare(a.Length, dimension, nameof(a));
        MirrorCore(a, dimension);
    }

    /// <inheritdoc cref="Mirror(Span{float}, int)"/>
    public static void Mirror(Span<double> a, int dimension)
    {
        RequireSquare(a.Length, dimension, nameof(a));
        MirrorCore(a, dimension);
    }

    internal static void RequireSquare(int length, int dimension, string name)
    {
        Throw.IfOutside(dimension, 1, DimensionMax, nameof(dimension));
        Throw.IfLengthIsNot(length, (long)dimension * dimension, name);
    }

    internal static void AddOuterCore<T>(ReadOnlySpan<T> x, T weight, Span<T> into)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        int n = x.Length;
        for (int i = 0; i < n; i++)
        {
            LaneKernels.Axpy(weight * x[i], in x[i], ref into[(i * n) + i], n - i);
        }
    }

    internal static void AddOutersCore<T>(
        ReadOnlySpan<T> rows, int n, ReadOnlySpan<int> indices, ReadOnlySpan<T> weights, Span<T> into)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        if (Lanes512<T>.IsSupported)
        {
            AddOutersCore<Lanes512<T>, T>(rows, n, indices, weights, into);
        }
        else if (Lanes256<T>.IsSupported)
        {
            AddOutersCore<Lanes256<T>, T>(rows, n, indices, weights, into);
        }
        else if (Lanes128<T>.IsSupported)
        {
            AddOutersCore<Lanes128<T>, T>(rows, n, indices, weights, into);
        }
        else
        {
            AddOutersDefinition(rows, n, indices, weights, into);
        }
    }

    internal static void AddOutersDefinition<T>(
        ReadOnlySpan<T> rows, int n, ReadOnlySpan<int> indices, ReadOnlySpan<T> weights, Span<T> into)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        for (int k = 0; k < indices.Length; k++)
        {
            AddOuterCore(rows.Slice(indices[k] * n, n), weights.IsEmpty ? T.One : weights[k], into);
        }
    }

    internal static void AddOutersCore<TLanes, T>(
        ReadOnlySpan<T> rows, int n, ReadOnlySpan<int> indices, ReadOnlySpan<T> weights, Span<T> into)
        where TLanes : struct, ILanes<TLanes, T>
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        // A tile needs a whole block of lanes, and packing a single row takes longer than it saves.
        if (n < Lanes.Count<T>() || indices.Length < 2)
        {
            AddOutersDefinition(rows, n, indices, weights, into);
            return;
        }

        int packedRows = Math.Min(PackedRows, indices.Length);
        T[] packed = ArrayPool<T>.Shared.Rent(2 * packedRows * n);
        Span<T> plain = packed.AsSpan(0, packedRows * n);
        Span<T> scaled = weights.IsEmpty ? plain : packed.AsSpan(packedRows * n, packedRows * n);
        for (int start = 0; start < indices.Length; start += packedRows)
        {
            int count = Math.Min(packedRows, indices.Length - start);
            for (int k = 0; k < count; k++)
            {
                Span<T> row = plain.Slice(k * n, n);
                rows.Slice(indices[start + k] * n, n).CopyTo(row);
                if (!weights.IsEmpty)
                {
                    Span<T> product = scaled.Slice(k * n, n);
                    row.CopyTo(product);
                    LaneKernels.Scale<TLanes, T>(
                        weights[start + k], ref MemoryMarshal.GetReference(product), n);
                }
            }

            LaneKernels.RankUpdate<TLanes, T, AddEach>(
                ref MemoryMarshal.GetReference(into),
                n,
                in MemoryMarshal.GetReference(scaled),
                n,
                1,
                in MemoryMarshal.GetReference(plain),
                n,
                count,
                rowFrom: 0,
                rowTo: n,
                columnFrom: 0,
                columnTo: n,
                rowCount: n,
                upper: true);
        }

        ArrayPool<T>.Shared.Return(packed);
    }

    private static void RequireOuters(
        int rowsLength, int dimension, ReadOnlySpan<int> indices, int weightCount, int intoLength)
    {
        RequireSquare(intoLength, dimension, "into");
        int rowCount = RequireRows(rowsLength, dimension);
        if (weightCount != 0)
        {
            Throw.IfLengthIsNot(weightCount, indices.Length, "weights");
        }

        foreach (int index in indices)
        {
            if ((uint)index >= (uint)rowCount)
            {
                Throw.OutOfRange(nameof(indices), index, 0, rowCount - 1);
            }
        }
    }

    private static int RequireRows(int rowsLength, int dimension)
    {
        if (rowsLength % dimension != 0)
        {
            Throw.Argument("rows", $"rows has {rowsLength} values, which are not whole rows of {dimension}");
        }

        return rowsLength / dimension;
    }

    // Square blocks, so that both the rows read and the rows written stay in the cache.
    private static void MirrorCore<T>(Span<T> a, int n)
        where T : unmanaged
    {
        const int Block = 32;
        for (int rowBlock = 0; rowBlock < n; rowBlock += Block)
        {
            for (int columnBlock = rowBlock; columnBlock < n; columnBlock += Block)
            {
                int rowEnd = Math.Min(rowBlock + Block, n);
                int columnEnd = Math.Min(columnBlock + Block, n);
                for (int i = rowBlock; i < rowEnd; i++)
                {
                    for (int j = Math.Max(columnBlock, i + 1); j < columnEnd; j++)
                    {
                        a[(j * n) + i] = a[(i * n) + j];
                    }
                }
            }
        }
    }
}
