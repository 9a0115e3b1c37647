using Microsoft.Extensions.DependencyInjection;
using RecSys.Batch;
using RecSys.Batch.Evaluation;
using RecSys.Batch.Replay;
using RecSys.Core;
using RecSys.Core.Jobs;
using RecSys.Core.Ports;
using RecSys.TestKit;

namespace RecSys.Serving.Tests;

/// <summary>Checks on MovieLens 100K, in the split of MCRec, that the whole pipeline is nearly as good as the model alone.</summary>
public sealed class MovieLensTests
{
    /// <summary>The largest amount by which the NDCG@10 of the pipeline may be below that of the model if the settings switch off everything but affinity.</summary>
    private const double LossMax = 0.004;

    /// <summary>The time between two pairs; about a year in total.</summary>
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(400);

    private static readonly InteractionTypes Types = FileWorld.TypesWithPairs(InteractionTypes.Default);

    [Fact]
    [Trait("Category", "Slow")]
    public async Task The_pipeline_keeps_the_models_quality()
    {
        string folder = DataSets.Require("ml-100k", "mcrec");
        await using ServiceProvider services = new ServiceCollection()
            .AddSingleton(TimeProvider.System)
            .AddSingleton(Types)
            .AddSingleton(new OwnerHash(new byte[OwnerHash.KeySizeBytes]))
            .AddServingLayer()
            .Configure<ServingOptions>(OnlyTheModel)
            .BuildServiceProvider();
        ReplayWorld world = new FileWorld
        {
            Acts = Read("ml-100k.train.rating", ActFileForm.Auto),
            Test = Read("ml-100k.test.rating", ActFileForm.Test),
            DefaultType = FileWorld.PairType,
            Step = Step,
        }.Build(Types);

        JobOutcome outcome = await new OfflineEvaluation(new BatchOptions(), services.GetRequiredService<ISlateEvaluation>()).RunAsync(
            world, new EvaluationSettings { Protocol = EvaluationProtocol.Given, Ideal = IdealGain.AllRelevant }, _ => { }, World.Token);

        double alone = outcome.Metrics["model.ndcg@10"];
        double served = outcome.Metrics["slates.ndcg@10"];
        Assert.True(served >= alone - LossMax, $"ndcg@10 {served:F4} served, {alone:F4} by the model alone");

        // The rows of the split are not in the order of time, and variety changes the model's order on purpose, so both are switched off. docs/figures.md has the figures with the default settings.
        static void OnlyTheModel(ServingOptions options)
        {
            options.Weights.Session = 0;
            options.Weights.CoVisit = 0;
            options.Weights.Content = 0;
            options.KnownItems = 0;
            options.Calibration = 0;
            options.CauseShareMax = 1;
            options.BoughtShareMax = 1;
            options.NewItemShare = 0;
        }

        List<FileAct> Read(string name, ActFileForm form) => ActFile.Read(name, File.ReadAllLines(Path.Combine(folder, name)), form);
    }
}
