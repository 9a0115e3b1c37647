using Xunit;

namespace RecSys.Numerics.Tests;

public sealed class LogisticRegressionTests
{
    [Fact]
    public void The_weights_that_made_the_outcomes_are_found()
    {
        SeededRandom random = new(3);
        double[] truth = [-2, 1.5, -0.4];
        const int Count = 50_000;
        double[] rows = new double[3 * Count];
        bool[] outcomes = new bool[Count];
        for (int at = 0; at < Count; at++)
        {
            (rows[3 * at], rows[(3 * at) + 1], rows[(3 * at) + 2]) = (1, (2 * random.NextDouble()) - 1, 4 * random.NextDouble());
            double utility = truth[0] + (truth[1] * rows[(3 * at) + 1]) + (truth[2] * rows[(3 * at) + 2]);
            outcomes[at] = random.NextDouble() < 1 / (1 + Math.Exp(-utility));
        }

        double[] fitted = new double[3];
        Assert.True(LogisticRegression.TryFit(rows, outcomes, fitted));

        Assert.All(truth.Zip(fitted), pair => Assert.InRange(pair.Second, pair.First - 0.1, pair.First + 0.1));
    }

    [Fact]
    public void A_constant_alone_gives_the_share_of_the_outcomes()
    {
        double[] fitted = new double[1];

        Assert.True(LogisticRegression.TryFit([1, 1, 1, 1, 1, 1, 1, 1], [true, false, false, false, true, false, false, false], fitted));

        Assert.Equal(0.25, 1 / (1 + Math.Exp(-fitted[0])), 1e-3);
    }

    [Fact]
    public void Outcomes_that_a_feature_separates_give_finite_weights()
    {
        double[] fitted = new double[2];

        bool isFitted = LogisticRegression.TryFit([1, -1, 1, -2, 1, 1, 1, 2], [false, false, true, true], fitted);

        Assert.True(!isFitted || fitted.All(double.IsFinite));
        Assert.True(fitted[1] > 0);
    }

    [Fact]
    public void Lengths_that_do_not_match_are_refused() =>
        Assert.Throws<ArgumentException>(() => LogisticRegression.TryFit([1, 2, 3], [true, false], new double[2]));
}
