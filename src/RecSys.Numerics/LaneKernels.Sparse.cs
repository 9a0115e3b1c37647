using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace RecSys.Numerics;

/// <summary>Loops over the entries of a sparse vector: in their order, so that any width gives the same bits.</summary>
internal static partial class LaneKernels
{
    /// <summary>Throws if an index is negative or not below a length. One pass of comparisons costs less than a check beside each access.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void RequireIndices(ReadOnlySpan<int> indices, int length)
    {
        ref readonly int start = ref MemoryMarshal.GetReference(indices);
        Vector<uint> most = Vector<uint>.Zero;
        nuint end = (nuint)indices.Length;
        nuint i = 0;
        for (; i + (nuint)Vector<int>.Count <= end; i += (nuint)Vector<int>.Count)
        {
            most = Vector.Max(most, Vector.AsVectorUInt32(Vector.LoadUnsafe(in start, i)));
        }

        uint last = 0;
        for (; i < end; i++)
        {
            last = Math.Max(last, (uint)At(in start, i));
        }

        if (!indices.IsEmpty && (last >= (uint)length || Vector.GreaterThanOrEqualAny(most, new Vector<uint>((uint)length))))
        {
            Throw.OutOfRange(nameof(indices), MostOf(indices), 0, length - 1);
        }
    }

    /// <summary>y[indices[i]] += alpha·values[i]; the caller has checked that every index is one of y.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AxpySparse(float alpha, ref readonly int indices, ref readonly float values, int length, ref float y)
    {
        nuint end = (nuint)length;
        nuint i = 0;
        for (; i + 4 <= end; i += 4)
        {
            float product0 = alpha * At(in values, i);
            float product1 = alpha * At(in values, i + 1);
            float product2 = alpha * At(in values, i + 2);
            float product3 = alpha * At(in values, i + 3);
            Unsafe.Add(ref y, At(in indices, i)) += product0;
            Unsafe.Add(ref y, At(in indices, i + 1)) += product1;
            Unsafe.Add(ref y, At(in indices, i + 2)) += product2;
            Unsafe.Add(ref y, At(in indices, i + 3)) += product3;
        }

        for (; i < end; i++)
        {
            Unsafe.Add(ref y, At(in indices, i)) += alpha * At(in values, i);
        }
    }

    private static long MostOf(ReadOnlySpan<int> indices)
    {
        int most = indices[0];
        foreach (int index in indices)
        {
            most = (uint)index > (uint)most ? index : most;
        }

        return most;
    }
}
