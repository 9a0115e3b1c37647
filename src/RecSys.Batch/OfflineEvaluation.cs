using System.Collections.Immutable;
using System.Globalization;
using RecSys.Batch.Evaluation;
using RecSys.Batch.Ranking;
using RecSys.Batch.Replay;
using RecSys.Batch.Training;
using RecSys.Core;
using RecSys.Core.Catalogue;
using RecSys.Core.Jobs;
using RecSys.Core.Log;
using RecSys.Core.Models;
using RecSys.Core.Ports;
using RecSys.Core.Trends;
using RecSys.Numerics;

namespace RecSys.Batch;

/// <summary>Evaluates whole slates, the model alone and popularity: trains on the records that a protocol allows, and replays the log up to each question. No model is published.</summary>
/// <param name="options">Options of the training.</param>
/// <param name="slates">The serving layer, which makes whole slates; null: only the model and popularity are evaluated.</param>
/// <param name="trends">Options of trends, as in the serving layer; null: the default ones.</param>
public sealed class OfflineEvaluation(BatchOptions options, ISlateEvaluation? slates, TrendsOptions? trends = null)
{
    // The progress, 0 to 1, after the training and after the questions. The rest is the computation of the intervals.
    private const double TrainedPart = 0.5;
    private const double AskedPart = 0.95;

    /// <summary>Runs the evaluation on low-priority threads. The same world, settings and options give the same figures.</summary>
    /// <param name="world">The records, and the questions of files.</param>
    /// <param name="settings">The protocol, the metrics and the limits.</param>
    /// <param name="progress">Called with the progress, on any thread.</param>
    /// <param name="cancellationToken">Cancels the evaluation.</param>
    /// <returns>A message in one line, and the figures by name (<see cref="EvaluationFigures"/>).</returns>
    /// <exception cref="ArgumentException">The settings are not valid.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public Task<JobOutcome> RunAsync(
        ReplayWorld world, EvaluationSettings settings, Action<JobProgress> progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(world);
        return RunAsync(() => world, settings, progress, cancellationToken);
    }

    /// <summary>Reads a world and runs the evaluation, both on low-priority threads.</summary>
    /// <param name="readWorld">Reads the records and given questions; it may block.</param>
    /// <param name="settings">The protocol, the metrics and the limits.</param>
    /// <param name="progress">Called with the progress, on any thread.</param>
    /// <param name="cancellationToken">Cancels the evaluation.</param>
    /// <exception cref="ArgumentException">The settings are not valid.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    internal Task<JobOutcome> RunAsync(
        Func<ReplayWorld> readWorld, EvaluationSettings settings, Action<JobProgress> progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(progress);
        if (settings.Problem() is { } problem)
        {
            throw new ArgumentException(problem, nameof(settings));
        }

        return LowPriorityThread.RunAsync(
            "recsys-evaluation", options.Threads.Niceness, () => Run(readWorld(), settings, progress, cancellationToken));
    }

    private JobOutcome Run(ReplayWorld world, EvaluationSettings settings, Action<JobProgress> progress, CancellationToken cancellationToken)
    {
        EvaluationPlan plan = EvaluationPlan.Of(world, settings);
        if (plan.Questions.Count == 0)
        {
            return new JobOutcome($"no user to evaluate on: no user has a liked item that the protocol can ask for ({plan.Protocol})");
        }

        if (plan.NewItems.Count > 0)
        {
            world = world.WithAdded(plan.NewItems, plan.Questions[0].TimeMs);
        }

        progress(new JobProgress("folding the training records", 0));
        (InteractionTable table, ItemCatalogue catalogue) = Training(world, plan);
        TrainingSet set = table.ToTrainingSet();
        if (set.Weights.EntryCount == 0)
        {
            return new JobOutcome($"nothing to learn from: no user has a liked item before the questions ({plan.Protocol})");
        }

        ModelContent content = new ModelBuilder(options.Model, options.Threads).Build(
            set, slates is null ? null : ContentOf, warm: null, part => progress(part.Within(0, TrainedPart)), cancellationToken);
        long trained = Enumerable.Range(0, world.Records.Count).LastOrDefault(plan.IsTrained, -1);

        // In a published split without times, the order of the users' interactions is not known, so there is no next interaction to fit to.
        bool hasOrder = settings.Protocol != EvaluationProtocol.Given || world.TimesNote is null || world.Given.Any(question => question.User < 0);
        RankingFitResult? fit = slates is not null && hasOrder && options.Ranking.IsFitted(slates, world.Records.Count) ? FitRanking(slates, world, plan, table, ContentOf, cancellationToken) : null;
        content = content with
        {
            Card = content.Card with
            {
                Parameters = fit?.WriteTo(content.Card.Parameters) ?? content.Card.Parameters,
                Watermark = new LogPosition(0, [trained]),
                NewestInteractionMs = table.NewestMs,
            },
        };
        using ModelSnapshot model = ModelSnapshot.Of(content);
        using EvaluationRun run = new(world, settings, plan, set, model, trends ?? new TrendsOptions(), slates, options.Threads);
        ImmutableSortedDictionary<string, double> figures = run.Judge(
            done => progress(new JobProgress("asking", TrainedPart + (done * (AskedPart - TrainedPart)))),
            () => progress(new JobProgress("intervals", AskedPart)),
            cancellationToken);
        string message = MessageOf(world, settings, plan, run);
        return new JobOutcome(fit is null ? message : $"{message}; {fit.Text}") { Metrics = fit is null ? figures : figures.AddRange(fit.Figures) };

        // The model's scores need only its embeddings and operator; whole slates also need its similar items and content.
        ItemContent? ContentOf(ItemId item) => catalogue.TryGet(item, out CatalogueItem? known) ? known.Content : null;
    }

    /// <summary>Fits the ranking's weights as a training does: to the newest part of the interactions from which models may learn. Returns null if there are no earlier interactions to train on.</summary>
    private RankingFitResult? FitRanking(
        ISlateEvaluation served, ReplayWorld world, EvaluationPlan plan, InteractionTable table, Func<ItemId, ItemContent?> contentOf, CancellationToken cancellationToken)
    {
        long cutMs = Splits.CutTime(table, options.Gate.TailShare);
        TrainingSet earlier = table.ToTrainingSet(user => table.CountBefore(user, cutMs));
        if (earlier.Weights.EntryCount == 0)
        {
            return null;
        }

        using ModelSnapshot model = ModelSnapshot.Of(new ModelBuilder(options.Model, options.Threads).Build(earlier, contentOf, warm: null, progress: null, cancellationToken));
        return new RankingFit(options.Ranking, options.Gate, served, trends ?? new TrendsOptions(), options.Model.Seed).Fit(world, plan.IsTrained, cutMs, model, cancellationToken);
    }

    private static (InteractionTable Table, ItemCatalogue Catalogue) Training(ReplayWorld world, EvaluationPlan plan)
    {
        WorldReplay replay = new(world, trends: null);
        replay.Apply(0, world.Records.Count, plan.IsTrained);
        return (replay.Table(), replay.Current);
    }

    private static string MessageOf(ReplayWorld world, EvaluationSettings settings, EvaluationPlan plan, EvaluationRun run)
    {
        List<string> notes = [plan.Protocol];
        notes.Add(plan.Questions.Count < plan.QuestionCount
            ? Text($"{plan.Questions.Count:N0} of {plan.QuestionCount:N0} questions, chosen evenly, of {run.UserCount:N0} users")
            : Text($"{plan.Questions.Count:N0} questions of {run.UserCount:N0} users"));
        notes.Add(Text($"{run.ItemCount:N0} items known to the model"));
        notes.Add(settings.Candidates > 0
            ? Text($"SAMPLED: only the relevant and {settings.Candidates:N0} random items ranked")
            : "all items ranked that the rules for seen items allow");
        notes.Add(settings.Ideal == IdealGain.FirstK ? "ideal gain over the first k relevant items" : "ideal gain over all relevant items");
        notes.Add(settings.IsPopularityOfTraining ? "popularity of the training" : "popularity up to the question");
        if (world.TimesNote is { } times)
        {
            notes.Add($"no times in the file: {times}");
        }

        if (run.DegradedCount > 0)
        {
            notes.Add(Text($"{run.DegradedCount:N0} slates were incomplete"));
        }

        return string.Join("; ", notes);
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
