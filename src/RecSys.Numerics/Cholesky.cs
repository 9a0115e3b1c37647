namespace RecSys.Numerics;

/// <summary>Solves symmetric positive definite systems by the factorisation A = L·Lᵀ.</summary>
/// <remarks>
/// <para>
/// A matrix is a span of n² values, row after row. Of A only the <b>upper triangle</b> (column ≥ row) is read, as
/// <see cref="SymmetricMatrix"/> writes it; Lᵀ replaces it there. The values below the diagonal are
/// not read and not changed.
/// </para>
/// <para>
/// The bits of all results are fixed: each element of the factor is the element of A minus its products in ascending
/// order, divided by the pivot. Factors and solutions nearer to zero than 2⁻⁶³ (doubles: 2⁻⁵¹¹) are written as
/// zero, as arithmetic on denormal numbers is many times slower. If A is scaled so that its diagonal is well above 10⁻²⁰,
/// the difference is below the rounding error. The factorisation is that of Golub and Van Loan, Matrix Computations, section 4.2,
/// in blocks of rows.
/// </para>
/// </remarks>
public static partial class Cholesky
{
    /// <summary>Replaces the upper triangle of A by Lᵀ.</summary>
    /// <param name="a">A, n² values; undefined if the result is false.</param>
    /// <param name="n">Rows and columns, 1 to <see cref="SymmetricMatrix.DimensionMax"/>.</param>
    /// <returns>False if A is not finite, or not positive definite to the precision of its numbers.</returns>
    /// <exception cref="ArgumentException"><paramref name="a"/> does not have n² values.</exception>
    public static bool TryFactor(Span<float> a, int n)
    {
        SymmetricMatrix.RequireSquare(a.Length, n, nameof(a));
        return TryFactorCore(a, n);
    }

    /// <inheritdoc cref="TryFactor(Span{float}, int)"/>
    public static bool TryFactor(Span<double> a, int n)
    {
        SymmetricMatrix.RequireSquare(a.Length, n, nameof(a));
        return TryFactorCore(a, n);
    }

    /// <summary>Replaces b by the solution x of A·x = b. Allocates nothing.</summary>
    /// <param name="factor">Output of <see cref="TryFactor(Span{float}, int)"/>, n² values.</param>
    /// <param name="b">n values.</param>
    /// <exception cref="ArgumentException"><paramref name="factor"/> does not have n² values.</exception>
    public static void Solve(ReadOnlySpan<float> factor, Span<float> b)
    {
        SymmetricMatrix.RequireSquare(factor.Length, b.Length, nameof(factor));
        SolveCore(factor, b);
    }

    /// <inheritdoc cref="Solve(ReadOnlySpan{float}, Span{float})"/>
    public static void Solve(ReadOnlySpan<double> factor, Span<double> b)
    {
        SymmetricMatrix.RequireSquare(factor.Length, b.Length, nameof(factor));
        SolveCore(factor, b);
    }

    /// <summary>Replaces B by the solution X of A·X = B, for many right sides in one call.</summary>
    /// <param name="factor">Output of <see cref="TryFactor(Span{float}, int)"/>, n² values.</param>
    /// <param name="n">Rows of B.</param>
    /// <param name="b">B, row after row; its columns are the right sides.</param>
    /// <exception cref="ArgumentException">The lengths do not fit together.</exception>
    /// <remarks>May differ from <see cref="Solve(ReadOnlySpan{float}, Span{float})"/> in the last bits.</remarks>
    public static void SolveColumns(ReadOnlySpan<float> factor, int n, Span<float> b)
    {
        SymmetricMatrix.RequireSquare(factor.Length, n, nameof(factor));
        SolveColumnsCore(factor, n, b, Columns(b.Length, n));
    }

    /// <inheritdoc cref="SolveColumns(ReadOnlySpan{float}, int, Span{float})"/>
    public static void SolveColumns(ReadOnlySpan<double> factor, int n, Span<double> b)
    {
        SymmetricMatrix.RequireSquare(factor.Length, n, nameof(factor));
        SolveColumnsCore(factor, n, b, Columns(b.Length, n));
    }

    /// <summary>Writes the inverse of A, both triangles, symmetric to the bit.</summary>
    /// <param name="factor">Output of <see cref="TryFactor(Span{float}, int)"/>, n² values.</param>
    /// <param name="n">Rows and columns.</param>
    /// <param name="inverse">Receives n² values; not the span of the factor.</param>
    /// <exception cref="ArgumentException">The lengths do not fit together, or the spans overlap.</exception>
    public static void Invert(ReadOnlySpan<float> factor, int n, Span<float> inverse)
    {
        RequireInverse(factor, n, inverse);
        SymmetricMatrix.AddToDiagonal(inverse, n, 1f);
        SolveColumnsCore(factor, n, inverse, n);
        SymmetricMatrix.Mirror(inverse, n);
    }

    /// <inheritdoc cref="Invert(ReadOnlySpan{float}, int, Span{float})"/>
    public static void Invert(ReadOnlySpan<double> factor, int n, Span<double> inverse)
    {
        RequireInverse(factor, n, inverse);
        SymmetricMatrix.AddToDiagonal(inverse, n, 1.0);
        SolveColumnsCore(factor, n, inverse, n);
        SymmetricMatrix.Mirror(inverse, n);
    }

    private static void RequireInverse<T>(ReadOnlySpan<T> factor, int n, Span<T> inverse)
        where T : unmanaged
    {
        SymmetricMatrix.RequireSquare(factor.Length, n, nameof(factor));
        SymmetricMatrix.RequireSquare(inverse.Length, n, nameof(inverse));
        if (MemoryExtensions.Overlaps(factor, inverse))
        {
            Throw.Argument(nameof(inverse), "inverse overlaps factor");
        }

        inverse.Clear();
    }

    private static int Columns(int length, int n)
    {
        if (length % n != 0)
        {
            Throw.Argument("b", $"b has {length} values, which are not whole columns of {n}");
        }

        return length / n;
    }
}
