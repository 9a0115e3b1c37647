using RecSys.Core;

namespace RecSys.Batch.Evaluation;

/// <summary>The protocol of an evaluation, which determines the questions and their times.</summary>
public enum EvaluationProtocol
{
    /// <summary>All questions have the same time, one per user: the interactions of the newest share are predicted from the earlier ones.</summary>
    Temporal = 0,

    /// <summary>Each user has one question, just before the user's last liked interaction, which is predicted.</summary>
    LeaveLastOut = 1,

    /// <summary>The liked interactions of the newest share are predicted one after the other; each is applied before the next one is predicted.</summary>
    Prequential = 2,

    /// <summary>The questions are those of a test file, at a time after all records.</summary>
    Given = 3,

    /// <summary>Some users are left out of the training. Each appears after all records with the user's first 0, 1, 3, 5 and 10 liked items; the user's other liked items are predicted.</summary>
    NewUsers = 4,
}

/// <summary>The settings of an evaluation.</summary>
public sealed record EvaluationSettings
{
    /// <summary>The largest value of <see cref="QuestionsMax"/>.</summary>
    public const int QuestionsLimit = 1_000_000;

    /// <summary>The largest value of <see cref="Candidates"/>.</summary>
    public const int CandidatesLimit = Core.Slates.SlateRequest.CandidatesMax;

    /// <summary>The largest value of <see cref="NewItems"/>.</summary>
    public const double NewItemsMax = 0.5;

    /// <summary>The largest value of <see cref="LeastWeight"/>.</summary>
    public const double WeightLimit = 1_000;

    /// <summary>Gets the protocol; default <see cref="EvaluationProtocol.Temporal"/>.</summary>
    public EvaluationProtocol Protocol { get; init; }

    /// <summary>Gets the share to evaluate on, 0.001 to 0.9: of the newest interactions, or of the users for <see cref="EvaluationProtocol.NewUsers"/>; null: 0.1 for <see cref="EvaluationProtocol.Temporal"/>, otherwise 0.2.</summary>
    public double? Share { get; init; }

    /// <summary>Gets the largest number of questions, 1 to <see cref="QuestionsLimit"/>; default 5,000. If the protocol has more, evenly spaced ones are chosen.</summary>
    public int QuestionsMax { get; init; } = 5_000;

    /// <summary>Gets the metrics, each at most at 100 places, the largest number of items of a slate.</summary>
    public IReadOnlyList<Metric> Metrics { get; init; } = Metric.Default;

    /// <summary>Gets the ideal list of discounted gains; default <see cref="IdealGain.FirstK"/>.</summary>
    public IdealGain Ideal { get; init; }

    /// <summary>Gets the seed of exploration, sampled candidates and intervals; default 1.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Gets the number of random items that are ranked in addition to the relevant ones, 1 to <see cref="CandidatesLimit"/>; 0 (default): all items are ranked. A slate gets them as the candidates of its request, of which there are at most <see cref="CandidatesLimit"/> including the relevant ones.</summary>
    public int Candidates { get; init; }

    /// <summary>
    /// Gets the share of the items, chosen by <see cref="Seed"/>, that are treated as new; 0 to <see cref="NewItemsMax"/>, default 0. These items are in the catalogue, but models do not learn from their interactions,
    /// and the replay does not apply them. They were added to the catalogue at the time of the first question. The relevant items of the questions include them.
    /// </summary>
    public double NewItems { get; init; }

    /// <summary>Gets the weight that a liked interaction needs to be a right answer, 0 (default: any above 0) to <see cref="WeightLimit"/>; not for given questions.</summary>
    public double LeastWeight { get; init; }

    /// <summary>Gets whether popularity counts only the interactions of the training; if not, it counts those up to the question. Default false.</summary>
    public bool IsPopularityOfTraining { get; init; }

    /// <summary>Gets the rule for seen items that the requests name; null (default): the requests name none, so that the rule of each interaction type applies.</summary>
    public SeenRule? Seen { get; init; }

    /// <summary>Gets whether a question of an anonymous session becomes one of a user who interacted with the session's items just before. Default false: the request lists the items.</summary>
    public bool AsksSessionsAsUsers { get; init; }

    /// <summary>Gets the type of the interactions of such a user; default <c>click</c>.</summary>
    public string SessionType { get; init; } = "click";

    /// <summary>Gets the time between two interactions of such a user; default 1 s.</summary>
    public TimeSpan SessionStep { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Gets the number of bootstrap resamplings of an interval, 0 (no intervals) to 100,000; default 1,000.</summary>
    public int Rounds { get; init; } = 1_000;

    /// <summary>Gets <see cref="Share"/>, or its default for the protocol if it is null.</summary>
    public double ShareOrDefault => Share ?? (Protocol == EvaluationProtocol.Temporal ? 0.1 : 0.2);

    /// <summary>Returns a description of the first value outside its range; null if the settings are valid.</summary>
    public string? Problem() =>
        Training.ModelOptions.Outside(ShareOrDefault, 0.001, 0.9, "share")
        ?? Training.ModelOptions.Outside(QuestionsMax, 1, QuestionsLimit, "questions")
        ?? Training.ModelOptions.Outside(Candidates, 0, CandidatesLimit, "candidates")
        ?? Training.ModelOptions.Outside(NewItems, 0, NewItemsMax, "new-items")
        ?? Training.ModelOptions.Outside(LeastWeight, 0, Protocol == EvaluationProtocol.Given ? 0 : WeightLimit, "least-weight")
        ?? Training.ModelOptions.Outside(Rounds, 0, 100_000, "rounds")
        ?? Training.ModelOptions.Outside(Metrics.Max(metric => metric.K), 1, Core.Limits.SlateMax, "places of a metric");
}
