using System.Diagnostics;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace RecSys.Numerics;

/// <summary>The way in which a tile adds a product.</summary>
internal interface ITileUpdate
{
    /// <summary>Gets whether the products are summed from zero and the sum is added to the tile at the end.</summary>
    static abstract bool SumsFirst { get; }

    /// <summary>Adds a product to a sum, or subtracts it.</summary>
    static abstract TLanes Step<TLanes, T>(TLanes sum, TLanes product)
        where TLanes : struct, ILanes<TLanes, T>
        where T : unmanaged;
}

/// <summary>c = ((c + p₀) + p₁) + …</summary>
internal readonly struct AddEach : ITileUpdate
{
    public static bool SumsFirst => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Step<TLanes, T>(TLanes sum, TLanes product)
        where TLanes : struct, ILanes<TLanes, T>
        where T : unmanaged => TLanes.Add(sum, product);
}

/// <summary>c = ((c − p₀) − p₁) − …</summary>
internal readonly struct SubtractEach : ITileUpdate
{
    public static bool SumsFirst => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Step<TLanes, T>(TLanes sum, TLanes product)
        where TLanes : struct, ILanes<TLanes, T>
        where T : unmanaged => TLanes.Subtract(sum, product);
}

/// <summary>c = c + ((p₀ + p₁) + …)</summary>
internal readonly struct AddSum : ITileUpdate
{
    public static bool SumsFirst => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Step<TLanes, T>(TLanes sum, TLanes product)
        where TLanes : struct, ILanes<TLanes, T>
        where T : unmanaged => TLanes.Add(sum, product);
}

/// <summary>
/// Rank-k updates c[i,j] ∓= Σ_r a(r,i)·b(r,j), r ascending, by tiles of four rows and one block of lanes that stay
/// in registers. Each element gets the same additions in the same order in every tile, so a tile may
/// overlap its neighbour at an edge: it is computed completely and only the required part is written.
/// </summary>
internal static partial class LaneKernels
{
    public const int TileRows = 4;

    /// <summary>
    /// Updates rows [rowFrom, rowTo), columns [columnFrom, columnTo) of c; only the upper triangle
    /// (column ≥ row) if <paramref name="upper"/> is true.
    /// </summary>
    /// <param name="c">Element (0, 0) of a row-major matrix.</param>
    /// <param name="ldc">Values from one row of c to the next.</param>
    /// <param name="a">a(0, 0); a(r, i) lies at r · aStep + i · aRow.</param>
    /// <param name="aStep">See a.</param>
    /// <param name="aRow">See a.</param>
    /// <param name="b">b(0, 0); b(r, j) lies at r · bStep + j.</param>
    /// <param name="bStep">See b.</param>
    /// <param name="depth">Number of products.</param>
    /// <param name="rowFrom">First row.</param>
    /// <param name="rowTo">The row after the last one; c has at least four rows.</param>
    /// <param name="columnFrom">First column, a multiple of the lane count.</param>
    /// <param name="columnTo">The column after the last one, at least the lane count; c and b have all columns before it.</param>
    /// <param name="rowCount">Total number of rows of c and a.</param>
    /// <param name="upper">Whether to skip the values below the diagonal.</param>
    public static void RankUpdate<TLanes, T, TUpdate>(
        ref T c,
        int ldc,
        ref readonly T a,
        int aStep,
        int aRow,
        ref readonly T b,
        int bStep,
        int depth,
        int rowFrom,
        int rowTo,
        int columnFrom,
        int columnTo,
        int rowCount,
        bool upper)
        where TLanes : struct, ILanes<TLanes, T>
        where T : unmanaged, IFloatingPointIeee754<T>
        where TUpdate : struct, ITileUpdate
    {
        int laneCount = Lanes.Count<T>();
        Debug.Assert(rowCount >= TileRows && columnTo >= laneCount && columnFrom % laneCount == 0);
        if (depth == 0)
        {
            return;
        }

        Span<T> edge = stackalloc T[TileRows * laneCount];
        for (int row = rowFrom; row < rowTo; row += TileRows)
        {
            int tileRow = Math.Min(row, rowCount - TileRows);
            int rowEnd = Math.Min(row + TileRows, rowTo);
            ref readonly T aTile = ref At(in a, (nuint)tileRow * (nuint)aRow);
            int start = upper ? Math.Max(columnFrom, row - (row % laneCount)) : columnFrom;
            for (int column = start; column < columnTo; column += laneCount)
            {
                int tileColumn = Math.Min(column, columnTo - laneCount);
                ref T cTile = ref Unsafe.Add(ref c, ((nuint)tileRow * (nuint)ldc) + (nuint)tileColumn);
                ref readonly T bTile = ref At(in b, (nuint)tileColumn);

                bool whole = tileRow == row
                    && row + TileRows <= rowTo
                    && tileColumn == column
                    && (!upper || column >= row + TileRows - 1);
                if (whole)
                {
                    Tile<TLanes, T, TUpdate>(
                        ref cTile,
                        ref cTile,
                        (nuint)ldc,
                        (nuint)ldc,
                        in aTile,
                        (nuint)aStep,
                        (nuint)aRow,
                        in bTile,
                        (nuint)bStep,
                        depth);
                    continue;
                }

                ref T edgeStart = ref MemoryMarshal.GetReference(edge);
                Tile<TLanes, T, TUpdate>(
                    ref cTile,
                    ref edgeStart,
                    (nuint)ldc,
                    (nuint)laneCount,
                    in aTile,
                    (nuint)aStep,
                    (nuint)aRow,
                    in bTile,
                    (nuint)bStep,
                    depth);
                int columnEnd = tileColumn + laneCount;
                for (int i = row; i < rowEnd; i++)
                {
                    int from = upper ? Math.Max(i, column) : column;
                    if (from < columnEnd)
                    {
                        Span<T> target = MemoryMarshal.CreateSpan(
                            ref Unsafe.Add(ref c, ((nuint)i * (nuint)ldc) + (nuint)from), columnEnd - from);
                        edge.Slice(((i - tileRow) * laneCount) + from - tileColumn, target.Length).CopyTo(target);
                    }
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile<TLanes, T, TUpdate>(
        ref T c,
        ref T target,
        nuint ldc,
        nuint ldTarget,
        ref readonly T a,
        nuint aStep,
        nuint aRow,
        ref readonly T b,
        nuint bStep,
        int depth)
        where TLanes : struct, ILanes<TLanes, T>
        where T : unmanaged, IFloatingPointIeee754<T>
        where TUpdate : struct, ITileUpdate
    {
        TLanes sum0 = TUpdate.SumsFirst ? TLanes.Zero : TLanes.Load(ref c, 0);
        TLanes sum1 = TUpdate.SumsFirst ? TLanes.Zero : TLanes.Load(ref c, ldc);
        TLanes sum2 = TUpdate.SumsFirst ? TLanes.Zero : TLanes.Load(ref c, 2 * ldc);
        TLanes sum3 = TUpdate.SumsFirst ? TLanes.Zero : TLanes.Load(ref c, 3 * ldc);
        ref T aRef = ref Unsafe.AsRef(in a);
        ref T bRef = ref Unsafe.AsRef(in b);
        for (; depth > 0; depth--)
        {
            TLanes row = TLanes.Load(ref bRef, 0);
            sum0 = TUpdate.Step<TLanes, T>(sum0, TLanes.Multiply(TLanes.Broadcast(aRef), row));
            sum1 = TUpdate.Step<TLanes, T>(sum1, TLanes.Multiply(TLanes.Broadcast(Unsafe.Add(ref aRef, aRow)), row));
            sum2 = TUpdate.Step<TLanes, T>(
                sum2, TLanes.Multiply(TLanes.Broadcast(Unsafe.Add(ref aRef, 2 * aRow)), row));
            sum3 = TUpdate.Step<TLanes, T>(
                sum3, TLanes.Multiply(TLanes.Broadcast(Unsafe.Add(ref aRef, 3 * aRow)), row));
            aRef = ref Unsafe.Add(ref aRef, aStep);
            bRef = ref Unsafe.Add(ref bRef, bStep);
        }

        if (TUpdate.SumsFirst)
        {
            sum0 = TLanes.Add(TLanes.Load(ref c, 0), sum0);
            sum1 = TLanes.Add(TLanes.Load(ref c, ldc), sum1);
            sum2 = TLanes.Add(TLanes.Load(ref c, 2 * ldc), sum2);
            sum3 = TLanes.Add(TLanes.Load(ref c, 3 * ldc), sum3);
        }

        TLanes.Store(sum0, ref target, 0);
        TLanes.Store(sum1, ref target, ldTarget);
        TLanes.Store(sum2, ref target, 2 * ldTarget);
        TLanes.Store(sum3, ref target, 3 * ldTarget);
    }
}
