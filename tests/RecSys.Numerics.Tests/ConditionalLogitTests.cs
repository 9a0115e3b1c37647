using Xunit;

namespace RecSys.Numerics.Tests;

public sealed class ConditionalLogitTests
{
    private static readonly double[] True = [2, -1, 0.5];
    private static readonly double[] Other = [0, 3, 0];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public void The_weights_that_made_the_choices_are_found()
    {
        double[] fitted = Fit(Choices(20_000, seed: 1), prior: True, strength: 1);

        Assert.Equal(True, fitted, (expected, found) => Math.Abs(expected - found) < 0.12);
    }

    [Fact]
    public void The_prior_is_left_for_weights_that_fit_better()
    {
        double[] fitted = Fit(Choices(20_000, seed: 2), prior: [1, 0, 0], strength: 1);

        // The unit is that of the prior: only the ratios are known.
        Assert.InRange(fitted[1] / fitted[0], -0.58, -0.42);
        Assert.InRange(fitted[2] / fitted[0], 0.18, 0.32);
    }

    [Fact]
    public void A_strong_prior_is_kept()
    {
        double[] fitted = Fit(Choices(200, seed: 3), prior: [1, 0.5, 0], strength: 1e7);

        Assert.Equal([1, 0.5, 0], fitted, (expected, found) => Math.Abs(expected - found) < 1e-3);
    }

    [Fact]
    public void A_feature_that_is_the_same_for_all_alternatives_keeps_the_weight_of_the_prior()
    {
        List<Choice> choices = [];
        foreach (Choice choice in Choices(500, seed: 4))
        {
            float[] rows = choice.Rows.ToArray();
            for (int at = 2; at < rows.Length; at += 3)
            {
                rows[at] = 0.7f;
            }

            choices.Add(choice with { Rows = rows });
        }

        Assert.Equal(0.25, Fit(choices, prior: [1, 0, 0.25], strength: 10)[2], 1e-6);
    }

    [Fact]
    public void The_weight_of_a_held_feature_is_that_of_the_prior_and_the_others_are_fitted_as_without_it()
    {
        List<Choice> choices = Choices(2_000, seed: 5);
        List<Choice> without = [];
        foreach (Choice choice in choices)
        {
            float[] rows = choice.Rows.ToArray();
            for (int at = 2; at < rows.Length; at += 3)
            {
                rows[at] = 0;
            }

            without.Add(choice with { Rows = rows });
        }

        double[] held = Fit(choices, prior: [1, 0, 0], strength: 1, held: 2);

        Assert.Equal(0, held[2]);
        Assert.Equal(Fit(without, prior: [1, 0, 0], strength: 1), held, (expected, found) => Math.Abs(expected - found) < 1e-5);
        Assert.True(Fit(choices, prior: [1, 0, 0], strength: 1)[2] > 0.05);
    }

    [Fact]
    public void No_choices_leave_the_prior()
    {
        Assert.Equal([1, 2, 3], Fit([], prior: [1, 2, 3], strength: 1), (expected, found) => Math.Abs(expected - found) < 1e-9);
    }

    [Fact]
    public void Lengths_that_do_not_match_are_refused()
    {
        Assert.Throws<ArgumentException>(() => ConditionalLogit.Fit([], [1, 2], [1], strength: 1, new double[2], Cancel));
    }

    private static double[] Fit(IReadOnlyList<Choice> choices, double[] prior, double strength, params ReadOnlySpan<int> held)
    {
        double[] fitted = new double[prior.Length];
        ConditionalLogit.Fit(choices, prior, Other, strength, fitted, Cancel, held);
        return fitted;
    }

    // Choices by the probabilities of the true weights, a third of them with a share of the other weights.
    private static List<Choice> Choices(int count, ulong seed)
    {
        SeededRandom random = new(seed);
        List<Choice> choices = [];
        double[] cumulated = new double[12];
        for (int choice = 0; choice < count; choice++)
        {
            float share = choice % 3 == 0 ? 0.3f : 0;
            float[] rows = new float[cumulated.Length * True.Length];
            double sum = 0;
            for (int i = 0; i < cumulated.Length; i++)
            {
                double utility = 0;
                for (int f = 0; f < True.Length; f++)
                {
                    float value = (float)random.NextDouble();
                    rows[(i * True.Length) + f] = value;
                    utility += (((1 - share) * True[f]) + (share * Other[f])) * value;
                }

                cumulated[i] = sum += Math.Exp(utility);
            }

            double drawn = random.NextDouble() * sum;
            choices.Add(new Choice(rows, Array.FindIndex(cumulated, value => value > drawn), share));
        }

        return choices;
    }
}
