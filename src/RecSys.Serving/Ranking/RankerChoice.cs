using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using RecSys.Core.Models;
using RecSys.Core.Ranking;
using RecSys.Serving.Pipeline;

namespace RecSys.Serving.Ranking;

/// <summary>Chooses the ranker of a request: the plugged-in one, or the blend if none is plugged in or the time is too short.</summary>
internal sealed class RankerChoice
{
    private readonly IRanker? _pluggedIn;
    private readonly double _latestShare;
    private readonly double _knownItems;
    private readonly ServingOptions _options;
    private readonly ConfidenceCurve _curve;
    private readonly RankingWeights _weights;
    private readonly BlendSet _blends;

    // The blends by model; what was not fitted for a model is that of the settings.
    private readonly ConditionalWeakTable<ModelSnapshot, BlendSet> _fitted = [];

    private readonly ConditionalWeakTable<RankingWeights, BlendSet> _given = [];

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
        _options = options;
        _curve = options.Confidence;
        _weights = WeightsOf(options);
        _blends = new BlendSet(_weights, _curve, options.KnownItems);
        ImmutableArray<double> similar = [.. options.SimilarWeights.ToArray()];
        OfSimilarItems = new Blend(similar, similar, newShare: 0);
    }

    /// <summary>Gets the blend for lists of similar items. Its weights are always those of the settings.</summary>
    public Blend OfSimilarItems { get; }

    /// <summary>Gets the blend for known users with the weights of the settings.</summary>
    public Blend OfKnown => _blends.OfKnown;

    /// <summary>Returns the weights of the settings.</summary>
    public static RankingWeights WeightsOf(ServingOptions options) =>
        new(Feature.Names, [.. options.Weights.ToArray()], [.. options.NewUserWeights.ToArray()]);

    /// <summary>Returns the curve that was fitted with a model; null if there is none, or if the ranker or the settings replace it.</summary>
    public static ConfidenceCurve? FittedCurveOf(ModelCard model, IRanker? pluggedIn, ServingOptions options) =>
        pluggedIn is null && options.TakesFittedWeights && !options.Confidence.IsFitted() && FittedConfidence.Read(model.Parameters) is { } fitted
            ? ConfidenceCurve.From(fitted)
            : null;

    /// <summary>Returns the blend for a user.</summary>
    /// <param name="model">The model, whose fitted weights are used if it has any; null for the weights of the settings.</param>
    /// <param name="known">The number of the user's distinct liked items; <see cref="int.MaxValue"/> for the weights of known users only.</param>
    public Blend BlendOf(ModelSnapshot? model, int known) => BlendsOf(model).Of(known);

    /// <summary>Returns the curve of a slate's confidences: that of the model, if one was fitted to scores as those of the request, or that of the settings.</summary>
    public ConfidenceCurve CurveOf(SlateRun run) => run.IsSimilarOnly ? _curve : BlendsOf(run.Model).Curve;

    /// <summary>Returns whether the ranking of a request may raise a score by a feature: its weight is above 0, or a plugged-in ranker reads all features.</summary>
    /// <param name="run">The request.</param>
    /// <param name="weights">The weights of the blend; null for those of the model or the settings.</param>
    /// <param name="feature">The feature.</param>
    public bool Reads(SlateRun run, RankingWeights? weights, int feature) => _pluggedIn is not null || BlendOf(run, weights).Weights[feature] > 0;

    /// <summary>Sets the blend and the ranker of a request.</summary>
    /// <param name="run">The request.</param>
    /// <param name="weights">The weights of the blend; null for those of the model or the settings.</param>
    public void Choose(SlateRun run, RankingWeights? weights)
    {
        Blend blend = BlendOf(run, weights);
        run.ReasonWeights = blend.Weights;
        run.SeenFactor = blend.SeenFactor;
        run.IsRankedByBlend = _pluggedIn is null || run.Clock.IsPast(_latestShare);
        run.Ranker = run.IsRankedByBlend ? blend.Ranker : _pluggedIn;
        if (run.IsRankedByBlend && _pluggedIn is not null)
        {
            run.Degrade($"ranker {_pluggedIn.Name} late");
        }
    }

    private Blend BlendOf(SlateRun run, RankingWeights? weights) =>
        run.IsSimilarOnly ? OfSimilarItems
        : weights is null ? BlendOf(run.Model, run.KnownCount)
        : _given.GetValue(weights, given => new BlendSet(given, _curve, _knownItems)).Of(run.KnownCount);

    /// <summary>Returns the blends of the weights and the curve that were fitted for the model; those of the settings if it has none.</summary>
    private BlendSet BlendsOf(ModelSnapshot? model)
    {
        if (model is null || !_options.TakesFittedWeights)
        {
            return _blends;
        }

        return _fitted.TryGetValue(model, out BlendSet? fitted) ? fitted : _fitted.GetValue(
            model,
            model => new BlendSet(
                RankingWeights.Read(model.Card.Parameters, Feature.Names) ?? _weights,
                FittedCurveOf(model.Card, _pluggedIn, _options) ?? _curve,
                _knownItems));
    }

    /// <summary>The blends of one set of weights, one for each number of liked items. Safe for concurrent use.</summary>
    private sealed class BlendSet(RankingWeights weights, ConfidenceCurve curve, double knownItems)
    {
        // By the number of liked items, created when first needed. If two threads create the same blend, either one may be kept.
        private readonly Blend?[] _blends = new Blend?[SlateScratch.HistoryLengthMax + 1];

        public ConfidenceCurve Curve => curve;

        public Blend OfKnown { get; } = new(weights.Known, weights.NewUsers, newShare: 0);

        public Blend Of(int known) => known >= _blends.Length ? OfKnown
            : _blends[known] ??= new Blend(weights.Known, weights.NewUsers, HistoryReader.NewShareOf(known, knownItems));
    }
}
