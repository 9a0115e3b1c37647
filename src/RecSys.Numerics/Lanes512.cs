using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace RecSys.Numerics;

/// <summary>The lanes in one 512-bit register.</summary>
internal readonly struct Lanes512<T> : ILanes<Lanes512<T>, T>
    where T : unmanaged
{
    private readonly Vector512<T> _all;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Lanes512(Vector512<T> all)
    {
        _all = all;
    }

    public static bool IsSupported => Vector512.IsHardwareAccelerated;

    public static Lanes512<T> Zero => default;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512<T> Broadcast(T value)
    {
        Vector512<T> all = Vector512.Create(value);
        return new(all);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512<T> Load(ref readonly T source, nuint offset) =>
        new(Vector512.LoadUnsafe(in source, offset));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Lanes512<T> value, ref T destination, nuint offset)
    {
        value._all.StoreUnsafe(ref destination, offset);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512<T> Add(Lanes512<T> x, Lanes512<T> y) =>
        new(x._all + y._all);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512<T> Subtract(Lanes512<T> x, Lanes512<T> y) =>
        new(x._all - y._all);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512<T> Multiply(Lanes512<T> x, Lanes512<T> y) =>
        new(x._all * y._all);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512<T> Divide(Lanes512<T> x, Lanes512<T> y) =>
        new(x._all / y._all);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512<T> FlushBelow(Lanes512<T> value, Lanes512<T> tiny) =>
        new(Flush(value._all, tiny._all));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool AnyAtLeast(Lanes512<T> x, Lanes512<T> y) =>
        Vector512.GreaterThanOrEqualAny(x._all, y._all);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Sum(Lanes512<T> value) =>
        Lanes256<T>.Sum(new Lanes256<T>(value._all.GetLower(), value._all.GetUpper()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<T> Flush(Vector512<T> value, Vector512<T> tiny) =>
        Vector512.ConditionalSelect(Vector512.LessThan(Vector512.Abs(value), tiny), Vector512<T>.Zero, value);
}
