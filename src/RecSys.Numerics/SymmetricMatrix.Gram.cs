using System.Buffers;
using System.Numerics;
using System.Runtime.InteropServices;

namespace RecSys.Numerics;

public static partial class SymmetricMatrix
{
    /// <summary>The largest number of parts into which the rows of a Gram matrix are cut, each summed separately.</summary>
    private const int GramPartsMax = 16;

    /// <summary>Rows whose products are summed before they are added to the part's sum.</summary>
    private const int GramBlockRows = 256;

    /// <summary>
    /// Writes the Gram matrix of rows, VᵀWV: into[i,j] = Σ_r (w[r] · v[r,i]) · v[r,j], both triangles.
    /// </summary>
    /// <param name="rows">V, <paramref name="dimension"/> values per row; no rows give zeros.</param>
    /// <param name="dimension">n, 1 to <see cref="DimensionMax"/>.</param>
    /// <param name="weights">One weight per row, or empty for all 1.</param>
    /// <param name="into">Receives n² values; previous values are overwritten.</param>
    /// <exception cref="ArgumentException">The lengths do not fit together.</exception>
    /// <remarks>
    /// The rows are cut into at most 16 parts of whole blocks of 256 rows; blocks are summed row by row, parts block
    /// by block, the matrix part by part. That bounds the rounding error and fixes the bits.
    /// </remarks>
    public static void Gram(
        ReadOnlySpan<float> rows, int dimension, ReadOnlySpan<float> weights, Span<float> into)
    {
        RequireGram(rows.Length, dimension, weights.Length, into.Length);
        GramCore<float, float>(rows, dimension, weights, into);
    }

    /// <inheritdoc cref="Gram(ReadOnlySpan{float}, int, ReadOnlySpan{float}, Span{float})"/>
    public static void Gram(
        ReadOnlySpan<double> rows, int dimension, ReadOnlySpan<double> weights, Span<double> into)
    {
        RequireGram(rows.Length, dimension, weights.Length, into.Length);
        GramCore<double, double>(rows, dimension, weights, into);
    }

    /// <summary>Computes the same matrix as for single precision, with products and sums in double precision.</summary>
    /// <inheritdoc cref="Gram(ReadOnlySpan{float}, int, ReadOnlySpan{float}, Span{float})"/>
    public static void Gram(
        ReadOnlySpan<float> rows, int dimension, ReadOnlySpan<float> weights, Span<double> into)
    {
        RequireGram(rows.Length, dimension, weights.Length, into.Length);
        GramCore<float, double>(rows, dimension, weights, into);
    }

    /// <summary>Writes the Gram matrix on several threads, with the same bits as on one.</summary>
    /// <param name="rows">V, <paramref name="dimension"/> values per row; no rows give zeros.</param>
    /// <param name="dimension">n, 1 to <see cref="DimensionMax"/>.</param>
    /// <param name="weights">One weight per row, or empty for all 1.</param>
    /// <param name="into">Receives n² values, both triangles; previous values are overwritten.</param>
    /// <param name="threads">Number of threads, and their niceness; at most 16 threads are used.</param>
    /// <param name="cancellationToken">Checked between parts.</param>
    /// <exception cref="ArgumentException">The lengths do not fit together.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; <paramref name="into"/> is undefined.</exception>
    /// <remarks>Rents n² values per part from the shared array pool, at most 16 n².</remarks>
    public static void Gram(
        ReadOnlyMemory<float> rows,
        int dimension,
        ReadOnlyMemory<float> weights,
        Memory<float> into,
        WorkerThreads threads,
        CancellationToken cancellationToken = default)
    {
        RequireGram(rows.Length, dimension, weights.Length, into.Length);
        ArgumentNullException.ThrowIfNull(threads);
        int rowCount = rows.Length / dimension;
        int size = dimension * dimension;
        int partRows = GramPartRows(rowCount);
        if (rowCount <= partRows)
        {
            cancellationToken.ThrowIfCancellationRequested();
            GramCore<float, float>(rows.Span, dimension, weights.Span, into.Span);
            return;
        }

        float[][] parts = new float[(rowCount + partRows - 1) / partRows][];
        try
        {
            ParallelBlocks.Run(
                rowCount,
                partRows,
                threads,
                part =>
                {
                    parts[part.Index] = ArrayPool<float>.Shared.Rent(size);
                    GramPart<float, float>(
                        rows.Span.Slice(part.Start * dimension, part.Count * dimension),
                        dimension,
                        weights.IsEmpty ? [] : weights.Span.Slice(part.Start, part.Count),
                        parts[part.Index].AsSpan(0, size));
                },
                progress: null,
                cancellationToken);

            Span<float> sum = into.Span;
            parts[0].AsSpan(0, size).CopyTo(sum);
            foreach (float[] part in parts.AsSpan(1))
            {
                Embeddings.SumInto(part.AsSpan(0, size), sum);
            }

            MirrorCore(sum, dimension);
        }
        finally
        {
            foreach (float[]? part in parts)
            {
                if (part is not null)
                {
                    ArrayPool<float>.Shared.Return(part);
                }
            }
        }
    }

    /// <summary>The definition: parts summed in order.</summary>
    internal static void GramDefinition<TIn, T>(
        ReadOnlySpan<TIn> rows, int n, ReadOnlySpan<TIn> weights, Span<T> into)
        where TIn : unmanaged, IFloatingPointIeee754<TIn>
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        int rowCount = rows.Length / n;
        int partRows = GramPartRows(rowCount);
        T[] part = new T[n * n];
        into.Clear();
        for (int start = 0; start < rowCount; start += partRows)
        {
            int count = Math.Min(partRows, rowCount - start);
            GramPartDefinition<TIn, T>(
                rows.Slice(start * n, count * n), n, weights.IsEmpty ? [] : weights.Slice(start, count), part);
            for (int i = 0; i < n; i++)
            {
                for (int j = i; j < n; j++)
                {
                    into[(i * n) + j] += part[(i * n) + j];
                    into[(j * n) + i] = into[(i * n) + j];
                }
            }
        }
    }

    /// <summary>The definition of a part: the upper triangle, element by element, blocks summed in order.</summary>
    internal static void GramPartDefinition<TIn, T>(
        ReadOnlySpan<TIn> rows, int n, ReadOnlySpan<TIn> weights, Span<T> into)
        where TIn : unmanaged, IFloatingPointIeee754<TIn>
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        int rowCount = rows.Length / n;
        for (int i = 0; i < n; i++)
        {
            for (int j = i; j < n; j++)
            {
                T sum = T.Zero;
                for (int block = 0; block < rowCount; block += GramBlockRows)
                {
                    T blockSum = T.Zero;
                    for (int r = block; r < Math.Min(block + GramBlockRows, rowCount); r++)
                    {
                        T left = T.CreateTruncating(rows[(r * n) + i]);
                        if (!weights.IsEmpty)
                        {
                            left *= T.CreateTruncating(weights[r]);
                        }

                        blockSum += left * T.CreateTruncating(rows[(r * n) + j]);
                    }

                    sum += blockSum;
                }

                into[(i * n) + j] = sum;
            }
        }
    }

    private static void RequireGram(int rowsLength, int dimension, int weightCount, int intoLength)
    {
        RequireSquare(intoLength, dimension, "into");
        int rowCount = RequireRows(rowsLength, dimension);
        if (weightCount != 0)
        {
            Throw.IfLengthIsNot(weightCount, rowCount, "weights");
        }
    }

    private static int GramPartRows(int rowCount)
    {
        int blocks = (rowCount + GramBlockRows - 1) / GramBlockRows;
        return Math.Max(1, (blocks + GramPartsMax - 1) / GramPartsMax) * GramBlockRows;
    }

    private static void GramCore<TIn, T>(
        ReadOnlySpan<TIn> rows, int n, ReadOnlySpan<TIn> weights, Span<T> into)
        where TIn : unmanaged, IFloatingPointIeee754<TIn>
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        int rowCount = rows.Length / n;
        int partRows = GramPartRows(rowCount);
        T[]? rented = rowCount > partRows ? ArrayPool<T>.Shared.Rent(n * n) : null;
        GramPart(
            rows[..(Math.Min(partRows, rowCount) * n)],
            n,
            weights.IsEmpty ? [] : weights[..Math.Min(partRows, rowCount)],
            into);
        for (int start = partRows; start < rowCount; start += partRows)
        {
            int count = Math.Min(partRows, rowCount - start);
            Span<T> part = rented.AsSpan(0, n * n);
            GramPart(
                rows.Slice(start * n, count * n), n, weights.IsEmpty ? [] : weights.Slice(start, count), part);
            LaneKernels.Axpy(
                T.One, in MemoryMarshal.GetReference(part), ref MemoryMarshal.GetReference(into), n * n);
        }

        MirrorCore(into, n);
        if (rented is not null)
        {
            ArrayPool<T>.Shared.Return(rented);
        }
    }

    private static void GramPart<TIn, T>(
        ReadOnlySpan<TIn> rows, int n, ReadOnlySpan<TIn> weights, Span<T> into)
        where TIn : unmanaged, IFloatingPointIeee754<TIn>
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        if (Lanes512<T>.IsSupported)
        {
            GramPart<Lanes512<T>, TIn, T>(rows, n, weights, into);
        }
        else if (Lanes256<T>.IsSupported)
        {
            GramPart<Lanes256<T>, TIn, T>(rows, n, weights, into);
        }
        else if (Lanes128<T>.IsSupported)
        {
            GramPart<Lanes128<T>, TIn, T>(rows, n, weights, into);
        }
        else
        {
            GramPartDefinition(rows, n, weights, into);
        }
    }

    /// <summary>One part: its blocks one after the other, upper triangle.</summary>
    internal static void GramPart<TLanes, TIn, T>(
        ReadOnlySpan<TIn> rows, int n, ReadOnlySpan<TIn> weights, Span<T> into)
        where TLanes : struct, ILanes<TLanes, T>
        where TIn : unmanaged, IFloatingPointIeee754<TIn>
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        if (n < Lanes.Count<T>())
        {
            GramPartDefinition(rows, n, weights, into);
            return;
        }

        int rowCount = rows.Length / n;
        into.Clear();
        bool convert = typeof(TIn) != typeof(T);
        bool scale = !weights.IsEmpty;
        int packedSize = Math.Min(GramBlockRows, rowCount) * n;
        T[]? plainArray = convert ? ArrayPool<T>.Shared.Rent(packedSize) : null;
        T[]? scaledArray = scale ? ArrayPool<T>.Shared.Rent(packedSize) : null;
        for (int start = 0; start < rowCount; start += GramBlockRows)
        {
            int count = Math.Min(GramBlockRows, rowCount - start);
            ReadOnlySpan<TIn> source = rows.Slice(start * n, count * n);
            ReadOnlySpan<T> plain = convert ? Convert(source, plainArray) : MemoryMarshal.Cast<TIn, T>(source);
            ReadOnlySpan<T> scaled = plain;
            if (scale)
            {
                Span<T> products = scaledArray.AsSpan(0, plain.Length);
                plain.CopyTo(products);
                for (int r = 0; r < count; r++)
                {
                    LaneKernels.Scale<TLanes, T>(
                        T.CreateTruncating(weights[start + r]), ref products[r * n], n);
                }

                scaled = products;
            }

            LaneKernels.RankUpdate<TLanes, T, AddSum>(
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

        Return(plainArray);
        Return(scaledArray);

        static void Return(T[]? array)
        {
            if (array is not null)
            {
                ArrayPool<T>.Shared.Return(array);
            }
        }
    }

    private static ReadOnlySpan<T> Convert<TIn, T>(ReadOnlySpan<TIn> source, T[]? target)
        where TIn : unmanaged, IFloatingPointIeee754<TIn>
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        Span<T> converted = target.AsSpan(0, source.Length);
        for (int i = 0; i < source.Length; i++)
        {
            converted[i] = T.CreateTruncating(source[i]);
        }

        return converted;
    }
}
