namespace RecSys.Core.Ranking;

/// <summary>Scores candidates by their features. Safe for concurrent use; allocates nothing per candidate.</summary>
public interface IRanker
{
    /// <summary>Gets the name of the ranker in explanations, degraded reasons and error messages.</summary>
    string Name { get; }

    /// <summary>Gets the names of the features that it reads, in their order in a row.</summary>
    IReadOnlyList<string> FeatureNames { get; }

    /// <summary>Writes the score of each candidate.</summary>
    /// <param name="features">One row of <paramref name="featureCount"/> finite values per candidate, in the order of <see cref="FeatureNames"/>.</param>
    /// <param name="featureCount">Number of values per row, equal to the number of names.</param>
    /// <param name="scores">Receives one score per candidate; higher is better.</param>
    /// <exception cref="ArgumentException">The lengths do not match.</exception>
    void Rank(ReadOnlySpan<float> features, int featureCount, Span<float> scores);
}
