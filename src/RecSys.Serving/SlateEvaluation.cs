using System.Collections.Immutable;
using RecSys.Core;
using RecSys.Core.Models;
using RecSys.Core.Ports;
using RecSys.Core.Ranking;
using RecSys.Core.Slates;
using RecSys.Serving.Pipeline;
using RecSys.Serving.Ranking;

namespace RecSys.Serving;

/// <summary>Opens the serving layer over the views of an evaluation, with the code, settings and ranker of live requests. No impressions are recorded.</summary>
internal sealed class SlateEvaluation(OwnerHash hash, InteractionTypes types, IRanker? ranker, ServingOptions options) : ISlateEvaluation
{
    /// <inheritdoc/>
    public RankingWeights? Weights => ranker is null && options.TakesFittedWeights ? RankerChoice.WeightsOf(options) : null;

    /// <inheritdoc/>
    public ImmutableArray<OptionalFeature> OptionalFeatures { get; } =
        [new(Feature.Names[Feature.BoughtNext], IsCostly: true), new(Feature.Names[Feature.Newest], IsCostly: false)];

    /// <inheritdoc/>
    public bool HasFittedConfidence(ModelCard? model) => options.Confidence.IsFitted() || (model is not null && RankerChoice.FittedCurveOf(model, ranker, options) is not null);

    /// <inheritdoc/>
    public IEvaluatedSlates Open(EvaluatedViews views)
    {
        ArgumentNullException.ThrowIfNull(views);
        ServingOptions seeded = options.ForEvaluation(views.Seed);
        ServingMetrics metrics = new();
        Recommender recommender = new(
            views.Profiles,
            views.Catalogue,
            views.Trends,
            new OneModel(views.Model),
            impressions: null,
            ranker,
            hash,
            types,
            views.Time,
            seeded,
            new SlateCache(views.Time, seeded),
            metrics);
        return new Slates(recommender, metrics);
    }

    private sealed class Slates(Recommender recommender, ServingMetrics metrics) : IEvaluatedSlates
    {
        /// <inheritdoc/>
        public ValueTask<Slate> SlateAsync(SlateRequest request, CancellationToken cancellationToken) => recommender.RecommendAsync(request, cancellationToken);

        /// <inheritdoc/>
        public ValueTask<CandidateFeatures> CandidatesAsync(SlateRequest request, CancellationToken cancellationToken) => recommender.CandidatesAsync(request, cancellationToken);

        /// <inheritdoc/>
        public ValueTask<RankedItems[]> ItemsAsync(SlateRequest request, IReadOnlyList<RankingWeights> weights, CancellationToken cancellationToken) =>
            recommender.ItemsAsync(request, weights, cancellationToken);

        /// <inheritdoc/>
        public void Dispose() => metrics.Dispose();
    }

    private sealed class OneModel(ModelSnapshot model) : IServedModels
    {
        private readonly SharedModel _shared = new(model);

        /// <inheritdoc/>
        public event Action<string>? Changed
        {
            add { }
            remove { }
        }

        /// <inheritdoc/>
        public ModelCard? Champion => _shared.Card;

        /// <inheritdoc/>
        public ModelLease? TryLease() => _shared.TryLease();

        /// <inheritdoc/>
        public ModelLease? TryLease(string name) => name == ModelAliases.Champion ? TryLease() : null;
    }
}
