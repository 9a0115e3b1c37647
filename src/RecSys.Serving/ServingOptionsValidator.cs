using Microsoft.Extensions.Options;

namespace RecSys.Serving;

/// <summary>Checks the options at start; the ranges are those that <see cref="ServingOptions"/> documents.</summary>
internal sealed class ServingOptionsValidator : IValidateOptions<ServingOptions>
{
    public ValidateOptionsResult Validate(string? name, ServingOptions options)
    {
        List<string> failures = [];
        Within(nameof(options.Deadline), options.Deadline, TimeSpan.FromMilliseconds(1), TimeSpan.FromSeconds(10));
        Within(nameof(options.SlatesAtOnceMax), options.SlatesAtOnceMax, 1, 100_000);
        Within(nameof(options.ProfileShare), options.ProfileShare, 0.05, 0.95);
        Within(nameof(options.SourceShare), options.SourceShare, 0.01, 0.95);
        Within(nameof(options.SourcesEndShare), options.SourcesEndShare, 0.1, 0.99);
        Within(nameof(options.EmbeddingCandidates), options.EmbeddingCandidates, 10, ServingOptions.CandidatesMax);
        Within(nameof(options.NeighbourCandidates), options.NeighbourCandidates, 1, 1_000);
        Within(nameof(options.ListCandidates), options.ListCandidates, 1, ServingOptions.CandidatesMax);
        Within(nameof(options.RecentItems), options.RecentItems, 1, 64);
        Within(nameof(options.SessionHalfLife), options.SessionHalfLife, TimeSpan.FromMinutes(1), TimeSpan.FromDays(30));
        Within(nameof(options.RecentHalfLife), options.RecentHalfLife, TimeSpan.FromMinutes(1), TimeSpan.FromDays(365));
        Within(nameof(options.RecentFloor), options.RecentFloor, 0, 1);
        Within(nameof(options.RankDecay), options.RankDecay, 0, 1);
        Within(nameof(options.SessionItemWeight), options.SessionItemWeight, 1e-6, 100);
        Within(nameof(options.FreshnessHalfLife), options.FreshnessHalfLife, TimeSpan.FromHours(1), TimeSpan.FromDays(3_650));
        Within(nameof(options.ListLifetime), options.ListLifetime, TimeSpan.Zero, TimeSpan.FromMinutes(1));
        Within(nameof(options.SeenPenalty), options.SeenPenalty, 0, BlendWeights.WeightMax);
        Within(nameof(options.SessionSeenPenalty), options.SessionSeenPenalty, 0, BlendWeights.WeightMax);
        Within(nameof(options.SeenHalfLife), options.SeenHalfLife, TimeSpan.FromMinutes(1), TimeSpan.FromDays(365));
        Within(nameof(options.SeenShareMax), options.SeenShareMax, 0, 1);
        Within(nameof(options.SessionSeenShareMax), options.SessionSeenShareMax, 0, 1);
        Within(nameof(options.Calibration), options.Calibration, 0, 1);
        Within(nameof(options.TasteHalfLife), options.TasteHalfLife, TimeSpan.FromHours(1), TimeSpan.FromDays(3_650));
        Within(nameof(options.CauseShareMax), options.CauseShareMax, 1e-6, 1);
        Within(nameof(options.TasteSurplusMax), options.TasteSurplusMax, 0, 1);
        Within(nameof(options.BoughtShareMax), options.BoughtShareMax, 1e-6, 1);
        Within(nameof(options.HiddenKindPenalty), options.HiddenKindPenalty, 0, BlendWeights.WeightMax);
        Within(nameof(options.HiddenKindHalfLife), options.HiddenKindHalfLife, TimeSpan.FromHours(1), TimeSpan.FromDays(3_650));
        Within(nameof(options.NewItemShare), options.NewItemShare, 0, 0.5);
        Within(nameof(options.NewItemAge), options.NewItemAge, TimeSpan.Zero, TimeSpan.FromDays(3_650));
        Within(nameof(options.NewItemUsersMax), options.NewItemUsersMax, 0, 1_000_000);
        Within(nameof(options.Diversity), options.Diversity, 0, 1);
        Within(nameof(options.ColdDiversity), options.ColdDiversity, 0, 1);
        Within(nameof(options.CategoryShareMax), options.CategoryShareMax, 1e-6, 1);
        Within(nameof(options.ColdCategoryShareMax), options.ColdCategoryShareMax, 1e-6, 1);
        Within(nameof(options.ExplorationShare), options.ExplorationShare, 0, 0.5);
        Within(nameof(options.ImpressionSampling), options.ImpressionSampling, 0, 1);
        Within(nameof(options.CachedSlates), options.CachedSlates, 0, 1_000_000);
        Within(nameof(options.CachedSlateLifetime), options.CachedSlateLifetime, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1));

        Within(nameof(options.KnownItems), options.KnownItems, 0, 1_000);
        Within(nameof(options.CoVisitEvidence), options.CoVisitEvidence, 0, 10);
        WithinWeights(nameof(options.Weights), options.Weights);
        WithinWeights(nameof(options.NewUserWeights), options.NewUserWeights);
        WithinWeights(nameof(options.SimilarWeights), options.SimilarWeights);
        Within("Confidence.Offset", options.Confidence.Offset, -20, 20);
        Within("Confidence.Score", options.Confidence.Score, 1e-6, 20);
        Within("Confidence.Evidence", options.Confidence.Evidence, 0, 5);
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);

        void WithinWeights(string property, BlendWeights weights)
        {
            Within($"{property}.Affinity", weights.Affinity, 0, BlendWeights.WeightMax);
            Within($"{property}.Session", weights.Session, 0, BlendWeights.WeightMax);
            Within($"{property}.CoVisit", weights.CoVisit, 0, BlendWeights.WeightMax);
            Within($"{property}.Content", weights.Content, 0, BlendWeights.WeightMax);
            Within($"{property}.Popularity", weights.Popularity, 0, BlendWeights.WeightMax);
            Within($"{property}.Trend", weights.Trend, 0, BlendWeights.WeightMax);
            Within($"{property}.Freshness", weights.Freshness, 0, BlendWeights.WeightMax);
            Within($"{property}.AffinityRoot", weights.AffinityRoot, 0, BlendWeights.WeightMax);
            Within($"{property}.Taste", weights.Taste, 0, BlendWeights.WeightMax);
            Within($"{property}.Newest", weights.Newest, 0, BlendWeights.WeightMax);
            Within($"{property}.BoughtNext", weights.BoughtNext, 0, BlendWeights.WeightMax);
        }

        // NaN fails, since CompareTo orders it below all numbers.
        void Within<T>(string property, T value, T least, T most)
            where T : IComparable<T>
        {
            if (value.CompareTo(least) < 0 || value.CompareTo(most) > 0)
            {
                failures.Add(FormattableString.Invariant($"{ServingOptions.Section}:{property} is {value}; {least} to {most} is allowed"));
            }
        }
    }
}
