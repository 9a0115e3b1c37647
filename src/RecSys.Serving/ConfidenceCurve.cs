using RecSys.Core.Ranking;

namespace RecSys.Serving;

/// <summary>The curve from a score to a confidence: 1 / (1 + e^−(Offset + Score · score + Evidence · ln(1 + n))), where n is the number of the user's liked items that the model has.</summary>
/// <remarks>
/// The confidence, 0 to 1, rises with the score, so that both give the same order within a slate, and with the number of liked items in the
/// user's embedding. The defaults are not calibrated. With three numbers that were fitted to clicks on logged impressions, the confidence is a click rate. While the numbers are the default ones, a model's own curve is used if a
/// training fitted one (<see cref="FittedConfidence"/>).
/// </remarks>
public sealed class ConfidenceCurve
{
    private const double DefaultOffset = -2;
    private const double DefaultScore = 2;
    private const double DefaultEvidence = 0.3;

    /// <summary>Gets or sets the offset of the curve. A higher value raises all confidences.</summary>
    /// <value>The default is −2; −20 to 20.</value>
    public double Offset { get; set; } = DefaultOffset;

    /// <summary>Gets or sets the factor of the score.</summary>
    /// <value>The default is 2; above 0 to 20.</value>
    public double Score { get; set; } = DefaultScore;

    /// <summary>Gets or sets the factor of ln(1 + the number of the user's liked items that the model has).</summary>
    /// <value>The default is 0.3; 0 to 5.</value>
    public double Evidence { get; set; } = DefaultEvidence;

    /// <summary>Returns whether any of the three numbers differs from its default. They were then fitted, and a confidence can be read as a click rate.</summary>
    public bool IsFitted() => (Offset, Score, Evidence) != (DefaultOffset, DefaultScore, DefaultEvidence);

    /// <summary>Returns the curve that was fitted with a model.</summary>
    internal static ConfidenceCurve From(FittedConfidence fitted) => new() { Offset = fitted.Offset, Score = fitted.Score, Evidence = fitted.Evidence };

    /// <summary>Returns the confidence, 0 to 1, of a score.</summary>
    internal double Of(double score, int likedItems) =>
        1 / (1 + Math.Exp(-(Offset + (Score * score) + (Evidence * Math.Log(1 + likedItems)))));
}
