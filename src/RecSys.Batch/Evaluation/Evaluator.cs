using System.Collections.Immutable;
using RecSys.Core;
using RecSys.Core.Models;
using RecSys.Numerics;

namespace RecSys.Batch.Evaluation;

/// <summary>Evaluates score functions by later interactions of the users.</summary>
public static class Evaluator
{
    /// <summary>Writes the score of every item for a user's history.</summary>
    /// <param name="items">The item indices of the history, ascending.</param>
    /// <param name="weights">One weight per item of the history.</param>
    /// <param name="scores">Receives one score per item of the training set.</param>
    public delegate void ScoreFunction(ReadOnlySpan<int> items, ReadOnlySpan<float> weights, Span<float> scores);

    /// <summary>Returns a function that writes the scores of a model; an item that the model does not have gets −∞. Not safe for concurrent use.</summary>
    /// <param name="split">The split whose items are scored.</param>
    /// <param name="model">The model, which must stay open while the function is used. It may have other items than the split, as a model of an earlier log has.</param>
    public static ScoreFunction ScoresOf(EvaluationSplit split, ModelSnapshot model)
    {
        ArgumentNullException.ThrowIfNull(split);
        ArgumentNullException.ThrowIfNull(model);
        IReadOnlyList<ItemId> items = split.Train.Items;
        ModelScorer scorer = new(model);
        int[] indices = new int[items.Count];
        bool isSame = model.ItemCount == items.Count;
        for (int item = 0; item < indices.Length; item++)
        {
            isSame &= model.TryGetIndex(items[item], out indices[item]) && indices[item] == item;
        }

        if (isSame)
        {
            return scorer.ScoreAll;
        }

        // A model of an earlier log has fewer items, with other indices.
        float[] known = new float[model.ItemCount];
        return (history, weights, scores) =>
        {
            List<int> modelItems = [];
            List<float> modelWeights = [];
            for (int i = 0; i < history.Length; i++)
            {
                if (indices[history[i]] >= 0)
                {
                    modelItems.Add(indices[history[i]]);
                    modelWeights.Add(weights[i]);
                }
            }

            scorer.ScoreAll([.. modelItems], [.. modelWeights], known);
            for (int item = 0; item < scores.Length; item++)
            {
                scores[item] = indices[item] >= 0 ? known[indices[item]] : float.NegativeInfinity;
            }
        };
    }

    /// <summary>Returns a function that writes the popularity of items, the number of their users in the training set, as scores. It is the baseline for every model.</summary>
    public static ScoreFunction PopularityOf(EvaluationSplit split)
    {
        ArgumentNullException.ThrowIfNull(split);
        float[] popularity = [.. split.Train.ItemDegrees().Select(degree => (float)degree)];
        return (_, _, scores) => popularity.CopyTo(scores);
    }

    /// <summary>Ranks the items of each user by a score function, without those of the history, and computes metrics of the lists.</summary>
    /// <param name="split">The users to evaluate on.</param>
    /// <param name="score">The score function.</param>
    /// <param name="metrics">The metrics, at least one.</param>
    /// <param name="progress">Called with the share of users that are done, 0 to 1; null if not needed.</param>
    /// <param name="cancellationToken">Cancels the evaluation between users.</param>
    /// <exception cref="ArgumentException">No metric is given.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static EvaluationReport Evaluate(
        EvaluationSplit split,
        ScoreFunction score,
        IReadOnlyList<Metric> metrics,
        Action<double>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(split);
        ArgumentNullException.ThrowIfNull(score);
        Judge judge = new(split, metrics);
        float[] scores = new float[split.Train.Items.Count];
        int count = Math.Min(judge.ListLength, scores.Length);
        int[] top = new int[count];
        float[] topScores = new float[count];
        foreach (EvaluationUser user in split.Users)
        {
            cancellationToken.ThrowIfCancellationRequested();
            ReadOnlySpan<int> history = user.History is { } folded ? folded.Items : split.Train.Weights.RowColumns(user.Row);
            score(history, user.History is { } weighted ? weighted.Weights : split.Train.Weights.RowValues(user.Row), scores);
            foreach (int item in history)
            {
                scores[item] = float.NegativeInfinity;
            }

            judge.Add(user, top.AsSpan(0, TopK.Select(scores, topScores, top, float.MinValue)));
            progress?.Invoke(judge.Count / (double)split.Users.Count);
        }

        return judge.Report();
    }

    private sealed class Judge
    {
        private readonly EvaluationSplit _split;
        private readonly IReadOnlyList<Metric> _metrics;
        private readonly double[][] _values;
        private readonly int[] _degrees;
        private readonly HashSet<int>[] _listed;

        public Judge(EvaluationSplit split, IReadOnlyList<Metric> metrics)
        {
            ArgumentNullException.ThrowIfNull(metrics);
            if (metrics.Count == 0)
            {
                throw new ArgumentException("no metric is given", nameof(metrics));
            }

            _split = split;
            _metrics = [.. metrics.Distinct()];
            _values = [.. _metrics.Select(_ => new double[split.Users.Count])];
            _listed = [.. _metrics.Select(_ => new HashSet<int>())];
            _degrees = split.Train.ItemDegrees();
            ListLength = metrics.Max(metric => metric.K);
        }

        public int ListLength { get; }

        public int Count { get; private set; }

        public void Add(EvaluationUser user, ReadOnlySpan<int> ranked)
        {
            bool[] hits = new bool[ranked.Length];
            for (int i = 0; i < ranked.Length; i++)
            {
                hits[i] = Array.BinarySearch(user.Relevant, ranked[i]) >= 0;
            }

            for (int m = 0; m < _metrics.Count; m++)
            {
                int k = _metrics[m].K;
                ReadOnlySpan<int> first = ranked[..Math.Min(k, ranked.Length)];
                _values[m][Count] = _metrics[m].Kind switch
                {
                    MetricKind.Precision => RankingMetrics.Precision(hits, k),
                    MetricKind.Recall => RankingMetrics.Recall(hits, user.Relevant.Length, k),
                    MetricKind.Ndcg => RankingMetrics.Ndcg(hits, user.Relevant.Length, k, IdealGain.FirstK),
                    MetricKind.Hr => RankingMetrics.HitRate(hits, k),
                    MetricKind.Mrr => RankingMetrics.ReciprocalRank(hits, k),
                    MetricKind.Novelty => Novelty(first),
                    _ => 0,
                };
                if (_metrics[m].Kind == MetricKind.Coverage)
                {
                    foreach (int item in first)
                    {
                        _listed[m].Add(item);
                    }
                }
            }

            Count++;
        }

        public EvaluationReport Report()
        {
            ImmutableSortedDictionary<string, double>.Builder means =
                ImmutableSortedDictionary.CreateBuilder<string, double>(StringComparer.Ordinal);
            Dictionary<string, double[]> perUser = new(StringComparer.Ordinal);
            for (int m = 0; m < _metrics.Count; m++)
            {
                if (_metrics[m].Kind == MetricKind.Coverage)
                {
                    means[_metrics[m].Name] = _listed[m].Count(item => item >= 0) / (double)Math.Max(1, _split.Train.Items.Count);
                }
                else
                {
                    means[_metrics[m].Name] = Count == 0 ? 0 : _values[m].Average();
                    perUser[_metrics[m].Name] = _values[m];
                }
            }

            return new EvaluationReport(_split.Protocol, Count, _split.Train.Items.Count, means.ToImmutable(), perUser);
        }

        private double Novelty(ReadOnlySpan<int> items)
        {
            double sum = 0;
            int known = 0;
            foreach (int item in items)
            {
                if (item >= 0)
                {
                    sum -= Math.Log2((_degrees[item] + 1.0) / (_split.Train.Weights.RowCount + 1.0));
                    known++;
                }
            }

            return known == 0 ? 0 : sum / known;
        }
    }
}

/// <summary>The result of an evaluation.</summary>
/// <param name="Protocol">The description of the protocol, shown beside every figure.</param>
/// <param name="UserCount">The number of evaluated users.</param>
/// <param name="ItemCount">The number of ranked items.</param>
/// <param name="Metrics">The mean of each metric over the users, by the metric's name.</param>
/// <param name="PerUser">The values of each metric by its name, one per user; coverage has none.</param>
public sealed record EvaluationReport(
    string Protocol,
    int UserCount,
    int ItemCount,
    ImmutableSortedDictionary<string, double> Metrics,
    IReadOnlyDictionary<string, double[]> PerUser);
