using RecSys.Core.Ports;

namespace RecSys.Batch.Ranking;

/// <summary>Options of the fit of the ranking's weights to the log.</summary>
public sealed record RankingFitOptions
{
    /// <summary>Gets the largest number of questions (liked interactions) to which the weights are fitted. If there are more, evenly spaced ones are chosen. Time and memory grow in proportion.</summary>
    /// <value>The default is 4,000; 0 (weights are not fitted) to 100,000.</value>
    public int QuestionsMax { get; init; } = 4_000;

    /// <summary>Gets the number of questions below which no weights are fitted.</summary>
    /// <value>The default is 400; 10 to 100,000.</value>
    public int QuestionsMin { get; init; } = 400;

    /// <summary>Gets the largest number of candidates of a question to which the weights are fitted: those with the highest scores by the current weights. A question whose item is not among them is skipped, so a lower value fits the weights to fewer questions.</summary>
    /// <value>The default is 400; 20 to 10,000.</value>
    public int CandidatesMax { get; init; } = 400;

    /// <summary>Gets the strength of the prior, the default weights: they count as much as this number of questions. A higher value keeps fitted weights nearer to them.</summary>
    /// <value>The default is 20; 0.001 to 100,000.</value>
    public double PriorQuestions { get; init; } = 20;

    /// <summary>Gets the largest number of records of a log to which weights are fitted. A fit keeps all records in memory, about 150 bytes each. Above the limit, a new model has the fitted weights of the champion.</summary>
    /// <value>The default is 2,000,000 (300 MB while a training fits weights); 1,000 to 20,000,000.</value>
    public int RecordsMax { get; init; } = 2_000_000;

    /// <summary>Returns whether weights are fitted to a log: the options allow it, the serving layer would use fitted weights, and the log has at most <see cref="RecordsMax"/> records.</summary>
    /// <param name="slates">The serving layer; null if there is none.</param>
    /// <param name="records">The number of records of the log.</param>
    internal bool IsFitted(ISlateEvaluation? slates, long records) => QuestionsMax > 0 && slates?.Weights is not null && records <= RecordsMax;

    /// <summary>Returns a description of the first value outside its range; null if the options are valid.</summary>
    public string? Problem() =>
        Training.ModelOptions.Outside(QuestionsMax, 0, 100_000, nameof(QuestionsMax))
        ?? Training.ModelOptions.Outside(QuestionsMin, 10, 100_000, nameof(QuestionsMin))
        ?? Training.ModelOptions.Outside(CandidatesMax, 20, 10_000, nameof(CandidatesMax))
        ?? Training.ModelOptions.Outside(RecordsMax, 1_000, Replay.ReplayWorld.RecordsMax, nameof(RecordsMax))
        ?? Training.ModelOptions.Outside(PriorQuestions, 1e-3, 100_000, nameof(PriorQuestions));
}
