using System.Collections.Immutable;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Time.Testing;
using RecSys.Batch.Evaluation;
using RecSys.Batch.Jobs;
using RecSys.Batch.Ranking;
using RecSys.Batch.Tests.Ranking;
using RecSys.Batch.Training;
using RecSys.Core;
using RecSys.Core.Jobs;
using RecSys.Core.Log;
using RecSys.Core.Models;
using RecSys.Core.Ranking;
using RecSys.TestKit;
using RecSys.TestKit.Models;
using Xunit;

namespace RecSys.Batch.Tests;

public sealed class TrainerTests : IDisposable
{
    private static readonly OwnerHash Hash = new(new byte[OwnerHash.KeySizeBytes]);

    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 11, 24, 14, 32, 1, TimeSpan.Zero));
    private readonly InMemoryInteractionLog _log = new(new LogRecordCodec(Hash), partitionCount: 2);
    private readonly InMemoryModelStore _store;
    private readonly BatchMeter _meter;

    public TrainerTests()
    {
        _store = new InMemoryModelStore(_clock);
        _meter = new BatchMeter(_clock);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _meter.Dispose();

    [Fact]
    public async Task A_training_publishes_a_champion_with_its_watermark_and_parent()
    {
        await AppendWorldAsync();

        TrainingOutcome outcome = await Trainer().TrainAsync(since: null, progress: null, Cancel);

        Assert.Equal(TrainingResult.Published, outcome.Result);
        ModelVersion? champion = await _store.GetAliasAsync(ModelAliases.Champion, Cancel);
        Assert.Equal(new ModelVersion("20261124-143201-1"), champion);
        using ModelSnapshot model = (await _store.OpenAsync(champion!.Value, Cancel))!;
        Assert.Equal(outcome.Watermark, model.Card.Watermark);
        Assert.Equal(100, model.Card.UserCount);
        Assert.Equal(48, model.Card.ItemCount);
        Assert.Contains("not worse than popularity", model.Card.Verdict, StringComparison.Ordinal);
        Assert.True(model.Card.Metrics["ndcg@10"] > model.Card.Metrics["gate.popularity.ndcg@10"]);
        Assert.Null(model.Card.Parent);
        Assert.Equal(_clock.GetUtcNow().ToUnixTimeMilliseconds(), model.Card.CreatedAtMs);
    }

    [Fact]
    public async Task Equal_records_give_equal_models_whatever_the_key_of_the_owners_and_the_partitions()
    {
        byte[] otherKey = new byte[OwnerHash.KeySizeBytes];
        otherKey[0] = 1;
        InMemoryInteractionLog other = new(new LogRecordCodec(new OwnerHash(otherKey)), partitionCount: 1);
        InMemoryModelStore otherStore = new(_clock);
        await AppendWorldAsync();
        await other.AppendAsync(WorldRecords(), Cancel);

        ModelVersion one = (await Trainer().TrainAsync(since: null, progress: null, Cancel)).Card!.Version;
        ModelVersion two = (await new Trainer(other, otherStore, InteractionTypes.Default, Options(), _clock, _meter).TrainAsync(since: null, progress: null, Cancel)).Card!.Version;

        using ModelSnapshot first = (await _store.OpenAsync(one, Cancel))!;
        using ModelSnapshot second = (await otherStore.OpenAsync(two, Cancel))!;
        Assert.Equal(Enumerable.Range(0, first.ItemCount).Select(first.ItemAt), Enumerable.Range(0, second.ItemCount).Select(second.ItemAt));
        Assert.True(first.AllFactors.SequenceEqual(second.AllFactors), "the factors differ");
        Assert.Equal(first.Card.Metrics, second.Card.Metrics);
    }

    [Fact]
    public async Task The_next_training_starts_from_the_champion_and_keeps_it_as_the_previous_one()
    {
        await AppendWorldAsync();
        ModelVersion first = (await Trainer().TrainAsync(since: null, progress: null, Cancel)).Card!.Version;
        await AppendAsync(Enumerable.Range(0, 100).SelectMany(user =>
            Enumerable.Range(0, 12).Select(item => Click($"user-{user}", (user % 4 * 12) + item, 900_000 + user))));
        _clock.Advance(TimeSpan.FromMinutes(15));

        TrainingOutcome outcome = await Trainer().TrainAsync(since: null, progress: null, Cancel);

        Assert.Equal(TrainingResult.Published, outcome.Result);
        Assert.Equal(first, outcome.Card!.Parent);
        Assert.Equal([first], outcome.Card.Lineage);
        Assert.Equal(first, await _store.GetAliasAsync(ModelAliases.Previous, Cancel));
        Assert.Equal(outcome.Card.Version, await _store.GetAliasAsync(ModelAliases.Champion, Cancel));
        Assert.Contains("not worse than champion", outcome.Card.Verdict, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_promotion_during_a_training_is_kept()
    {
        await AppendWorldAsync();
        ModelVersion first = (await Trainer().TrainAsync(since: null, progress: null, Cancel)).Card!.Version;
        _clock.Advance(TimeSpan.FromMinutes(1));
        ModelVersion promoted = new("20260101-000000-1");
        await _store.PublishAsync(promoted, SmallModels.Content(["tea"]), Cancel);
        await AppendAsync([Click("user-1", 5, 900_000)]);

        TrainingOutcome outcome = await Trainer().TrainAsync(
            since: null,
            progress =>
            {
                if (progress.Stage == "publishing")
                {
                    Assert.True(_store.SetAliasAsync(ModelAliases.Champion, promoted, Cancel).AsTask().GetAwaiter().GetResult());
                }
            },
            Cancel);

        Assert.Equal(TrainingResult.NotPromoted, outcome.Result);
        Assert.Contains($"{promoted} was promoted meanwhile", outcome.Message, StringComparison.Ordinal);
        Assert.Equal(promoted, await _store.GetAliasAsync(ModelAliases.Champion, Cancel));
        Assert.Null(await _store.GetAliasAsync(ModelAliases.Previous, Cancel));
        Assert.NotEqual(first, promoted);
    }

    [Fact]
    public async Task An_interaction_dated_in_the_future_does_not_prevent_the_comparison_with_the_champion()
    {
        await AppendWorldAsync();
        long nowMs = _clock.GetUtcNow().ToUnixTimeMilliseconds();
        await AppendAsync([Click("user-1", 5, nowMs + (long)TimeSpan.FromDays(365).TotalMilliseconds)]);
        ModelVersion first = (await Trainer().TrainAsync(since: null, progress: null, Cancel)).Card!.Version;
        await AppendAsync(Enumerable.Range(0, 100).SelectMany(user =>
            Enumerable.Range(0, 12).Select(item => Click($"user-{user}", (user % 4 * 12) + item, nowMs + 1 + user))));
        _clock.Advance(TimeSpan.FromMinutes(15));

        TrainingOutcome outcome = await Trainer().TrainAsync(since: null, progress: null, Cancel);

        Assert.Contains("not worse than champion", outcome.Message, StringComparison.Ordinal);
        Assert.Equal(first, outcome.Card!.Parent);
    }

    [Fact]
    public async Task A_training_without_a_damaged_champion_succeeds_and_reports_it()
    {
        await AppendWorldAsync();
        TrainingOutcome first = await Trainer().TrainAsync(since: null, progress: null, Cancel);
        _store.BytesOf(first.Card!.Version)[^1] ^= 1;
        _clock.Advance(TimeSpan.FromMinutes(1));

        TrainingOutcome outcome = await Trainer().TrainAsync(since: null, progress: null, Cancel);

        Assert.Equal(TrainingResult.Published, outcome.Result);
        Assert.Contains("trained without the champion, which is damaged", outcome.Message, StringComparison.Ordinal);
        Assert.Null(outcome.Card!.Parent);
        Assert.Equal(outcome.Card.Version, await _store.GetAliasAsync(ModelAliases.Champion, Cancel));
        Assert.NotEqual(first.Card.Version, await _store.GetAliasAsync(ModelAliases.Previous, Cancel));
    }

    [Fact]
    public async Task A_champion_is_not_judged_by_interactions_that_it_was_trained_on()
    {
        await AppendWorldAsync();
        await Trainer().TrainAsync(since: null, progress: null, Cancel);
        await AppendAsync([Click("user-1", 5, 900_000)]);

        TrainingOutcome outcome = await Trainer().TrainAsync(since: null, progress: null, Cancel);

        Assert.Contains("not compared with the champion, since too few users have interactions after it", outcome.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("than champion", outcome.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_candidate_starts_from_random_embeddings_if_the_champion_was_trained_on_the_tail()
    {
        await AppendWorldAsync();
        await Trainer().TrainAsync(since: null, progress: null, Cancel);
        await AppendAsync([Click("user-1", 5, 900_000)]);

        TrainingOutcome beside = await Trainer().TrainAsync(since: null, progress: null, Cancel);
        await _store.SetAliasAsync(ModelAliases.Champion, null, Cancel);
        _clock.Advance(TimeSpan.FromMinutes(1));
        TrainingOutcome alone = await Trainer().TrainAsync(since: null, progress: null, Cancel);

        // Anything that the champion learned from the tail would change the figures.
        Assert.Equal(alone.Metrics["ndcg@10"], beside.Metrics["ndcg@10"]);
        Assert.Null(beside.Card!.Parent);
        Assert.Empty(beside.Card.Lineage);
    }

    [Fact]
    public async Task A_candidate_that_is_worse_than_popularity_is_not_published()
    {
        // In the tail, users click the item that is the most popular now, which no earlier embedding predicts.
        await AppendWorldAsync();
        await AppendAsync(Enumerable.Range(0, 3_000).Select(user => Click($"late-{user}", 0, 500_000)));
        await AppendAsync(Enumerable.Range(0, 3_000).Select(user => Click($"late-{user}", 40 + (user % 3), 500_001)));
        await AppendAsync(Enumerable.Range(0, 90).Where(user => user % 4 != 0).Select(user => Click($"user-{user}", 0, 900_000 + user)));
        BatchOptions options = Options();
        options.Gate = options.Gate with { TailShare = 0.011 };

        TrainingOutcome outcome = await Trainer(options).TrainAsync(since: null, progress: null, Cancel);

        Assert.Equal(TrainingResult.NotPromoted, outcome.Result);
        Assert.Contains("worse than popularity", outcome.Message, StringComparison.Ordinal);
        Assert.Empty(await _store.ListAsync(Cancel));
    }

    [Fact]
    public async Task Without_new_records_no_model_is_trained()
    {
        await AppendWorldAsync();
        TrainingOutcome first = await Trainer().TrainAsync(since: null, progress: null, Cancel);

        Assert.Equal(first.Watermark, await Trainer().TrainedUpToAsync(Cancel));
        TrainingOutcome second = await Trainer().TrainAsync(first.Watermark, progress: null, Cancel);

        Assert.Equal(TrainingResult.NothingNew, second.Result);
        Assert.Single(await _store.ListAsync(Cancel));
    }

    [Fact]
    public async Task With_too_few_pairs_no_model_is_trained()
    {
        await AppendAsync([Click("ada", 1, 1)]);

        Assert.Equal(TrainingResult.TooLittle, (await Trainer().TrainAsync(since: null, progress: null, Cancel)).Result);
    }

    [Fact]
    public async Task The_same_log_gives_the_same_bytes_on_any_number_of_threads()
    {
        await AppendWorldAsync();
        foreach (int threads in new[] { 1, 2, 4 })
        {
            BatchOptions options = Options();
            options.ThreadCount = threads;
            await _store.SetAliasAsync(ModelAliases.Champion, null, Cancel);
            await Trainer(options).TrainAsync(since: null, progress: null, Cancel);
            _clock.Advance(TimeSpan.FromMinutes(1));
        }

        byte[][] models = [.. (await _store.ListAsync(Cancel)).Select(card => _store.BytesOf(card.Version))];
        Assert.Equal(3, models.Length);
        Assert.All(models, model => Assert.Equal(models[0], model));
    }

    [Fact]
    public async Task A_cancelled_training_publishes_no_model()
    {
        await AppendWorldAsync();
        using CancellationTokenSource stop = new();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Trainer().TrainAsync(
            since: null,
            progress =>
            {
                if (progress.Stage.StartsWith("final", StringComparison.Ordinal))
                {
                    stop.Cancel();
                }
            },
            stop.Token));

        Assert.Empty(await _store.ListAsync(Cancel));
    }

    [Fact]
    public async Task Training_excludes_refused_and_erased_users_and_combines_merged_ones()
    {
        await AppendAsync(
        [
            Click("refuses", 1, 1),
            new LogRecord.UserChanged(
                new UserId("refuses"), ImmutableSortedDictionary<string, string>.Empty, Consent: false, IsPatch: true, TimestampMs: 2),
            Click("erased", 2, 1),
            Click("ada", 3, 1),
            Click("ada-at-work", 4, 2),
            new LogRecord.UsersMerged(new UserId("ada"), new UserId("ada-at-work"), Hash.Of(new UserId("ada-at-work")), TimestampMs: 3),
            Click("bob", 3, 1),
        ]);
        LogPosition now = await LogHistory.WatermarkAsync(_log, Cancel);
        await AppendAsync([new LogRecord.PersonErased(Hash.Of(new UserId("erased")), now, TimestampMs: 4)]);

        LogHistory history = LogHistory.Read(
            _log, await LogHistory.WatermarkAsync(_log, Cancel), InteractionTypes.Default, progress: null, Cancel);

        Assert.Equal(2, history.Table.UserCount);
        Assert.Equal(["item-0003", "item-0004"], history.Table.Index.Items.Select(item => item.Value));
        Assert.Contains(2, Enumerable.Range(0, 2).Select(user => history.Table.ItemsOf(user).Length));
    }

    [Fact]
    public async Task Training_leaves_out_no_user_of_a_chain_of_merges_longer_than_a_read_follows()
    {
        const int Merges = Limits.AliasesMax + 4;
        await AppendAsync(
        [
            .. Enumerable.Range(0, Merges + 1).Select(index => Click($"guest{index}", index + 1, 1)),
            .. Enumerable.Range(0, Merges).Select(index => new LogRecord.UsersMerged(
                new UserId($"guest{index}"), new UserId($"guest{index + 1}"), Hash.Of(new UserId($"guest{index + 1}")), TimestampMs: 2)),
        ]);

        LogHistory history = LogHistory.Read(
            _log, await LogHistory.WatermarkAsync(_log, Cancel), InteractionTypes.Default, progress: null, Cancel);

        int[] items = [.. Enumerable.Range(0, history.Table.UserCount).Select(user => history.Table.ItemsOf(user).Length)];
        Assert.Equal((Merges + 1, Limits.AliasesMax + 1), (items.Sum(), items.Max()));
    }

    [Fact]
    public async Task Old_models_are_deleted_except_those_with_an_alias()
    {
        await AppendWorldAsync();
        BatchOptions options = Options();
        options.ModelsKept = 1;
        for (int i = 0; i < 3; i++)
        {
            await Trainer(options).TrainAsync(since: null, progress: null, Cancel);
            _clock.Advance(TimeSpan.FromMinutes(1));
        }

        Assert.Equal(
            [await _store.GetAliasAsync(ModelAliases.Champion, Cancel), await _store.GetAliasAsync(ModelAliases.Previous, Cancel)],
            (await _store.ListAsync(Cancel)).Select(card => (ModelVersion?)card.Version));
    }

    [Fact]
    public async Task A_training_is_measured_and_the_published_models_fold_in_equals_training()
    {
        await AppendWorldAsync();
        Dictionary<string, double> measured = [];
        using MeterListener listener = new();
        listener.InstrumentPublished = (instrument, listening) =>
        {
            if (instrument.Meter.Name == BatchMeter.Name)
            {
                listening.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<double>((instrument, value, _, _) => measured[instrument.Name] = value);
        listener.SetMeasurementEventCallback<long>((instrument, value, _, _) => measured[instrument.Name] = value);
        using BatchMeter meter = new(_clock);
        listener.Start();

        await new Trainer(_log, _store, InteractionTypes.Default, Options(), _clock, meter).TrainAsync(since: null, progress: null, Cancel);
        _clock.Advance(TimeSpan.FromSeconds(90));
        listener.RecordObservableInstruments();

        Assert.Equal(90, measured["recsys.batch.model.age"]);
        Assert.True(measured.ContainsKey("recsys.batch.training.duration"));
        Assert.Equal(1, measured["recsys.batch.gate.verdicts"]);
        Assert.InRange(measured["recsys.batch.parity.error"], 0, 1e-4);
    }

    [Fact]
    public async Task A_scheduled_training_is_skipped_until_the_log_holds_new_records()
    {
        await AppendWorldAsync();
        JobRequest scheduled = new(
            JobKind.Train, ImmutableSortedDictionary<string, string>.Empty.Add(JobRules.Scheduled, "true"));
        JobDefinition job = new TrainJob(Trainer()).Definition;

        Assert.False((await job.RunAsync(scheduled, _ => { }, Cancel)).IsNothing);
        Assert.True((await job.RunAsync(scheduled, _ => { }, Cancel)).IsNothing);
        Assert.True((await new TrainJob(Trainer()).Definition.RunAsync(scheduled, _ => { }, Cancel)).IsNothing);
        await AppendAsync([Click("user-1", 5, 900_000)]);

        Assert.False((await job.RunAsync(scheduled, _ => { }, Cancel)).IsNothing);
    }

    [Fact]
    public async Task An_evaluation_reports_its_protocol_and_beats_popularity_on_clustered_users()
    {
        await AppendWorldAsync();
        JobDefinition job = new EvaluateJob(_log, InteractionTypes.Default, new OfflineEvaluation(Options(), slates: null)).Definition;

        JobOutcome outcome = await job.RunAsync(
            new JobRequest(
                JobKind.Evaluate,
                ImmutableSortedDictionary<string, string>.Empty.Add("split", "leave-last-out").Add("metrics", "ndcg@10, hr@5")),
            _ => { },
            Cancel);

        Assert.Contains("leave-last-out", outcome.Message, StringComparison.Ordinal);
        Assert.True(outcome.Metrics["model.ndcg@10"] > outcome.Metrics["popularity.ndcg@10"]);
        Assert.True(outcome.Metrics.ContainsKey("model.hr@5"));
    }

    [Fact]
    public async Task A_candidate_is_judged_by_a_tail_that_has_only_new_users()
    {
        await AppendWorldAsync();
        List<LogRecord> visits = [];
        for (int user = 0; user < 300; user++)
        {
            visits.AddRange(Enumerable.Range(0, 4).Select(act => new LogRecord.Interaction(
                new UserId($"new-{user}"), Worlds.Item((user % 4 * 12) + ((user + act) % 12)), "view", 10_000_000 + (user * 100) + act)));
        }

        await AppendAsync(visits);
        JobOutcome outcome = await new TrainJob(Trainer()).Definition.RunAsync(
            new JobRequest(JobKind.Train, ImmutableSortedDictionary<string, string>.Empty), _ => { }, Cancel);

        Assert.Contains("not worse than popularity", outcome.Message, StringComparison.Ordinal);
        Assert.True(outcome.Metrics["gate.users"] >= 50);
    }

    [Fact]
    public async Task The_fitted_weights_of_the_champion_are_kept_if_there_is_too_little_to_fit_to()
    {
        RankingWeights present = new(["first"], [1], [1]);
        FeatureSlates slates = new([], (_, _, _) => [], present);
        await AppendWorldAsync();
        ModelContent champion = SmallModels.Content(["tea"]);
        ModelVersion version = new("20260101-000000-1");
        await _store.PublishAsync(version, champion with { Card = champion.Card with { Parameters = new RankingWeights(["first"], [7], [1]).WriteTo(champion.Card.Parameters) } }, Cancel);
        await _store.SetAliasAsync(ModelAliases.Champion, version, Cancel);

        TrainingOutcome outcome = await TrainAsync(new RankingFitOptions());
        TrainingOutcome withoutFit = await TrainAsync(new RankingFitOptions { QuestionsMax = 0 });

        Assert.Equal(7, outcome.Card!.Parameters["weights.first"]);
        Assert.Contains("those of the champion are kept", outcome.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("weights.first", withoutFit.Card!.Parameters.Keys);

        Task<TrainingOutcome> TrainAsync(RankingFitOptions fit)
        {
            BatchOptions options = Options();
            options.Ranking = fit;
            _clock.Advance(TimeSpan.FromMinutes(1));
            return new Trainer(_log, _store, InteractionTypes.Default, options, _clock, _meter, slates).TrainAsync(since: null, progress: null, Cancel);
        }
    }

    [Fact]
    public async Task A_training_fits_weights_to_interactions_that_the_candidate_has_not_learned_from()
    {
        await AppendWorldAsync();
        long earliestMs = long.MaxValue;
        FeatureSlates slates = new(
            [Worlds.Item(0).Value],
            (views, _, _) =>
            {
                earliestMs = Math.Min(earliestMs, views.Time.GetUtcNow().ToUnixTimeMilliseconds());
                Assert.True(views.Model.Card.ItemCount > 0);
                return [1];
            },
            new RankingWeights(["first"], [1], [1]));
        BatchOptions options = Options();
        options.Ranking = new RankingFitOptions { QuestionsMin = 10 };
        LogHistory history = LogHistory.Read(_log, await LogHistory.WatermarkAsync(_log, Cancel), InteractionTypes.Default, progress: null, Cancel);

        await new Trainer(_log, _store, InteractionTypes.Default, options, _clock, _meter, slates).TrainAsync(since: null, progress: null, Cancel);

        Assert.True(earliestMs >= Splits.CutTime(history.Table, 0.5) && earliestMs < long.MaxValue, $"the first question is at {earliestMs}");
    }

    private static LogRecord.Interaction Click(string user, int item, long timeMs) =>
        new(new UserId(user), Worlds.Item(item), "view", timeMs);

    private static BatchOptions Options() => new() { Model = Worlds.Small, ThreadCount = 1 };

    private Trainer Trainer(BatchOptions? options = null) =>
        new(_log, _store, InteractionTypes.Default, options ?? Options(), _clock, _meter);

    private Task AppendWorldAsync() => AppendAsync(WorldRecords());

    private static List<LogRecord> WorldRecords()
    {
        InteractionTable world = Worlds.Groups();
        List<LogRecord> records = [.. world.Index.Items.Select(item => new LogRecord.ItemChanged(
            item, new ItemContent { Title = $"Thing {item}", Categories = ["things"] }, TimestampMs: 1))];
        for (int user = 0; user < world.UserCount; user++)
        {
            for (int i = 0; i < world.ItemsOf(user).Length; i++)
            {
                records.Add(new LogRecord.Interaction(
                    new UserId($"user-{user}"), world.Index.Items[world.ItemsOf(user)[i]], "view", world.TimesOf(user)[i]));
            }
        }

        return records;
    }

    private async Task AppendAsync(IEnumerable<LogRecord> records)
    {
        foreach (LogRecord[] chunk in records.Chunk(Limits.BatchMax))
        {
            await _log.AppendAsync(chunk, Cancel);
        }
    }
}
