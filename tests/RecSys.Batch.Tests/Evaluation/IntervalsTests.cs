using RecSys.Batch.Evaluation;
using Xunit;

namespace RecSys.Batch.Tests.Evaluation;

public sealed class IntervalsTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public void Users_are_drawn_with_all_of_their_questions()
    {
        // A hundred questions of one user are one sample: with two users the mean of a resampling is 0, 1 or a value between.
        double[] values = [.. Enumerable.Repeat(0.0, 100), .. Enumerable.Repeat(1.0, 100)];
        int[] users = [.. Enumerable.Repeat(1, 100), .. Enumerable.Repeat(2, 100)];

        Assert.Equal((0, 1), Intervals.Of([values], users, rounds: 200, seed: 1, Cancel)[0]);
        (double low, double high) = Intervals.Of([values], [.. Enumerable.Range(0, 200)], rounds: 200, seed: 1, Cancel)[0];
        Assert.InRange(low, 0.4, 0.5);
        Assert.InRange(high, 0.5, 0.6);
    }

    [Fact]
    public void A_question_without_a_value_is_left_out_of_the_mean() =>
        Assert.Equal((3, 3), Intervals.Of([[double.NaN, 3, 3]], [1, 2, 2], rounds: 50, seed: 1, Cancel)[0]);
}
