using RecSys.Core.Ports;

namespace RecSys.Batch.Ranking;

/// <summary>Options of fitting the ranking's weights to the log.</summary>
public sealed record RankingFitOptions
{
    /// <summary>Gets the most questions that the weights are fitted to; of more, evenly chosen ones. Time and memory grow in proportion.</summary>
    /// <value>The default is 4,000; 0 (weights are not fitted) to 100,000.</value>
    public int QuestionsMax { get; init; } = 4_000;

    /// <summary>Gets the number of questions below which no weights are fitted.</summary>
    /// <value>The default is 400; 10 to 100,000.</value>
    public int QuestionsMin { get; init; } = 400;

    /// <summary>Gets the most candidates of a question that the weights are fitted to: those with the highest scores by the present weights.</summary>
    /// <value>The default is 400; 20 to 10,000.</value>
    public int CandidatesMax { get; init; } = 400;

    /// <summary>Gets the number of questions that the default weights count as much as. A higher value keeps fitted weights nearer to them.</summary>
    /// <value>The default is 20; above 0 to 100,000.</value>
    public double PriorQuestions { get; init; } = 20;

    /// <summary>Gets the number of records of the log above which no weights are fitted, since all of them are kept in memory for it, about 150 bytes each. A model then has the weights of the one before.</summary>
    /// <value>The default is 2,000,000 (300 MB while a training fits weights); 1,000 to 20,000,000.</value>
    public int RecordsMax { get; init; } = 2_000_000;

    /// <summary>Returns whether weights are fitted to a log: a fit is wanted, the serving layer would use its weights, and the records fit into memory.</summary>
    /// <param name="slates">The serving layer; null: there is none.</param>
    /// <param name="records">The number of records of the log.</param>
    internal bool IsFitted(ISlateEvaluation? slates, long records) => QuestionsMax > 0 && slates?.Weights is not null && records <= RecordsMax;

    /// <summary>Returns the problem of these options, or null.</summary>
    public string? Problem() =>
        Training.ModelOptions.Outside(QuestionsMax, 0, 100_000, nameof(QuestionsMax))
        ?? Training.ModelOptions.Outside(QuestionsMin, 10, 100_000, nameof(QuestionsMin))
        ?? Training.ModelOptions.Outside(CandidatesMax, 20, 10_000, nameof(CandidatesMax))
        ?? Training.ModelOptions.Outside(RecordsMax, 1_000, Replay.ReplayWorld.RecordsMax, nameof(RecordsMax))
        ?? Training.ModelOptions.Outside(PriorQuestions, 1e-3, 100_000, nameof(PriorQuestions));
}
