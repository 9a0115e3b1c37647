using System.Collections.Immutable;

namespace RecSys.Core.Ranking;

/// <summary>
/// A curve from scores to confidences that was fitted with a model: 1 / (1 + e^−(Offset + Score · score + Evidence · ln(1 + items))), where items is the number of liked items of the history that the model has.
/// The confidence is the probability that an item is among the next <see cref="NextLikes"/> liked interactions of a user who likes something next. A model's card holds the three numbers.
/// </summary>
/// <param name="Offset">The offset.</param>
/// <param name="Score">The factor of the score, above 0, so that a confidence rises with the score.</param>
/// <param name="Evidence">The factor of ln(1 + items).</param>
public sealed record FittedConfidence(double Offset, double Score, double Evidence)
{
    /// <summary>The number of liked interactions among which an item is looked for.</summary>
    public const int NextLikes = 10;

    private const double Most = 100;
    private const string OffsetName = "confidence.offset";
    private const string ScoreName = "confidence.score";
    private const string EvidenceName = "confidence.evidence";

    /// <summary>Gets whether the numbers are finite, at most 100, and the confidence rises with the score.</summary>
    public bool IsAllowed => Math.Abs(Offset) <= Most && Score is > 0 and <= Most && Math.Abs(Evidence) <= Most;

    /// <summary>Reads the curve among a model's parameters.</summary>
    /// <returns>The curve; null if there is none, or one that is not allowed.</returns>
    public static FittedConfidence? Read(ImmutableSortedDictionary<string, double> parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        return parameters.TryGetValue(OffsetName, out double offset) && parameters.TryGetValue(ScoreName, out double score) && parameters.TryGetValue(EvidenceName, out double evidence)
            && new FittedConfidence(offset, score, evidence) is { IsAllowed: true } curve ? curve : null;
    }

    /// <summary>Returns a model's parameters with this curve in place of another one.</summary>
    public ImmutableSortedDictionary<string, double> WriteTo(ImmutableSortedDictionary<string, double> parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        return parameters.SetItem(OffsetName, Offset).SetItem(ScoreName, Score).SetItem(EvidenceName, Evidence);
    }
}
