using System.Globalization;
using RecSys.Batch.Evaluation;
using RecSys.Batch.Ranking;
using RecSys.Batch.Replay;
using RecSys.Batch.Training;
using RecSys.Core;
using RecSys.Core.Jobs;
using RecSys.Core.Log;
using RecSys.Core.Models;
using RecSys.Core.Ports;
using RecSys.Core.Trends;
using RecSys.Numerics;

namespace RecSys.Batch;

/// <summary>Runs a whole training: reads the log, trains and judges a candidate, and publishes the new champion.</summary>
/// <remarks>A training runs on low-priority threads. The coordinator runs one training at a time.</remarks>
public sealed class Trainer
{
    /// <summary>The largest number of attempts to publish if other publishers have used a version of the same second.</summary>
    private const int VersionTriesMax = 100;

    private const int ParityUsers = 64;
    private const double ReadPart = 0.15;
    private const double TrainedPart = 0.95;

    private readonly IInteractionLog _log;
    private readonly IModelStore _store;
    private readonly InteractionTypes _types;
    private readonly BatchOptions _options;
    private readonly TimeProvider _clock;
    private readonly BatchMeter _meter;
    private readonly ISlateEvaluation? _slates;
    private readonly TrendsOptions? _trends;

    /// <summary>Creates a trainer that reads a log and publishes into a store.</summary>
    /// <param name="log">The log from which models learn.</param>
    /// <param name="store">The store into which models are published.</param>
    /// <param name="types">The types of interactions, with their weights.</param>
    /// <param name="options">Options of the training, the gate and the fit of weights.</param>
    /// <param name="clock">Clock that gives the versions of models and the duration of a training.</param>
    /// <param name="meter">Receives the metrics of trainings.</param>
    /// <param name="slates">The serving layer, whose ranking weights are fitted; null: no weights are fitted.</param>
    /// <param name="trends">Options of trends, as in the serving layer; null: the default ones.</param>
    public Trainer(
        IInteractionLog log,
        IModelStore store,
        InteractionTypes types,
        BatchOptions options,
        TimeProvider clock,
        BatchMeter meter,
        ISlateEvaluation? slates = null,
        TrendsOptions? trends = null)
    {
        ArgumentNullException.ThrowIfNull(log);
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(types);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(clock);
        ArgumentNullException.ThrowIfNull(meter);
        _log = log;
        _store = store;
        _types = types;
        _options = options;
        _clock = clock;
        _meter = meter;
        _slates = slates;
        _trends = trends;
    }

    /// <summary>Trains a candidate, judges it and, if the gate passes it, publishes the new champion.</summary>
    /// <param name="since">The position after which the log must have records; otherwise no model is trained. Null: a model is always trained.</param>
    /// <param name="progress">Called with the progress, 0 to 1, on any thread; null if not needed.</param>
    /// <param name="cancellationToken">Cancels the training before it publishes a model; after that it has no effect.</param>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    /// <exception cref="StoreUnavailableException">The log or the store cannot be reached.</exception>
    /// <remarks>If the champion is damaged, training does not start from its embeddings, the candidate is not compared with it, and the message reports the damage.</remarks>
    public async Task<TrainingOutcome> TrainAsync(
        LogPosition? since, Action<JobProgress>? progress, CancellationToken cancellationToken)
    {
        LogPosition watermark = await LogHistory.WatermarkAsync(_log, cancellationToken).ConfigureAwait(false);
        if (since is not null && since.Covers(watermark))
        {
            return new TrainingOutcome(TrainingResult.NothingNew, "the log has no new records since the last training", watermark);
        }

        return await LowPriorityThread.RunAsync(
            "recsys-training", _options.Threads.Niceness, () => Train(watermark, progress, cancellationToken)).ConfigureAwait(false);
    }

    /// <summary>Returns the watermark of the champion, or null if there is none.</summary>
    /// <exception cref="StoreUnavailableException">The store cannot be reached.</exception>
    public async Task<LogPosition?> TrainedUpToAsync(CancellationToken cancellationToken)
    {
        ModelVersion? version;
        try
        {
            version = await _store.GetAliasAsync(ModelAliases.Champion, cancellationToken).ConfigureAwait(false);
        }
        catch (CorruptModelException)
        {
            version = null;
        }

        ModelCard? card = (await _store.ListAsync(cancellationToken).ConfigureAwait(false)).FirstOrDefault(card => card.Version == version);
        _meter.Champion(card);
        return card?.Watermark;
    }

    // Runs on a thread of its own, which may block on the log and the store.
    private TrainingOutcome Train(LogPosition watermark, Action<JobProgress>? progress, CancellationToken cancellationToken)
    {
        long startedAt = _clock.GetTimestamp();
        LogHistory history = LogHistory.Read(
            _log,
            watermark,
            _types,
            done => progress?.Invoke(new JobProgress("reading the log", done * ReadPart)),
            cancellationToken);
        int pairs = history.TrainingSet.Weights.EntryCount;
        if (pairs < _options.PairsMin)
        {
            return new TrainingOutcome(
                TrainingResult.TooLittle, Text($"the log has {pairs} pairs of user and item; {_options.PairsMin} are needed"), watermark);
        }

        using ModelSnapshot? champion = OpenChampion(out ModelVersion? named, out string? damage, cancellationToken);
        string without = damage is null ? "" : $"; trained without the champion, which is damaged: {damage}";
        ReplayWorld? world = ReadWorld(watermark, history, cancellationToken);
        CandidateResult result = new CandidateTrainer(_options, _slates, _trends).Train(
            history, world, champion, part => progress?.Invoke(part.Within(ReadPart, TrainedPart)), cancellationToken);
        _meter.Judged(result.Verdict.Outcome);
        if (result.Model is null)
        {
            return new TrainingOutcome(TrainingResult.NotPromoted, result.Verdict.Text + without, watermark) { Metrics = result.Verdict.Figures };
        }

        progress?.Invoke(new JobProgress("publishing", TrainedPart));
        (ModelCard card, ModelVersion? promoted) = Wait(PublishAsync(result.Model, named, champion?.Card.Version, cancellationToken));
        if (promoted is not null)
        {
            return new TrainingOutcome(
                TrainingResult.NotPromoted, $"{card.Version} was compared with a champion that is not served any more: {(promoted.Value.Value is { } kept ? $"{kept} was promoted" : "its alias was removed")} meanwhile", watermark)
            {
                Metrics = result.Verdict.Figures,
            };
        }

        _meter.Parity(ParityError(result.Model, card.Version, history.TrainingSet.Weights, cancellationToken));
        TimeSpan duration = _clock.GetElapsedTime(startedAt);
        _meter.Trained(duration);
        progress?.Invoke(new JobProgress("done", 1));
        return new TrainingOutcome(
            TrainingResult.Published,
            Text($"published {card.Version}: {card.UserCount} users, {card.ItemCount} items, {card.InteractionCount} pairs in {duration.TotalSeconds:F1} s; {result.Model.Card.Verdict}{without}"),
            watermark)
        {
            Card = card,
            Metrics = card.Metrics.SetItem("seconds", duration.TotalSeconds),
        };
    }

    // Returns the records of the log for the fit of the ranking; null if no weights are fitted, or if there are too few interactions or too many records.
    private ReplayWorld? ReadWorld(LogPosition watermark, LogHistory history, CancellationToken cancellationToken)
    {
        long records = 0;
        for (int partition = 0; partition < watermark.PartitionCount; partition++)
        {
            records += watermark[partition] + 1;
        }

        RankingFitOptions fit = _options.Ranking;
        return fit.IsFitted(_slates, records) && history.Table.Count >= fit.QuestionsMin
            ? LogWorld.Read(_log, watermark, _types, progress: null, cancellationToken)
            : null;
    }

    private ModelSnapshot? OpenChampion(out ModelVersion? named, out string? damage, CancellationToken cancellationToken)
    {
        named = null;
        damage = null;
        try
        {
            named = Wait(_store.GetAliasAsync(ModelAliases.Champion, cancellationToken).AsTask());
            return named is { } version
                ? Wait(_store.OpenAsync(version, cancellationToken).AsTask())
                : null;
        }
        catch (CorruptModelException exception)
        {
            damage = exception.Message;
            return null;
        }
    }

    /// <summary>Publishes a model, and makes it the champion if the champion has not been replaced since the comparison.</summary>
    /// <param name="model">The model to publish.</param>
    /// <param name="named">The version that the alias champion named before the comparison; null if it named none.</param>
    /// <param name="champion">The champion with which the model was compared; null if there was none, or it was damaged.</param>
    /// <param name="cancellationToken">Cancels the publication.</param>
    /// <returns>The card of the published model, and null if that model is now the champion. Otherwise the second value is the version that the alias names instead, or the default if the alias was removed.</returns>
    private async Task<(ModelCard Card, ModelVersion? Promoted)> PublishAsync(
        ModelContent model, ModelVersion? named, ModelVersion? champion, CancellationToken cancellationToken)
    {
        string second = _clock.GetUtcNow().ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture);
        ModelCard? card = null;
        for (int number = 1; card is null; number++)
        {
            try
            {
                card = await _store.PublishAsync(
                    new ModelVersion(Text($"{second}-{number}")), model, cancellationToken).ConfigureAwait(false);
            }
            catch (InvalidOperationException) when (number < VersionTriesMax)
            {
                // Another model has this version: the next number is tried.
            }
        }

        // The following steps are not cancelled: the aliases are set, then old models are deleted.
        if (!await _store.TryReplaceAliasAsync(ModelAliases.Champion, named, card.Version, CancellationToken.None).ConfigureAwait(false)
            && await _store.GetAliasAsync(ModelAliases.Champion, CancellationToken.None).ConfigureAwait(false) is var now && now != card.Version)
        {
            return (card, now ?? default(ModelVersion));
        }

        if (champion is { } previous)
        {
            await _store.SetAliasAsync(ModelAliases.Previous, previous, CancellationToken.None).ConfigureAwait(false);
        }

        _meter.Champion(card);
        await _store.DeleteOldAsync(_options.ModelsKept, CancellationToken.None).ConfigureAwait(false);
        return (card, null);
    }

    // Returns the largest relative difference, over a sample of users, between the embedding that the published snapshot folds in and that of the dense half-step of training.
    private double ParityError(
        ModelContent model, ModelVersion version, CsrMatrix weights, CancellationToken cancellationToken)
    {
        using ModelSnapshot? snapshot = Wait(_store.OpenAsync(version, cancellationToken).AsTask());
        if (snapshot is null)
        {
            return 0;
        }

        FoldIn foldIn = new(snapshot);
        FoldInBase solved = model.FoldIn!;
        float[] folded = new float[model.Dimension];
        float[] trained = new float[model.Dimension];
        double worst = 0;
        int step = Math.Max(1, weights.RowCount / ParityUsers);
        for (int user = 0; user < weights.RowCount; user += step)
        {
            ReadOnlySpan<int> items = weights.RowColumns(user);
            if (items.IsEmpty)
            {
                continue;
            }

            foldIn.Embed(items, weights.RowValues(user), folded);
            NormalEquations.SolveDense(
                model.Factors, solved.Diagonal, solved.RidgeOf(items.Length), items, weights.RowValues(user), trained);
            double norm = Embeddings.Norm(trained);
            Embeddings.Axpy(-1f, trained, folded);
            worst = Math.Max(worst, Embeddings.Norm(folded) / Math.Max(norm, 1e-30));
        }

        return worst;
    }

    private static T Wait<T>(Task<T> task) => task.GetAwaiter().GetResult();

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

/// <summary>The result of a training.</summary>
public enum TrainingResult
{
    /// <summary>The model was published and is the new champion.</summary>
    Published = 0,

    /// <summary>There is no new champion: the candidate is worse and was not published, or the model was published after the champion had been replaced by another one.</summary>
    NotPromoted = 1,

    /// <summary>The log contains no new records. No model was trained.</summary>
    NothingNew = 2,

    /// <summary>The log contains too few (user, item) pairs to learn from. No model was trained.</summary>
    TooLittle = 3,
}

/// <summary>The outcome of a training.</summary>
/// <param name="Result">Whether a model was trained, published and promoted.</param>
/// <param name="Message">The outcome in one line.</param>
/// <param name="Watermark">The position up to which the log was read.</param>
public sealed record TrainingOutcome(TrainingResult Result, string Message, LogPosition Watermark)
{
    /// <summary>Gets the card of the new champion; null if there is none.</summary>
    public ModelCard? Card { get; init; }

    /// <summary>Gets the figures of the gate by name, and the duration of the training in seconds.</summary>
    public System.Collections.Immutable.ImmutableSortedDictionary<string, double> Metrics { get; init; } = GateVerdict.NoFigures;
}
