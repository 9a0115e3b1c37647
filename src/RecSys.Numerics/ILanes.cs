namespace RecSys.Numerics;

/// <summary>
/// A fixed block of lanes, 64 bytes wide on every machine: 16 floats or 8 doubles, held in one 512-bit register,
/// two of 256 bits or four of 128.
/// </summary>
/// <remarks>
/// This is what makes results the same, bit for bit, on every instruction tier: kernels are written once against
/// these lanes, so the order of all additions is fixed by the lane count and not by the register width. Products
/// are rounded before they are added (no fused multiply-add) and no operation is approximate.
/// </remarks>
internal interface ILanes<TSelf, T>
    where TSelf : struct, ILanes<TSelf, T>
    where T : unmanaged
{
    static abstract bool IsSupported { get; }

    static abstract TSelf Zero { get; }

    static abstract TSelf Broadcast(T value);

    static abstract TSelf Load(ref readonly T source, nuint offset);

    static abstract void Store(TSelf value, ref T destination, nuint offset);

    static abstract TSelf Add(TSelf x, TSelf y);

    static abstract TSelf Subtract(TSelf x, TSelf y);

    static abstract TSelf Multiply(TSelf x, TSelf y);

    static abstract TSelf Divide(TSelf x, TSelf y);

    /// <summary>Replaces values with a magnitude below <paramref name="tiny"/> by zero; NaN is unchanged.</summary>
    static abstract TSelf FlushBelow(TSelf value, TSelf tiny);

    /// <summary>Returns whether any lane of x is greater than or equal to the same lane of y; false for NaN.</summary>
    static abstract bool AnyAtLeast(TSelf x, TSelf y);

    /// <summary>Returns the sum of the lanes: the upper half is added to the lower half until one lane is left.</summary>
    static abstract T Sum(TSelf value);
}
