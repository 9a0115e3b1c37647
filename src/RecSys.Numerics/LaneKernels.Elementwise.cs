using System.Numerics;
using System.Runtime.CompilerServices;

namespace RecSys.Numerics;

/// <summary>Elementwise loops: any width gives the same bits.</summary>
internal static partial class LaneKernels
{
    /// <summary>y += alpha·x.</summary>
    public static void Axpy<T>(T alpha, ref readonly T x, ref T y, int length)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        if (Lanes512<T>.IsSupported)
        {
            Axpy<Lanes512<T>, T>(alpha, in x, ref y, length);
        }
        else if (Lanes256<T>.IsSupported)
        {
            Axpy<Lanes256<T>, T>(alpha, in x, ref y, length);
        }
        else if (Lanes128<T>.IsSupported)
        {
            Axpy<Lanes128<T>, T>(alpha, in x, ref y, length);
        }
        else
        {
            AxpyFrom(0, alpha, in x, ref y, (nuint)length);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Axpy<TLanes, T>(T alpha, ref readonly T x, ref T y, int length)
        where TLanes : struct, ILanes<TLanes, T>
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        nuint laneCount = (nuint)Lanes.Count<T>();
        nuint end = (nuint)length;
        TLanes factor = TLanes.Broadcast(alpha);
        nuint i = 0;
        for (; i + laneCount <= end; i += laneCount)
        {
            TLanes product = TLanes.Multiply(factor, TLanes.Load(in x, i));
            TLanes.Store(TLanes.Add(TLanes.Load(ref y, i), product), ref y, i);
        }

        AxpyFrom(i, alpha, in x, ref y, end);
    }

    /// <summary>quotients = x / y.</summary>
    public static void Divide(ref readonly float x, ref readonly float y, ref float quotients, int length)
    {
        if (Lanes512<float>.IsSupported)
        {
            Divide<Lanes512<float>>(in x, in y, ref quotients, length);
        }
        else if (Lanes256<float>.IsSupported)
        {
            Divide<Lanes256<float>>(in x, in y, ref quotients, length);
        }
        else if (Lanes128<float>.IsSupported)
        {
            Divide<Lanes128<float>>(in x, in y, ref quotients, length);
        }
        else
        {
            DivideFrom(0, in x, in y, ref quotients, (nuint)length);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Divide<TLanes>(ref readonly float x, ref readonly float y, ref float quotients, int length)
        where TLanes : struct, ILanes<TLanes, float>
    {
        nuint laneCount = (nuint)Lanes.Count<float>();
        nuint end = (nuint)length;
        nuint i = 0;
        for (; i + laneCount <= end; i += laneCount)
        {
            TLanes.Store(TLanes.Divide(TLanes.Load(in x, i), TLanes.Load(in y, i)), ref quotients, i);
        }

        DivideFrom(i, in x, in y, ref quotients, end);
    }

    /// <summary>x *= factor.</summary>
    public static void Scale<T>(T factor, ref T x, int length)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        if (Lanes512<T>.IsSupported)
        {
            Scale<Lanes512<T>, T>(factor, ref x, length);
        }
        else if (Lanes256<T>.IsSupported)
        {
            Scale<Lanes256<T>, T>(factor, ref x, length);
        }
        else if (Lanes128<T>.IsSupported)
        {
            Scale<Lanes128<T>, T>(factor, ref x, length);
        }
        else
        {
            ScaleFrom(0, factor, ref x, (nuint)length);
        }
    }

    public static void Scale<TLanes, T>(T factor, ref T x, int length)
        where TLanes : struct, ILanes<TLanes, T>
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        nuint laneCount = (nuint)Lanes.Count<T>();
        nuint end = (nuint)length;
        TLanes all = TLanes.Broadcast(factor);
        nuint i = 0;
        for (; i + laneCount <= end; i += laneCount)
        {
            TLanes.Store(TLanes.Multiply(TLanes.Load(ref x, i), all), ref x, i);
        }

        ScaleFrom(i, factor, ref x, end);
    }

    /// <summary>x /= divisor; tiny quotients become zero.</summary>
    public static void DivideAndFlush<T>(T divisor, ref T x, int length)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        if (Lanes512<T>.IsSupported)
        {
            DivideAndFlush<Lanes512<T>, T>(divisor, ref x, length);
        }
        else if (Lanes256<T>.IsSupported)
        {
            DivideAndFlush<Lanes256<T>, T>(divisor, ref x, length);
        }
        else if (Lanes128<T>.IsSupported)
        {
            DivideAndFlush<Lanes128<T>, T>(divisor, ref x, length);
        }
        else
        {
            DivideAndFlushFrom(0, divisor, ref x, (nuint)length);
        }
    }

    public static void DivideAndFlush<TLanes, T>(T divisor, ref T x, int length)
        where TLanes : struct, ILanes<TLanes, T>
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        nuint laneCount = (nuint)Lanes.Count<T>();
        nuint end = (nuint)length;
        TLanes all = TLanes.Broadcast(divisor);
        TLanes tiny = TLanes.Broadcast(Lanes.Tiny<T>());
        nuint i = 0;
        for (; i + laneCount <= end; i += laneCount)
        {
            TLanes.Store(TLanes.FlushBelow(TLanes.Divide(TLanes.Load(ref x, i), all), tiny), ref x, i);
        }

        DivideAndFlushFrom(i, divisor, ref x, end);
    }

    /// <summary>The scalar definition of flushing to zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Flushed<T>(T value)
        where T : unmanaged, IFloatingPointIeee754<T> => T.Abs(value) < Lanes.Tiny<T>() ? T.Zero : value;

    private static void AxpyFrom<T>(nuint i, T alpha, ref readonly T x, ref T y, nuint end)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        for (; i < end; i++)
        {
            Unsafe.Add(ref y, i) += alpha * At(in x, i);
        }
    }

    private static void DivideFrom(nuint start, ref readonly float x, ref readonly float y, ref float quotients, nuint end)
    {
        for (nuint i = start; i < end; i++)
        {
            Unsafe.Add(ref quotients, i) = At(in x, i) / At(in y, i);
        }
    }

    private static void ScaleFrom<T>(nuint i, T factor, ref T x, nuint end)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        for (; i < end; i++)
        {
            Unsafe.Add(ref x, i) *= factor;
        }
    }

    private static void DivideAndFlushFrom<T>(nuint i, T divisor, ref T x, nuint end)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        for (; i < end; i++)
        {
            Unsafe.Add(ref x, i) = Flushed(Unsafe.Add(ref x, i) / divisor);
        }
    }
}
