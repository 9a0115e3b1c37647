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

    /// <summary>Adds a sparse vector: y[indices[i]] += alpha · values[i], from the first i to the last.</summary>
    /// <exception cref="ArgumentException">The lengths of the indices and values differ.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An index is not one of y; nothing was added.</exception>
    public static void AxpySparse(float alpha, ReadOnlySpan<int> indices, ReadOnlySpan<float> values, Span<float> y)
    {
        Throw.IfLengthIsNot(values.Length, indices.Length, nameof(values));
        LaneKernels.RequireIndices(indices, y.Length);
        LaneKernels.AxpySparse(alpha, in MemoryMarshal.GetReference(indices), in MemoryMarshal.GetReference(values), indices.Length, ref MemoryMarshal.GetReference(y));
    }

    /// <summary>Divides value by value: quotients[i] = x[i] / y[i].</summary>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static void Divide(ReadOnlySpan<float> x, ReadOnlySpan<float> y, Span<float> quotients)
    {
        Throw.IfLengthIsNot(y.Length, x.Length, nameof(y));
        Throw.IfLengthIsNot(quotients.Length, x.Length, nameof(quotients));
        LaneKernels.Divide(in MemoryMarshal.GetReference(x), in MemoryMarshal.GetReference(y), ref MemoryMarshal.GetReference(quotients), x.Length);
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
