using RecSys.Core.Ranking;
using RecSys.Serving.Pipeline;

namespace RecSys.Serving.Ranking;

/// <summary>Chooses the ranker of a request: the configured one, or the blend if there is none or the time is too short.</summary>
internal sealed class RankerChoice
{
    private readonly IRanker? _pluggedIn;
    private readonly double _latestShare;

    public RankerChoice(IRanker? pluggedIn, ServingOptions options)
    {
        if (pluggedIn is not null && !pluggedIn.FeatureNames.SequenceEqual(Feature.Names, StringComparer.Ordinal))
        {
            throw new ArgumentException(
                $"ranker '{pluggedIn.Name}' reads {string.Join(", ", pluggedIn.FeatureNames)}; rankers here read {string.Join(", ", Feature.Names)}",
                nameof(pluggedIn));
        }

        _pluggedIn = pluggedIn;
        _latestShare = options.SourcesEndShare;
        float[] weights = WeightsOf(options.Weights);
        Blend = new LinearRanker("blend", [.. Feature.Names.Select((name, feature) => KeyValuePair.Create(name, weights[feature]))]);
    }

    /// <summary>The built-in ranker: score = Σ weight · feature.</summary>
    public LinearRanker Blend { get; }

    public IRanker Choose(SlateRun run)
    {
        if (_pluggedIn is null)
        {
            return Blend;
        }

        if (run.Clock.IsPast(_latestShare))
        {
            run.Degrade($"ranker {_pluggedIn.Name} late");
            return Blend;
        }

        return _pluggedIn;
    }

    /// <summary>The blend's weights in the order of the features.</summary>
    public static float[] WeightsOf(BlendWeights weights)
    {
        float[] values = new float[Feature.Count];
        values[Feature.Affinity] = (float)weights.Affinity;
        values[Feature.Session] = (float)weights.Session;
        values[Feature.CoVisit] = (float)weights.CoVisit;
        values[Feature.Content] = (float)weights.Content;
        values[Feature.Popularity] = (float)weights.Popularity;
        values[Feature.Trend] = (float)weights.Trend;
        values[Feature.Freshness] = (float)weights.Freshness;
        return values;
    }
}
