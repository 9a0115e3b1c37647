using System.Collections.Immutable;

namespace RecSys.Batch.Evaluation;

/// <summary>The figures of an evaluation, and their names in the metrics of a job.</summary>
/// <remarks>
/// <c>slates.ndcg@10</c> is the mean over the questions that have a value. <c>slates.new.ndcg@10</c> is the mean if only items that are new to the user count. <c>slates.ndcg@10.low</c> and <c>slates.ndcg@10.high</c> are the bounds of
/// its 95 % interval. <c>slates.acts-3-5.ndcg@10</c> is the mean over the users with 3 to 5 interactions at the question. <c>difference.popularity.ndcg@10</c> is the mean of slates minus
/// popularity. <c>questions.acts-3-5</c> is the number of questions of those users.
/// </remarks>
public static class EvaluationFigures
{
    /// <summary>The name of whole slates, as served.</summary>
    public const string Slates = "slates";

    /// <summary>The name of whole slates that are made from the user's profile as it was at the cut.</summary>
    public const string Frozen = "frozen";

    /// <summary>The name of rankings by the model's scores alone.</summary>
    public const string Model = "model";

    /// <summary>The name of rankings by popularity.</summary>
    public const string Popularity = "popularity";

    /// <summary>Gets the slices of questions by the number of the user's interactions at the question: a name, and the smallest and largest number.</summary>
    public static ImmutableArray<(string Name, int Least, int Most)> Slices { get; } =
    [
        ("acts-0", 0, 0), ("acts-1-2", 1, 2), ("acts-3-5", 3, 5), ("acts-6-20", 6, 20), ("acts-21+", 21, int.MaxValue), ("acts-201+", 201, int.MaxValue),
    ];

    /// <summary>Returns the figures of all sheets.</summary>
    internal static ImmutableSortedDictionary<string, double> Of(
        IReadOnlyList<AnswerSheet> sheets,
        IReadOnlyList<int> clusters,
        IReadOnlyList<int> actCounts,
        int knownItems,
        EvaluationSettings settings,
        IReadOnlyList<(string Name, int Least, int Most)> slices,
        CancellationToken cancellationToken)
    {
        ImmutableSortedDictionary<string, double>.Builder figures = ImmutableSortedDictionary.CreateBuilder<string, double>(StringComparer.Ordinal);
        List<(string Name, double[] Values)> series = [];
        foreach (AnswerSheet sheet in sheets)
        {
            foreach ((string name, double[] values) in sheet.Values)
            {
                series.Add(($"{sheet.Name}.{name}", values));
                foreach ((string slice, int least, int most) in slices)
                {
                    Put($"{sheet.Name}.{slice}.{name}", Mean(values.Where((_, question) => actCounts[question] >= least && actCounts[question] <= most)));
                }
            }

            foreach ((string name, double share) in sheet.Coverages(knownItems))
            {
                figures[$"{sheet.Name}.{name}"] = share;
            }

            Put($"{sheet.Name}.confidence-error", sheet.ConfidenceError());
        }

        if (sheets[0].Name == Slates)
        {
            foreach (AnswerSheet other in sheets.Skip(1))
            {
                foreach (Metric metric in settings.Metrics.Where(metric => metric.IsQuality))
                {
                    double[] mine = sheets[0].Values[metric.Name];
                    double[] theirs = other.Values[metric.Name];
                    series.Add(($"difference.{other.Name}.{metric.Name}", [.. mine.Select((value, question) => value - theirs[question])]));
                }
            }
        }

        (double Low, double High)[] intervals = settings.Rounds == 0
            ? []
            : Intervals.Of([.. series.Select(one => one.Values)], clusters, settings.Rounds, settings.Seed, cancellationToken);
        for (int s = 0; s < series.Count; s++)
        {
            Put(series[s].Name, Mean(series[s].Values));
            if (intervals.Length > 0)
            {
                Put($"{series[s].Name}.low", intervals[s].Low);
                Put($"{series[s].Name}.high", intervals[s].High);
            }
        }

        figures["questions"] = clusters.Count;
        figures["questions.new"] = NewCount(sheets[0], settings);
        figures["users"] = clusters.Distinct().Count();
        figures["items"] = knownItems;
        foreach ((string slice, int least, int most) in slices)
        {
            figures[$"questions.{slice}"] = actCounts.Count(count => count >= least && count <= most);
        }

        return figures.ToImmutable();

        void Put(string name, double value)
        {
            if (double.IsFinite(value))
            {
                figures[name] = value;
            }
        }
    }

    // Returns the number of questions with a relevant item that is new to the user.
    private static int NewCount(AnswerSheet sheet, EvaluationSettings settings) =>
        settings.Metrics.Where(metric => metric.IsQuality).Take(1)
            .Sum(metric => sheet.Values[AnswerSheet.NewFamily + metric.Name].Count(value => !double.IsNaN(value)));

    private static double Mean(IEnumerable<double> values)
    {
        double sum = 0;
        int count = 0;
        foreach (double value in values)
        {
            if (!double.IsNaN(value))
            {
                sum += value;
                count++;
            }
        }

        return count == 0 ? double.NaN : sum / count;
    }
}
