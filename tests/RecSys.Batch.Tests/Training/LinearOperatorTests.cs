using RecSys.Batch.Training;
using RecSys.Core.Models;
using RecSys.Numerics;
using Xunit;

namespace RecSys.Batch.Tests.Training;

public sealed class LinearOperatorTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public void The_operator_is_the_best_linear_map_without_a_diagonal()
    {
        TrainingSet set = Worlds.Groups(groups: 2, usersEach: 10, itemsEach: 6).ToTrainingSet();
        ModelOptions options = Worlds.Small with { OperatorRegularisation = 3, OperatorUserExponent = 0, OperatorItemExponent = 0 };

        SparseRows learnt = LinearOperator.Learn(set, options, WorkerThreads.One, Cancel);

        // At the minimum of the loss |X − XB|² + λ|B|², the derivative by every element off the diagonal is zero.
        int n = set.Items.Count;
        double[,] x = new double[set.Weights.RowCount, n];
        double[,] b = new double[n, n];
        for (int user = 0; user < set.Weights.RowCount; user++)
        {
            foreach (int item in set.Weights.RowColumns(user))
            {
                x[user, item] = 1;
            }
        }

        for (int i = 0; i < n; i++)
        {
            for (int entry = learnt.Starts[i]; entry < learnt.Starts[i + 1]; entry++)
            {
                b[i, learnt.Indices[entry]] = learnt.Scores[entry];
            }

            Assert.Equal(0, b[i, i]);
        }

        for (int i = 0; i < n; i++)
        {
            for (int j = 0; j < n; j++)
            {
                double slope = options.OperatorRegularisation * b[i, j];
                for (int user = 0; user < set.Weights.RowCount; user++)
                {
                    double predicted = Enumerable.Range(0, n).Sum(k => x[user, k] * b[k, j]);
                    slope -= x[user, i] * (x[user, j] - predicted);
                }

                Assert.True(i == j || Math.Abs(slope) < 1e-3, $"slope {slope} at {i}, {j}");
            }
        }
    }

    [Fact]
    public void No_operator_is_learned_if_the_options_disable_it() =>
        Assert.Same(
            SparseRows.None,
            LinearOperator.Learn(Worlds.Groups().ToTrainingSet(), Worlds.Small with { OperatorItemsMax = 0 }, WorkerThreads.One, Cancel));

    [Fact]
    public void With_many_items_the_operator_is_computed_from_counts_and_links_items_of_a_group()
    {
        TrainingSet set = Worlds.Groups().ToTrainingSet();

        SparseRows counted = LinearOperator.Learn(set, Worlds.Small with { OperatorItemsMax = 47 }, WorkerThreads.One, Cancel);

        for (int item = 0; item < set.Items.Count; item++)
        {
            (int Other, float Score)[] row = [.. Enumerable.Range(counted.Starts[item], counted.Starts[item + 1] - counted.Starts[item])
                .Select(entry => (counted.Indices[entry], counted.Scores[entry]))];
            Assert.Equal(row.OrderBy(entry => entry.Other), row);
            Assert.All(row.OrderByDescending(entry => entry.Score).Take(5), entry => Assert.Equal(item / 12, entry.Other / 12));
            Assert.All(row, entry => Assert.True(entry.Score > 0));
        }
    }

    [Fact]
    public void Only_the_entries_with_the_largest_absolute_values_are_kept()
    {
        TrainingSet set = Worlds.Groups().ToTrainingSet();
        SparseRows all = LinearOperator.Learn(set, Worlds.Small, WorkerThreads.One, Cancel);
        SparseRows few = LinearOperator.Learn(set, Worlds.Small with { OperatorEntries = 3 }, WorkerThreads.One, Cancel);

        for (int item = 0; item < set.Items.Count; item++)
        {
            float[] kept = few.Scores[few.Starts[item]..few.Starts[item + 1]];
            float[] best = [.. all.Scores[all.Starts[item]..all.Starts[item + 1]].OrderByDescending(MathF.Abs).Take(3)];
            Assert.Equal(best.Order(), kept.Order());
            Assert.Equal(few.Indices[few.Starts[item]..few.Starts[item + 1]].Order(), few.Indices[few.Starts[item]..few.Starts[item + 1]]);
        }
    }
}
