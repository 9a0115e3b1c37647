using System.Buffers;
using System.Numerics;
using RecSys.Numerics;

namespace RecSys.Core.Models;

/// <summary>The least-squares problem of one row of implicit ALS, which training and fold-in share.</summary>
/// <remarks>
/// <para>
/// x = (D + BᵀWB)⁻¹ BᵀW1, where D = diag(diagonal) + ridge I, the rows of B are the embeddings of the row's entries, and W
/// their weights: Hu, Koren and Volinsky, Collaborative Filtering for Implicit Feedback Datasets, 2008, in the form of Rendle
/// et al., Revisiting the Performance of iALS on Item Recommendation Benchmarks, 2021. The embeddings must be in the basis in
/// which their weighted Gram matrix is diagonal (<see cref="SymmetricEigen"/> finds it); the scores are the same in every basis.
/// </para>
/// <para>
/// Since D is diagonal, a row of n &lt; d entries needs only the solution of an n × n system (Woodbury):
/// x = D⁻¹Bᵀ (W⁻¹ + BD⁻¹Bᵀ)⁻¹ 1. All sums run in double precision and in a fixed order.
/// </para>
/// </remarks>
public static class NormalEquations
{
    /// <summary>The largest dimension.</summary>
    public const int DimensionMax = 512;

    /// <summary>Number of rows that are converted to doubles at a time.</summary>
    private const int BlockRows = 128;

    /// <summary>Fraction bits of an exponent.</summary>
    private const int ExponentBits = 16;

    private static readonly int[] BlockIndices = [.. Enumerable.Range(0, BlockRows)];

    /// <summary>Writes the row's embedding. Allocates nothing once the shared array pool is warm.</summary>
    /// <param name="rows">All embeddings of the other side, row after row of <c>x.Length</c> values.</param>
    /// <param name="diagonal">The weighted Gram matrix of the rows, diagonal in their basis; <c>x.Length</c> values, 0 or more.</param>
    /// <param name="ridge">Value added to the diagonal; above 0 for a row with entries.</param>
    /// <param name="indices">The indices of the row's entries.</param>
    /// <param name="weights">One weight per index, above 0.</param>
    /// <param name="x">Receives the embedding; zeros if the row is empty.</param>
    /// <exception cref="ArgumentException">The lengths differ, an index has no row, or a weight or the ridge is not positive.</exception>
    public static void Solve(
        ReadOnlySpan<float> rows,
        ReadOnlySpan<double> diagonal,
        double ridge,
        ReadOnlySpan<int> indices,
        ReadOnlySpan<float> weights,
        Span<float> x)
    {
        int d = x.Length;
        Require(d is > 0 and <= DimensionMax, "x", "has a dimension that is not allowed");
        Require(diagonal.Length == d, nameof(diagonal), "has another dimension than x");
        Require(rows.Length % d == 0, nameof(rows), "does not contain whole rows");
        Require(weights.Length == indices.Length, nameof(weights), "does not have one value per index");
        if (indices.IsEmpty)
        {
            x.Clear();
            return;
        }

        Require(ridge > 0 && double.IsFinite(ridge), nameof(ridge), "is not positive");
        if (UsesDual(indices.Length, d))
        {
            SolveDual(rows, diagonal, ridge, indices, weights, x);
        }
        else
        {
            SolveDense(rows, diagonal, ridge, indices, weights, x);
        }
    }

    /// <summary>Returns x to the power of an exponent from 0 to 1 (rounded to a multiple of 2⁻¹⁶), by square roots: the same bits on every machine.</summary>
    /// <exception cref="ArgumentOutOfRangeException">x is negative, or the exponent is out of range.</exception>
    public static double Power(double x, double exponent)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(x);
        ArgumentOutOfRangeException.ThrowIfNegative(exponent);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(exponent, 1);
        int bits = (int)Math.Round(exponent * (1 << ExponentBits));
        if (bits == 1 << ExponentBits)
        {
            return x;
        }

        double power = 1;
        double root = x;
        for (int bit = ExponentBits - 1; bit >= 0; bit--)
        {
            root = Math.Sqrt(root);
            if ((bits & (1 << bit)) != 0)
            {
                power *= root;
            }
        }

        return power;
    }

    /// <summary>Returns the natural logarithm of a number above 0, with a relative error of about |ln x| · 10⁻⁵, by square roots: the same bits on every machine.</summary>
    /// <exception cref="ArgumentOutOfRangeException">x is not above 0.</exception>
    public static double Logarithm(double x)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(x);
        double root = x;
        for (int i = 0; i < ExponentBits; i++)
        {
            root = Math.Sqrt(root);
        }

        return (root - 1) * (1 << ExponentBits);
    }

    /// <summary>Returns whether a row of n entries is solved as an n × n system, which is faster for such n (measured).</summary>
    internal static bool UsesDual(int n, int d) => n * 4 <= d * 3;

    /// <summary>Solves a row of any number of entries as a d × d system; the tests compare training and fold-in with it.</summary>
    /// <inheritdoc cref="Solve"/>
    public static void SolveDense(
        ReadOnlySpan<float> rows,
        ReadOnlySpan<double> diagonal,
        double ridge,
        ReadOnlySpan<int> indices,
        ReadOnlySpan<float> weights,
        Span<float> x)
    {
        int d = x.Length;
        double[] scratch = ArrayPool<double>.Shared.Rent((d * d) + d + (BlockRows * (d + 1)));
        Span<double> a = scratch.AsSpan(0, d * d);
        Span<double> b = scratch.AsSpan(a.Length, d);
        Span<double> block = scratch.AsSpan(a.Length + d, BlockRows * d);
        Span<double> blockWeights = scratch.AsSpan(a.Length + d + block.Length, BlockRows);
        a.Clear();
        b.Clear();
        for (int k = 0; k < d; k++)
        {
            a[(k * d) + k] = diagonal[k] + ridge;
        }

        for (int start = 0; start < indices.Length; start += BlockRows)
        {
            int count = Math.Min(BlockRows, indices.Length - start);
            for (int i = 0; i < count; i++)
            {
                Span<double> row = block.Slice(i * d, d);
                double weight = Widen(rows, indices, weights, start + i, row);
                blockWeights[i] = weight;
                Embeddings.Axpy(weight, row, b);
            }

            SymmetricMatrix.AddOuters(block[..(count * d)], d, BlockIndices.AsSpan(0, count), blockWeights[..count], a);
        }

        Factor(a, d);
        Cholesky.Solve(a, b);
        for (int k = 0; k < d; k++)
        {
            x[k] = (float)b[k];
        }

        ArrayPool<double>.Shared.Return(scratch);
        Embeddings.FlushTiny(x);
    }

    internal static void SolveDual(
        ReadOnlySpan<float> rows,
        ReadOnlySpan<double> diagonal,
        double ridge,
        ReadOnlySpan<int> indices,
        ReadOnlySpan<float> weights,
        Span<float> x)
    {
        int d = x.Length;
        int n = indices.Length;
        double[] scratch = ArrayPool<double>.Shared.Rent((n * d) + (n * n) + n + d + d);
        Span<double> b = scratch.AsSpan(0, n * d);
        Span<double> k = scratch.AsSpan(b.Length, n * n);
        Span<double> y = scratch.AsSpan(b.Length + k.Length, n);
        Span<double> root = scratch.AsSpan(b.Length + k.Length + n, d);
        Span<double> sum = scratch.AsSpan(b.Length + k.Length + n + d, d);
        for (int j = 0; j < d; j++)
        {
            root[j] = 1 / Math.Sqrt(diagonal[j] + ridge);
        }

        // B D^-½: the system is W⁻¹ plus the products of its rows.
        for (int i = 0; i < n; i++)
        {
            Span<double> row = b.Slice(i * d, d);
            double weight = Widen(rows, indices, weights, i, row);
            for (int j = 0; j < d; j++)
            {
                row[j] *= root[j];
            }

            for (int earlier = 0; earlier < i; earlier++)
            {
                k[(earlier * n) + i] = Embeddings.Dot(b.Slice(earlier * d, d), row);
            }

            k[(i * n) + i] = Embeddings.Dot(row, row) + (1 / weight);
        }

        Factor(k, n);
        y.Fill(1);
        Cholesky.Solve(k, y);
        sum.Clear();
        for (int i = 0; i < n; i++)
        {
            Embeddings.Axpy(y[i], b.Slice(i * d, d), sum);
        }

        for (int j = 0; j < d; j++)
        {
            x[j] = (float)(sum[j] * root[j]);
        }

        ArrayPool<double>.Shared.Return(scratch);
        Embeddings.FlushTiny(x);
    }

    private static double Widen(
        ReadOnlySpan<float> rows, ReadOnlySpan<int> indices, ReadOnlySpan<float> weights, int at, Span<double> into)
    {
        float weight = weights[at];
        Require(weight > 0 && float.IsFinite(weight), nameof(weights), "contains a weight that is not positive");
        Require((uint)indices[at] < (uint)(rows.Length / into.Length), nameof(indices), "names a row that does not exist");
        ReadOnlySpan<float> row = rows.Slice(indices[at] * into.Length, into.Length);
        int j = 0;
        for (; j + Vector<float>.Count <= row.Length; j += Vector<float>.Count)
        {
            Vector.Widen(new Vector<float>(row[j..]), out Vector<double> low, out Vector<double> high);
            low.CopyTo(into[j..]);
            high.CopyTo(into[(j + Vector<double>.Count)..]);
        }

        for (; j < row.Length; j++)
        {
            into[j] = row[j];
        }

        return weight;
    }

    private static void Factor(Span<double> a, int n)
    {
        if (!Cholesky.TryFactor(a, n))
        {
            throw new ArgumentException("the embeddings are not finite, or the ridge is too small for them");
        }
    }

    private static void Require(bool condition, string name, string problem)
    {
        if (!condition)
        {
            throw new ArgumentException($"{name} {problem}", name);
        }
    }
}
