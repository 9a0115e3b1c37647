using CsCheck;
using RecSys.Core.Models;
using RecSys.TestKit.Models;
using Xunit;

namespace RecSys.Core.Tests.Models;

public sealed class FoldInTests
{
    private const double ParityMax = 1e-4;

    [Fact]
    public void A_folded_in_user_is_what_the_last_half_step_of_training_gives()
    {
        Gen.Select(Gen.Int[1, 200], Gen.Int[1, 40], Gen.Int[1, 96], Gen.Double[1e-4, 2.0], Gen.Double[0, 1], Gen.Int[0, int.MaxValue])
            .Sample((items, touched, dimension, regularisation, exponent, seed) =>
            {
                Random random = new(seed);
                touched = Math.Min(touched * (1 + (seed % 4)), items);
                ModelContent content = Made(random, items, dimension, regularisation, exponent, alpha: 0.1);
                using ModelSnapshot model = SmallModels.Snapshot(content);
                int[] history = [.. Enumerable.Range(0, items).OrderBy(_ => random.Next()).Take(touched).Order()];
                float[] weights = [.. history.Select(_ => (float)(0.5 + (3 * random.NextDouble())))];
                float[] user = new float[dimension];

                Assert.Equal(touched, new FoldIn(model).Embed(history, weights, user));

                double[] expected = LastHalfStep(content, history, weights);
                Assert.True(Difference(expected, user) <= ParityMax, $"differs by {Difference(expected, user)}");
            }, iter: 300);
    }

    [Fact]
    public void Short_and_long_histories_are_solved_to_the_same_embedding()
    {
        Gen.Select(Gen.Int[1, 60], Gen.Int[1, 80], Gen.Int[0, int.MaxValue]).Sample((touched, dimension, seed) =>
        {
            Random random = new(seed);
            ModelContent content = Made(random, 60, dimension, 0.01, 1, alpha: 0.1);
            int[] history = [.. Enumerable.Range(0, touched)];
            float[] weights = [.. history.Select(_ => 1f + random.NextSingle())];
            float[] primal = new float[dimension];
            float[] dual = new float[dimension];
            double ridge = content.FoldIn!.RidgeOf(touched);

            NormalEquations.SolveDense(content.Factors, content.FoldIn.Diagonal, ridge, history, weights, primal);
            NormalEquations.SolveDual(content.Factors, content.FoldIn.Diagonal, ridge, history, weights, dual);

            Assert.True(Difference([.. primal.Select(value => (double)value)], dual) <= 1e-5);
        });
    }

    [Fact]
    public void Items_without_an_embedding_count_nothing()
    {
        ModelContent content = Made(new Random(1), 10, 8, 0.1, 1, alpha: 0.1);
        content.Origins[3] = EmbeddingOrigin.None;
        using ModelSnapshot model = SmallModels.Snapshot(content);
        float[] with = new float[8];
        float[] without = new float[8];

        Assert.Equal(2, new FoldIn(model).Embed([1, 3, 5], [1, 1, 2], with));
        Assert.Equal(2, new FoldIn(model).Embed([1, 5], [1, 2], without));

        Assert.Equal(without, with);
        Assert.Equal(0, new FoldIn(model).Embed([3], [1], with));
        Assert.All(with, value => Assert.Equal(0f, value));
    }

    [Fact]
    public void Folding_in_allocates_nothing()
    {
        ModelContent content = Made(new Random(1), 100, 64, 0.1, 1, alpha: 0.1);
        using ModelSnapshot model = SmallModels.Snapshot(content);
        FoldIn foldIn = new(model);
        int[] history = [.. Enumerable.Range(0, 64)];
        float[] weights = [.. history.Select(_ => 1f)];
        float[] user = new float[64];
        Embed(3);

        long before = GC.GetAllocatedBytesForCurrentThread();
        Embed(100);

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Embed(int times)
        {
            for (int i = 0; i < times; i++)
            {
                foldIn.Embed(history, weights, user);
                foldIn.Embed(history.AsSpan(0, 10), weights.AsSpan(0, 10), user);
            }
        }
    }

    [Fact]
    public void Invalid_weights_are_refused()
    {
        using ModelSnapshot model = SmallModels.Snapshot(SmallModels.Content(["a", "b"]));
        FoldIn foldIn = new(model);

        Assert.Throws<ArgumentException>(() => foldIn.Embed([0], [0], new float[2]));
        Assert.Throws<ArgumentException>(() => foldIn.Embed([0], [float.NaN], new float[2]));
        Assert.Throws<ArgumentException>(() => foldIn.Embed([0], [], new float[2]));
        Assert.ThrowsAny<Exception>(() => foldIn.Embed([2], [1], new float[2]));
    }

    [Theory]
    [InlineData(7.0, 0.0)]
    [InlineData(7.0, 1.0)]
    [InlineData(7.0, 0.5)]
    [InlineData(1234.5, 0.35)]
    [InlineData(0.0, 0.5)]
    public void Powers_are_those_of_the_mathematics_library(double x, double exponent) =>
        Assert.Equal(1, (NormalEquations.Power(x, exponent) + 1e-300) / (Math.Pow(x, exponent) + 1e-300), 1e-4);

    [Fact]
    public void Eigenvectors_rebuild_their_matrix()
    {
        Gen.Select(Gen.Int[1, 24], Gen.Int[0, int.MaxValue]).Sample((n, seed) =>
        {
            Random random = new(seed);
            double[] a = new double[n * n];
            for (int i = 0; i < n; i++)
            {
                for (int j = i; j < n; j++)
                {
                    a[(i * n) + j] = a[(j * n) + i] = (2 * random.NextDouble()) - 1;
                }
            }

            double[] values = new double[n];
            double[] vectors = new double[n * n];
            SymmetricEigen.Decompose([.. a], values, vectors);

            for (int i = 0; i < n; i++)
            {
                Assert.True(i == 0 || values[i] <= values[i - 1]);
                for (int j = 0; j < n; j++)
                {
                    double sum = Enumerable.Range(0, n).Sum(k => values[k] * vectors[(k * n) + i] * vectors[(k * n) + j]);
                    Assert.Equal(a[(i * n) + j], sum, 1e-12 * n);
                }
            }
        }, iter: 50);
    }

    // A model whose Gram matrix is diagonal, as the format requires: its factors are rotated into their own eigenbasis.
    private static ModelContent Made(
        Random random, int items, int dimension, double regularisation, double exponent, double alpha)
    {
        double[] raw = [.. Enumerable.Range(0, items * dimension).Select(_ => ((2 * random.NextDouble()) - 1) / Math.Sqrt(dimension))];
        double[] gram = new double[dimension * dimension];
        for (int i = 0; i < items; i++)
        {
            for (int j = 0; j < dimension; j++)
            {
                for (int k = 0; k < dimension; k++)
                {
                    gram[(j * dimension) + k] += alpha * raw[(i * dimension) + j] * raw[(i * dimension) + k];
                }
            }
        }

        double[] values = new double[dimension];
        double[] vectors = new double[dimension * dimension];
        SymmetricEigen.Decompose(gram, values, vectors);
        float[] factors = new float[items * dimension];
        for (int i = 0; i < items; i++)
        {
            for (int k = 0; k < dimension; k++)
            {
                double sum = 0;
                for (int j = 0; j < dimension; j++)
                {
                    sum += raw[(i * dimension) + j] * vectors[(k * dimension) + j];
                }

                factors[(i * dimension) + k] = (float)sum;
            }
        }

        ModelContent content = SmallModels.Content(Enumerable.Range(0, items).Select(i => $"{i:0000}"), dimension);
        return content with
        {
            Factors = factors,
            FoldIn = new FoldInBase([.. values.Select(value => Math.Max(0, value))], regularisation, alpha * items, exponent),
        };
    }

    // The definition: the dense normal equations with the whole Gram matrix, by elimination in double precision.
    private static double[] LastHalfStep(ModelContent content, int[] history, float[] weights)
    {
        int d = content.Dimension;
        double alpha = content.FoldIn!.Offset / content.Items.Count;
        double[,] a = new double[d, d + 1];
        for (int item = 0; item < content.Items.Count; item++)
        {
            int at = Array.IndexOf(history, item);
            double weight = alpha + (at < 0 ? 0 : weights[at]);
            for (int i = 0; i < d; i++)
            {
                double value = content.Factors[(item * d) + i];
                a[i, d] += at < 0 ? 0 : weights[at] * value;
                for (int j = 0; j < d; j++)
                {
                    a[i, j] += weight * value * content.Factors[(item * d) + j];
                }
            }
        }

        double ridge = content.FoldIn.Regularisation
            * Math.Pow(history.Length + content.FoldIn.Offset, Math.Round(content.FoldIn.Exponent * 65536) / 65536);
        for (int i = 0; i < d; i++)
        {
            a[i, i] += ridge;
        }

        for (int pivot = 0; pivot < d; pivot++)
        {
            for (int row = 0; row < d; row++)
            {
                double factor = row == pivot ? 0 : a[row, pivot] / a[pivot, pivot];
                for (int column = pivot; column <= d && factor != 0; column++)
                {
                    a[row, column] -= factor * a[pivot, column];
                }
            }
        }

        return [.. Enumerable.Range(0, d).Select(i => a[i, d] / a[i, i])];
    }

    private static double Difference(double[] expected, float[] actual)
    {
        double square = 0;
        double norm = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            square += (expected[i] - actual[i]) * (expected[i] - actual[i]);
            norm += expected[i] * expected[i];
        }

        return Math.Sqrt(square) / (Math.Sqrt(norm) + 1e-30);
    }
}
