using System.Diagnostics;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace RecSys.Numerics;

/// <summary>Common parts of all tiers, and the scalar definitions of their reductions.</summary>
internal static class Lanes
{
    /// <summary>Bytes of a block of lanes.</summary>
    public const int SizeBytes = 64;

    /// <summary>Returns the number of lanes: 16 for floats, 8 for doubles.</summary>
    public static int Count<T>()
        where T : unmanaged => SizeBytes / Unsafe.SizeOf<T>();

    /// <summary>
    /// Values nearer to zero than this are written as zero: 2⁻⁶³ for floats, 2⁻⁵¹¹ for doubles. The product of any
    /// two others is a normal number, so solvers never compute with denormal numbers, which is slow.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Tiny<T>()
        where T : unmanaged
    {
        if (typeof(T) == typeof(float))
        {
            float tiny = 1.0842021724855044e-19f;
            return Unsafe.As<float, T>(ref tiny);
        }

        Debug.Assert(typeof(T) == typeof(double));
        double tinyDouble = 1.4916681462400413e-154;
        return Unsafe.As<double, T>(ref tinyDouble);
    }

    /// <summary>The scalar definition of <see cref="ILanes{TSelf,T}.Sum"/>.</summary>
    public static T SumDefinition<T>(ReadOnlySpan<T> lanes)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        Span<T> sums = stackalloc T[Count<T>()];
        lanes.CopyTo(sums);
        for (int half = sums.Length / 2; half > 0; half /= 2)
        {
            for (int lane = 0; lane < half; lane++)
            {
                sums[lane] += sums[lane + half];
            }
        }

        return sums[0];
    }

    /// <summary>Sums a register of 128 bits, as the last steps of the tree do: each upper half is added to the lower half.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Sum128<T>(Vector128<T> value)
    {
        if (typeof(T) == typeof(float))
        {
            Vector128<float> lanes = value.AsSingle();
            lanes += Vector128.Shuffle(lanes, Vector128.Create(2, 3, 0, 1));
            float sum = lanes.GetElement(0) + lanes.GetElement(1);
            return Unsafe.As<float, T>(ref sum);
        }

        double sumDouble = value.AsDouble().GetElement(0) + value.AsDouble().GetElement(1);
        return Unsafe.As<double, T>(ref sumDouble);
    }
}
