using RecSys.Core.Ranking;
using RecSys.Serving.Pipeline;

namespace RecSys.Serving.Ranking;

/// <summary>The built-in ranker for users with the same number of liked items: score = Σ weight · feature.</summary>
internal sealed class Blend
{
    /// <summary>Creates the blend of two sets of weights: weight = (1 − share) · known + share · unknown for each feature.</summary>
    /// <param name="known">The weights for known users, one per feature.</param>
    /// <param name="unknown">The weights for users without a history, one per feature.</param>
    /// <param name="newShare">The share of <paramref name="unknown"/>, 0 to 1.</param>
    public Blend(IReadOnlyList<double> known, IReadOnlyList<double> unknown, float newShare)
    {
        Weights = new float[Feature.Count];
        for (int feature = 0; feature < Weights.Length; feature++)
        {
            Weights[feature] = (float)(((1 - newShare) * known[feature]) + (newShare * unknown[feature]));
        }

        double match = known[Feature.Affinity] + known[Feature.AffinityRoot];
        SeenFactor = match > 0 ? (float)Math.Max(0, (Weights[Feature.Affinity] + Weights[Feature.AffinityRoot]) / match) : 1;
        Ranker = new LinearRanker("blend", [.. Feature.Names.Select((name, feature) => KeyValuePair.Create(name, Weights[feature]))]);
    }

    /// <summary>Gets the ranker.</summary>
    public LinearRanker Ranker { get; }

    /// <summary>Gets the factor of the amount subtracted from the scores of seen items: the blend's weight of the match with the history divided by that for known users.</summary>
    public float SeenFactor { get; }

    /// <summary>Gets the weights, one per feature, in the order of the features.</summary>
    public float[] Weights { get; }
}
