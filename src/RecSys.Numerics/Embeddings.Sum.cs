using System.Runtime.CompilerServices;
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

    /// <summary>Adds chosen rows, each times its weight: into += Σ weight · row, in the order of the indices.</summary>
    /// <param name="rows">All embeddings, <c>into.Length</c> values per row.</param>
    /// <param name="indices">The rows to add; a row may be given twice.</param>
    /// <param name="weights">One weight per index, or empty for all 1.</param>
    /// <param name="into">The sum so far, one embedding.</param>
    /// <exception cref="ArgumentException">The lengths do not fit together, or an index has no row.</exception>
    public static void SumSelectedInto(
        ReadOnlySpan<float> rows, ReadOnlySpan<int> indices, ReadOnlySpan<float> weights, Span<float> into)
    {
        int rowCount = RowCount(rows.Length, into.Length, nameof(rows));
        if (!weights.IsEmpty)
        {
            Throw.IfLengthIsNot(weights.Length, indices.Length, nameof(weights));
        }

        ref float first = ref MemoryMarshal.GetReference(rows);
        ref float sum = ref MemoryMarshal.GetReference(into);
        for (int i = 0; i < indices.Length; i++)
        {
            int row = indices[i];
            if ((uint)row >= (uint)rowCount)
            {
                Throw.OutOfRange(nameof(indices), row, 0, rowCount - 1);
            }

            float weight = weights.IsEmpty ? 1f : weights[i];
            LaneKernels.Axpy(
                weight, in Unsafe.Add(ref first, (nuint)row * (nuint)into.Length), ref sum, into.Length);
        }
    }

    /// <summary>Replaces every value nearer to zero than 2⁻⁶³ (10⁻¹⁹) by zero.</summary>
    /// <remarks>
    /// Arithmetic on denormal numbers is many times slower. Afterwards no product of two values is denormal.
    /// </remarks>
    public static void FlushTiny(Span<float> x) =>
        LaneKernels.DivideAndFlush(1f, ref MemoryMarshal.GetReference(x), x.Length);
}
