using RecSys.Core;
using RecSys.Core.Ranking;
using RecSys.Core.Slates;
using RecSys.Numerics;
using RecSys.Serving.Pipeline;
using RecSys.Serving.Ranking;
using RecSys.Serving.Selection;
using RecSys.Serving.Sources;

namespace RecSys.Serving;

/// <summary>Runs the stages of a slate: history, candidates, filters, features, ranking, selection.</summary>
internal sealed class SlatePipeline(
    CandidateSources sources, SharedLists lists, ModelPopularities popularities, RankerChoice rankers, InteractionTypes types, ServingOptions options)
{
    public const string CandidatesStage = "candidates";
    public const string FiltersStage = "filters";
    public const string RankingStage = "ranking";
    public const string SelectionStage = "selection";

    /// <summary>Runs a request through all stages.</summary>
    /// <returns>Whether any source could answer.</returns>
    public bool Run(SlateRun run)
    {
        bool answered = Prepare(run, weights: null, out TimeSpan start);
        Rank(run, weights: null);
        start = AddStage(run, RankingStage, start);
        Selector.Select(run, options);
        AddStage(run, SelectionStage, start);
        return answered;
    }

    /// <summary>Runs the part of a request before the ranking: history, candidates, filters and features. It depends on the weights of the ranking only by <see cref="SlateRun.ReadsBoughtNext"/>.</summary>
    /// <param name="run">The request.</param>
    /// <param name="weights">The weights of the ranking; null for those of the model or the settings.</param>
    /// <param name="start">Receives the time at which the filters ended.</param>
    /// <returns>Whether any source could answer.</returns>
    public bool Prepare(SlateRun run, RankingWeights? weights, out TimeSpan start)
    {
        start = run.Clock.Elapsed;
        HistoryReader.Read(run, types, options);
        run.ReadsBoughtNext = run.NeedsAllFeatures || rankers.Reads(run, weights, Feature.BoughtNext);
        bool answered = sources.Collect(run);
        AddTarget(run);
        start = AddStage(run, CandidatesStage, start);

        Filter(run);
        if (run.IsScanned && !run.IsGiven && !run.ScanAsksCatalogue && run.KeptOfScan < run.Request.Count && HasRemovedByCatalogue(run))
        {
            // The catalogue removed so many of the best candidates that too few are left: the scan is repeated, and checks each item against the catalogue.
            run.ScanAsksCatalogue = true;
            sources.Rescan(run);
            AddTarget(run);
            Filter(run);
        }

        start = AddStage(run, FiltersStage, start);
        FillFeatures(run);
        ReadTastes(run);
        run.NewItems = Selector.HasNewItems(run, options) ? lists.NewItems(run.NowMs) : null;
        return answered;
    }

    /// <summary>Ranks and selects the candidates of a prepared request with given weights. It may be repeated with others.</summary>
    public void RankAndSelect(SlateRun run, RankingWeights weights)
    {
        run.SelectedCount = 0;
        foreach (ref Candidate candidate in run.Scratch.Candidates.AsSpan(0, run.Scratch.CandidateCount))
        {
            (candidate.Cause, candidate.CausesTried) = (0, 0);
        }

        Rank(run, weights);
        Selector.Select(run, options);
    }

    /// <summary>Runs only the first stage, for a slate that is created without the others: reads the history, and the items that the request and the profile exclude.</summary>
    public void ReadHistory(SlateRun run) => HistoryReader.Read(run, types, options);

    /// <summary>Records the duration of a stage that began at <paramref name="start"/>.</summary>
    /// <returns>The current time of the run's clock, at which the next stage begins.</returns>
    private static TimeSpan AddStage(SlateRun run, string stage, TimeSpan start)
    {
        TimeSpan now = run.Clock.Elapsed;
        run.Stages.Add(new StageTime(stage, (now - start).TotalMilliseconds));
        return now;
    }

    /// <summary>Adds the item to explain as a candidate, if the request has one.</summary>
    private static void AddTarget(SlateRun run)
    {
        if (run.Target is { } target)
        {
            int slot = run.Add(target, source: -1);
            run.TargetSources = run.Scratch.Candidates[slot].Sources;
        }
    }

    private static bool HasRemovedByCatalogue(SlateRun run) =>
        run.FilterCounts[(int)FilterReason.Deleted] + run.FilterCounts[(int)FilterReason.Hidden]
        + run.FilterCounts[(int)FilterReason.NotYetAvailable] + run.FilterCounts[(int)FilterReason.NoLongerAvailable]
        + run.FilterCounts[(int)FilterReason.OutOfStock] > 0;

    private static void Filter(SlateRun run)
    {
        SlateScratch scratch = run.Scratch;
        run.FilterCounts[(int)FilterReason.None] = 0;
        run.KeptOfScan = 0;
        ulong targetKey = run.Target is { } target ? run.KeyOf(target, out _) : ulong.MaxValue;
        foreach (ref Candidate candidate in scratch.Candidates.AsSpan(0, scratch.CandidateCount))
        {
            if (candidate.Sources == 0 && candidate.Key != targetKey)
            {
                // Its sources were withdrawn, or the request has candidates and it is not among them.
                candidate.Reason = FilterReason.Excluded;
                continue;
            }

            candidate.Reason = ReasonOf(run, ref candidate);
            run.FilterCounts[(int)candidate.Reason]++;
            run.KeptOfScan += candidate.Reason == FilterReason.None && (candidate.Sources & (1u << CandidateSources.EmbeddingBit)) != 0 ? 1 : 0;
            if (candidate.Key == targetKey)
            {
                // The explained item is scored even if a filter removed it.
                run.TargetReason = candidate.Reason;
                candidate.Reason = FilterReason.None;
            }
        }

        scratch.Compact();
    }

    private static FilterReason ReasonOf(SlateRun run, ref Candidate candidate)
    {
        if (run.Scratch.Blocked.TryGet(candidate.Key, out int blocked))
        {
            candidate.Entry = run.ItemOf(candidate.Id, candidate.Index);
            return (FilterReason)blocked;
        }

        candidate.Seen = run.Scratch.SeenPlaces.TryGet(candidate.Key, out int seen) ? seen + 1 : 0;
        FilterReason reason = CatalogueFilter.ReasonOf(run, candidate.Id, candidate.Index, out candidate.Entry);
        return run.Cursor is { } cursor && cursor.Shown.BinarySearch(ItemHash.HighBits(ItemHash.Of(candidate.Id))) >= 0
            ? FilterReason.ShownBefore
            : reason;
    }

    private void FillFeatures(SlateRun run)
    {
        SlateScratch scratch = run.Scratch;
        ModelPopularity? ofModel = run.Model is { } model ? popularities.Of(model) : null;
        ReadOnlySpan<float> popularity = run.Model is { } known ? known.Popularity : [];
        bool hasAffinity = run.IsScanned;
        scratch.NewestMatch.Read(run);
        float affinityFactor = 1 / run.AffinityScale;
        run.CoVisitFactor = FactorOf(run, Feature.CoVisit);
        run.BoughtNextFactor = FactorOf(run, Feature.BoughtNext);
        run.MostPopular = ofModel is { Unit: > 0, Popular: [var first, ..] } ? popularity[first] * ofModel.Factor : 1;
        double freshnessHalfLifeMs = options.FreshnessHalfLife.TotalMilliseconds;

        // Many items were added at the same time, by one import: the power is computed once for those that follow each other.
        (long addedAtMs, float freshness) = (long.MinValue, 0);
        for (int slot = 0; slot < scratch.CandidateCount; slot++)
        {
            ref Candidate candidate = ref scratch.Candidates[slot];
            Span<float> row = scratch.Features.AsSpan(slot * Feature.Count, Feature.Count);
            int index = candidate.Index;
            candidate.IsUnknown = index < 0 && candidate.Entry is null && candidate.Sources == CandidateSources.RequestOnly;
            if (index >= 0)
            {
                row[Feature.Affinity] = hasAffinity ? scratch.Scan[index] * affinityFactor : 0;
                row[Feature.AffinityRoot] = MathF.Sqrt(Math.Max(0, row[Feature.Affinity]));
                row[Feature.Popularity] = popularity[index] * ofModel!.Factor;
                row[Feature.Newest] = scratch.NewestMatch.Of(run.Model!, index);
            }

            row[Feature.CoVisit] *= run.CoVisitFactor;
            row[Feature.BoughtNext] *= run.BoughtNextFactor;
            if (!ContentSource.IsByModel(run, index))
            {
                row[Feature.Content] = ContentSource.CategorySimilarity(run, candidate.Entry);
            }

            row[Feature.Content] += ContentSource.InterestIn(run, candidate.Entry);

            if (candidate.Entry is { } entry)
            {
                if (entry.AddedAtMs != addedAtMs)
                {
                    addedAtMs = entry.AddedAtMs;
                    freshness = (float)double.Exp2(-Math.Max(0, run.NowMs - addedAtMs) / freshnessHalfLifeMs);
                }

                row[Feature.Freshness] = freshness;
            }
        }
    }

    private void ReadTastes(SlateRun run)
    {
        if (run.HistoryCount == 0)
        {
            return;
        }

        Tastes tastes = run.Scratch.Tastes;
        tastes.Read(run, options);
        tastes.Match(run.Scratch);
        if (tastes.HasShares)
        {
            for (int slot = 0; slot < run.Scratch.CandidateCount; slot++)
            {
                run.FeatureOf(slot, Feature.Taste) = tastes.FitOf(slot);
            }
        }
    }

    /// <summary>Returns the factor that turns sums of co-visits or purchases into features: 1 / (most + evidence), where most is the largest sum of the candidates that may be shown.</summary>
    private float FactorOf(SlateRun run, int feature)
    {
        float most = 0;
        for (int slot = 0; slot < run.Scratch.CandidateCount; slot++)
        {
            float sum = run.FeatureOf(slot, feature);
            if (sum > most && run.MayBeChosen(slot))
            {
                most = sum;
            }
        }

        return most > 0 ? 1 / (most + (float)options.CoVisitEvidence) : 0;
    }

    private void Rank(SlateRun run, RankingWeights? weights)
    {
        SlateScratch scratch = run.Scratch;
        int count = scratch.CandidateCount;
        rankers.Choose(run, weights);
        run.Ranker!.Rank(scratch.Features.AsSpan(0, count * Feature.Count), Feature.Count, scratch.Scores.AsSpan(0, count));
        AddSeenPart(run);
        AddHiddenPart(run);
        if (run.Request.Candidates is not null)
        {
            PlaceUnknownLast(run);
        }

        int rankedMax = Selector.IsVaried(run) ? count : Math.Min(count, Selector.PoolOf(run));
        scratch.RequireTop(rankedMax);
        ReadOnlySpan<float> scores = scratch.Scores.AsSpan(0, count);
        Span<float> topScores = scratch.TopScores.AsSpan(0, rankedMax);
        Span<int> topIndices = scratch.TopIndices.AsSpan(0, rankedMax);
        run.RankedCount = rankedMax == count ? TopK.SortDescending(scores, topScores, topIndices) : TopK.Select(scores, topScores, topIndices);
    }

    /// <summary>Adds to the scores of seen items the part for having been seen.</summary>
    private static void AddSeenPart(SlateRun run)
    {
        SlateScratch scratch = run.Scratch;
        if (scratch.SeenPlaces.Count == 0)
        {
            return;
        }

        for (int slot = 0; slot < scratch.CandidateCount; slot++)
        {
            scratch.Scores[slot] += run.SeenPartOf(slot);
        }
    }

    /// <summary>Lowers the scores of items of the categories of which the user hid several items.</summary>
    private static void AddHiddenPart(SlateRun run)
    {
        SlateScratch scratch = run.Scratch;
        if (!scratch.Tastes.HasHidden)
        {
            return;
        }

        for (int slot = 0; slot < scratch.CandidateCount; slot++)
        {
            scratch.Scores[slot] += run.HiddenPartOf(slot);
        }
    }

    /// <summary>Gives unknown candidates the lowest score. They were added last, so they are last among equal scores.</summary>
    private static void PlaceUnknownLast(SlateRun run)
    {
        SlateScratch scratch = run.Scratch;
        float lowest = 0;
        for (int slot = 0; slot < scratch.CandidateCount; slot++)
        {
            lowest = scratch.Candidates[slot].IsUnknown ? lowest : Math.Min(lowest, scratch.Scores[slot]);
        }

        for (int slot = 0; slot < scratch.CandidateCount; slot++)
        {
            scratch.Scores[slot] = scratch.Candidates[slot].IsUnknown ? lowest : scratch.Scores[slot];
        }
    }
}
