using System.Buffers;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using RecSys.Batch.Evaluation;
using RecSys.Batch.Training;
using RecSys.Core;
using RecSys.Core.Catalogue;
using RecSys.Core.Log;
using RecSys.Core.Models;
using RecSys.Core.Slates;
using RecSys.Core.Trends;
using RecSys.Core.Users;
using RecSys.Numerics;
using RecSys.TestKit;
using RecSys.TestKit.Models;

namespace RecSys.Serving.Tests;

/// <summary>
/// Slates of the whole pipeline on MovieLens 100K, the split of MCRec: the training pairs are the users' histories and come from the log into profiles,
/// trends and catalogue; the slate's ten items are judged by the user's test items. The split is by chance, so its times would tell which
/// test items stood beside which training items; the histories are put in an order by chance instead, as the model sees them.
/// </summary>
public sealed class MovieLensTests
{
    /// <summary>How much of the model's own NDCG@10 the pipeline may lose to what else it cares for.</summary>
    private const double LossMax = 0.004;

    /// <summary>Between two pairs; about a year for all.</summary>
    private const long StepMs = 400_000;

    private static readonly OwnerHash Hash = new(new byte[OwnerHash.KeySizeBytes]);

    private static readonly InteractionTypes Types = new([new InteractionType("watch", Weight: 1, ComesBack: false)]);

    [Fact]
    [Trait("Category", "Slow")]
    public void The_pipeline_keeps_the_models_quality()
    {
        string folder = DataSets.Require("ml-100k");
        EvaluationSplit split = Splits.Files(
            File.ReadLines(Path.Combine(folder, "mcrec", "ml-100k.train.rating")), File.ReadLines(Path.Combine(folder, "mcrec", "ml-100k.test.rating")));
        ModelContent content = new ModelBuilder(new ModelOptions(), WorkerThreads.One).Build(split.Train, contentOf: null, cancellationToken: World.Token);
        using ModelSnapshot judged = SmallModels.Snapshot(content);
        double alone = Evaluator.Evaluate(split, Evaluator.ScoresOf(split, judged), Metric.Default, cancellationToken: World.Token).Metrics["ndcg@10"];

        double served = Serve(folder, content, new ServingOptions { Seed = 1 });

        TestContext.Current.TestOutputHelper?.WriteLine($"ndcg@10: model alone {alone:F4}, served {served:F4}");
        Assert.True(served >= alone - LossMax, $"ndcg@10 {served:F4} served, {alone:F4} by the model alone");
    }

    private static double Serve(string folder, ModelContent content, ServingOptions options)
    {
        (string User, string Item)[] pairs =
        [
            .. File.ReadLines(Path.Combine(folder, "mcrec", "ml-100k.train.rating"))
                .Select(line => line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries))
                .Select(parts => (parts[0], parts[1])),
        ];
        new SeededRandom(5).Shuffle(pairs.AsSpan());
        long nowMs = pairs.Length * StepMs;
        FakeTimeProvider time = new(DateTimeOffset.FromUnixTimeMilliseconds(nowMs));
        CatalogueFold catalogue = new();
        LogRecordCodec codec = new(Hash);
        Apply(catalogue, codec, folder, addedAtMs: 0);
        TrendsFold trends = new();
        FakeProfiles profiles = new();
        Fill(profiles, trends, catalogue.Current, codec, pairs);
        FakeModels models = new();
        models.Serve(SmallModels.Snapshot(content));
        using ServingMetrics metrics = new();
        Recommender recommender = new(
            profiles, new FakeCatalogue(catalogue), new FoldTrends(trends), models, new InMemoryImpressionLog(), null, Hash, Types, time, options,
            new SlateCache(time, options), metrics);

        double sum = 0;
        int users = 0;
        foreach (string line in File.ReadLines(Path.Combine(folder, "mcrec", "ml-100k.test.rating")))
        {
            string[] parts = line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
            HashSet<string> wanted = [.. parts[1..]];
            Slate slate = World.Now(recommender.RecommendAsync(new SlateRequest { User = new UserId(parts[0]) }, World.Token));
            double gain = 0;
            for (int position = 0; position < slate.Items.Length; position++)
            {
                gain += wanted.Contains(slate.Items[position].Item.Value) ? 1 / Math.Log2(position + 2) : 0;
            }

            sum += gain / Enumerable.Range(0, wanted.Count).Sum(position => 1 / Math.Log2(position + 2));
            users++;
        }

        models.Serve(null);
        return sum / users;
    }

    private static void Apply(CatalogueFold catalogue, LogRecordCodec codec, string folder, long addedAtMs)
    {
        long offset = 0;
        string[] genres = [.. File.ReadLines(Path.Combine(folder, "u.genre")).Where(line => line.Length > 0).Select(line => line.Split('|')[0])];
        foreach (string line in File.ReadLines(Path.Combine(folder, "u.item"), Encoding.Latin1))
        {
            string[] parts = line.Split('|');
            ItemContent item = new() { Title = parts[1], Categories = [.. genres.Where((_, genre) => parts[5 + genre] == "1")] };
            catalogue.Apply(0, 0, [Entry(codec, offset++, new LogRecord.ItemChanged(new ItemId(parts[0]), item, addedAtMs))]);
        }
    }

    private static void Fill(
        FakeProfiles profiles, TrendsFold trends, ItemCatalogue catalogue, LogRecordCodec codec, (string User, string Item)[] pairs)
    {
        for (int offset = 0; offset < pairs.Length; offset++)
        {
            (string user, string item) = pairs[offset];
            LogEntry entry = Entry(codec, offset, new LogRecord.Interaction(new UserId(user), new ItemId(item), "watch", offset * StepMs));
            profiles.Profiles[user] = profiles.Profiles.GetValueOrDefault(user, UserProfile.Empty).Apply(0, 1, [entry]);
            trends.Apply(0, 1, [entry], catalogue, Types);
        }
    }

    private static LogEntry Entry(LogRecordCodec codec, long offset, LogRecord record)
    {
        ArrayBufferWriter<byte> bytes = new();
        codec.Encode(record, bytes);
        return new LogEntry(offset, bytes.WrittenMemory);
    }

    private sealed class FoldTrends(TrendsFold fold) : Core.Ports.ITrends
    {
        public IReadOnlyList<ScoredItem> GetTrending(string? category, TrendWindow window, int count, long nowMs) =>
            fold.GetTrending(category, window, count, nowMs);

        public IReadOnlyList<ScoredItem> GetCoVisited(ItemId item, int count) => fold.GetCoVisited(item, count);
    }
}
