using RecSys.Core.Catalogue;
using RecSys.Core.Slates;

namespace RecSys.Batch.Evaluation;

/// <summary>An answer to a question: a ranked list, and the slate if the serving layer gave the answer.</summary>
/// <param name="Items">The numbers of the items, best first; −1 for an item that the world does not have.</param>
/// <param name="NewItems">The list for the metrics of new items: the same list for a slate; for a ranking by scores, the list without touched items.</param>
/// <param name="Slate">The slate; null for a ranking by scores.</param>
internal readonly record struct Answer(int[] Items, int[] NewItems, Slate? Slate);

/// <summary>The values of one ranking (slates, model or popularity) for all questions.</summary>
/// <remarks><see cref="Fill"/> may be called concurrently, once for each question. A question without a value has NaN, which is left out of the mean.</remarks>
internal sealed class AnswerSheet
{
    /// <summary>The number of first places of a list from which its shares of seen and new items, its categories and its reasons are computed.</summary>
    public const int ListPlaces = 10;

    /// <summary>The share of the history's distribution that is mixed into that of the slate, so that the divergence is finite (Steck, Calibrated Recommendations, RecSys 2018).</summary>
    private const double Mixed = 0.01;

    private readonly IReadOnlyList<Metric> _metrics;
    private readonly IdealGain _ideal;
    private readonly Dictionary<string, double[]> _values = new(StringComparer.Ordinal);
    private readonly Dictionary<string, bool[]> _covered = new(StringComparer.Ordinal);
    private readonly float[][] _confidences;
    private readonly bool[][] _hits;

    public AnswerSheet(string name, IReadOnlyList<Metric> metrics, IdealGain ideal, int questions, int items, bool isSlates)
    {
        Name = name;
        _metrics = metrics;
        _ideal = ideal;
        _confidences = isSlates ? new float[questions][] : [];
        _hits = isSlates ? new bool[questions][] : [];
        foreach (Metric metric in metrics)
        {
            if (metric.Kind == MetricKind.Coverage)
            {
                _covered[metric.Name] = new bool[items];
            }
            else if (metric.Kind == MetricKind.Novelty)
            {
                Add(metric.Name);
            }
            else
            {
                Add(metric.Name);
                Add(NewFamily + metric.Name);
            }
        }

        foreach (string value in (string[])[Seen, Categories, Miscalibration, NewItemsShare, NewItemsRecall])
        {
            Add(value);
        }

        if (isSlates)
        {
            Add(Causes);
        }

        void Add(string value)
        {
            double[] values = new double[questions];
            Array.Fill(values, double.NaN);
            _values.Add(value, values);
        }
    }

    /// <summary>The prefix of metrics of new items: only relevant items that the user had not touched count.</summary>
    public const string NewFamily = "new.";

    /// <summary>The share of places with an item that the user has touched, 0 to 1.</summary>
    public const string Seen = "seen";

    /// <summary>The number of distinct first categories.</summary>
    public const string Categories = "categories";

    /// <summary>The number of distinct reasons.</summary>
    public const string Causes = "causes";

    /// <summary>The Kullback-Leibler divergence of the slate's categories from those of the user's history, in nats; 0 for equal distributions.</summary>
    public const string Miscalibration = "miscalibration";

    /// <summary>The share of places with an item without interactions in the training, 0 to 1.</summary>
    public const string NewItemsShare = "new-items.share";

    /// <summary>The share of the relevant items without interactions in the training that are in the list, 0 to 1.</summary>
    public const string NewItemsRecall = "new-items.recall";

    public string Name { get; }

    /// <summary>Gets the values of all questions, by name, in a fixed order.</summary>
    public IReadOnlyDictionary<string, double[]> Values => _values;

    /// <summary>Sets the values of a question.</summary>
    public void Fill(int question, Question asked, Answer answer, QuestionContext context)
    {
        int[] fresh = context.Touched.Count == 0 ? asked.Relevant : [.. asked.Relevant.Where(item => !context.Touched.ContainsKey(item))];
        bool[] hits = HitsOf(answer.Items, asked.Relevant);
        bool[] freshHits = fresh.Length == 0 ? [] : HitsOf(answer.NewItems, fresh);
        foreach (Metric metric in _metrics)
        {
            int[] first = answer.Items[..Math.Min(metric.K, answer.Items.Length)];
            if (metric.Kind == MetricKind.Coverage)
            {
                foreach (int item in first)
                {
                    if (item >= 0)
                    {
                        _covered[metric.Name][item] = true;
                    }
                }

                continue;
            }

            if (metric.Kind == MetricKind.Novelty)
            {
                _values[metric.Name][question] = context.Novelty(first);
                continue;
            }

            _values[metric.Name][question] = ValueOf(metric, hits, asked.Relevant.Length);
            if (fresh.Length > 0)
            {
                _values[NewFamily + metric.Name][question] = ValueOf(metric, freshHits, fresh.Length);
            }
        }

        FillList(question, asked, answer, hits, context);
    }

    /// <summary>Returns, for each coverage metric, the number of items that were in any list, divided by the number of known items.</summary>
    public IEnumerable<(string Name, double Share)> Coverages(int known) =>
        _covered.Select(pair => (pair.Key, pair.Value.Count(isCovered => isCovered) / (double)Math.Max(1, known)));

    /// <summary>Returns the expected calibration error (Guo et al., On Calibration of Modern Neural Networks, ICML 2017): the mean distance between confidence and share of items that the user liked next over ten equal ranges of confidence, 0 to 1; NaN without slates.</summary>
    public double ConfidenceError()
    {
        const int Ranges = 10;
        double[] sums = new double[Ranges];
        int[] counts = new int[Ranges];
        int[] hits = new int[Ranges];
        for (int question = 0; question < _confidences.Length; question++)
        {
            for (int place = 0; place < (_confidences[question]?.Length ?? 0); place++)
            {
                float confidence = _confidences[question][place];
                int range = Math.Clamp((int)(confidence * Ranges), 0, Ranges - 1);
                sums[range] += confidence;
                counts[range]++;
                hits[range] += _hits[question][place] ? 1 : 0;
            }
        }

        double all = counts.Sum();
        return all == 0 ? double.NaN : Enumerable.Range(0, Ranges).Sum(range => Math.Abs(sums[range] - hits[range])) / all;
    }

    private static bool[] HitsOf(int[] items, int[] relevant)
    {
        bool[] hits = new bool[items.Length];
        for (int i = 0; i < hits.Length; i++)
        {
            hits[i] = Array.BinarySearch(relevant, items[i]) >= 0;
        }

        return hits;
    }

    private double ValueOf(Metric metric, bool[] hits, int relevant) => metric.Kind switch
    {
        MetricKind.Precision => RankingMetrics.Precision(hits, metric.K),
        MetricKind.Recall => RankingMetrics.Recall(hits, relevant, metric.K),
        MetricKind.Ndcg => RankingMetrics.Ndcg(hits, relevant, metric.K, _ideal),
        MetricKind.Hr => RankingMetrics.HitRate(hits, metric.K),
        MetricKind.Mrr => RankingMetrics.ReciprocalRank(hits, metric.K),
        _ => throw new InvalidOperationException($"{metric} has no value for a single list"),
    };

    private void FillList(int question, Question asked, Answer answer, bool[] hits, QuestionContext context)
    {
        int places = Math.Min(ListPlaces, answer.Items.Length);
        int seen = 0;
        int untrained = 0;
        HashSet<string> firsts = new(StringComparer.Ordinal);
        Dictionary<string, double> shown = new(StringComparer.Ordinal);
        for (int place = 0; place < places; place++)
        {
            int item = answer.Items[place];
            seen += context.Touched.ContainsKey(item) ? 1 : 0;
            untrained += !context.IsTrained(item) ? 1 : 0;
            if (context.CatalogueOf(item) is { Content.Categories: { IsEmpty: false } categories })
            {
                firsts.Add(categories[0]);
                QuestionContext.Spread(categories, shown);
            }
        }

        if (places > 0)
        {
            _values[Seen][question] = seen / (double)places;
            _values[NewItemsShare][question] = untrained / (double)places;
        }

        _values[Categories][question] = context.HasCategories ? firsts.Count : double.NaN;
        _values[Miscalibration][question] = Divergence(context.HistoryCategories, shown);
        int wanted = asked.Relevant.Count(item => !context.IsTrained(item));
        if (wanted > 0)
        {
            _values[NewItemsRecall][question] = answer.Items[..places].Where((item, place) => hits[place] && !context.IsTrained(item)).Count() / (double)wanted;
        }

        if (answer.Slate is { } slate)
        {
            _values[Causes][question] = slate.Items.Take(ListPlaces).Select(item => item.Explanation).Distinct(StringComparer.Ordinal).Count();
            _confidences[question] = [.. slate.Items.Take(ListPlaces).Select(item => (float)item.Confidence)];
            _hits[question] = HitsOf(answer.Items[..places], context.Next);
        }
    }

    // Σ p ln(p / q), where p are the shares of the history, and q those of the slate mixed with p.
    private static double Divergence(IReadOnlyDictionary<string, double> history, Dictionary<string, double> slate)
    {
        double all = history.Values.Sum();
        double shown = slate.Values.Sum();
        if (all == 0 || shown == 0)
        {
            return double.NaN;
        }

        double sum = 0;
        foreach ((string category, double weight) in history)
        {
            double p = weight / all;
            double q = ((1 - Mixed) * slate.GetValueOrDefault(category) / shown) + (Mixed * p);
            sum += p * Math.Log(p / q);
        }

        return sum;
    }
}

/// <summary>The data with which the values of a question are computed: the user's history, the catalogue and the training.</summary>
/// <param name="Touched">The numbers of the items that the user has touched, and for each whether slates leave it out.</param>
/// <param name="HistoryCategories">The categories of the items that the user liked, with their weights: each item adds 1 in equal parts to its categories.</param>
/// <param name="HasCategories">Whether the catalogue has categories.</param>
/// <param name="CatalogueOf">Returns the catalogue's entry of an item, or null.</param>
/// <param name="IsTrained">Returns whether the training has interactions with an item.</param>
/// <param name="Novelty">Returns the novelty of a list, in bits.</param>
/// <param name="Next">The numbers of the items that confidences are measured against, ascending.</param>
internal sealed record QuestionContext(
    IReadOnlyDictionary<int, bool> Touched,
    IReadOnlyDictionary<string, double> HistoryCategories,
    bool HasCategories,
    Func<int, CatalogueItem?> CatalogueOf,
    Func<int, bool> IsTrained,
    Func<int[], double> Novelty,
    int[] Next)
{
    /// <summary>Adds 1 in equal parts to the weights of an item's categories.</summary>
    public static void Spread(IReadOnlyCollection<string> categories, Dictionary<string, double> weights)
    {
        foreach (string category in categories)
        {
            weights[category] = weights.GetValueOrDefault(category) + (1.0 / categories.Count);
        }
    }
}
