using RecSys.Core.Ranking;
using RecSys.Serving.Pipeline;

namespace RecSys.Serving.Ranking;

/// <summary>Splits a score of any ranker into one part per feature.</summary>
/// <remarks>
/// The features of a row of zeros are set one after another, in their order. The part of a feature is the increase of the score when it is set; the last part
/// is the score of the row of zeros. The parts add up to the score, since each partial
/// sum is a score of the ranker. For the linear blend a part is weight · feature.
/// </remarks>
internal static class ScoreParts
{
    /// <summary>Computes the parts of a row: one per feature, followed by the ranker's constant.</summary>
    public static double[] Of(IRanker ranker, ReadOnlySpan<float> row)
    {
        Span<float> rows = stackalloc float[(Feature.Count + 1) * Feature.Count];
        rows.Clear();
        for (int on = 1; on <= Feature.Count; on++)
        {
            row[..on].CopyTo(rows.Slice(on * Feature.Count, on));
        }

        Span<float> scores = stackalloc float[Feature.Count + 1];
        ranker.Rank(rows, Feature.Count, scores);
        double[] parts = new double[Feature.Count + 1];
        for (int feature = 0; feature < Feature.Count; feature++)
        {
            parts[feature] = (double)scores[feature + 1] - scores[feature];
        }

        parts[Feature.Count] = scores[0];
        return parts;
    }
}
