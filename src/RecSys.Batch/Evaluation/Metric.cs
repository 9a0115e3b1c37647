using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace RecSys.Batch.Evaluation;

/// <summary>What is measured of ranked lists.</summary>
public enum MetricKind
{
    /// <summary>The share of the places that hold a relevant item.</summary>
    Precision = 0,

    /// <summary>The share of the relevant items that are found.</summary>
    Recall = 1,

    /// <summary>The discounted gain as a share of the ideal.</summary>
    Ndcg = 2,

    /// <summary>The share of users for whom a relevant item is found.</summary>
    Hr = 3,

    /// <summary>One over the rank of the first relevant item.</summary>
    Mrr = 4,

    /// <summary>The share of all items that are in any list.</summary>
    Coverage = 5,

    /// <summary>The mean of −log2 of the share of users who touched a listed item: bits of surprise.</summary>
    Novelty = 6,
}

/// <summary>A metric and the places it looks at, written <c>ndcg@10</c>.</summary>
public readonly record struct Metric(MetricKind Kind, int K)
{
    /// <summary>The most places.</summary>
    public const int KMax = 1_000;

    /// <summary>The rule of a list of metrics, for those who wrote another.</summary>
    public static string ListRule { get; } = string.Create(
        CultureInfo.InvariantCulture,
        $"must be a list such as ndcg@10,recall@20; the metrics are {string.Join(", ", Enum.GetValues<MetricKind>().Select(NameOf))}, at 1 to {KMax} places");

    /// <summary>What is measured unless something else is asked for.</summary>
    public static IReadOnlyList<Metric> Default { get; } =
        [.. Enum.GetValues<MetricKind>().Select(kind => new Metric(kind, 10))];

    /// <summary>Its name.</summary>
    public string Name => string.Create(CultureInfo.InvariantCulture, $"{NameOf(Kind)}@{K}");

    /// <summary>Reads a name.</summary>
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

    /// <summary>Reads a list of names, parted by commas.</summary>
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
