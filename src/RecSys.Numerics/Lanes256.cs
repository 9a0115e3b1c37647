using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace RecSys.Numerics;

/// <summary>The lanes in two 256-bit registers.</summary>
internal readonly struct Lanes256<T> : ILanes<Lanes256<T>, T>
    where T : unmanaged
{
    private readonly Vector256<T> _lower;
    private readonly Vector256<T> _upper;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Lanes256(Vector256<T> lower, Vector256<T> upper)
    {
        _lower = lower;
        _upper = upper;
    }

    public static bool IsSupported => Vector256.IsHardwareAccelerated;

    public static Lanes256<T> Zero => default;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256<T> Broadcast(T value)
    {
        Vector256<T> all = Vector256.Create(value);
        return new(all, all);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256<T> Load(ref readonly T source, nuint offset) =>
        new(
            Vector256.LoadUnsafe(in source, offset),
            Vector256.LoadUnsafe(in source, offset + (nuint)Vector256<T>.Count));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Lanes256<T> value, ref T destination, nuint offset)
    {
        value._lower.StoreUnsafe(ref destination, offset);
        value._upper.StoreUnsafe(ref destination, offset + (nuint)Vector256<T>.Count);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256<T> Add(Lanes256<T> x, Lanes256<T> y) =>
        new(x._lower + y._lower, x._upper + y._upper);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256<T> Subtract(Lanes256<T> x, Lanes256<T> y) =>
        new(x._lower - y._lower, x._upper - y._upper);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256<T> Multiply(Lanes256<T> x, Lanes256<T> y) =>
        new(x._lower * y._lower, x._upper * y._upper);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256<T> Divide(Lanes256<T> x, Lanes256<T> y) =>
        new(x._lower / y._lower, x._upper / y._upper);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256<T> FlushBelow(Lanes256<T> value, Lanes256<T> tiny) =>
        new(Flush(value._lower, tiny._lower), Flush(value._upper, tiny._upper));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool AnyAtLeast(Lanes256<T> x, Lanes256<T> y) =>
        Vector256.GreaterThanOrEqualAny(x._lower, y._lower)
        || Vector256.GreaterThanOrEqualAny(x._upper, y._upper);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Sum(Lanes256<T> value) =>
        Sum256(value._lower + value._upper);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static T Sum256(Vector256<T> value) => Lanes.Sum128(value.GetLower() + value.GetUpper());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<T> Flush(Vector256<T> value, Vector256<T> tiny) =>
        Vector256.ConditionalSelect(Vector256.LessThan(Vector256.Abs(value), tiny), Vector256<T>.Zero, value);
}
