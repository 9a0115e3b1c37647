using System.Numerics;
using Xunit;

namespace RecSys.Numerics.Tests;

public sealed class SymmetricMatrixTests
{
    private static readonly int[] Dimensions = [1, 2, 3, 7, 8, 9, 15, 16, 17, 18, 20, 31, 33, 50, 64, 67];

    public static TheoryData<Tier, int> TiersAndDimensions
    {
        get
        {
            TheoryData<Tier, int> data = [];
            foreach (Tier tier in Enum.GetValues<Tier>())
            {
                foreach (int dimension in Dimensions)
                {
                    data.Add(tier, dimension);
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(TiersAndDimensions))]
    public void Many_outer_products_have_the_bits_of_one_after_the_other(Tier tier, int n)
    {
        Check<float>(weighted: true);
        Check<float>(weighted: false);
        Check<double>(weighted: true);

        void Check<T>(bool weighted)
            where T : unmanaged, IFloatingPointIeee754<T>
        {
            T[] rows = Numbers.Random<T>(n * 50, 1);
            int[] indices = [.. Enumerable.Range(0, 71).Select(i => i * 37 % 50)];
            T[] weights = weighted ? Numbers.Random<T>(indices.Length, 2) : [];
            T[] start = Numbers.Random<T>(n * n, 3);

            T[] expected = [.. start];
            for (int k = 0; k < indices.Length; k++)
            {
                for (int i = 0; i < n; i++)
                {
                    T left = (weighted ? weights[k] : T.One) * rows[(indices[k] * n) + i];
                    for (int j = i; j < n; j++)
                    {
                        expected[(i * n) + j] += left * rows[(indices[k] * n) + j];
                    }
                }
            }

            T[] into = [.. start];
            switch (tier)
            {
                case Tier.Vector128:
                    SymmetricMatrix.AddOutersCore<Lanes128<T>, T>(rows, n, indices, weights, into);
                    break;
                case Tier.Vector256:
                    SymmetricMatrix.AddOutersCore<Lanes256<T>, T>(rows, n, indices, weights, into);
                    break;
                default:
                    SymmetricMatrix.AddOutersCore<Lanes512<T>, T>(rows, n, indices, weights, into);
                    break;
            }

            Assert.Equal(Numbers.Bits<T>(expected), Numbers.Bits<T>(into));

            T[] definition = [.. start];
            SymmetricMatrix.AddOutersDefinition<T>(rows, n, indices, weights, definition);
            Assert.Equal(Numbers.Bits<T>(expected), Numbers.Bits<T>(definition));
        }
    }

    [Theory]
    [MemberData(nameof(TiersAndDimensions))]
    public void A_part_of_a_gram_matrix_has_the_bits_of_its_definition(Tier tier, int n)
    {
        Check<float, float>(weighted: false);
        Check<float, float>(weighted: true);
        Check<double, double>(weighted: true);
        Check<float, double>(weighted: true);

        void Check<TIn, T>(bool weighted)
            where TIn : unmanaged, IFloatingPointIeee754<TIn>
            where T : unmanaged, IFloatingPointIeee754<T>
        {
            // More than one block of 256 rows.
            TIn[] rows = Numbers.Random<TIn>(n * 300, 4);
            TIn[] weights = weighted ? Numbers.Random<TIn>(300, 5) : [];
            T[] expected = new T[n * n];
            SymmetricMatrix.GramPartDefinition<TIn, T>(rows, n, weights, expected);

            T[] into = new T[n * n];
            switch (tier)
            {
                case Tier.Vector128:
                    SymmetricMatrix.GramPart<Lanes128<T>, TIn, T>(rows, n, weights, into);
                    break;
                case Tier.Vector256:
                    SymmetricMatrix.GramPart<Lanes256<T>, TIn, T>(rows, n, weights, into);
                    break;
                default:
                    SymmetricMatrix.GramPart<Lanes512<T>, TIn, T>(rows, n, weights, into);
                    break;
            }

            Assert.Equal(Numbers.Bits<T>(expected), Numbers.Bits<T>(into));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(256)]
    [InlineData(257)]
    [InlineData(5000)]
    public void A_gram_matrix_has_the_bits_of_its_definition_on_any_number_of_threads(int rowCount)
    {
        const int N = 18;
        float[] rows = Numbers.Random<float>(rowCount * N, 6);
        float[] weights = Numbers.Random<float>(rowCount, 7);
        float[] expected = new float[N * N];
        SymmetricMatrix.GramDefinition<float, float>(rows, N, weights, expected);

        float[] into = Numbers.Random<float>(N * N, 8);
        SymmetricMatrix.Gram(rows, N, weights, into);
        Assert.Equal(Numbers.Bits<float>(expected), Numbers.Bits<float>(into));

        foreach (int threads in (int[])[1, 2, 7])
        {
            float[] parallel = Numbers.Random<float>(N * N, 9);
            SymmetricMatrix.Gram(
                rows,
                N,
                weights,
                parallel,
                new WorkerThreads { Count = threads },
                TestContext.Current.CancellationToken);
            Assert.Equal(Numbers.Bits<float>(expected), Numbers.Bits<float>(parallel));
        }
    }

    [Fact]
    public void A_gram_matrix_is_the_sum_of_products()
    {
        float[] rows = Numbers.Random<float>(700 * 5, 10);
        float[] single = new float[25];
        double[] twice = new double[25];
        SymmetricMatrix.Gram(rows, 5, [], single);
        SymmetricMatrix.Gram(rows, 5, [], twice);
        double[] doubleRows = [.. rows.Select(value => (double)value)];
        double[] direct = new double[25];
        SymmetricMatrix.Gram(doubleRows, 5, [], direct);

        for (int i = 0; i < 5; i++)
        {
            for (int j = 0; j < 5; j++)
            {
                double sum = 0;
                double size = 0;
                for (int r = 0; r < 700; r++)
                {
                    double product = (double)rows[(r * 5) + i] * rows[(r * 5) + j];
                    sum += product;
                    size += Math.Abs(product);
                }

                Assert.Equal(sum, single[(i * 5) + j], tolerance: 1e-6 * size);
                Assert.Equal(sum, twice[(i * 5) + j], tolerance: 1e-14 * size);
                Assert.Equal(twice[(i * 5) + j], direct[(i * 5) + j]);
            }
        }
    }

    [Fact]
    public void Outer_products_do_not_change_values_below_the_diagonal()
    {
        float[] into = [1, 2, 3, 4];

        SymmetricMatrix.AddOuter([10f, 100f], 2f, into);

        Assert.Equal([201f, 2002f, 3f, 20004f], into);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(33)]
    [InlineData(70)]
    public void Mirroring_copies_the_upper_triangle(int n)
    {
        float[] a = Numbers.Random<float>(n * n, 11);
        float[] before = [.. a];

        SymmetricMatrix.Mirror(a, n);
        SymmetricMatrix.AddToDiagonal(a, n, 1f);

        for (int i = 0; i < n; i++)
        {
            for (int j = 0; j < n; j++)
            {
                float expected = before[(Math.Min(i, j) * n) + Math.Max(i, j)] + (i == j ? 1f : 0f);
                Assert.Equal(expected, a[(i * n) + j]);
            }
        }
    }

    [Fact]
    public void A_cancelled_gram_matrix_throws()
    {
        float[] rows = new float[10_000];
        Assert.Throws<OperationCanceledException>(
            () => SymmetricMatrix.Gram(
                rows, 2, ReadOnlyMemory<float>.Empty, new float[4], WorkerThreads.One, new CancellationToken(canceled: true)));
    }

    [Fact]
    public void Mismatched_lengths_are_refused_by_name()
    {
        Refused("into", () => SymmetricMatrix.AddOuter(new float[3], 1f, new float[8]));
        Refused("into", () => SymmetricMatrix.AddOuters(new float[6], 3, [0], [], new float[8]));
        Refused("rows", () => SymmetricMatrix.AddOuters(new float[7], 3, [0], [], new float[9]));
        Refused("weights", () => SymmetricMatrix.AddOuters(new float[6], 3, [0, 1], [1f], new float[9]));
        Refused("indices", () => SymmetricMatrix.AddOuters(new float[6], 3, [0, 2], [], new float[9]));
        Refused("indices", () => SymmetricMatrix.AddOuters(new double[6], 3, [-1], [], new double[9]));
        Refused("weights", () => SymmetricMatrix.Gram(new float[6], 3, [1f], new float[9]));
        Refused("dimension", () => SymmetricMatrix.Gram(new float[6], 0, [], new float[9]));
        Refused("dimension", () => SymmetricMatrix.Mirror(new float[1], SymmetricMatrix.DimensionMax + 1));
        Refused("a", () => SymmetricMatrix.AddToDiagonal(new double[5], 2, 1.0));

        static void Refused(string name, Action action) =>
            Assert.Equal(name, Assert.ThrowsAny<ArgumentException>(action).ParamName);
    }
}
