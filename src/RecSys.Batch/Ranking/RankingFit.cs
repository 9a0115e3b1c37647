using System.Collections.Immutable;
using System.Globalization;
using RecSys.Batch.Evaluation;
using RecSys.Batch.Replay;
using RecSys.Core;
using RecSys.Core.Models;
using RecSys.Core.Ports;
using RecSys.Core.Ranking;
using RecSys.Core.Slates;
using RecSys.Core.Trends;
using RecSys.Numerics;

namespace RecSys.Batch.Ranking;

/// <summary>Fits the weights of the ranking to the next interactions of users in the newest part of a log, by a conditional logit (<see cref="ConditionalLogit"/>).</summary>
/// <remarks>
/// <para>
/// The questions are liked interactions from which the model has not learned. A first replay asks the serving layer, just before each question, for the candidates and their features; a question whose item is not among the kept candidates is skipped. The users are divided
/// into two halves, and weights are fitted to the questions of each half. A second replay asks for the items of two slates at each question: one with the current weights, and one with the weights that were fitted to the other half
/// of the users. If the lower bound of the difference shows that the slates with fitted weights are not worse, the weights are fitted to all questions and used.
/// </para>
/// <para>
/// Only the weights of known users are fitted, because the next interaction of a new user predicts little of what the user will like. Fitted weights have the same scale as those of new users, so that
/// each set keeps its share of a score. They are lowered if the mean difference between the first and the tenth score would exceed that of the current weights, so that the other parts of a score do not lose effect.
/// </para>
/// <para>
/// The curve of confidences is fitted to the items of the slates that were judged, with the weights to use: whether each was among the user's next liked ones.
/// </para>
/// </remarks>
internal sealed class RankingFit(RankingFitOptions options, GateOptions gate, ISlateEvaluation slates, TrendsOptions trends, ulong seed)
{
    private const int Places = 10;

    /// <summary>Standard errors in a 95 % interval.</summary>
    private const double IntervalErrors = 2 * 1.96;

    /// <summary>Fits the weights.</summary>
    /// <param name="world">The records of the log.</param>
    /// <param name="isApplied">Returns whether the record with a number may be used; the fit ignores the others.</param>
    /// <param name="cutMs">The time from which on the model has not learned from interactions, in milliseconds since 1970, UTC.</param>
    /// <param name="model">The model, trained on interactions before the cut.</param>
    /// <param name="cancellationToken">Cancels the fit.</param>
    public RankingFitResult Fit(ReplayWorld world, Func<int, bool> isApplied, long cutMs, ModelSnapshot model, CancellationToken cancellationToken)
    {
        if (slates.Weights is not { } present)
        {
            return RankingFitResult.NotFitted("a plugged-in ranker or the weights of the settings are used");
        }

        int[] liked = [.. Enumerable.Range(0, world.Records.Count).Where(at => world.Records[at] is { IsRelevant: true } record && record.TimeMs >= cutMs && isApplied(at))];
        IReadOnlyList<int> questions = EvaluationPlan.Thinned(liked, options.QuestionsMax);
        if (questions.Count < options.QuestionsMin)
        {
            return RankingFitResult.NotFitted(Text($"{questions.Count} liked interactions in the tail, and {options.QuestionsMin} are needed"));
        }

        List<(int User, Choice Choice)> asked = [];
        using (IEvaluatedSlates candidates = Open(world, model, out WorldReplay replay))
        {
            Replay(world, replay, isApplied, questions, at =>
            {
                ReplayRecord record = world.Records[at];
                CandidateFeatures found = Wait(candidates.CandidatesAsync(RequestOf(world, record), cancellationToken));
                int taken = IndexOf(found.Items, world.Items[record.Item]);
                if (taken >= 0 && Bounded(new Choice(found.Rows, taken, found.NewShare), present) is { } choice)
                {
                    asked.Add((record.User, choice));
                }
            }, cancellationToken);
        }

        if (asked.Count < options.QuestionsMin)
        {
            return RankingFitResult.NotFitted(Text($"{asked.Count} of {questions.Count} liked interactions in the tail have an item among the kept candidates, and {options.QuestionsMin} are needed"));
        }

        (OptionalFeature Feature, int Number)[] optional = [.. slates.OptionalFeatures.Select(feature => (feature, Number: present.Features.IndexOf(feature.Name)))
            .Where(one => one.Number >= 0 && asked.Exists(question => HasFeature(question.Choice, one.Number, present.Features.Length)))];
        Judged ofPresent = new(present, present, []);

        // fits[set] are fitted with optional[i] where bit i of set is 1, and without the others.
        Judged[] fits = [.. Enumerable.Range(0, 1 << optional.Length).Select(set =>
            FitHalves([.. optional.Where((_, i) => (set & (1 << i)) == 0).Select(one => one.Number)]))];
        Judged[] all = [ofPresent, .. fits];
        NextLikes nextLikes = new(world, isApplied);
        List<int> users = [];
        using (IEvaluatedSlates judged = Open(world, model, out WorldReplay replay))
        {
            Replay(world, replay, isApplied, questions, at =>
            {
                ReplayRecord record = world.Records[at];
                RankedItems[] shown = Wait(judged.ItemsAsync(
                    RequestOf(world, record), [.. all.Select(one => IsFirstHalf(record.User) ? one.OfSecond : one.OfFirst)], cancellationToken));
                users.Add(record.User);
                HashSet<ItemId> next = [.. nextLikes.Of(record.User, at).Select(number => world.Items[number])];
                for (int i = 0; i < all.Length; i++)
                {
                    all[i].Gains.Add(GainOf(shown[i].Items, world.Items[record.Item]));
                    all[i].Confidences.Add(shown[i], next);
                }
            }, cancellationToken);
        }

        Dictionary<string, double> figures = [];
        string text = "";
        int with = 0;
        for (int i = 0; i < optional.Length; i++)
        {
            (string name, bool isCostly) = optional[i].Feature;
            Judged more = fits[with | (1 << i)];
            double difference = more.Gains.Average() - fits[with].Gains.Average();
            (double least, double most) = DifferenceOf(more, fits[with]);
            bool isBetter = isCostly ? least > 0 : difference > (most - least) / IntervalErrors;
            with |= isBetter ? 1 << i : 0;
            (figures[$"fit.{name}.low"], figures[$"fit.{name}.high"]) = (least, most);
            text += Text($", {(isBetter ? "with" : "without")} {name} (difference {least:+0.0000;-0.0000} to {most:+0.0000;-0.0000})");
        }

        Judged chosen = fits[with];
        (double low, double high) = DifferenceOf(chosen, ofPresent);
        double mean = ofPresent.Gains.Average();
        bool isTaken = low >= -gate.Tolerance * mean;
        figures["fit.questions"] = users.Count;
        figures["fit.ndcg@10"] = chosen.Gains.Average();
        figures["fit.default.ndcg@10"] = mean;
        (figures["fit.low"], figures["fit.high"]) = (low, high);
        text = Text($"ndcg@{Places} {chosen.Gains.Average():F4} against {mean:F4}, difference {low:+0.0000;-0.0000} to {high:+0.0000;-0.0000}, {users.Count} questions") + text;
        RankingWeights? weights = isTaken ? Fitted([.. asked.Select(one => one.Choice)], present, chosen.Held, cancellationToken) : null;
        return new RankingFitResult(weights, (isTaken ? "fitted weights: " : "fitted weights not taken: ") + text)
        {
            Confidence = (isTaken ? chosen : ofPresent).Confidences.Fit(),
            Figures = figures.ToImmutableSortedDictionary(StringComparer.Ordinal),
        };

        bool IsFirstHalf(int user) => (MixedBits(user) & 1) == 0;

        Judged FitHalves(int[] held) => new(
            Fitted([.. asked.Where(one => IsFirstHalf(one.User)).Select(one => one.Choice)], present, held, cancellationToken),
            Fitted([.. asked.Where(one => !IsFirstHalf(one.User)).Select(one => one.Choice)], present, held, cancellationToken),
            held);

        (double Low, double High) DifferenceOf(Judged one, Judged other)
        {
            double[] differences = [.. one.Gains.Zip(other.Gains, (first, second) => first - second)];
            return Intervals.Of([differences], users, gate.Rounds, seed, cancellationToken)[0];
        }
    }

    private static bool HasFeature(Choice choice, int feature, int featureCount)
    {
        ReadOnlySpan<float> rows = choice.Rows.Span;
        for (int at = feature; at < rows.Length; at += featureCount)
        {
            if (rows[at] != 0)
            {
                return true;
            }
        }

        return false;
    }

    private static SlateRequest RequestOf(ReplayWorld world, ReplayRecord record) => new() { User = world.Users[record.User], Count = Places };

    private static int IndexOf(IReadOnlyList<ItemId> items, ItemId item)
    {
        for (int i = 0; i < items.Count; i++)
        {
            if (items[i] == item)
            {
                return i;
            }
        }

        return -1;
    }

    private static double GainOf(IReadOnlyList<ItemId> slate, ItemId item) =>
        RankingMetrics.Ndcg([.. slate.Select(shown => shown == item)], relevant: 1, Places, IdealGain.FirstK);

    // Mixes the bits of a user's number, so that the halves do not depend on the order of users in the log.
    private static uint MixedBits(int user) => (uint)(((ulong)(uint)user * 0x9E37_79B9_7F4A_7C15) >> 40);

    private static void Replay(
        ReplayWorld world, WorldReplay replay, Func<int, bool> isApplied, IReadOnlyList<int> questions, Action<int> ask, CancellationToken cancellationToken)
    {
        int applied = 0;
        foreach (int at in questions)
        {
            cancellationToken.ThrowIfCancellationRequested();
            replay.Apply(applied, at, isApplied);
            applied = at;
            replay.Time.MoveTo(world.Records[at].TimeMs);
            ask(at);
        }
    }

    private static T Wait<T>(ValueTask<T> pending) => pending.IsCompleted ? pending.Result : pending.AsTask().GetAwaiter().GetResult();

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private IEvaluatedSlates Open(ReplayWorld world, ModelSnapshot model, out WorldReplay replay)
    {
        replay = new WorldReplay(world, trends);
        return slates.Open(new EvaluatedViews(replay, replay, replay, model, replay.Time, seed));
    }

    /// <summary>Keeps the candidates with the highest scores by the current weights.</summary>
    /// <returns>Null if the user took none of them: the item that was taken would stand against candidates that all have higher scores, and the fit would lower the weights that gave them these scores.</returns>
    private Choice? Bounded(Choice choice, RankingWeights present)
    {
        int featureCount = present.Features.Length;
        int count = choice.Rows.Length / featureCount;
        if (count <= options.CandidatesMax)
        {
            return choice with { Rows = choice.Rows.ToArray() };
        }

        float[] scores = new float[count];
        Embeddings.DotRows(Mixed(present, choice.Share), choice.Rows.Span, scores);
        int[] top = new int[options.CandidatesMax];
        TopK.Select(scores, new float[top.Length], top);
        int taken = Array.IndexOf(top, choice.Taken);
        if (taken < 0)
        {
            return null;
        }

        float[] rows = new float[top.Length * featureCount];
        for (int i = 0; i < top.Length; i++)
        {
            choice.Rows.Span.Slice(top[i] * featureCount, featureCount).CopyTo(rows.AsSpan(i * featureCount));
        }

        return choice with { Rows = rows, Taken = taken };
    }

    private static float[] Mixed(RankingWeights weights, float share) =>
        [.. weights.Known.Zip(weights.NewUsers, (known, own) => (float)(((1 - share) * known) + (share * own)))];

    private RankingWeights Fitted(IReadOnlyList<Choice> choices, RankingWeights present, int[] held, CancellationToken cancellationToken)
    {
        double[] known = new double[present.Features.Length];
        ConditionalLogit.Fit(choices, present.Known.AsSpan(), present.NewUsers.AsSpan(), options.PriorQuestions, known, cancellationToken, held);
        double factor = Math.Min(1, SpreadOf(choices, [.. present.Known], [.. present.NewUsers]) / SpreadOf(choices, known, [.. present.NewUsers]));
        return new RankingWeights(
            present.Features, [.. known.Select(weight => Math.Clamp(factor * weight, -RankingWeights.WeightMax, RankingWeights.WeightMax))], present.NewUsers);
    }

    // Returns the sum of the differences between the first and the tenth score.
    private static double SpreadOf(IReadOnlyList<Choice> choices, double[] known, double[] newUsers)
    {
        double sum = 0;
        float[] top = new float[Places];
        int[] indices = new int[Places];
        foreach (Choice choice in choices)
        {
            float[] scores = new float[choice.Rows.Length / known.Length];
            float[] mixed = [.. known.Zip(newUsers, (one, other) => (float)(((1 - choice.Share) * one) + (choice.Share * other)))];
            Embeddings.DotRows(mixed, choice.Rows.Span, scores);
            int found = TopK.Select(scores, top, indices);
            sum += found > 0 ? top[0] - top[found - 1] : 0;
        }

        return sum;
    }

    /// <summary>Weights, and the slates with which they are judged: those of each half of the users have the weights of the other half.</summary>
    /// <param name="OfFirst">Weights of the first half of the users.</param>
    /// <param name="OfSecond">Weights of the second half.</param>
    /// <param name="Held">The numbers of the features that kept their weights.</param>
    private sealed record Judged(RankingWeights OfFirst, RankingWeights OfSecond, int[] Held)
    {
        /// <summary>Gets the gain of each slate.</summary>
        public List<double> Gains { get; } = [];

        /// <summary>Gets the items of the slates.</summary>
        public ConfidenceSample Confidences { get; } = new();
    }
}

/// <summary>The result of a fit.</summary>
/// <param name="Weights">The weights to use; null if none were fitted, or if the fitted ones may be worse.</param>
/// <param name="Text">The result in one line.</param>
internal sealed record RankingFitResult(RankingWeights? Weights, string Text)
{
    /// <summary>Gets whether weights were fitted, and their slates were compared with those of the current weights.</summary>
    public bool IsJudged => !Figures.IsEmpty;

    /// <summary>Gets the curve of confidences, fitted to slates with the weights to use, or null.</summary>
    public FittedConfidence? Confidence { get; init; }

    /// <summary>Gets the measured values by name.</summary>
    public ImmutableSortedDictionary<string, double> Figures { get; init; } = GateVerdict.NoFigures;

    /// <summary>Returns a model's parameters with what was fitted.</summary>
    public ImmutableSortedDictionary<string, double> WriteTo(ImmutableSortedDictionary<string, double> parameters)
    {
        parameters = Weights?.WriteTo(parameters) ?? parameters;
        return Confidence?.WriteTo(parameters) ?? parameters;
    }

    public static RankingFitResult NotFitted(string reason) => new(null, $"weights not fitted: {reason}");
}
