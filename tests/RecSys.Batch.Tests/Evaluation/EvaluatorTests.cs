using RecSys.Batch.Evaluation;
using Xunit;

namespace RecSys.Batch.Tests.Evaluation;

public sealed class EvaluatorTests
{
    private static readonly EvaluationSplit Split = Worlds.LastOut(Worlds.Groups());

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public void A_scorer_that_ranks_the_relevant_items_first_gets_the_best_metrics()
    {
        int asked = 0;
        EvaluationReport report = Evaluator.Evaluate(
            Split,
            (_, _, scores) =>
            {
                scores.Clear();
                scores[Split.Users[asked++].Relevant[0]] = 1;
            },
            [new(MetricKind.Ndcg, 10), new(MetricKind.Hr, 1), new(MetricKind.Mrr, 3), new(MetricKind.Recall, 1)],
            cancellationToken: Cancel);

        Assert.All(report.Metrics.Values, value => Assert.Equal(1, value));
        Assert.Equal(Split.Users.Count, report.UserCount);
    }

    [Fact]
    public void An_item_of_the_history_is_never_ranked()
    {
        EvaluationReport report = Evaluator.Evaluate(
            Split,
            (items, _, scores) =>
            {
                scores.Clear();
                foreach (int item in items)
                {
                    scores[item] = 100;
                }
            },
            [new(MetricKind.Hr, 48)],
            cancellationToken: Cancel);

        Assert.Equal(1, report.Metrics["hr@48"]);
    }

    [Fact]
    public void The_history_of_a_new_user_is_folded_in_and_not_ranked()
    {
        EvaluationSplit split = Split with { Users = [new EvaluationUser(0, [5]) { History = new FoldedHistory([1, 2], [1, 3]) }] };

        EvaluationReport report = Evaluator.Evaluate(
            split,
            (items, weights, scores) =>
            {
                Assert.Equal([1, 2], items);
                Assert.Equal([1, 3], weights);
                scores.Clear();
                (scores[1], scores[2], scores[5]) = (9, 8, 7);
            },
            [new(MetricKind.Hr, 1)],
            cancellationToken: Cancel);

        Assert.Equal(1, report.Metrics["hr@1"]);
    }
}
