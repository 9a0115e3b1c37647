using RecSys.Batch.Evaluation;
using RecSys.Core;
using Xunit;

namespace RecSys.Batch.Tests.Evaluation;

public sealed class EvaluatorTests
{
    private static readonly EvaluationSplit Split = Splits.LeaveOneOut(Worlds.Groups());

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public void A_scorer_that_ranks_the_relevant_items_first_gets_full_marks()
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
    public async Task Slates_of_a_pipeline_are_judged_by_the_same_measure_as_scores()
    {
        EvaluationReport scored = Evaluator.Evaluate(Split, Evaluator.PopularityOf(Split), Metric.Default, cancellationToken: Cancel);
        int[] degrees = Split.Train.ItemDegrees();

        EvaluationReport slated = await Evaluator.EvaluateSlatesAsync(
            Split,
            (user, count, _) => new ValueTask<IReadOnlyList<ItemId>>([.. Enumerable.Range(0, degrees.Length)
                .Where(item => !Split.Train.Weights.RowColumns(user.Row).Contains(item))
                .OrderByDescending(item => degrees[item]).ThenBy(item => item)
                .Take(count)
                .Select(item => Split.Train.Items[item])]),
            Metric.Default,
            cancellationToken: Cancel);

        Assert.Equal(scored.Metrics, slated.Metrics);
    }

    [Fact]
    public async Task A_slate_of_unknown_items_finds_and_covers_nothing()
    {
        EvaluationReport report = await Evaluator.EvaluateSlatesAsync(
            Split, (_, _, _) => new ValueTask<IReadOnlyList<ItemId>>([new ItemId("unknown")]), Metric.Default, cancellationToken: Cancel);

        Assert.Equal(0, report.Metrics["ndcg@10"]);
        Assert.Equal(0, report.Metrics["coverage@10"]);
    }
}
