using System.Runtime.InteropServices;

namespace RecSys.Numerics;

/// <summary>Arithmetic on embeddings that are stored row after row in one span.</summary>
/// <remarks>
/// No method allocates. Results are the same, bit for bit, on every instruction tier: sums run in 16 fixed
/// lanes (doubles: 8) whose sums are added in a fixed tree, products are rounded before they are added, the values after
/// the last whole block of lanes are added from left to right, and no operation is approximate. (Only the bits of a NaN
/// may differ.)
/// </remarks>
public static partial class Embeddings
{
    /// <summary>Returns the dot product.</summary>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static float Dot(ReadOnlySpan<float> x, ReadOnlySpan<float> y)
    {
        Throw.IfLengthIsNot(y.Length, x.Length, nameof(y));
        return LaneKernels.Dot(
            in MemoryMarshal.GetReference(x), in MemoryMarshal.GetReference(y), x.Length);
    }

    /// <inheritdoc cref="Dot(ReadOnlySpan{float}, ReadOnlySpan{float})"/>
    public static double Dot(ReadOnlySpan<double> x, ReadOnlySpan<double> y)
    {
        Throw.IfLengthIsNot(y.Length, x.Length, nameof(y));
        return LaneKernels.Dot(
            in MemoryMarshal.GetReference(x), in MemoryMarshal.GetReference(y), x.Length);
    }

    /// <summary>Writes the dot product of <paramref name="query"/> with every row.</summary>
    /// <param name="query">The query embedding.</param>
    /// <param name="rows">The embeddings to score, <c>query.Length</c> values per row.</param>
    /// <param name="scores">Receives one score per row: the value of <c>Dot</c>, bit for bit.</param>
    /// <exception cref="ArgumentException">The three lengths do not fit together.</exception>
    public static void DotRows(ReadOnlySpan<float> query, ReadOnlySpan<float> rows, Span<float> scores)
    {
        Throw.IfLengthIsNot(rows.Length, (long)query.Length * scores.Length, nameof(rows));
        LaneKernels.DotRows(
            in MemoryMarshal.GetReference(query),
            in MemoryMarshal.GetReference(rows),
            query.Length,
            ref MemoryMarshal.GetReference(scores),
            scores.Length);
    }
}
