using System.Collections.Immutable;
using System.Globalization;
using RecSys.Core;
using RecSys.Core.Jobs;

namespace RecSys.Batch.Evaluation;

/// <summary>The parameters of an evaluation on the log, with their names in jobs and on the command line.</summary>
public static class EvaluationParameters
{
    /// <summary>The protocol: <c>temporal</c>, <c>leave-last-out</c> (or <c>leave-one-out</c>), <c>prequential</c> or <c>new-users</c>.</summary>
    public const string Split = "split";

    /// <summary>The metrics, such as <c>ndcg@10,recall@20</c>.</summary>
    public const string Metrics = "metrics";

    /// <summary>The share of the newest interactions to evaluate on, 0.001 to 0.9.</summary>
    public const string Share = "share";

    /// <summary>The largest number of questions, 1 to <see cref="EvaluationSettings.QuestionsLimit"/>.</summary>
    public const string Questions = "questions";

    /// <summary>The ideal list: <c>first-k</c> or <c>all</c>.</summary>
    public const string Ideal = "ideal";

    /// <summary>The number of sampled candidates, 0 (all items) to <see cref="EvaluationSettings.CandidatesLimit"/>.</summary>
    public const string Candidates = "candidates";

    /// <summary>The share of the items whose interactions are left out, 0 to <see cref="EvaluationSettings.NewItemsMax"/>.</summary>
    public const string NewItems = "newItems";

    /// <summary>The least weight of a liked interaction that counts as a right answer, 0 to <see cref="EvaluationSettings.WeightLimit"/>.</summary>
    public const string LeastWeight = "leastWeight";

    /// <summary>The interactions that popularity counts: <c>so-far</c> (up to the question) or <c>training</c>.</summary>
    public const string Popularity = "popularity";

    /// <summary>The rule for seen items that the requests name: <c>exclude</c>, <c>demote</c> or <c>allow</c>; by default each type's rule applies.</summary>
    public const string Seen = "seen";

    /// <summary>The seed of all random numbers, 0 or more.</summary>
    public const string Seed = "seed";

    private const string Temporal = "temporal";
    private const string LeaveLastOut = "leave-last-out";
    private const string LeaveOneOut = "leave-one-out";
    private const string Prequential = "prequential";
    private const string NewUsers = "new-users";
    private const string FirstK = "first-k";
    private const string AllRelevant = "all";
    private const string SoFar = "so-far";
    private const string OfTraining = "training";

    /// <summary>Gets the values of <see cref="Split"/>.</summary>
    public static ImmutableArray<string> Splits { get; } = [Temporal, LeaveLastOut, LeaveOneOut, Prequential, NewUsers];

    /// <summary>Gets all parameters.</summary>
    public static ImmutableArray<JobParameter> All { get; } =
    [
        JobParameter.OneOf(Split, [.. Splits]),
        new JobParameter(
            Metrics,
            $"{Metric.ListRule} (a slate has at most {Core.Limits.SlateMax})",
            text => Metric.TryParseList(text, out IReadOnlyList<Metric>? metrics) && metrics.All(metric => metric.K <= Core.Limits.SlateMax)),
        Number(Share, 0.001, 0.9),
        Whole(Questions, 1, EvaluationSettings.QuestionsLimit),
        JobParameter.OneOf(Ideal, FirstK, AllRelevant),
        Whole(Candidates, 0, EvaluationSettings.CandidatesLimit),
        Number(NewItems, 0, EvaluationSettings.NewItemsMax),
        Number(LeastWeight, 0, EvaluationSettings.WeightLimit),
        JobParameter.OneOf(Popularity, SoFar, OfTraining),
        JobParameter.OneOf(Seen, [.. SeenRuleNames.All]),
        Whole(Seed, 0, int.MaxValue),
    ];

    /// <summary>Returns the settings that parameters give. The parameters must match <see cref="All"/>; for a missing one the default applies.</summary>
    public static EvaluationSettings Read(ImmutableSortedDictionary<string, string> parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        EvaluationSettings settings = new();
        return settings with
        {
            Protocol = parameters.GetValueOrDefault(Split) switch
            {
                LeaveLastOut or LeaveOneOut => EvaluationProtocol.LeaveLastOut,
                Prequential => EvaluationProtocol.Prequential,
                NewUsers => EvaluationProtocol.NewUsers,
                _ => EvaluationProtocol.Temporal,
            },
            Metrics = Metric.TryParseList(parameters.GetValueOrDefault(Metrics), out IReadOnlyList<Metric>? named) ? [.. named.Distinct()] : settings.Metrics,
            Share = parameters.TryGetValue(Share, out string? share) ? double.Parse(share, CultureInfo.InvariantCulture) : null,
            NewItems = parameters.TryGetValue(NewItems, out string? newItems) ? double.Parse(newItems, CultureInfo.InvariantCulture) : 0,
            LeastWeight = parameters.TryGetValue(LeastWeight, out string? leastWeight) ? double.Parse(leastWeight, CultureInfo.InvariantCulture) : 0,
            QuestionsMax = WholeOf(Questions, settings.QuestionsMax),
            Ideal = parameters.GetValueOrDefault(Ideal) == AllRelevant ? IdealGain.AllRelevant : IdealGain.FirstK,
            Candidates = WholeOf(Candidates, settings.Candidates),
            Seen = parameters.TryGetValue(Seen, out string? seen) ? SeenRuleNames.Parse(seen) : null,
            IsPopularityOfTraining = parameters.GetValueOrDefault(Popularity) == OfTraining,
            Seed = (ulong)WholeOf(Seed, (int)settings.Seed),
        };

        int WholeOf(string name, int otherwise) =>
            parameters.TryGetValue(name, out string? text) ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;
    }

    private static JobParameter Number(string name, double least, double most) => new(
        name,
        string.Create(CultureInfo.InvariantCulture, $"must be a number from {least} to {most}"),
        text => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && value >= least && value <= most);

    private static JobParameter Whole(string name, int least, int most) => new(
        name,
        string.Create(CultureInfo.InvariantCulture, $"must be a whole number from {least} to {most}"),
        text => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int value) && value >= least && value <= most);
}
