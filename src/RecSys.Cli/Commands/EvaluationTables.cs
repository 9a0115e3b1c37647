using RecSys.Batch.Evaluation;

namespace RecSys.Cli.Commands;

/// <summary>Prints an evaluation: the headline, what lists are like, and the slices.</summary>
internal static class EvaluationTables
{
    private const int Digits = 4;

    private static readonly string[] Judged =
        [EvaluationFigures.Slates, EvaluationFigures.Frozen, EvaluationFigures.Model, EvaluationFigures.Popularity];

    private static readonly (string Name, string Label)[] Lists =
    [
        ("seen", "share of places already seen"),
        ("categories", "categories in ten"),
        ("causes", "distinct reasons in ten"),
        ("miscalibration", "category divergence"),
        ("confidence-error", "confidence error"),
        ("new-items.share", "share of new items"),
        ("new-items.recall", "recall of new items"),
    ];

    private static readonly Dictionary<string, string> SliceLabels = new(StringComparer.Ordinal)
    {
        ["acts-0"] = "0 acts before",
        ["acts-1-2"] = "1-2",
        ["acts-3-5"] = "3-5",
        ["acts-6-20"] = "6-20",
        ["acts-21+"] = "over 20",
        ["acts-201+"] = "over 200",
    };

    /// <summary>Prints an evaluation.</summary>
    /// <param name="terminal">The terminal.</param>
    /// <param name="message">The protocol.</param>
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

        string[] judged = [.. Judged.Where(name => figures.Keys.Any(key => key.StartsWith(name + ".", StringComparison.Ordinal)))];
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
        string headline = metrics.FirstOrDefault(metric => metric.StartsWith("ndcg", StringComparison.Ordinal)) ?? metrics[0];
        terminal.Table(
            [headline, ">questions", .. judged.Select(name => ">" + name)],
            EvaluationFigures.Slices.Where(slice => figures.GetValueOrDefault($"questions.{slice.Name}") > 0).Select(slice => (string[])
            [
                SliceLabels[slice.Name],
                Terminal.Number((long)figures[$"questions.{slice.Name}"]),
                .. judged.Select(name => Value($"{name}.{slice.Name}.{headline}")),
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
