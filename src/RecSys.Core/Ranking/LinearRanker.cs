using RecSys.Numerics;

namespace RecSys.Core.Ranking;

/// <summary>Scores a candidate by the weighted sum of its features.</summary>
public sealed class LinearRanker : IRanker
{
    private readonly float[] _weights;

    /// <summary>Creates a ranker with one weight per feature.</summary>
    /// <exception cref="ArgumentException">There is no feature, a feature is given twice, or a weight is not finite.</exception>
    public LinearRanker(string name, IReadOnlyList<KeyValuePair<string, float>> weights)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(weights);
        if (weights.Count == 0 || weights.Select(weight => weight.Key).Distinct(StringComparer.Ordinal).Count() != weights.Count)
        {
            throw new ArgumentException("a ranker needs at least one feature, and distinct feature names", nameof(weights));
        }

        if (weights.Any(weight => !float.IsFinite(weight.Value)))
        {
            throw new ArgumentException("a weight is not finite", nameof(weights));
        }

        Name = name;
        FeatureNames = [.. weights.Select(weight => weight.Key)];
        _weights = [.. weights.Select(weight => weight.Value)];
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public IReadOnlyList<string> FeatureNames { get; }

    /// <inheritdoc/>
    public void Rank(ReadOnlySpan<float> features, int featureCount, Span<float> scores)
    {
        if (featureCount != _weights.Length)
        {
            throw new ArgumentException($"there are {featureCount} features; {_weights.Length} are needed", nameof(featureCount));
        }

        Embeddings.DotRows(_weights, features, scores);
    }
}
