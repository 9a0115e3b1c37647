using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace RecSys.Batch.Evaluation;

/// <summary>The kind of a metric of ranked lists.</summary>
public enum MetricKind
{
    /// <summary>Share of the k places with a relevant item.</summary>
    Precision = 0,

    /// <summary>Share of the relevant items in the list.</summary>
    Recall = 1,

    /// <summary>Normalised discounted cumulative gain (Järvelin and Kekäläinen 2002): the discounted gain of the list divided by that of the ideal list.</summary>
    Ndcg = 2,

    /// <summary>Hit rate: the share of users with a relevant item in the list.</summary>
    Hr = 3,

    /// <summary>Mean reciprocal rank: the mean of one divided by the rank of the first relevant item.</summary>
    Mrr = 4,

    /// <summary>Share of all items that are in any list.</summary>
    Coverage = 5,

    /// <summary>Mean of −log2 of the share of users who interacted with a listed item, in bits.</summary>
    Novelty = 6,
}

/// <summary>A metric and its list length k, written <c>ndcg@10</c>.</summary>
/// <param name="Kind">The kind of metric: Precision, Recall, Ndcg, Hr (hit rate), Mrr, Coverage or Novelty.</param>
/// <param name="K">The number of first places of a list that the metric considers: 1 to 1,000.</param>
public readonly record struct Metric(MetricKind Kind, int K)
{
    /// <summary>The largest k.</summary>
    public const int KMax = 1_000;

    /// <summary>Gets the description of a valid list of metrics, for error messages.</summary>
    public static string ListRule { get; } = string.Create(
        CultureInfo.InvariantCulture,
        $"must be a list such as ndcg@10,recall@20; the metrics are {string.Join(", ", Enum.GetValues<MetricKind>().Select(NameOf))}, at 1 to {KMax} places");

    /// <summary>Gets the metrics that are measured by default: all kinds at 10 places.</summary>
    public static IReadOnlyList<Metric> Default { get; } =
        [.. Enum.GetValues<MetricKind>().Select(kind => new Metric(kind, 10))];

    /// <summary>Gets the name, such as <c>ndcg@10</c>.</summary>
    public string Name => string.Create(CultureInfo.InvariantCulture, $"{NameOf(Kind)}@{K}");

    /// <summary>Gets whether the metric measures quality, that is, the number or the ranks of relevant items.</summary>
    public bool IsQuality => Kind is not (MetricKind.Coverage or MetricKind.Novelty);

    /// <summary>Parses a name such as <c>ndcg@10</c>, without regard to case.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out Metric metric)
    {
        metric = default;
        if (text?.Split('@') is not [string name, string places]
            || !int.TryParse(places, NumberStyles.None, CultureInfo.InvariantCulture, out int k)
            || k is < 1 or > KMax)
        {
            return false;
        }

        foreach (MetricKind kind in Enum.GetValues<MetricKind>())
        {
            if (string.Equals(NameOf(kind), name, StringComparison.OrdinalIgnoreCase))
            {
                metric = new Metric(kind, k);
                return true;
            }
        }

        return false;
    }

    /// <summary>Parses names that are separated by commas.</summary>
    public static bool TryParseList([NotNullWhen(true)] string? text, [NotNullWhen(true)] out IReadOnlyList<Metric>? metrics)
    {
        List<Metric> list = [];
        foreach (string name in (text ?? "").Split(',', StringSplitOptions.TrimEntries))
        {
            if (!TryParse(name, out Metric metric))
            {
                metrics = null;
                return false;
            }

            list.Add(metric);
        }

        metrics = list;
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => Name;

    private static string NameOf(MetricKind kind) => kind switch
    {
        MetricKind.Precision => "precision",
        MetricKind.Recall => "recall",
        MetricKind.Ndcg => "ndcg",
        MetricKind.Hr => "hr",
        MetricKind.Mrr => "mrr",
        MetricKind.Coverage => "coverage",
        MetricKind.Novelty => "novelty",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "no metric"),
    };
}
