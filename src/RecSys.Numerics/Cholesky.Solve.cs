using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace RecSys.Numerics;

public static partial class Cholesky
{
    /// <summary>Number of rows of right sides that are solved before the rest is updated.</summary>
    private const int SolveRows = 32;

    // Ly = b by rows of Lᵀ, each times its y subtracted from the following values; then Lᵀx = y, each x by a dot product with the following ones.
    internal static void SolveCore<T>(ReadOnlySpan<T> factor, Span<T> b)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        int n = b.Length;
        ref T u = ref MemoryMarshal.GetReference(factor);
        ref T x = ref MemoryMarshal.GetReference(b);
        for (int k = 0; k < n; k++)
        {
            ref T diagonal = ref Unsafe.Add(ref u, ((nuint)k * (nuint)n) + (nuint)k);
            T value = LaneKernels.Flushed(Unsafe.Add(ref x, k) / diagonal);
            Unsafe.Add(ref x, k) = value;
            LaneKernels.Axpy(-value, in Unsafe.Add(ref diagonal, 1), ref Unsafe.Add(ref x, k + 1), n - k - 1);
        }

        for (int k = n - 1; k >= 0; k--)
        {
            ref T diagonal = ref Unsafe.Add(ref u, ((nuint)k * (nuint)n) + (nuint)k);
            T known = LaneKernels.Dot(in Unsafe.Add(ref diagonal, 1), in Unsafe.Add(ref x, k + 1), n - k - 1);
            Unsafe.Add(ref x, k) = LaneKernels.Flushed((Unsafe.Add(ref x, k) - known) / diagonal);
        }
    }

    /// <summary>The scalar definition for one right side.</summary>
    internal static void SolveDefinition<T>(ReadOnlySpan<T> factor, Span<T> b)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        int n = b.Length;
        for (int k = 0; k < n; k++)
        {
            b[k] = LaneKernels.Flushed(b[k] / factor[(k * n) + k]);
            for (int j = k + 1; j < n; j++)
            {
                b[j] -= b[k] * factor[(k * n) + j];
            }
        }

        for (int k = n - 1; k >= 0; k--)
        {
            T known = LaneKernels.DotDefinition(factor.Slice((k * n) + k + 1, n - k - 1), b[(k + 1)..]);
            b[k] = LaneKernels.Flushed((b[k] - known) / factor[(k * n) + k]);
        }
    }

    internal static void SolveColumnsCore<T>(ReadOnlySpan<T> factor, int n, Span<T> b, int columns)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        if (Lanes512<T>.IsSupported)
        {
            SolveColumns<Lanes512<T>, T>(factor, n, b, columns);
        }
        else if (Lanes256<T>.IsSupported)
        {
            SolveColumns<Lanes256<T>, T>(factor, n, b, columns);
        }
        else if (Lanes128<T>.IsSupported)
        {
            SolveColumns<Lanes128<T>, T>(factor, n, b, columns);
        }
        else
        {
            SolveColumnsDefinition(factor, n, b, columns);
        }
    }

    /// <summary>The scalar definition for many right sides: both passes subtract solved rows from the others, one by one.</summary>
    internal static void SolveColumnsDefinition<T>(ReadOnlySpan<T> factor, int n, Span<T> b, int columns)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        for (int k = 0; k < n; k++)
        {
            Divide(factor, b, k);
            for (int i = k + 1; i < n; i++)
            {
                Subtract(b, i, k, factor[(k * n) + i]);
            }
        }

        for (int block = (n - 1) / SolveRows * SolveRows; block >= 0; block -= SolveRows)
        {
            int blockEnd = Math.Min(block + SolveRows, n);
            for (int k = blockEnd - 1; k >= block; k--)
            {
                Divide(factor, b, k);
                for (int i = block; i < k; i++)
                {
                    Subtract(b, i, k, factor[(i * n) + k]);
                }
            }

            for (int i = 0; i < block; i++)
            {
                for (int k = block; k < blockEnd; k++)
                {
                    Subtract(b, i, k, factor[(i * n) + k]);
                }
            }
        }

        void Divide(ReadOnlySpan<T> factor, Span<T> b, int k)
        {
            for (int j = 0; j < columns; j++)
            {
                b[(k * columns) + j] = LaneKernels.Flushed(b[(k * columns) + j] / factor[(k * n) + k]);
            }
        }

        void Subtract(Span<T> b, int i, int k, T value)
        {
            for (int j = 0; j < columns; j++)
            {
                b[(i * columns) + j] -= value * b[(k * columns) + j];
            }
        }
    }

    internal static void SolveColumns<TLanes, T>(ReadOnlySpan<T> factor, int n, Span<T> b, int columns)
        where TLanes : struct, ILanes<TLanes, T>
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        if (columns < Lanes.Count<T>() || n < LaneKernels.TileRows)
        {
            SolveColumnsDefinition(factor, n, b, columns);
            return;
        }

        ref T u = ref MemoryMarshal.GetReference(factor);
        ref T x = ref MemoryMarshal.GetReference(b);
        for (int block = 0; block < n; block += SolveRows)
        {
            int blockEnd = Math.Min(block + SolveRows, n);
            for (int k = block; k < blockEnd; k++)
            {
                ref T solved = ref Unsafe.Add(ref x, (nuint)k * (nuint)columns);
                LaneKernels.DivideAndFlush<TLanes, T>(factor[(k * n) + k], ref solved, columns);
                for (int i = k + 1; i < blockEnd; i++)
                {
                    ref T row = ref Unsafe.Add(ref x, (nuint)i * (nuint)columns);
                    LaneKernels.Axpy<TLanes, T>(-factor[(k * n) + i], in solved, ref row, columns);
                }
            }

            SubtractRows(ref u, ref x, n, 1, blockEnd, n, block, blockEnd);
        }

        for (int block = (n - 1) / SolveRows * SolveRows; block >= 0; block -= SolveRows)
        {
            int blockEnd = Math.Min(block + SolveRows, n);
            for (int k = blockEnd - 1; k >= block; k--)
            {
                ref T solved = ref Unsafe.Add(ref x, (nuint)k * (nuint)columns);
                LaneKernels.DivideAndFlush<TLanes, T>(factor[(k * n) + k], ref solved, columns);
                for (int i = block; i < k; i++)
                {
                    ref T row = ref Unsafe.Add(ref x, (nuint)i * (nuint)columns);
                    LaneKernels.Axpy<TLanes, T>(-factor[(i * n) + k], in solved, ref row, columns);
                }
            }

            SubtractRows(ref u, ref x, 1, n, 0, block, block, blockEnd);
        }

        // Subtracts the products of solved rows [from, to) from rows [rowFrom, rowTo).
        void SubtractRows(ref T u, ref T x, int uStep, int uRow, int rowFrom, int rowTo, int from, int to) =>
            LaneKernels.RankUpdate<TLanes, T, SubtractEach>(
                ref x,
                columns,
                in Unsafe.Add(ref u, (nuint)from * (nuint)uStep),
                uStep,
                uRow,
                in Unsafe.Add(ref x, (nuint)from * (nuint)columns),
                columns,
                to - from,
                rowFrom,
                rowTo,
                columnFrom: 0,
                columnTo: columns,
                rowCount: n,
                upper: false);
    }
}
