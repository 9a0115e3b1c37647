using System.Runtime.InteropServices;

namespace RecSys.Numerics;

public static partial class Embeddings
{
    /// <summary>Adds: y += alpha · x.</summary>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static void Axpy(float alpha, ReadOnlySpan<float> x, Span<float> y)
    {
        Throw.IfLengthIsNot(y.Length, x.Length, nameof(y));
        LaneKernels.Axpy(alpha, in MemoryMarshal.GetReference(x), ref MemoryMarshal.GetReference(y), x.Length);
    }

    /// <inheritdoc cref="Axpy(float, ReadOnlySpan{float}, Span{float})"/>
    public static void Axpy(double alpha, ReadOnlySpan<double> x, Span<double> y)
    {
        Throw.IfLengthIsNot(y.Length, x.Length, nameof(y));
        LaneKernels.Axpy(alpha, in MemoryMarshal.GetReference(x), ref MemoryMarshal.GetReference(y), x.Length);
    }

    /// <summary>Multiplies every value by <paramref name="factor"/>.</summary>
    public static void Scale(float factor, Span<float> x) =>
        LaneKernels.Scale(factor, ref MemoryMarshal.GetReference(x), x.Length);

    /// <inheritdoc cref="Scale(float, Span{float})"/>
    public static void Scale(double factor, Span<double> x) =>
        LaneKernels.Scale(factor, ref MemoryMarshal.GetReference(x), x.Length);

    /// <summary>Adds: into += x.</summary>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static void SumInto(ReadOnlySpan<float> x, Span<float> into) => Axpy(1f, x, into);

    /// <summary>Replaces every value nearer to zero than 2⁻⁶³ (10⁻¹⁹) by zero.</summary>
    /// <remarks>
    /// Arithmetic on denormal numbers is many times slower. Afterwards no product of two values is denormal.
    /// </remarks>
    public static void FlushTiny(Span<float> x) =>
        LaneKernels.DivideAndFlush(1f, ref MemoryMarshal.GetReference(x), x.Length);
}
