using System.Collections.Immutable;
using RecSys.Batch.Evaluation;
using RecSys.Batch.Training;
using RecSys.Core;
using RecSys.Core.Catalogue;
using RecSys.Core.Log;
using RecSys.Core.Models;
using RecSys.Core.Ports;

namespace RecSys.Batch.Jobs;

/// <summary>Trains on a part of the log and judges by the rest, as a job. Publishes nothing.</summary>
/// <remarks>
/// Parameters: <c>split</c> is <c>temporal</c> (default), <c>leave-one-out</c>, or two files as <c>TRAIN,TEST</c>; <c>metrics</c> is a list
/// such as <c>ndcg@10,recall@20</c>.
/// </remarks>
internal sealed class EvaluateJob(IInteractionLog log, InteractionTypes types, BatchOptions options, ISlateEvaluation? slates)
{
    private const double ReadPart = 0.2;
    private const double TrainedPart = 0.8;
    private const double JudgedPart = 0.85;

    public async Task<JobOutcome> RunAsync(JobRequest request, Action<TrainingProgress> progress, CancellationToken cancellationToken)
    {
        IReadOnlyList<Metric> metrics = MetricsOf(request.Parameters);
        (EvaluationSplit split, ItemCatalogue? catalogue) = await SplitAsync(
            request.Parameters.GetValueOrDefault("split") ?? "temporal", progress, cancellationToken).ConfigureAwait(false);
        if (split.Users.Count == 0)
        {
            return new JobOutcome($"nobody to judge by: no user has both a history and something new to find ({split.Protocol})");
        }

        return await await Task.Factory.StartNew(
            async () =>
            {
                ModelContent content = new ModelBuilder(options.Model, options.Threads).Build(
                    split.Train, slates is null ? null : ContentOf, warm: null, told => progress(told.Within(ReadPart, TrainedPart)), cancellationToken);
                using ModelSnapshot model = ModelSnapshot.Of(content);
                EvaluationReport report = Evaluator.Evaluate(
                    split,
                    Evaluator.ScoresOf(split, model),
                    metrics,
                    done => progress(new TrainingProgress("judging the model", TrainedPart + (done * (JudgedPart - TrainedPart)))),
                    cancellationToken);
                EvaluationReport popularity = Evaluator.Evaluate(
                    split, Evaluator.PopularityOf(split), metrics, progress: null, cancellationToken);
                EvaluationReport? whole = await JudgeSlatesAsync(split, model, metrics, progress, cancellationToken).ConfigureAwait(false);
                return new JobOutcome($"{report.Protocol}; {report.UserCount} users, {report.ItemCount} items")
                {
                    Metrics = Named("model", report).AddRange(Named("popularity", popularity)).AddRange(whole is null ? [] : Named("slates", whole)),
                };
            },
            cancellationToken,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default).ConfigureAwait(false);

        // The model alone only scores; whole slates need similar items and content too, of which given files say nothing.
        ItemContent? ContentOf(ItemId item) => catalogue is not null && catalogue.TryGet(item, out CatalogueItem? known) ? known.Content : null;
    }

    private async Task<EvaluationReport?> JudgeSlatesAsync(
        EvaluationSplit split, ModelSnapshot model, IReadOnlyList<Metric> metrics, Action<TrainingProgress> progress, CancellationToken cancellationToken)
    {
        if (slates is null)
        {
            return null;
        }

        IEvaluatedSlates made = slates.Open(split, model);
        await using (made.ConfigureAwait(false))
        {
            return await Evaluator.EvaluateSlatesAsync(
                split,
                made.SlateAsync,
                metrics,
                done => progress(new TrainingProgress("judging whole slates", JudgedPart + (done * (1 - JudgedPart)))),
                cancellationToken).ConfigureAwait(false);
        }
    }

    private static ImmutableSortedDictionary<string, double> Named(string what, EvaluationReport report) =>
        report.Metrics.ToImmutableSortedDictionary(pair => $"{what}.{pair.Key}", pair => pair.Value, StringComparer.Ordinal);

    private static IReadOnlyList<Metric> MetricsOf(ImmutableSortedDictionary<string, string> parameters)
    {
        if (!parameters.TryGetValue("metrics", out string? names))
        {
            return Metric.Default;
        }

        List<Metric> metrics = [];
        foreach (string name in names.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            metrics.Add(Metric.TryParse(name, out Metric metric) ? metric : throw new FormatException($"'{name}' is no metric; one is ndcg@10"));
        }

        return metrics;
    }

    private async Task<(EvaluationSplit Split, ItemCatalogue? Catalogue)> SplitAsync(
        string name, Action<TrainingProgress> progress, CancellationToken cancellationToken)
    {
        if (name.Split(',', StringSplitOptions.TrimEntries) is [string train, string test])
        {
            return (Splits.Files(File.ReadLines(train), File.ReadLines(test)), null);
        }

        if (name is not ("temporal" or "leave-one-out"))
        {
            throw new FormatException($"'{name}' is no split; temporal, leave-one-out and TRAIN,TEST are");
        }

        LogHistory history = await LogHistory.ReadAsync(
            log,
            await LogHistory.WatermarkAsync(log, cancellationToken).ConfigureAwait(false),
            types,
            done => progress(new TrainingProgress("reading the log", done * ReadPart)),
            cancellationToken).ConfigureAwait(false);
        return (name == "temporal" ? Splits.Temporal(history.Table) : Splits.LeaveOneOut(history.Table), history.Catalogue);
    }
}
