using System.Diagnostics;
using System.IO.Hashing;
using RecSys.Batch.Evaluation;
using RecSys.Batch.Training;
using RecSys.Core;
using RecSys.Core.Log;
using RecSys.Core.Models;
using RecSys.Numerics;
using RecSys.TestKit.Models;
using Xunit;

namespace RecSys.Batch.Tests.Training;

public sealed class ModelBuilderTests
{
    private const string BytesOfSmallModel = "8563DF5F6CB6983E9CB8CA5A2EEFC0E0";

    private static readonly int[] ThreadCounts = [1, 2, 4, 1];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public void Users_of_a_group_are_recommended_the_other_items_of_their_group()
    {
        EvaluationSplit split = Worlds.LastOut(Worlds.Groups());
        using ModelSnapshot model = Worlds.Train(split.Train);

        EvaluationReport report = Evaluator.Evaluate(split, Evaluator.ScoresOf(split, model), [new(MetricKind.Hr, 6)], cancellationToken: Cancel);
        EvaluationReport popularity = Evaluator.Evaluate(split, Evaluator.PopularityOf(split), [new(MetricKind.Hr, 6)], cancellationToken: Cancel);

        Assert.True(report.Metrics["hr@6"] > 0.8, $"hit rate {report.Metrics["hr@6"]}");
        Assert.True(popularity.Metrics["hr@6"] < 0.5, $"popularity {popularity.Metrics["hr@6"]}");
    }

    [Fact]
    public void Similar_items_are_of_the_same_group()
    {
        using ModelSnapshot model = Worlds.Train(Worlds.Groups().ToTrainingSet());

        for (int item = 0; item < model.ItemCount; item++)
        {
            Neighbours similar = model.SimilarTo(item);
            Assert.All(similar.Indices[..5].ToArray(), other => Assert.Equal(item / 12, other / 12));
            Assert.True(similar.Scores[0] is > 0 and <= 1);
            Assert.Equal(similar.Scores.ToArray().OrderDescending(), similar.Scores.ToArray());
            Assert.False(similar.Indices.Contains(item));
        }
    }

    [Fact]
    public void An_item_without_interactions_is_estimated_from_items_of_similar_content()
    {
        InteractionTable table = Worlds.Groups();
        ItemIndex index = ItemIndex.Of([.. table.Index.Items, new ItemId("new"), new ItemId("odd")]);
        InteractionTable.Builder builder = new(index);
        for (int user = 0; user < table.UserCount; user++)
        {
            for (int i = 0; i < table.ItemsOf(user).Length; i++)
            {
                builder.Add(table.ItemsOf(user)[i], table.TimesOf(user)[i], 1);
            }

            builder.EndUser();
        }

        ItemContent? ContentOf(ItemId item) => item.Value switch
        {
            "odd" => null,
            "new" => new ItemContent { Categories = ["group 2"], Title = "Something new" },
            _ => new ItemContent { Categories = [$"group {int.Parse(item.Value[5..]) / 12}"], Title = $"Thing {item}" },
        };
        ModelContent content = new ModelBuilder(Worlds.Small, WorkerThreads.One).Build(
            builder.Build().ToTrainingSet(), ContentOf, cancellationToken: Cancel);
        using ModelSnapshot model = SmallModels.Snapshot(content);
        Assert.True(model.TryGetIndex(new ItemId("new"), out int cold));
        Assert.True(model.TryGetIndex(new ItemId("odd"), out int odd));

        Assert.Equal(EmbeddingOrigin.Estimated, model.OriginOf(cold));
        Assert.False(model.HasEmbedding(cold));
        Assert.Equal(EmbeddingOrigin.None, model.OriginOf(odd));
        Assert.All(model.FactorsOf(odd).ToArray(), value => Assert.Equal(0f, value));
        Assert.All(model.ContentNeighboursOf(cold).Indices.ToArray(), other => Assert.Equal(2, other / 12));

        float[] scores = new float[model.ItemCount];
        int[] history = [24, 25, 26, 27];
        new ModelScorer(model).ScoreAll(history, [1, 1, 1, 1], scores);
        float bestOfOthers = scores.Take(48).Where((_, item) => item / 12 != 2).Max();
        Assert.True(scores[cold] > bestOfOthers, $"{scores[cold]} against {bestOfOthers}");

        float[] vector = new float[model.ContentDimension];
        Assert.True(new ContentEncoder(model).Encode(new ItemContent { Categories = ["group 2"] }, vector));
        Assert.True(Embeddings.Dot(vector, model.ContentOf(24)) > Embeddings.Dot(vector, model.ContentOf(0)));
        Assert.False(new ContentEncoder(model).Encode(new ItemContent { Title = "unheard-of" }, vector));
    }

    [Fact]
    public void The_same_input_gives_the_same_bytes_on_any_number_of_threads()
    {
        TrainingSet set = Worlds.Groups().ToTrainingSet();
        byte[][] models = [.. ThreadCounts.Select(threads => Bytes(set, threads))];

        Assert.All(models, model => Assert.Equal(models[0], model));
    }

    [Fact]
    public void Another_seed_gives_a_different_model_of_equal_quality()
    {
        EvaluationSplit split = Worlds.LastOut(Worlds.Groups());
        using ModelSnapshot first = Worlds.Train(split.Train);
        using ModelSnapshot second = Worlds.Train(split.Train, Worlds.Small with { Seed = 2 });

        Assert.NotEqual(first.AllFactors.ToArray(), second.AllFactors.ToArray());
        Assert.Equal(Ndcg(first), Ndcg(second), 0.1);

        double Ndcg(ModelSnapshot model) => Evaluator.Evaluate(
            split, Evaluator.ScoresOf(split, model), [new(MetricKind.Ndcg, 10)], cancellationToken: Cancel).Metrics["ndcg@10"];
    }

    [Fact]
    public void A_warm_start_records_its_parent_and_takes_fewer_passes()
    {
        TrainingSet set = Worlds.Groups().ToTrainingSet();
        using ModelSnapshot parent = ModelSnapshot.Open(
            SnapshotBytes.Of(Bytes(set)),
            card => card with { Version = new ModelVersion("1"), Lineage = [new("0")] });

        ModelContent child = new ModelBuilder(Worlds.Small, WorkerThreads.One).Build(
            set, Described, new WarmStart(parent), cancellationToken: Cancel);

        Assert.Equal(new ModelVersion("1"), child.Card.Parent);
        Assert.Equal([new("1"), new ModelVersion("0")], child.Card.Lineage);
        Assert.Equal(Worlds.Small.WarmIterations, child.Card.Parameters["iterations"]);
    }

    [Fact]
    public void Progress_rises_to_the_end_and_a_training_can_be_cancelled()
    {
        TrainingSet set = Worlds.Groups().ToTrainingSet();
        List<double> reported = [];
        new ModelBuilder(Worlds.Small, WorkerThreads.One).Build(
            set, Described, progress: progress => reported.Add(progress.Done), cancellationToken: Cancel);
        Assert.Equal(reported.Order(), reported);
        Assert.Equal(1, reported[^1]);

        using CancellationTokenSource stop = new();
        Assert.ThrowsAny<OperationCanceledException>(() => new ModelBuilder(Worlds.Small, WorkerThreads.One).Build(
            set, Described, progress: _ => stop.Cancel(), cancellationToken: stop.Token));
    }

    [Fact]
    public void A_training_set_without_users_gives_a_model_without_embeddings()
    {
        TrainingSet set = new InteractionTable.Builder(ItemIndex.Of([new ItemId("a"), new ItemId("b")])).Build().ToTrainingSet();

        using ModelSnapshot model = Worlds.Train(set);

        Assert.Equal(2, model.ItemCount);
        Assert.Equal(EmbeddingOrigin.None, model.OriginOf(0));
    }

    [Fact]
    public void The_bytes_of_a_small_model_stay_the_same()
    {
        byte[] bytes = Bytes(Worlds.Groups().ToTrainingSet());

        Assert.Equal(BytesOfSmallModel, Convert.ToHexString(XxHash128.Hash(bytes)));
    }

    [Theory]
    [Trait("Category", "Slow")]
    [InlineData("DOTNET_EnableAVX512")]
    [InlineData("DOTNET_EnableAVX2")]
    [InlineData("DOTNET_EnableHWIntrinsic")]
    public async Task The_bytes_stay_the_same_without(string instructions)
    {
        ProcessStartInfo start = new(Environment.ProcessPath!)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        if (Path.GetFileNameWithoutExtension(start.FileName) == "dotnet")
        {
            start.ArgumentList.Add(typeof(ModelBuilderTests).Assembly.Location);
        }

        start.ArgumentList.Add("--filter-method");
        start.ArgumentList.Add($"*.{nameof(The_bytes_of_a_small_model_stay_the_same)}");
        start.Environment[instructions] = "0";

        using Process child = Process.Start(start)!;
        string output = await child.StandardOutput.ReadToEndAsync(Cancel);
        await child.WaitForExitAsync(Cancel);

        Assert.True(child.ExitCode == 0, output);
        Assert.Contains("succeeded: 1", output, StringComparison.Ordinal);
    }

    private static byte[] Bytes(TrainingSet set, int threads = 1) => SmallModels.Bytes(
        new ModelBuilder(Worlds.Small, new WorkerThreads { Count = threads }).Build(set, Described, cancellationToken: Cancel));

    private static ItemContent Described(ItemId item) =>
        new() { Categories = [$"group {item.Value[^1]}"], Title = $"Thing number {item}", Text = "A thing of this world." };
}
