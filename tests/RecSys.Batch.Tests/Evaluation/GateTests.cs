using System.Collections.Immutable;
using RecSys.Batch.Evaluation;
using RecSys.Numerics;
using Xunit;

namespace RecSys.Batch.Tests.Evaluation;

public sealed class GateTests
{
    private static readonly GateOptions Options = new() { UsersMin = 50 };

    [Fact]
    public void A_candidate_as_good_as_the_champion_passes()
    {
        GateVerdict verdict = Gate.Judge(Report(0.5, seed: 1), Report(0.5, seed: 2), Report(0.2, seed: 3), Options, seed: 1);

        Assert.Equal(GateOutcome.NotWorse, verdict.Outcome);
        Assert.True(verdict.Passes);
        Assert.True(verdict.Figures["gate.popularity.low"] > 0);
    }

    [Fact]
    public void A_candidate_that_is_worse_than_the_champion_is_rejected()
    {
        GateVerdict verdict = Gate.Judge(Report(0.4, seed: 1), Report(0.5, seed: 2), Report(0.2, seed: 3), Options, seed: 1);

        Assert.Equal(GateOutcome.Worse, verdict.Outcome);
        Assert.Contains("worse than champion", verdict.Text, StringComparison.Ordinal);
        Assert.False(verdict.Passes);
    }

    [Fact]
    public void A_candidate_that_is_worse_than_popularity_is_rejected_without_a_champion()
    {
        GateVerdict verdict = Gate.Judge(Report(0.2, seed: 1), champion: null, Report(0.4, seed: 3), Options, seed: 1);

        Assert.Equal(GateOutcome.Worse, verdict.Outcome);
    }

    [Fact]
    public void A_loss_within_the_confidence_interval_passes()
    {
        GateVerdict verdict = Gate.Judge(
            Report(0.49, seed: 1, users: 60), Report(0.5, seed: 2, users: 60), Report(0.2, seed: 3, users: 60), Options, seed: 1);

        Assert.Equal(GateOutcome.NotWorse, verdict.Outcome);
        Assert.True(verdict.Figures["gate.champion.high"] > 0);
    }

    [Fact]
    public void A_loss_that_is_not_significant_passes()
    {
        // The metric falls from 1 to 0 for 31 users and rises from 0 to 1 for 29 users. The mean falls by 6 %; in another sample of users it could rise.
        GateVerdict verdict = Gate.Judge(Report(Half(29)), Report(Half(31, isOther: true)), Report(new double[60]), Options, seed: 1);

        Assert.Equal(GateOutcome.NotWorse, verdict.Outcome);
        Assert.True(verdict.Figures["gate.champion.high"] > 0);
        Assert.True(verdict.Figures["ndcg@10"] < 0.99 * verdict.Figures["gate.champion.ndcg@10"]);
    }

    [Fact]
    public void The_confidence_determines_how_significant_a_loss_must_be()
    {
        // The metric falls for 36 users and rises for 24. A difference of this size has a probability of about one in eight by chance.
        EvaluationReport candidate = Report(Half(24));
        EvaluationReport champion = Report(Half(36, isOther: true));
        EvaluationReport popularity = Report(new double[60]);

        Assert.True(Gate.Judge(candidate, champion, popularity, Options with { Confidence = 0.95 }, seed: 1).Passes);
        Assert.False(Gate.Judge(candidate, champion, popularity, Options with { Confidence = 0.5 }, seed: 1).Passes);
    }

    [Fact]
    public void A_loss_within_the_tolerance_passes_even_if_it_is_significant()
    {
        double[] all = [.. Enumerable.Repeat(0.5, 60)];
        double[] almost = [.. Enumerable.Repeat(0.496, 60)];
        double[] less = [.. Enumerable.Repeat(0.494, 60)];

        Assert.True(Gate.Judge(Report(almost), Report(all), Report(new double[60]), Options, seed: 1).Passes);
        Assert.False(Gate.Judge(Report(less), Report(all), Report(new double[60]), Options, seed: 1).Passes);
    }

    [Fact]
    public void With_too_few_users_a_candidate_passes_without_a_judgement()
    {
        GateVerdict verdict = Gate.Judge(
            Report(0.1, seed: 1, users: 49), Report(0.9, seed: 2, users: 49), Report(0.9, seed: 3, users: 49), Options, seed: 1);

        Assert.Equal(GateOutcome.TooLittleToJudge, verdict.Outcome);
        Assert.True(verdict.Passes);
    }

    [Fact]
    public void The_same_seed_gives_the_same_interval()
    {
        double[] better = Report(0.5, seed: 1).PerUser["ndcg@10"];
        double[] worse = Report(0.4, seed: 2).PerUser["ndcg@10"];

        Assert.Equal(Gate.Interval(better, worse, Options, seed: 9), Gate.Interval(better, worse, Options, seed: 9));
        (double low, double high) = Gate.Interval(better, worse, Options, seed: 9);
        Assert.InRange(better.Average() - worse.Average(), low, high);
    }

    private static EvaluationReport Report(double mean, ulong seed, int users = 2_000)
    {
        SeededRandom random = new(seed);
        double[] values = new double[users];
        for (int i = 0; i < users; i++)
        {
            values[i] = random.NextDouble() < mean ? 1 : 0;
        }

        return Report(values);
    }

    // Returns the metric of 60 users: 1 for a number of users, 0 for the others. The users with 1 are the first ones, or the last ones of the other model.
    private static double[] Half(int count, bool isOther = false) =>
        [.. Enumerable.Range(0, 60).Select(user => (isOther ? user >= 60 - count : user < count) ? 1.0 : 0)];

    private static EvaluationReport Report(double[] values) =>
        new(
            "test",
            values.Length,
            100,
            ImmutableSortedDictionary<string, double>.Empty.Add("ndcg@10", values.Average()),
            new Dictionary<string, double[]> { ["ndcg@10"] = values });
}
