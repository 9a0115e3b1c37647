using RecSys.Core;

namespace RecSys.Batch.Evaluation;

/// <summary>The protocol of an evaluation: it determines the questions and their times.</summary>
public enum EvaluationProtocol
{
    /// <summary>All users at one moment: the newest share of interactions is predicted from the earlier ones.</summary>
    Temporal = 0,

    /// <summary>Each user just before their last liked interaction.</summary>
    LeaveLastOut = 1,

    /// <summary>Each interaction of the newest share is predicted and then applied, one after the other.</summary>
    Prequential = 2,

    /// <summary>The questions of a test file, after all records.</summary>
    Given = 3,

    /// <summary>Users who are left out of the training appear at the end and like some of their items, one after the other; their other items are predicted.</summary>
    NewUsers = 4,
}

/// <summary>Settings of an evaluation.</summary>
public sealed record EvaluationSettings
{
    /// <summary>The most questions that may be asked.</summary>
    public const int QuestionsLimit = 1_000_000;

    /// <summary>The most sampled candidates of a question.</summary>
    public const int CandidatesLimit = Core.Slates.SlateRequest.CandidatesMax;

    /// <summary>The largest share of items whose interactions are left out.</summary>
    public const double NewItemsMax = 0.5;

    /// <summary>Gets the protocol; default <see cref="EvaluationProtocol.Temporal"/>.</summary>
    public EvaluationProtocol Protocol { get; init; }

    /// <summary>Gets the share of the newest interactions, or of the users of <see cref="EvaluationProtocol.NewUsers"/>, to evaluate on, 0.001 to 0.9; null: 0.1 for <see cref="EvaluationProtocol.Temporal"/>, else 0.2.</summary>
    public double? Share { get; init; }

    /// <summary>Gets the most questions that are asked, chosen evenly, 1 to <see cref="QuestionsLimit"/>; default 5,000.</summary>
    public int QuestionsMax { get; init; } = 5_000;

    /// <summary>Gets the metrics, each of at most 100 places, the limit of a slate.</summary>
    public IReadOnlyList<Metric> Metrics { get; init; } = Metric.Default;

    /// <summary>Gets the ideal list of discounted gains; default <see cref="IdealGain.FirstK"/>.</summary>
    public IdealGain Ideal { get; init; }

    /// <summary>Gets the seed of exploration, sampled candidates and intervals; default 1.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Gets the number of items that are ranked in addition to the relevant ones, 1 to <see cref="CandidatesLimit"/>; 0 (default): all items. Slates rank them as given candidates: at most as many, including the relevant ones.</summary>
    public int Candidates { get; init; }

    /// <summary>
    /// Gets the share of the items, chosen by <see cref="Seed"/>, that are new: they are in the catalogue, and their interactions are neither learned from nor applied; 0 to <see cref="NewItemsMax"/>, default 0.
    /// The relevant items of the questions include them.
    /// </summary>
    public double NewItems { get; init; }

    /// <summary>Gets whether popularity counts the training's interactions alone, and not those up to the question.</summary>
    public bool IsPopularityOfTraining { get; init; }

    /// <summary>Gets the rule for seen items that the requests name; null: none, so that each type's rule applies.</summary>
    public SeenRule? Seen { get; init; }

    /// <summary>Gets whether anonymous questions are asked as a user who touched the session's items just before.</summary>
    public bool AsksSessionsAsUsers { get; init; }

    /// <summary>Gets the type of the interactions of such a user; default <c>click</c>.</summary>
    public string SessionType { get; init; } = "click";

    /// <summary>Gets the time between two interactions of such a user; default 1 s.</summary>
    public TimeSpan SessionStep { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Gets the number of resamplings of an interval, 0 (no intervals) to 100,000; default 1,000.</summary>
    public int Rounds { get; init; } = 1_000;

    /// <summary>Gets the share to evaluate on, with the default filled in.</summary>
    public double ShareOrDefault => Share ?? (Protocol == EvaluationProtocol.Temporal ? 0.1 : 0.2);

    /// <summary>Returns the problem of these settings, or null.</summary>
    public string? Problem() =>
        Training.ModelOptions.Outside(ShareOrDefault, 0.001, 0.9, "share")
        ?? Training.ModelOptions.Outside(QuestionsMax, 1, QuestionsLimit, "questions")
        ?? Training.ModelOptions.Outside(Candidates, 0, CandidatesLimit, "candidates")
        ?? Training.ModelOptions.Outside(NewItems, 0, NewItemsMax, "new-items")
        ?? Training.ModelOptions.Outside(Rounds, 0, 100_000, "rounds")
        ?? Training.ModelOptions.Outside(Metrics.Max(metric => metric.K), 1, Core.Limits.SlateMax, "places of a metric");
}
