using System.Collections.Immutable;
using RecSys.Core;
using RecSys.Core.Models;
using RecSys.Core.Ports;
using RecSys.Core.Ranking;
using RecSys.Core.Slates;

namespace RecSys.Batch.Tests.Ranking;

/// <summary>Replaces the serving layer: ranks all items by the weighted sum of their features.</summary>
/// <param name="items">The ids of the items.</param>
/// <param name="featuresOf">Returns the features of an item for a request.</param>
/// <param name="weights">The current weights; null: fitted ones have no effect.</param>
internal sealed class FeatureSlates(IReadOnlyList<string> items, Func<EvaluatedViews, SlateRequest, string, float[]> featuresOf, RankingWeights? weights) : ISlateEvaluation
{
    public RankingWeights? Weights => weights;

    public ImmutableArray<OptionalFeature> OptionalFeatures { get; init; } = [];

    /// <summary>Gets or sets what is called with the sets of weights of each request for slates with several.</summary>
    public Action<IReadOnlyList<RankingWeights>> Judged { get; init; } = _ => { };

    public IEvaluatedSlates Open(EvaluatedViews views) => new Slates(views, items, featuresOf, weights!, Judged);

    public bool HasFittedConfidence(ModelCard? model) => false;

    private sealed class Slates(
        EvaluatedViews views, IReadOnlyList<string> items, Func<EvaluatedViews, SlateRequest, string, float[]> featuresOf, RankingWeights weights, Action<IReadOnlyList<RankingWeights>> judged) : IEvaluatedSlates
    {
        public ValueTask<CandidateFeatures> CandidatesAsync(SlateRequest request, CancellationToken cancellationToken) => new(new CandidateFeatures(
            [.. items.Select(item => new ItemId(item))], items.SelectMany(item => featuresOf(views, request, item)).ToArray(), NewShare: 0));

        public ValueTask<Slate> SlateAsync(SlateRequest request, CancellationToken cancellationToken) => new(new Slate
        {
            RecommendationId = "01",
            ServedBy = ServedBy.Full,
            Items = [.. Best(request, weights).Select(item => new SlateItem
            {
                Item = item,
                Score = ScoreOf(request, item, weights),
                Confidence = 0,
                Explanation = "",
                Features = SlateFeatures.Empty,
                Sources = ImmutableArray<string>.Empty,
            })],
        });

        public ValueTask<RankedItems[]> ItemsAsync(SlateRequest request, IReadOnlyList<RankingWeights> weights, CancellationToken cancellationToken)
        {
            judged(weights);
            return new([.. weights.Select(set => Ranked(request, set))]);
        }

        public void Dispose()
        {
        }

        private RankedItems Ranked(SlateRequest request, RankingWeights set)
        {
            ItemId[] best = Best(request, set);
            return new RankedItems(best, [.. best.Select(item => ScoreOf(request, item, set))], KnownLikes: 0);
        }

        private ItemId[] Best(SlateRequest request, RankingWeights set) =>
            [.. items.Select(item => new ItemId(item)).OrderByDescending(item => ScoreOf(request, item, set)).Take(request.Count)];

        private double ScoreOf(SlateRequest request, ItemId item, RankingWeights set) =>
            featuresOf(views, request, item.Value).Zip(set.Known, (value, weight) => value * weight).Sum();
    }
}
