using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace RecSys.Numerics;

/// <summary>The lanes in four 128-bit registers.</summary>
internal readonly struct Lanes128<T> : ILanes<Lanes128<T>, T>
    where T : unmanaged
{
    private readonly Vector128<T> _first;
    private readonly Vector128<T> _second;
    private readonly Vector128<T> _third;
    private readonly Vector128<T> _fourth;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Lanes128(Vector128<T> first, Vector128<T> second, Vector128<T> third, Vector128<T> fourth)
    {
        _first = first;
        _second = second;
        _third = third;
        _fourth = fourth;
    }

    public static bool IsSupported => Vector128.IsHardwareAccelerated;

    public static Lanes128<T> Zero => default;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128<T> Broadcast(T value)
    {
        Vector128<T> all = Vector128.Create(value);
        return new(all, all, all, all);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128<T> Load(ref readonly T source, nuint offset) =>
        new(
            Vector128.LoadUnsafe(in source, offset),
            Vector128.LoadUnsafe(in source, offset + (nuint)Vector128<T>.Count),
            Vector128.LoadUnsafe(in source, offset + (2 * (nuint)Vector128<T>.Count)),
            Vector128.LoadUnsafe(in source, offset + (3 * (nuint)Vector128<T>.Count)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Lanes128<T> value, ref T destination, nuint offset)
    {
        value._first.StoreUnsafe(ref destination, offset);
        value._second.StoreUnsafe(ref destination, offset + (nuint)Vector128<T>.Count);
        value._third.StoreUnsafe(ref destination, offset + (2 * (nuint)Vector128<T>.Count));
        value._fourth.StoreUnsafe(ref destination, offset + (3 * (nuint)Vector128<T>.Count));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128<T> Add(Lanes128<T> x, Lanes128<T> y) =>
        new(
            x._first + y._first,
            x._second + y._second,
            x._third + y._third,
            x._fourth + y._fourth);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128<T> Subtract(Lanes128<T> x, Lanes128<T> y) =>
        new(
            x._first - y._first,
            x._second - y._second,
            x._third - y._third,
            x._fourth - y._fourth);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128<T> Multiply(Lanes128<T> x, Lanes128<T> y) =>
        new(
            x._first * y._first,
            x._second * y._second,
            x._third * y._third,
            x._fourth * y._fourth);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128<T> Divide(Lanes128<T> x, Lanes128<T> y) =>
        new(
            x._first / y._first,
            x._second / y._second,
            x._third / y._third,
            x._fourth / y._fourth);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128<T> FlushBelow(Lanes128<T> value, Lanes128<T> tiny) =>
        new(
            Flush(value._first, tiny._first),
            Flush(value._second, tiny._second),
            Flush(value._third, tiny._third),
            Flush(value._fourth, tiny._fourth));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool AnyAtLeast(Lanes128<T> x, Lanes128<T> y) =>
        Vector128.GreaterThanOrEqualAny(x._first, y._first)
        || Vector128.GreaterThanOrEqualAny(x._second, y._second)
        || Vector128.GreaterThanOrEqualAny(x._third, y._third)
        || Vector128.GreaterThanOrEqualAny(x._fourth, y._fourth);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Sum(Lanes128<T> value) =>
        Lanes.Sum128((value._first + value._third) + (value._second + value._fourth));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<T> Flush(Vector128<T> value, Vector128<T> tiny) =>
        Vector128.ConditionalSelect(Vector128.LessThan(Vector128.Abs(value), tiny), Vector128<T>.Zero, value);
}
