using System.Numerics;
using CsCheck;
using Xunit;

namespace RecSys.Numerics.Tests;

public sealed class CholeskyTests
{
    public static TheoryData<Tier, int> TiersAndSizes
    {
        get
        {
            TheoryData<Tier, int> data = [];
            foreach (Tier tier in Enum.GetValues<Tier>())
            {
                foreach (int n in (int[])[1, 2, 7, 8, 9, 15, 16, 17, 23, 24, 25, 31, 33, 64, 65, 67, 130])
                {
                    data.Add(tier, n);
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(TiersAndSizes))]
    public void The_factor_has_the_bits_of_its_definition_on_every_tier(Tier tier, int n)
    {
        Check<float>();
        Check<double>();

        void Check<T>()
            where T : unmanaged, IFloatingPointIeee754<T>
        {
            T[] a = Numbers.PositiveDefinite<T>(n, 1);
            T[] expected = [.. a];
            Assert.True(Cholesky.TryFactorDefinition<T>(expected, n));

            bool factored = tier switch
            {
                Tier.Vector128 => Cholesky.TryFactor<Lanes128<T>, T>(a, n),
                Tier.Vector256 => Cholesky.TryFactor<Lanes256<T>, T>(a, n),
                _ => Cholesky.TryFactor<Lanes512<T>, T>(a, n),
            };

            Assert.True(factored);
            Assert.Equal(Numbers.Bits<T>(expected), Numbers.Bits<T>(a));
        }
    }

    [Theory]
    [MemberData(nameof(TiersAndSizes))]
    public void Many_right_sides_have_the_bits_of_their_definition_on_every_tier(Tier tier, int n)
    {
        foreach (int columns in (int[])[1, 15, 16, 21, 40])
        {
            Check<float>(columns);
            Check<double>(columns);
        }

        void Check<T>(int columns)
            where T : unmanaged, IFloatingPointIeee754<T>
        {
            T[] factor = Numbers.PositiveDefinite<T>(n, 2);
            Assert.True(Cholesky.TryFactorCore<T>(factor, n));
            T[] b = Numbers.Random<T>(n * columns, 3);
            T[] expected = [.. b];
            Cholesky.SolveColumnsDefinition<T>(factor, n, expected, columns);

            switch (tier)
            {
                case Tier.Vector128:
                    Cholesky.SolveColumns<Lanes128<T>, T>(factor, n, b, columns);
                    break;
                case Tier.Vector256:
                    Cholesky.SolveColumns<Lanes256<T>, T>(factor, n, b, columns);
                    break;
                default:
                    Cholesky.SolveColumns<Lanes512<T>, T>(factor, n, b, columns);
                    break;
            }

            Assert.Equal(Numbers.Bits<T>(expected), Numbers.Bits<T>(b));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(16)]
    [InlineData(64)]
    [InlineData(129)]
    public void A_solution_has_the_bits_of_its_definition(int n)
    {
        float[] factor = Numbers.PositiveDefinite<float>(n, 4);
        Assert.True(Cholesky.TryFactor(factor, n));
        float[] b = Numbers.Random<float>(n, 5);
        float[] expected = [.. b];
        Cholesky.SolveDefinition<float>(factor, expected);

        Cholesky.Solve(factor, b);

        Assert.Equal(Numbers.Bits<float>(expected), Numbers.Bits<float>(b));
    }

    [Fact]
    public void A_solution_solves_its_system() =>
        Gen.Select(Gen.Int[1, 90], Gen.ULong).Sample(
            (n, seed) =>
            {
                float[] a = Numbers.PositiveDefinite<float>(n, seed);
                double[] aDouble = [.. a.Select(value => (double)value)];
                float[] b = Numbers.Random<float>(n, seed + 1);
                double[] bDouble = [.. b.Select(value => (double)value)];

                float[] factor = [.. a];
                double[] factorDouble = [.. aDouble];
                Assert.True(Cholesky.TryFactor(factor, n));
                Assert.True(Cholesky.TryFactor(factorDouble, n));
                float[] x = [.. b];
                double[] xDouble = [.. bDouble];
                Cholesky.Solve(factor, x);
                Cholesky.Solve(factorDouble, xDouble);

                // Backward stability: the residual is small beside |A|·|x|, however bad the condition.
                Assert.InRange(Residual(aDouble, [.. x.Select(value => (double)value)], bDouble), 0, 1e-6 * n);
                Assert.InRange(Residual(aDouble, xDouble, bDouble), 0, 2e-15 * n);
            },
            iter: 60);

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(40)]
    [InlineData(200)]
    public void The_inverse_times_the_matrix_is_one(int n)
    {
        double[] a = Numbers.PositiveDefinite<double>(n, 6);
        double[] factor = [.. a];
        double[] inverse = Numbers.Random<double>(n * n, 7);
        Assert.True(Cholesky.TryFactor(factor, n));

        Cholesky.Invert(factor, n, inverse);

        for (int i = 0; i < n; i++)
        {
            for (int j = 0; j < n; j++)
            {
                Assert.Equal(inverse[(i * n) + j], inverse[(j * n) + i]);
                double sum = 0;
                for (int k = 0; k < n; k++)
                {
                    sum += a[(i * n) + k] * inverse[(k * n) + j];
                }

                Assert.Equal(i == j ? 1 : 0, sum, tolerance: 1e-8);
            }
        }
    }

    [Fact]
    public void The_inverse_in_single_precision_is_near_that_in_double()
    {
        const int N = 30;
        float[] factor = [.. Numbers.PositiveDefinite<float>(N, 8)];
        double[] factorDouble = [.. factor.Select(value => (double)value)];
        float[] inverse = new float[N * N];
        double[] inverseDouble = new double[N * N];
        Assert.True(Cholesky.TryFactor(factor, N));
        Assert.True(Cholesky.TryFactor(factorDouble, N));

        Cholesky.Invert(factor, N, inverse);
        Cholesky.Invert(factorDouble, N, inverseDouble);

        Assert.All(inverse.Zip(inverseDouble), pair => Assert.Equal(pair.Second, pair.First, tolerance: 1e-4));
    }

    [Fact]
    public void Only_the_upper_triangle_is_read_and_written()
    {
        const int N = 37;
        float[] whole = Numbers.PositiveDefinite<float>(N, 9);
        float[] upper = [.. whole];
        for (int i = 0; i < N; i++)
        {
            for (int j = 0; j < i; j++)
            {
                upper[(i * N) + j] = float.NaN;
            }
        }

        Assert.True(Cholesky.TryFactor(whole, N));
        Assert.True(Cholesky.TryFactor(upper, N));

        for (int i = 0; i < N; i++)
        {
            for (int j = 0; j < N; j++)
            {
                Assert.Equal(j < i ? float.NaN : whole[(i * N) + j], upper[(i * N) + j]);
            }
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(20)]
    [InlineData(90)]
    public void A_matrix_that_is_not_positive_definite_is_refused(int n)
    {
        foreach (float bad in (float[])[0f, -1f, float.NaN, float.PositiveInfinity, float.Epsilon])
        {
            float[] a = new float[n * n];
            SymmetricMatrix.AddToDiagonal(a, n, 1f);
            a[^1] = bad;
            Assert.False(Cholesky.TryFactor(a, n), $"{bad} was taken for a pivot");
        }

        if (n > 1)
        {
            // Rank one: the second pivot is zero.
            float[] ones = [.. Enumerable.Repeat(1f, n * n)];
            Assert.False(Cholesky.TryFactor(ones, n));
        }
    }

    [Fact]
    public void No_denormal_number_is_written()
    {
        const int N = 48;
        float[] a = new float[N * N];
        float[] b = new float[N];
        for (int i = 0; i < N; i++)
        {
            b[i] = MathF.Pow(10f, -i);
            for (int j = 0; j < N; j++)
            {
                a[(i * N) + j] = MathF.Pow(0.1f, Math.Abs(i - j));
            }
        }

        Assert.True(Cholesky.TryFactor(a, N));
        Cholesky.Solve(a, b);

        for (int i = 0; i < N; i++)
        {
            Assert.False(float.IsSubnormal(b[i]), $"x[{i}] is {b[i]}");
            for (int j = i; j < N; j++)
            {
                Assert.False(float.IsSubnormal(a[(i * N) + j]), $"u[{i},{j}] is {a[(i * N) + j]}");
            }
        }
    }

    [Fact]
    public void Mismatched_lengths_are_refused_by_name()
    {
        Refused("a", () => Cholesky.TryFactor(new float[5], 2));
        Refused("a", () => Cholesky.TryFactor(new double[5], 2));
        Refused("dimension", () => Cholesky.TryFactor(Array.Empty<float>(), 0));
        Refused("factor", () => Cholesky.Solve(new float[5], new float[2]));
        Refused("factor", () => Cholesky.Solve(new double[5], new double[2]));
        Refused("b", () => Cholesky.SolveColumns(new float[4], 2, new float[3]));
        Refused("inverse", () => Cholesky.Invert(new float[4], 2, new float[3]));
        float[] same = [1, 0, 0, 1];
        Refused("inverse", () => Cholesky.Invert(same, 2, same));

        static void Refused(string name, Action action) =>
            Assert.Equal(name, Assert.ThrowsAny<ArgumentException>(action).ParamName);
    }

    private static double Residual(double[] a, double[] x, double[] b)
    {
        int n = b.Length;
        double worst = 0;
        for (int i = 0; i < n; i++)
        {
            double sum = -b[i];
            double size = Math.Abs(b[i]);
            for (int j = 0; j < n; j++)
            {
                sum += a[(i * n) + j] * x[j];
                size += Math.Abs(a[(i * n) + j] * x[j]);
            }

            worst = Math.Max(worst, size == 0 ? 0 : Math.Abs(sum) / size);
        }

        return worst;
    }
}
