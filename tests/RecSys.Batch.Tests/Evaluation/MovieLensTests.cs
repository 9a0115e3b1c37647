using RecSys.Batch.Evaluation;
using RecSys.Batch.Training;
using RecSys.Core.Models;
using RecSys.Numerics;
using RecSys.TestKit;
using RecSys.TestKit.Models;
using Xunit;

namespace RecSys.Batch.Tests.Evaluation;

/// <summary>MovieLens 100K, the split of MCRec: rank all items but the training items, gain against all of the user's test items.</summary>
public sealed class MovieLensTests
{
    private const double NdcgFloor = 0.275;
    private const double BlendFloor = 0.2905;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("Category", "Slow")]
    public void Popularity_is_what_was_published()
    {
        EvaluationSplit split = Split();

        EvaluationReport report = Evaluator.Evaluate(split, Evaluator.PopularityOf(split), Metric.Default, cancellationToken: Cancel);

        Assert.Equal(942, report.UserCount);
        Assert.Equal(0.1904, report.Metrics["precision@10"], 0.001);
        Assert.Equal(0.1179, report.Metrics["recall@10"], 0.001);
        Assert.Equal(0.1360, report.Metrics["ndcg@10"], 0.001);
    }

    [Fact]
    [Trait("Category", "Slow")]
    public void Embeddings_alone_reach_the_floor()
    {
        EvaluationReport report = Evaluate(new ModelOptions { OperatorShare = 0 });

        Assert.True(report.Metrics["ndcg@10"] >= NdcgFloor, $"ndcg@10 is {report.Metrics["ndcg@10"]:F4}");
    }

    [Fact]
    [Trait("Category", "Slow")]
    public void The_default_model_beats_the_best_linear_one_that_was_published()
    {
        EvaluationReport report = Evaluate(new ModelOptions());

        Assert.True(report.Metrics["ndcg@10"] >= BlendFloor, $"ndcg@10 is {report.Metrics["ndcg@10"]:F4}");
    }

    private static EvaluationReport Evaluate(ModelOptions options)
    {
        EvaluationSplit split = Split();
        using ModelSnapshot model = SmallModels.Snapshot(
            new ModelBuilder(options, WorkerThreads.One).Build(split.Train, contentOf: null, cancellationToken: Cancel));
        EvaluationReport report = Evaluator.Evaluate(split, Evaluator.ScoresOf(split, model), Metric.Default, cancellationToken: Cancel);
        TestContext.Current.TestOutputHelper?.WriteLine($"{report.Protocol}: {string.Join(", ", report.Metrics.Select(pair => $"{pair.Key} {pair.Value:F4}"))}");
        return report;
    }

    private static EvaluationSplit Split()
    {
        string folder = DataSets.Require("ml-100k", "mcrec");
        return Splits.Files(
            File.ReadLines(Path.Combine(folder, "ml-100k.train.rating")), File.ReadLines(Path.Combine(folder, "ml-100k.test.rating")));
    }
}
