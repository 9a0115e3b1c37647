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
using RecSys.Core.Ranking;
using RecSys.Core.Trends;

namespace RecSys.Batch;

/// <summary>Trains a candidate, judges it, and trains the final model on all interactions up to the watermark. Reading the log and publishing the model are not part of it.</summary>
/// <remarks>
/// <para>
/// The candidate learns from the interactions before a cut in time and is judged by those after it, the tail. The tail is the newest
/// <see cref="GateOptions.TailShare"/> of interactions; with too few users it is doubled, up to half of all interactions. No model is judged by interactions
/// that it has learned from: if the champion has learned from a part of the tail, the cut moves to just after the champion's newest interaction. If too few users
/// have interactions after that, the candidate is compared with popularity only, on the whole tail, and does not start from the
/// champion's embeddings, which were learned from the tail.
/// </para>
/// <para>
/// If the candidate is not worse, the weights of the ranking are fitted to the interactions of the tail, and training continues from the candidate's embeddings over the whole log. If the tail has
/// too few interactions for a fit, the model has the fitted weights of the champion.
/// </para>
/// </remarks>
public sealed class CandidateTrainer
{
    /// <summary>The largest number of multiplications to judge one model. With many items, fewer users are judged.</summary>
    private const double JudgeWorkMax = 2e10;

    /// <summary>The largest share of all interactions up to which a tail with too few users is doubled.</summary>
    private const double TailShareMax = 0.5;

    // The progress of a training, 0 to 1, after the candidate is trained, after it is judged, and after the weights are fitted. The rest is the training of the final model.
    private const double CandidatePart = 0.5;
    private const double JudgedPart = 0.6;
    private const double FittedPart = 0.7;

    private readonly BatchOptions _options;
    private readonly ISlateEvaluation? _slates;
    private readonly RankingFit? _fit;

    /// <summary>Creates a trainer.</summary>
    /// <param name="options">Options of the training, the gate and the fit of weights.</param>
    /// <param name="slates">The serving layer, whose ranking weights are fitted; null: no weights are fitted.</param>
    /// <param name="trends">Options of trends, as in the serving layer; null: the default ones.</param>
    public CandidateTrainer(BatchOptions options, ISlateEvaluation? slates = null, TrendsOptions? trends = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _slates = slates;
        _fit = slates is null ? null : new RankingFit(options.Ranking, options.Gate, slates, trends ?? new TrendsOptions(), options.Model.Seed);
    }

    /// <summary>Trains a candidate, judges it, and trains the final model.</summary>
    /// <param name="history">The interactions and the catalogue of the log.</param>
    /// <param name="world">The records of the log, to which the weights of the ranking are fitted; null: no weights are fitted.</param>
    /// <param name="champion">The served model, or null; the caller keeps it open during the call.</param>
    /// <param name="progress">Called with the progress, 0 to 1, on any thread; null if not needed.</param>
    /// <param name="cancellationToken">Cancels the training.</param>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public CandidateResult Train(
        LogHistory history, ReplayWorld? world, ModelSnapshot? champion, Action<JobProgress>? progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(history);
        InteractionTable table = history.Table;
        ModelBuilder builder = new(_options.Model, _options.Threads);
        WarmStart? warm = champion is { Dimension: > 0 } ? new WarmStart(champion) : null;
        (EvaluationSplit? split, long cutMs, bool isFair) = Tail(table, champion);
        GateVerdict verdict;
        ModelContent? candidate = null;
        ModelSnapshot? judged = null;
        RankingFitResult? fit = null;
        if (split is null)
        {
            verdict = new GateVerdict(
                GateOutcome.TooLittleToJudge,
                string.Create(CultureInfo.InvariantCulture, $"passes without a judgement: fewer than {_options.Gate.UsersMin} users have interactions in the tail"),
                GateVerdict.NoFigures);
        }
        else
        {
            WarmStart? fairWarm = isFair ? warm : null;
            candidate = builder.Build(
                split.Train, contentOf: null, fairWarm, part => progress?.Invoke(Named("candidate", part).Within(0, CandidatePart)), cancellationToken);
            progress?.Invoke(new JobProgress("judging", CandidatePart));
            judged = ModelSnapshot.Of(candidate);
            verdict = Judge(split, judged, isFair ? champion : null, cancellationToken);
            if (champion is not null && !isFair)
            {
                verdict = verdict with { Text = verdict.Text + "; not compared with the champion, since too few users have interactions after it" };
            }

            if (!verdict.Passes)
            {
                return new CandidateResult(null, verdict);
            }

            if (world is not null && _fit is not null)
            {
                progress?.Invoke(new JobProgress("fitting the ranking", JudgedPart));

                // WithItemSide writes into the arrays: the copies keep those of the judged candidate, from which the final training starts, as they are.
                using ModelSnapshot served = ModelSnapshot.Of(builder.WithItemSide(
                    candidate with { Factors = [.. candidate.Factors], Origins = [.. candidate.Origins] }, split.Train, ContentOf, progress: null, cancellationToken));
                fit = _fit.Fit(world, isApplied: _ => true, cutMs, served, cancellationToken);
            }
        }

        ModelContent model = builder.Build(
            history.TrainingSet,
            ContentOf,
            judged is null ? warm : new WarmStart(judged),
            part => progress?.Invoke((candidate is null ? part : Named("final", part)).Within(candidate is null ? 0 : FittedPart, 1)),
            cancellationToken);
        (ImmutableSortedDictionary<string, double> parameters, string? weights) = WithWeights(model.Card.Parameters, fit, champion);
        bool isFromChampion = champion is not null && (candidate is null ? model.Card.Parent is not null : candidate.Card.Parent is not null);
        return new CandidateResult(
            model with
            {
                Card = model.Card with
                {
                    Parent = isFromChampion ? champion!.Card.Version : null,
                    Lineage = isFromChampion
                        ? [.. champion!.Card.Lineage.Prepend(champion.Card.Version).Take(ModelCard.LineageMax)]
                        : [],
                    Watermark = history.Watermark,
                    NewestInteractionMs = table.NewestMs,
                    Parameters = parameters,
                    Verdict = weights is null ? verdict.Text : $"{verdict.Text}; {weights}",
                    Metrics = fit is null ? verdict.Figures : verdict.Figures.AddRange(fit.Figures),
                },
            },
            verdict);

        ItemContent? ContentOf(ItemId item) => history.Catalogue.TryGet(item, out CatalogueItem? known) ? known.Content : null;
    }

    private static JobProgress Named(string model, JobProgress progress) =>
        progress with { Stage = $"{model}: {progress.Stage}" };

    // Adds the weights of the ranking and the curve of confidences to the parameters, and returns a sentence about the weights: those of the fit; those of the champion if there was too little to fit to; otherwise none.
    private (ImmutableSortedDictionary<string, double> Parameters, string? Text) WithWeights(
        ImmutableSortedDictionary<string, double> parameters, RankingFitResult? fit, ModelSnapshot? champion)
    {
        if (fit?.IsJudged == true)
        {
            return (fit.WriteTo(parameters), fit.Text);
        }

        if (_options.Ranking.QuestionsMax == 0 || _slates?.Weights is not { } present || champion is null)
        {
            return (parameters, fit?.Text);
        }

        RankingWeights? kept = RankingWeights.Read(champion.Card.Parameters, present.Features);
        parameters = FittedConfidence.Read(champion.Card.Parameters)?.WriteTo(parameters) ?? parameters;
        return kept is null ? (parameters, fit?.Text) : (kept.WriteTo(parameters), $"{fit?.Text ?? "weights not fitted"}; those of the champion are kept");
    }

    // Returns the split with the users of the judgement (null if there are too few), the time before which candidates learn, and whether the champion may be judged by these users.
    private (EvaluationSplit? Split, long CutMs, bool IsFair) Tail(InteractionTable table, ModelSnapshot? champion)
    {
        const string Protocol = "temporal tail";
        GateOptions gate = _options.Gate;
        if (table.Count == 0)
        {
            return (null, 0, false);
        }

        // Interactions with times after the champion's creation have wrong times. They must not prevent a judgement of the champion by the interactions after its creation.
        long championMs = champion is null ? long.MinValue
            : champion.Card.CreatedAtMs > 0 ? Math.Min(champion.Card.NewestInteractionMs, champion.Card.CreatedAtMs)
            : champion.Card.NewestInteractionMs;
        for (double share = gate.TailShare; share <= TailShareMax; share *= 2)
        {
            long cutMs = Splits.CutTime(table, share);
            bool hasSeen = championMs >= cutMs;
            long fairMs = hasSeen ? championMs + 1 : cutMs;
            EvaluationSplit fair = Splits.Temporal(table, fairMs, Protocol);
            if (fair.Users.Count >= gate.UsersMin)
            {
                return (Thinned(fair, table), fairMs, true);
            }

            if (hasSeen)
            {
                // A longer tail contains no further interactions that are new to the champion, so the champion is not judged.
                EvaluationSplit unfair = Splits.Temporal(table, cutMs, Protocol);
                if (unfair.Users.Count >= gate.UsersMin)
                {
                    return (Thinned(unfair, table), cutMs, false);
                }
            }
        }

        return (null, 0, false);
    }

    // Returns the split with every n-th user only, so that the work of the judgement is bounded.
    private EvaluationSplit Thinned(EvaluationSplit split, InteractionTable table)
    {
        double workOfUser = (double)table.Index.Items.Count * (_options.Model.Dimension + 1);
        int most = (int)Math.Clamp(JudgeWorkMax / workOfUser, _options.Gate.UsersMin, Math.Max(_options.Gate.UsersMin, _options.Gate.UsersMax));
        int step = Math.Max(1, (split.Users.Count + most - 1) / most);
        return step == 1 ? split : split with { Users = [.. split.Users.Where((_, i) => i % step == 0)] };
    }

    private GateVerdict Judge(
        EvaluationSplit split, ModelSnapshot candidate, ModelSnapshot? champion, CancellationToken cancellationToken)
    {
        Metric[] metrics = [_options.Gate.Metric];
        EvaluationReport byCandidate = Evaluator.Evaluate(
            split, Evaluator.ScoresOf(split, candidate), metrics, progress: null, cancellationToken);
        EvaluationReport? byChampion = champion is null
            ? null
            : Evaluator.Evaluate(split, Evaluator.ScoresOf(split, champion), metrics, progress: null, cancellationToken);
        EvaluationReport byPopularity = Evaluator.Evaluate(
            split, Evaluator.PopularityOf(split), metrics, progress: null, cancellationToken);
        return Gate.Judge(byCandidate, byChampion, byPopularity, _options.Gate, _options.Model.Seed);
    }
}

/// <summary>The result of a candidate's training.</summary>
/// <param name="Model">The model to publish; null if the candidate is worse.</param>
/// <param name="Verdict">The verdict of the gate.</param>
public sealed record CandidateResult(ModelContent? Model, GateVerdict Verdict);
