using System.Collections.Immutable;
using RecSys.Core;
using RecSys.Core.Models;
using RecSys.Core.Ports;
using RecSys.Core.Ranking;
using RecSys.Core.Slates;

namespace RecSys.Batch.Tests.Evaluation;

/// <summary>Replaces the serving layer: a function creates each slate from the views and the request.</summary>
internal sealed class GivenSlates(Func<EvaluatedViews, SlateRequest, IEnumerable<string>> make, double confidence = 0.5) : ISlateEvaluation
{
    public RankingWeights? Weights => null;

    public ImmutableArray<OptionalFeature> OptionalFeatures => [];

    public bool HasFittedConfidence(ModelCard? model) => false;

    public IEvaluatedSlates Open(EvaluatedViews views) => new Slates(request => Make(views, request));

    private Slate Make(EvaluatedViews views, SlateRequest request) => new()
    {
        RecommendationId = "01",
        ServedBy = ServedBy.Full,
        Items =
        [
            .. make(views, request).Select(item => new SlateItem
            {
                Item = new ItemId(item),
                Score = 1,
                Confidence = confidence,
                Explanation = "because of " + item[..1],
                Features = SlateFeatures.Empty,
                Sources = [],
            }),
        ],
    };

    private sealed class Slates(Func<SlateRequest, Slate> make) : IEvaluatedSlates
    {
        public ValueTask<Slate> SlateAsync(SlateRequest request, CancellationToken cancellationToken) => new(make(request));

        public ValueTask<CandidateFeatures> CandidatesAsync(SlateRequest request, CancellationToken cancellationToken) =>
            throw new NotSupportedException("these slates have no candidates");

        public ValueTask<RankedItems[]> ItemsAsync(SlateRequest request, IReadOnlyList<RankingWeights> weights, CancellationToken cancellationToken) =>
            throw new NotSupportedException("these slates have no weights");

        public void Dispose()
        {
        }
    }
}
