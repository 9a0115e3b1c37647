using System.Collections.Immutable;
using RecSys.Batch.Evaluation;
using RecSys.Batch.Training;
using RecSys.Core;
using RecSys.Core.Catalogue;
using RecSys.Core.Jobs;
using RecSys.Core.Log;
using RecSys.Core.Models;
using RecSys.Core.Ports;

namespace RecSys.Batch;

/// <summary>Trains on one part of a split and judges the model, popularity and whole slates by the other. Publishes no model.</summary>
/// <param name="options">Options of the training.</param>
/// <param name="slates">Makes whole slates; null if they are not judged.</param>
public sealed class OfflineEvaluation(BatchOptions options, ISlateEvaluation? slates)
{
    private const double TrainedPart = 0.75;
    private const double JudgedPart = 0.85;

    /// <summary>Runs the evaluation on other threads.</summary>
    /// <param name="split">The training set and the users that judge.</param>
    /// <param name="catalogue">The known items; null if only the split is known.</param>
    /// <param name="metrics">The metrics to measure.</param>
    /// <param name="progress">Called with the progress, on any thread.</param>
    /// <param name="cancellationToken">Cancels the evaluation.</param>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public async Task<JobOutcome> RunAsync(
        EvaluationSplit split, ItemCatalogue? catalogue, IReadOnlyList<Metric> metrics, Action<JobProgress> progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(split);
        ArgumentNullException.ThrowIfNull(metrics);
        ArgumentNullException.ThrowIfNull(progress);
        if (split.Users.Count == 0)
        {
            return new JobOutcome($"nothing to evaluate: no user has both a history and a relevant item to predict ({split.Protocol})");
        }

        return await await Task.Factory.StartNew(
            () => JudgeAsync(split, catalogue, metrics, progress, cancellationToken),
            cancellationToken,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default).ConfigureAwait(false);
    }

    private async Task<JobOutcome> JudgeAsync(
        EvaluationSplit split, ItemCatalogue? catalogue, IReadOnlyList<Metric> metrics, Action<JobProgress> progress, CancellationToken cancellationToken)
    {
        ModelContent content = new ModelBuilder(options.Model, options.Threads).Build(
            split.Train, slates is null ? null : ContentOf, warm: null, told => progress(told.Within(0, TrainedPart)), cancellationToken);
        using ModelSnapshot model = ModelSnapshot.Of(content);
        EvaluationReport report = Evaluator.Evaluate(
            split,
            Evaluator.ScoresOf(split, model),
            metrics,
            done => progress(new JobProgress("judging the model", TrainedPart + (done * (JudgedPart - TrainedPart)))),
            cancellationToken);
        EvaluationReport popularity = Evaluator.Evaluate(split, Evaluator.PopularityOf(split), metrics, progress: null, cancellationToken);
        EvaluationReport? whole = await JudgeSlatesAsync(split, catalogue, model, metrics, progress, cancellationToken).ConfigureAwait(false);
        return new JobOutcome($"{report.Protocol}; {report.UserCount} users, {report.ItemCount} items")
        {
            Metrics = Named("model", report).AddRange(Named("popularity", popularity)).AddRange(whole is null ? [] : Named("slates", whole)),
        };

        // Scores need the model's embeddings and operator only; whole slates need similar items and content too, which given files do not hold.
        ItemContent? ContentOf(ItemId item) => catalogue is not null && catalogue.TryGet(item, out CatalogueItem? known) ? known.Content : null;
    }

    private async Task<EvaluationReport?> JudgeSlatesAsync(
        EvaluationSplit split,
        ItemCatalogue? catalogue,
        ModelSnapshot model,
        IReadOnlyList<Metric> metrics,
        Action<JobProgress> progress,
        CancellationToken cancellationToken)
    {
        if (slates is null)
        {
            return null;
        }

        using IEvaluatedSlates made = slates.Open(model, catalogue, row => HistoryOf(split.Train, row));
        return await Evaluator.EvaluateSlatesAsync(
            split,
            (user, count, cancel) => made.SlateAsync(user.Row, count, cancel),
            metrics,
            done => progress(new JobProgress("judging whole slates", JudgedPart + (done * (1 - JudgedPart)))),
            cancellationToken).ConfigureAwait(false);
    }

    private static ImmutableArray<WeightedItem> HistoryOf(TrainingSet train, int row)
    {
        ReadOnlySpan<int> items = train.Weights.RowColumns(row);
        ReadOnlySpan<float> weights = train.Weights.RowValues(row);
        ImmutableArray<WeightedItem>.Builder history = ImmutableArray.CreateBuilder<WeightedItem>(items.Length);
        for (int i = 0; i < items.Length; i++)
        {
            history.Add(new WeightedItem(train.Items[items[i]], weights[i]));
        }

        return history.MoveToImmutable();
    }

    private static ImmutableSortedDictionary<string, double> Named(string what, EvaluationReport report) =>
        report.Metrics.ToImmutableSortedDictionary(pair => $"{what}.{pair.Key}", pair => pair.Value, StringComparer.Ordinal);
}
