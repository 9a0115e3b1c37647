namespace RecSys.Core.Models;

/// <summary>Eigenvalues and eigenvectors of a symmetric matrix, by the cyclic Jacobi method: slow, accurate to rounding errors, and the same bits on every machine.</summary>
/// <remarks>Golub and Van Loan, Matrix Computations, section 8.5. About 40 n³ operations: milliseconds at n = 64.</remarks>
public static class SymmetricEigen
{
    private const int SweepsMax = 60;

    /// <summary>Decomposes A = Q · diag(values) · Qᵀ.</summary>
    /// <param name="a">A, n² values, row after row, both triangles; its content is undefined afterwards.</param>
    /// <param name="values">Receives n eigenvalues, the largest first.</param>
    /// <param name="vectors">Receives Qᵀ, n² values: eigenvector k is row k.</param>
    /// <exception cref="ArgumentException">The length of <paramref name="a"/> or <paramref name="vectors"/> is not n², or A is not finite.</exception>
    public static void Decompose(Span<double> a, Span<double> values, Span<double> vectors)
    {
        int n = values.Length;
        if (a.Length != n * n || vectors.Length != n * n)
        {
            throw new ArgumentException($"there are {a.Length} values of the matrix and room for {vectors.Length} of the eigenvectors; {n}² are needed", nameof(a));
        }

        double[] axes = new double[n * n];
        for (int i = 0; i < n; i++)
        {
            axes[(i * n) + i] = 1;
        }

        double scale = 0;
        foreach (double value in a)
        {
            if (!double.IsFinite(value))
            {
                throw new ArgumentException("the matrix is not finite", nameof(a));
            }

            scale = Math.Max(scale, Math.Abs(value));
        }

        double negligible = scale * 1e-17;
        bool changed = true;
        for (int sweep = 0; changed && sweep < SweepsMax; sweep++)
        {
            changed = false;
            for (int p = 0; p < n - 1; p++)
            {
                for (int r = p + 1; r < n; r++)
                {
                    if (Math.Abs(a[(p * n) + r]) > negligible)
                    {
                        Rotate(a, axes, n, p, r);
                        changed = true;
                    }
                }
            }
        }

        int[] order = new int[n];
        double[] diagonal = new double[n];
        for (int i = 0; i < n; i++)
        {
            order[i] = i;
            diagonal[i] = a[(i * n) + i];
        }

        Array.Sort(order, (x, y) => diagonal[x] != diagonal[y] ? diagonal[y].CompareTo(diagonal[x]) : x.CompareTo(y));
        for (int k = 0; k < n; k++)
        {
            values[k] = diagonal[order[k]];
            axes.AsSpan(order[k] * n, n).CopyTo(vectors.Slice(k * n, n));
        }
    }

    // Rotates axes p and r so that a[p,r] is zero. Row k of axes is axis k.
    private static void Rotate(Span<double> a, Span<double> axes, int n, int p, int r)
    {
        double apr = a[(p * n) + r];
        double theta = (a[(r * n) + r] - a[(p * n) + p]) / (2 * apr);
        double t = (theta >= 0 ? 1 : -1) / (Math.Abs(theta) + Math.Sqrt((theta * theta) + 1));
        double c = 1 / Math.Sqrt((t * t) + 1);
        double s = t * c;

        TurnRows(a.Slice(p * n, n), a.Slice(r * n, n), c, s);
        for (int k = 0; k < n; k++)
        {
            double akp = a[(k * n) + p];
            double akr = a[(k * n) + r];
            a[(k * n) + p] = (c * akp) - (s * akr);
            a[(k * n) + r] = (s * akp) + (c * akr);
        }

        a[(p * n) + r] = 0;
        a[(r * n) + p] = 0;
        TurnRows(axes.Slice(p * n, n), axes.Slice(r * n, n), c, s);
    }

    private static void TurnRows(Span<double> first, Span<double> second, double c, double s)
    {
        for (int k = 0; k < first.Length; k++)
        {
            double x = first[k];
            double y = second[k];
            first[k] = (c * x) - (s * y);
            second[k] = (s * x) + (c * y);
        }
    }
}
