using RecSys.Batch.Evaluation;

namespace RecSys.Cli.Commands;

/// <summary>Prints an evaluation: the metrics, the properties of the first ten places, and the slices.</summary>
internal static class EvaluationTables
{
    private const int Digits = 4;
    private const string SlicePrefix = "questions.";

    private static readonly string[] Judged =
        [EvaluationFigures.Slates, EvaluationFigures.Frozen, EvaluationFigures.Model, EvaluationFigures.Popularity];

    /// <summary>The figures of a list's first ten places, with their labels.</summary>
    internal static readonly (string Name, string Label)[] Lists =
    [
        ("seen", "share of places already seen"),
        ("categories", "categories in ten"),
        ("causes", "distinct reasons in ten"),
        ("miscalibration", "category divergence"),
        ("confidence-error", "confidence error"),
        ("new-items.share", "share of new items"),
        ("new-items.recall", "recall of new items"),
    ];

    /// <summary>Prints an evaluation.</summary>
    /// <param name="terminal">Receives the tables on its standard output.</param>
    /// <param name="message">Message of the evaluation: notes about the protocol, separated by semicolons.</param>
    /// <param name="figures">The figures by the names of <see cref="EvaluationFigures"/>.</param>
    public static void Print(Terminal terminal, string message, IReadOnlyDictionary<string, double> figures)
    {
        foreach (string part in message.Split("; "))
        {
            foreach (string line in Wrapped(part))
            {
                terminal.Out.WriteLine(line);
            }
        }

        string[] judged = [.. JudgedIn(figures)];
        if (judged.Length == 0)
        {
            return;
        }

        string first = judged[0];
        string[] metrics = [.. MetricsOf(figures, first)];
        string[] fresh = [.. metrics.Where(metric => figures.ContainsKey($"{first}.new.{metric}"))];
        bool areAllNew = figures["questions.new"] == figures["questions"]
            && fresh.All(metric => judged.All(name => Value($"{name}.{metric}") == Value($"{name}.new.{metric}")));
        terminal.Table(
            ["metric", .. judged.Select(name => ">" + name), $">95 % of {first}"],
            [
                .. metrics.Select(metric => Row(metric, metric)),
                .. areAllNew ? [] : fresh.Select(metric => Row($"new {metric}", $"new.{metric}")),
            ]);
        terminal.Out.WriteLine(areAllNew
            ? "every relevant item was new to its user"
            : $"new: only items that the user had not touched ({Terminal.Number((long)figures["questions.new"])} questions)");
        terminal.Table(
            ["the first ten", .. judged.Select(name => ">" + name)],
            Lists.Where(list => judged.Any(name => figures.ContainsKey($"{name}.{list.Name}")))
                .Select(list => (string[])[list.Label, .. judged.Select(name => Value($"{name}.{list.Name}"))]));
        string headline = HeadlineOf(metrics);
        terminal.Table(
            [headline, ">questions", .. judged.Select(name => ">" + name)],
            SlicesOf(figures).Select(slice => (string[])
            [
                LabelOf(slice),
                Terminal.Number((long)figures[$"questions.{slice}"]),
                .. judged.Select(name => Value($"{name}.{slice}.{headline}")),
            ]));

        string Value(string name) => figures.TryGetValue(name, out double value) ? Terminal.Number(value, Digits) : "";

        string[] Row(string label, string metric) =>
        [
            label,
            .. judged.Select(name => Value($"{name}.{metric}")),
            figures.TryGetValue($"{first}.{metric}.low", out double low) && figures.TryGetValue($"{first}.{metric}.high", out double high)
                ? $"{Terminal.Number(low, Digits)}-{Terminal.Number(high, Digits)}"
                : "",
        ];
    }

    /// <summary>Returns the names of the slices that have questions, in ascending order of interactions.</summary>
    internal static IEnumerable<string> SlicesOf(IReadOnlyDictionary<string, double> figures) =>
        figures.Where(figure => figure.Key.StartsWith(SlicePrefix, StringComparison.Ordinal) && figure.Key.Contains('-', StringComparison.Ordinal) && figure.Value > 0)
            .Select(figure => figure.Key[SlicePrefix.Length..])
            .OrderBy(LeastOf);

    /// <summary>Returns a slice's name for a person: <c>3-5 acts before</c>.</summary>
    internal static string LabelOf(string slice) =>
        slice.StartsWith("likes-", StringComparison.Ordinal) ? $"{slice["likes-".Length..]} likes"
        : slice.EndsWith('+') ? $"{LeastOf(slice)} acts or more"
        : $"{slice["acts-".Length..]} acts before";

    private static int LeastOf(string slice) =>
        int.Parse(slice.Split('-')[1].TrimEnd('+'), System.Globalization.CultureInfo.InvariantCulture);

    private static IEnumerable<string> Wrapped(string text)
    {
        System.Text.StringBuilder line = new();
        foreach (string word in text.Split(' '))
        {
            if (line.Length > 0 && line.Length + 1 + word.Length > Terminal.Columns)
            {
                yield return line.ToString();
                line.Clear().Append(' ');
            }

            line.Append(line.Length > 0 ? " " : "").Append(word);
        }

        yield return line.ToString();
    }

    /// <summary>Returns the rankings that were judged, in the order in which they are shown.</summary>
    internal static IEnumerable<string> JudgedIn(IReadOnlyDictionary<string, double> figures) =>
        Judged.Where(name => figures.Keys.Any(key => key.StartsWith(name + ".", StringComparison.Ordinal)));

    /// <summary>Returns the metric by which slices are compared.</summary>
    internal static string HeadlineOf(string[] metrics) =>
        metrics.FirstOrDefault(metric => metric.StartsWith("ndcg", StringComparison.Ordinal)) ?? metrics[0];

    // The metrics in the order of their kinds, then of their places.
    internal static IEnumerable<string> MetricsOf(IReadOnlyDictionary<string, double> figures, string judged) =>
        figures.Keys
            .Where(key => key.StartsWith(judged + ".", StringComparison.Ordinal) && key.Count(letter => letter == '.') == 1)
            .Select(key => key[(judged.Length + 1)..])
            .Select(name => (Name: name, IsMetric: Metric.TryParse(name, out Metric metric), Metric: metric))
            .Where(one => one.IsMetric)
            .OrderBy(one => OrderOf(one.Metric.Kind))
            .ThenBy(one => one.Metric.K)
            .Select(one => one.Name);

    private static int OrderOf(MetricKind kind) => kind switch
    {
        MetricKind.Ndcg => 0,
        MetricKind.Recall => 1,
        MetricKind.Hr => 2,
        MetricKind.Mrr => 3,
        MetricKind.Precision => 4,
        MetricKind.Coverage => 5,
        _ => 6,
    };
}
