using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace RecSys.Numerics;

public static partial class Cholesky
{
    /// <summary>Number of rows that are factored before the other rows of their block of <see cref="OuterRows"/> are updated.</summary>
    private const int InnerRows = 8;

    /// <summary>Number of rows that are factored before the rest of the matrix is updated; it affects memory traffic, not the result.</summary>
    private const int OuterRows = 64;

    internal static bool TryFactorCore<T>(Span<T> a, int n)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        if (Lanes512<T>.IsSupported)
        {
            return TryFactor<Lanes512<T>, T>(a, n);
        }

        if (Lanes256<T>.IsSupported)
        {
            return TryFactor<Lanes256<T>, T>(a, n);
        }

        if (Lanes128<T>.IsSupported)
        {
            return TryFactor<Lanes128<T>, T>(a, n);
        }

        return TryFactorDefinition(a, n);
    }

    /// <summary>The scalar definition: u[k,j] = (a[k,j] − Σ_p u[p,k]·u[p,j]) / u[k,k], p ascending.</summary>
    internal static bool TryFactorDefinition<T>(Span<T> a, int n)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        for (int k = 0; k < n; k++)
        {
            for (int j = k; j < n; j++)
            {
                T value = a[(k * n) + j];
                for (int p = 0; p < k; p++)
                {
                    value -= a[(p * n) + k] * a[(p * n) + j];
                }

                if (j > k)
                {
                    a[(k * n) + j] = LaneKernels.Flushed(value / a[(k * n) + k]);
                }
                else if (IsPivot(value))
                {
                    a[(k * n) + k] = T.Sqrt(value);
                }
                else
                {
                    return false;
                }
            }
        }

        return true;
    }

    internal static bool TryFactor<TLanes, T>(Span<T> a, int n)
        where TLanes : struct, ILanes<TLanes, T>
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        if (n < Lanes.Count<T>())
        {
            return TryFactorDefinition(a, n);
        }

        ref T start = ref MemoryMarshal.GetReference(a);
        for (int outer = 0; outer < n; outer += OuterRows)
        {
            int outerEnd = Math.Min(outer + OuterRows, n);
            for (int inner = outer; inner < outerEnd; inner += InnerRows)
            {
                int innerEnd = Math.Min(inner + InnerRows, outerEnd);
                for (int row = inner; row < innerEnd; row++)
                {
                    if (!TryFactorRow<TLanes, T>(ref start, n, inner, row))
                    {
                        return false;
                    }
                }

                Subtract<TLanes, T>(ref start, n, inner, innerEnd, innerEnd, outerEnd);
            }

            Subtract<TLanes, T>(ref start, n, outer, outerEnd, outerEnd, n);
        }

        return true;
    }

    // Subtracts the products of factored rows [from, to) from rows [rowFrom, rowTo) of the rest.
    private static void Subtract<TLanes, T>(ref T a, int n, int from, int to, int rowFrom, int rowTo)
        where TLanes : struct, ILanes<TLanes, T>
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        ref T panel = ref Unsafe.Add(ref a, (nuint)from * (nuint)n);
        LaneKernels.RankUpdate<TLanes, T, SubtractEach>(
            ref a,
            n,
            in panel,
            n,
            1,
            in panel,
            n,
            to - from,
            rowFrom,
            rowTo,
            columnFrom: 0,
            columnTo: n,
            rowCount: n,
            upper: true);
    }

    // Subtracts the products of factored rows [from, row) from this row, then divides it by its pivot.
    private static bool TryFactorRow<TLanes, T>(ref T a, int n, int from, int row)
        where TLanes : struct, ILanes<TLanes, T>
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        nuint laneCount = (nuint)Lanes.Count<T>();
        nuint width = (nuint)n;
        ref T rowStart = ref Unsafe.Add(ref a, (nuint)row * width);
        ref T panel = ref Unsafe.Add(ref a, (nuint)from * width);
        int depth = row - from;

        T pivot = Unsafe.Add(ref rowStart, row);
        for (int p = 0; p < depth; p++)
        {
            T value = Unsafe.Add(ref panel, ((nuint)p * width) + (nuint)row);
            pivot -= value * value;
        }

        if (!IsPivot(pivot))
        {
            return false;
        }

        pivot = T.Sqrt(pivot);
        Unsafe.Add(ref rowStart, row) = pivot;

        // The remainder at the end is computed first, from a block that overlaps the values before it while they are
        // still unchanged, and is written last.
        nuint column = (nuint)row + 1;
        nuint rest = (width - column) % laneCount;
        TLanes last = TLanes.Zero;
        if (rest > 0)
        {
            last = FactorLanes<TLanes, T>(ref rowStart, ref panel, width, row, depth, pivot, width - laneCount);
        }

        for (; column + laneCount <= width; column += laneCount)
        {
            TLanes lanes = FactorLanes<TLanes, T>(ref rowStart, ref panel, width, row, depth, pivot, column);
            TLanes.Store(lanes, ref rowStart, column);
        }

        if (rest > 0)
        {
            Span<T> edge = stackalloc T[(int)laneCount];
            TLanes.Store(last, ref MemoryMarshal.GetReference(edge), 0);
            edge[^(int)rest..].CopyTo(MemoryMarshal.CreateSpan(ref Unsafe.Add(ref rowStart, column), (int)rest));
        }

        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TLanes FactorLanes<TLanes, T>(
        ref T rowStart, ref T panel, nuint width, int row, int depth, T pivot, nuint column)
        where TLanes : struct, ILanes<TLanes, T>
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        TLanes lanes = TLanes.Load(ref rowStart, column);
        ref T above = ref panel;
        for (int p = 0; p < depth; p++)
        {
            TLanes factor = TLanes.Broadcast(Unsafe.Add(ref above, row));
            lanes = TLanes.Subtract(lanes, TLanes.Multiply(factor, TLanes.Load(ref above, column)));
            above = ref Unsafe.Add(ref above, width);
        }

        return TLanes.FlushBelow(
            TLanes.Divide(lanes, TLanes.Broadcast(pivot)), TLanes.Broadcast(Lanes.Tiny<T>()));
    }

    // Below the square of the smallest number that a factor keeps, a pivot is only rounding error.
    private static bool IsPivot<T>(T value)
        where T : unmanaged, IFloatingPointIeee754<T> =>
        value > Lanes.Tiny<T>() * Lanes.Tiny<T>() && T.IsFinite(value);
}
