using System.Collections.Immutable;
using System.Globalization;
using RecSys.Numerics;

namespace RecSys.Batch.Evaluation;

/// <summary>Decides whether a candidate may replace the champion without a person's decision.</summary>
/// <remarks>
/// The candidate is compared with the champion and with popularity, by a percentile bootstrap (Efron and Tibshirani, An Introduction to the Bootstrap, 1993) of the difference in
/// <see cref="GateOptions.Metric"/>. The difference is taken per user; users are resampled with replacement, and
/// the middle share <see cref="GateOptions.Confidence"/> of the means is the interval. The candidate is worse if the whole
/// interval is below −<see cref="GateOptions.Tolerance"/> of the other's mean. The upper bound decides, so that an uncertain loss passes and a
/// certain one does not. With fewer users than <see cref="GateOptions.UsersMin"/> the candidate passes without a judgement, because it differs from the champion only by more data.
/// </remarks>
public static class Gate
{
    /// <summary>Judges a candidate.</summary>
    /// <param name="candidate">The report of the candidate, with <see cref="GateOptions.Metric"/>.</param>
    /// <param name="champion">The report of the champion on the same users; null if there is no champion.</param>
    /// <param name="popularity">The report of popularity on the same users.</param>
    /// <param name="options">The options of the gate.</param>
    /// <param name="seed">The seed of the resampling.</param>
    /// <exception cref="ArgumentException">The reports have different numbers of users.</exception>
    public static GateVerdict Judge(
        EvaluationReport candidate, EvaluationReport? champion, EvaluationReport popularity, GateOptions options, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(candidate);
        ArgumentNullException.ThrowIfNull(popularity);
        ArgumentNullException.ThrowIfNull(options);
        ImmutableSortedDictionary<string, double>.Builder figures =
            ImmutableSortedDictionary.CreateBuilder<string, double>(StringComparer.Ordinal);
        figures["gate.users"] = candidate.UserCount;
        if (candidate.UserCount < options.UsersMin)
        {
            return new GateVerdict(
                GateOutcome.TooLittleToJudge,
                Text($"passes without a judgement: the tail has {candidate.UserCount} users, and {options.UsersMin} are needed"),
                figures.ToImmutable());
        }

        string metric = options.Metric.Name;
        foreach ((string name, double value) in candidate.Metrics)
        {
            figures[name] = value;
        }

        string verdict = "passes";
        bool isWorse = false;
        foreach ((string name, EvaluationReport? other) in new[] { ("champion", champion), ("popularity", popularity) })
        {
            if (other is null)
            {
                continue;
            }

            (double low, double high) = Interval(candidate.PerUser[metric], other.PerUser[metric], options, seed);
            double mean = other.Metrics[metric];
            figures[$"gate.{name}.{metric}"] = mean;
            figures[$"gate.{name}.low"] = low;
            figures[$"gate.{name}.high"] = high;
            bool isWorseThanThis = high < -options.Tolerance * mean;
            isWorse |= isWorseThanThis;
            verdict += Text($"; {(isWorseThanThis ? "worse than" : "not worse than")} {name}: {metric} {candidate.Metrics[metric]:F4} against {mean:F4}, difference {low:+0.0000;-0.0000} to {high:+0.0000;-0.0000}");
        }

        return new GateVerdict(
            isWorse ? GateOutcome.Worse : GateOutcome.NotWorse,
            isWorse ? "is rejected" + verdict["passes".Length..] : verdict,
            figures.ToImmutable());
    }

    /// <summary>Returns the bootstrap interval of the mean difference candidate − other.</summary>
    internal static (double Low, double High) Interval(double[] candidate, double[] other, GateOptions options, ulong seed)
    {
        if (candidate.Length != other.Length)
        {
            throw new ArgumentException($"{candidate.Length} users against {other.Length}", nameof(other));
        }

        SeededRandom random = new(seed);
        double[] means = new double[options.Rounds];
        for (int round = 0; round < means.Length; round++)
        {
            double sum = 0;
            for (int i = 0; i < candidate.Length; i++)
            {
                int user = random.NextInt(candidate.Length);
                sum += candidate[user] - other[user];
            }

            means[round] = sum / candidate.Length;
        }

        Array.Sort(means);
        double tail = (1 - options.Confidence) / 2;
        return (means[(int)(tail * (means.Length - 1))], means[(int)Math.Ceiling((1 - tail) * (means.Length - 1))]);
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

/// <summary>The options of the gate.</summary>
public sealed record GateOptions
{
    /// <summary>Gets the metric that decides. Coverage and novelty are not allowed, since they do not measure quality.</summary>
    /// <value>The default is <c>ndcg@10</c>.</value>
    public Metric Metric { get; init; } = new(MetricKind.Ndcg, 10);

    /// <summary>Gets the share of the newest interactions that is held out to judge a candidate (the tail). A higher value makes the verdict more certain, but the candidate is trained on fewer and older interactions.</summary>
    /// <value>The default is 0.1; 0.01 to 0.5.</value>
    public double TailShare { get; init; } = 0.1;

    /// <summary>Gets the number of users in the tail below which a candidate passes without a judgement.</summary>
    /// <value>The default is 50; 1 to 1,000,000.</value>
    public int UsersMin { get; init; } = 50;

    /// <summary>Gets the largest number of evaluated users of the tail. If it has more, evenly spaced ones are chosen. Evaluation time grows in proportion.</summary>
    /// <value>The default is 5,000; 50 to 1,000,000.</value>
    public int UsersMax { get; init; } = 5_000;

    /// <summary>Gets the share of the champion's (or popularity's) mean metric by which a candidate may be worse and still pass. A higher value publishes worse models.</summary>
    /// <value>The default is 0.01; 0 to 0.5.</value>
    public double Tolerance { get; init; } = 0.01;

    /// <summary>Gets the confidence level of the interval of the difference. A higher value rejects fewer candidates, since the loss must be more certain.</summary>
    /// <value>The default is 0.95; 0.5 to 0.999.</value>
    public double Confidence { get; init; } = 0.95;

    /// <summary>Gets the number of bootstrap resamplings. A higher value makes the interval more exact and takes longer.</summary>
    /// <value>The default is 1,000; 100 to 100,000.</value>
    public int Rounds { get; init; } = 1_000;

    /// <summary>Returns a description of the first value that is not allowed; null if the options are valid.</summary>
    public string? Problem() =>
        !Metric.IsQuality ? $"{nameof(Metric)} is {Metric}, which does not measure quality"
        : Training.ModelOptions.Outside(Metric.K, 1, Metric.KMax, nameof(Metric))
        ?? Training.ModelOptions.Outside(TailShare, 0.01, 0.5, nameof(TailShare))
        ?? Training.ModelOptions.Outside(UsersMin, 1, 1_000_000, nameof(UsersMin))
        ?? Training.ModelOptions.Outside(UsersMax, 50, 1_000_000, nameof(UsersMax))
        ?? Training.ModelOptions.Outside(Tolerance, 0, 0.5, nameof(Tolerance))
        ?? Training.ModelOptions.Outside(Confidence, 0.5, 0.999, nameof(Confidence))
        ?? Training.ModelOptions.Outside(Rounds, 100, 100_000, nameof(Rounds));
}

/// <summary>The outcome of the gate.</summary>
public enum GateOutcome
{
    /// <summary>The candidate is not worse and may be published.</summary>
    NotWorse = 0,

    /// <summary>The candidate is worse and is not published.</summary>
    Worse = 1,

    /// <summary>There are too few users to judge; the candidate may be published.</summary>
    TooLittleToJudge = 2,
}

/// <summary>The verdict of the gate.</summary>
/// <param name="Outcome">Whether the candidate is worse.</param>
/// <param name="Text">The verdict in one line.</param>
/// <param name="Figures">The measured values by name, such as <c>gate.champion.low</c>.</param>
public sealed record GateVerdict(GateOutcome Outcome, string Text, ImmutableSortedDictionary<string, double> Figures)
{
    /// <summary>An empty dictionary of figures.</summary>
    public static readonly ImmutableSortedDictionary<string, double> NoFigures =
        ImmutableSortedDictionary.Create<string, double>(StringComparer.Ordinal);

    /// <summary>Gets whether the candidate may be published.</summary>
    public bool Passes => Outcome != GateOutcome.Worse;
}
