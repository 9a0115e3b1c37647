using RecSys.Batch.Evaluation;
using RecSys.Batch.Replay;
using RecSys.Batch.Training;
using RecSys.Core;
using RecSys.Core.Jobs;
using RecSys.TestKit;
using Xunit;

namespace RecSys.Batch.Tests.Evaluation;

/// <summary>Checks figures on MovieLens 100K in the split of MCRec: all items except those of the training are ranked, and the ideal gain is over all test items of the user.</summary>
public sealed class MovieLensTests
{
    private const double NdcgFloor = 0.275;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("Category", "Slow")]
    public async Task Popularity_reaches_the_published_figure_and_the_default_model_the_measured_one()
    {
        JobOutcome outcome = await EvaluateAsync(new ModelOptions());

        Assert.Equal(942, outcome.Metrics["users"]);
        Assert.Equal(0.1904, outcome.Metrics["popularity.precision@10"], 0.001);
        Assert.Equal(0.1179, outcome.Metrics["popularity.recall@10"], 0.001);
        Assert.Equal(0.1360, outcome.Metrics["popularity.ndcg@10"], 0.001);
        Assert.Equal(0.2974, outcome.Metrics["model.ndcg@10"], 0.0005);
    }

    [Fact]
    [Trait("Category", "Slow")]
    public async Task Embeddings_alone_reach_the_floor()
    {
        JobOutcome outcome = await EvaluateAsync(new ModelOptions { OperatorShare = 0 });

        Assert.True(outcome.Metrics["model.ndcg@10"] >= NdcgFloor, $"ndcg@10 is {outcome.Metrics["model.ndcg@10"]:F4}");
    }

    private static async Task<JobOutcome> EvaluateAsync(ModelOptions options)
    {
        string folder = DataSets.Require("ml-100k", "mcrec");
        ReplayWorld world = new FileWorld
        {
            Acts = Read("ml-100k.train.rating", ActFileForm.Auto),
            Test = Read("ml-100k.test.rating", ActFileForm.Test),
            DefaultType = FileWorld.PairType,
        }.Build(FileWorld.TypesWithPairs(InteractionTypes.Default));
        JobOutcome outcome = await new OfflineEvaluation(new BatchOptions { Model = options }, slates: null).RunAsync(
            world, new EvaluationSettings { Protocol = EvaluationProtocol.Given, Ideal = IdealGain.AllRelevant }, _ => { }, Cancel);
        TestContext.Current.TestOutputHelper?.WriteLine(outcome.Message);
        return outcome;

        List<FileAct> Read(string name, ActFileForm form) => ActFile.Read(name, File.ReadAllLines(Path.Combine(folder, name)), form);
    }
}
