using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace RecSys.Numerics;

/// <summary>
/// The inner loops, written once over <see cref="ILanes{TSelf,T}"/>; callers check the arguments. The long ones are compiled with all optimizations
/// at their first call: code over vectors that is not optimized is many times slower. Each has its scalar
/// definition, which is also used on machines without vector instructions.
/// </summary>
internal static partial class LaneKernels
{
    // x·y = tree(lane sums of the whole blocks) + (tail from left to right)
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Dot<T>(ref readonly T x, ref readonly T y, int length)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        if (Lanes512<T>.IsSupported)
        {
            return Dot<Lanes512<T>, T>(in x, in y, length);
        }

        if (Lanes256<T>.IsSupported)
        {
            return Dot<Lanes256<T>, T>(in x, in y, length);
        }

        if (Lanes128<T>.IsSupported)
        {
            return Dot<Lanes128<T>, T>(in x, in y, length);
        }

        return DotDefinition(
            MemoryMarshal.CreateReadOnlySpan(in x, length),
            MemoryMarshal.CreateReadOnlySpan(in y, length));
    }

    /// <summary>The scalar definition. Every other tier gives the same bits.</summary>
    public static T DotDefinition<T>(ReadOnlySpan<T> x, ReadOnlySpan<T> y)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        int laneCount = Lanes.Count<T>();
        int whole = x.Length - (x.Length % laneCount);
        Span<T> lanes = stackalloc T[laneCount];
        for (int i = 0; i < whole; i++)
        {
            lanes[i % laneCount] += x[i] * y[i];
        }

        T tail = T.Zero;
        for (int i = whole; i < x.Length; i++)
        {
            tail += x[i] * y[i];
        }

        return Lanes.SumDefinition<T>(lanes) + tail;
    }

    public static T Dot<TLanes, T>(ref readonly T x, ref readonly T y, int length)
        where TLanes : struct, ILanes<TLanes, T>
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        nuint laneCount = (nuint)Lanes.Count<T>();
        nuint end = (nuint)length;
        TLanes sum = TLanes.Zero;
        nuint i = 0;
        for (; i + laneCount <= end; i += laneCount)
        {
            sum = TLanes.Add(sum, TLanes.Multiply(TLanes.Load(in x, i), TLanes.Load(in y, i)));
        }

        T tail = T.Zero;
        for (; i < end; i++)
        {
            tail += At(in x, i) * At(in y, i);
        }

        return TLanes.Sum(sum) + tail;
    }

    /// <summary>Scores <paramref name="count"/> rows that lie one after the other.</summary>
    public static void DotRows<T>(ref readonly T query, ref readonly T rows, int length, ref T scores, int count)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        if (Lanes512<T>.IsSupported)
        {
            DotRows<Lanes512<T>, T>(in query, in rows, length, ref scores, count);
        }
        else if (Lanes256<T>.IsSupported)
        {
            DotRows<Lanes256<T>, T>(in query, in rows, length, ref scores, count);
        }
        else if (Lanes128<T>.IsSupported)
        {
            DotRows<Lanes128<T>, T>(in query, in rows, length, ref scores, count);
        }
        else
        {
            ReadOnlySpan<T> querySpan = MemoryMarshal.CreateReadOnlySpan(in query, length);
            for (int row = 0; row < count; row++)
            {
                ref readonly T start = ref At(in rows, (nuint)row * (nuint)length);
                Unsafe.Add(ref scores, row) =
                    DotDefinition(querySpan, MemoryMarshal.CreateReadOnlySpan(in start, length));
            }
        }
    }

    // Four rows at a time: the query is loaded once for them and their sums are independent.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void DotRows<TLanes, T>(
        ref readonly T query, ref readonly T rows, int length, ref T scores, int count)
        where TLanes : struct, ILanes<TLanes, T>
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        nuint laneCount = (nuint)Lanes.Count<T>();
        nuint end = (nuint)length;
        int row = 0;
        for (; row + 4 <= count; row += 4)
        {
            ref readonly T row0 = ref At(in rows, (nuint)row * end);
            ref readonly T row1 = ref At(in row0, end);
            ref readonly T row2 = ref At(in row1, end);
            ref readonly T row3 = ref At(in row2, end);
            TLanes sum0 = TLanes.Zero;
            TLanes sum1 = TLanes.Zero;
            TLanes sum2 = TLanes.Zero;
            TLanes sum3 = TLanes.Zero;
            nuint i = 0;
            for (; i + laneCount <= end; i += laneCount)
            {
                TLanes x = TLanes.Load(in query, i);
                sum0 = TLanes.Add(sum0, TLanes.Multiply(x, TLanes.Load(in row0, i)));
                sum1 = TLanes.Add(sum1, TLanes.Multiply(x, TLanes.Load(in row1, i)));
                sum2 = TLanes.Add(sum2, TLanes.Multiply(x, TLanes.Load(in row2, i)));
                sum3 = TLanes.Add(sum3, TLanes.Multiply(x, TLanes.Load(in row3, i)));
            }

            T tail0 = T.Zero;
            T tail1 = T.Zero;
            T tail2 = T.Zero;
            T tail3 = T.Zero;
            for (; i < end; i++)
            {
                T x = At(in query, i);
                tail0 += x * At(in row0, i);
                tail1 += x * At(in row1, i);
                tail2 += x * At(in row2, i);
                tail3 += x * At(in row3, i);
            }

            Unsafe.Add(ref scores, row) = TLanes.Sum(sum0) + tail0;
            Unsafe.Add(ref scores, row + 1) = TLanes.Sum(sum1) + tail1;
            Unsafe.Add(ref scores, row + 2) = TLanes.Sum(sum2) + tail2;
            Unsafe.Add(ref scores, row + 3) = TLanes.Sum(sum3) + tail3;
        }

        for (; row < count; row++)
        {
            Unsafe.Add(ref scores, row) = Dot<TLanes, T>(in query, in At(in rows, (nuint)row * end), length);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ref readonly T At<T>(ref readonly T start, nuint offset)
        where T : unmanaged => ref Unsafe.Add(ref Unsafe.AsRef(in start), offset);
}
