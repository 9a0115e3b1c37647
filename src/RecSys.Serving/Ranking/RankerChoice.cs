using RecSys.Core.Ranking;
using RecSys.Serving.Pipeline;

namespace RecSys.Serving.Ranking;

/// <summary>Chooses the ranker of a request: the configured one, or the blend if there is none or the time is too short.</summary>
internal sealed class RankerChoice
{
    private readonly IRanker? _pluggedIn;
    private readonly double _latestShare;
    private readonly double _knownItems;
    private readonly float[] _weights;
    private readonly float[] _newUserWeights;

    // By the number of liked items; created when first needed; two threads may create the same one, of which either is kept.
    private readonly Blend?[] _blends = new Blend?[SlateScratch.HistoryLengthMax + 1];

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
        _knownItems = options.KnownItems;
        _weights = WeightsOf(options.Weights);
        _newUserWeights = WeightsOf(options.NewUserWeights);
        OfKnown = new Blend(_weights, _newUserWeights, newShare: 0);
    }

    /// <summary>Gets the blend for users who are known.</summary>
    public Blend OfKnown { get; }

    /// <summary>Returns the blend for a user who likes a number of items; <see cref="int.MaxValue"/>: of a known user.</summary>
    public Blend BlendOf(int known) => known >= _blends.Length ? OfKnown : _blends[known] ??= new Blend(_weights, _newUserWeights, HistoryReader.NewShareOf(known, _knownItems));

    /// <summary>Sets the blend and the ranker of a request.</summary>
    public void Choose(SlateRun run)
    {
        Blend blend = BlendOf(run.KnownCount);
        run.ReasonWeights = blend.Weights;
        run.SeenGain *= blend.SeenFactor;
        run.IsRankedByBlend = _pluggedIn is null || run.Clock.IsPast(_latestShare);
        run.Ranker = run.IsRankedByBlend ? blend.Ranker : _pluggedIn;
        if (run.IsRankedByBlend && _pluggedIn is not null)
        {
            run.Degrade($"ranker {_pluggedIn.Name} late");
        }
    }

    /// <summary>Returns the weights in the order of the features.</summary>
    private static float[] WeightsOf(BlendWeights weights)
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
