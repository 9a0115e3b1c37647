using RecSys.Core.Models;
using RecSys.Numerics;
using RecSys.Serving.Pipeline;

namespace RecSys.Serving.Selection;

/// <summary>Selects the slate from the candidates with the best scores: by score minus similarity to the chosen items, with a limit per category and a share of exploration.</summary>
/// <remarks>
/// <para>
/// Maximal marginal relevance (Carbonell and Goldstein, SIGIR 1998): each position takes the candidate of the highest
/// (1 − d) · score − d · similarity, where the scores of the pool are scaled to 0..1, d is the diversity, and similarity is the
/// highest to any chosen item: the mean of the cosine of embeddings (at least 0) and the overlap of categories, or the one that is known.
/// With d = 0 and no limit the result is the order of scores.
/// </para>
/// <para>
/// The limit applies to the share of items with the same first category in the slate, and another one to that of items seen before; they are exceeded if the pool has no others.
/// </para>
/// <para>
/// Exploration gives each position but the first, with the probability e of the options, to a candidate drawn evenly from those
/// not chosen, except the best of them, seen items above their limit and unknown items. The recorded propensity is the probability of the item at its position given the positions before it:
/// 1 − e for the best, e / n for one of n drawn from. The seed is the request's, so the same request at the same time gives the same slate.
/// </para>
/// </remarks>
internal static class Selector
{
    /// <summary>The minimum number of candidates that are considered.</summary>
    public const int PoolMin = 60;

    /// <summary>Number of candidates that are considered per requested item.</summary>
    public const int PoolPerItem = 4;

    private const int CategoryTier = 1;
    private const int SeenTier = 2;
    private const int UnknownTier = 3;

    public static void Select(SlateRun run, ServingOptions options)
    {
        SlateScratch scratch = run.Scratch;
        double diversity = run.Request.Diversity ?? (run.IsCold ? Math.Max(options.Diversity, options.ColdDiversity) : options.Diversity);
        double share = run.Request.Category is not null ? 1 : run.IsCold ? options.ColdCategoryShareMax : options.CategoryShareMax;
        int cap = share < 1 ? Math.Max(1, (int)Math.Ceiling(share * run.Request.Count)) : int.MaxValue;
        int wanted = Math.Min(run.Request.Count, Choosable(run));
        SeededRandom random = new(run.Seed);

        scratch.RequirePool(run.RankedCount);
        Span<float> likeness = scratch.PoolLikeness.AsSpan(0, run.RankedCount);
        Span<bool> taken = scratch.PoolTaken.AsSpan(0, run.RankedCount);
        likeness.Clear();
        taken.Clear();
        float low = run.RankedCount > 0 ? scratch.TopScores[run.RankedCount - 1] : 0;
        float range = run.RankedCount > 0 ? scratch.TopScores[0] - low : 0;
        float stretch = range > 0 ? 1 / range : 0;

        for (int position = 0; position < wanted; position++)
        {
            int chosen = Best(run, (float)diversity, low, stretch, cap, likeness, taken);
            float propensity = 1;
            if (position > 0 && options.ExplorationShare > 0)
            {
                int others = CountOfDrawable(run, chosen, taken);
                bool explores = random.NextDouble() < options.ExplorationShare && others > 0;
                propensity = others > 0 ? 1 - (float)options.ExplorationShare : 1;
                if (explores)
                {
                    chosen = Drawn(run, chosen, random.NextInt(others), taken);
                    propensity = (float)(options.ExplorationShare / others);
                }
            }

            taken[chosen] = true;
            scratch.Selected[position] = scratch.TopIndices[chosen];
            scratch.Propensities[position] = propensity;
            run.SelectedCount = position + 1;
            if (diversity > 0 && position + 1 < wanted)
            {
                NoteLikeness(run, chosen, likeness, taken);
            }
        }
    }

    /// <summary>Returns the similarity of two candidates, 0 to 1.</summary>
    public static float Likeness(ModelSnapshot? model, in Candidate left, in Candidate right)
    {
        bool haveEmbeddings = model is { Dimension: > 0 } && left.Index >= 0 && right.Index >= 0
            && model.OriginOf(left.Index) != EmbeddingOrigin.None && model.OriginOf(right.Index) != EmbeddingOrigin.None;
        bool haveCategories = left.Entry is { Content.Categories.IsEmpty: false } && right.Entry is { Content.Categories.IsEmpty: false };
        float cosine = haveEmbeddings ? Cosine(model!.FactorsOf(left.Index), model.FactorsOf(right.Index)) : 0;
        float overlap = haveCategories ? CatalogueFilter.Overlap(left.Entry, right.Entry) : 0;
        return haveEmbeddings && haveCategories ? (cosine + overlap) / 2 : cosine + overlap;
    }

    private static float Cosine(ReadOnlySpan<float> left, ReadOnlySpan<float> right)
    {
        float norms = Embeddings.Norm(left) * Embeddings.Norm(right);
        return norms > 0 ? Math.Clamp(Embeddings.Dot(left, right) / norms, 0, 1) : 0;
    }

    /// <summary>Returns the number of candidates that may be chosen, without an item that is only to be explained if no source returned it or a filter removed it.</summary>
    private static int Choosable(SlateRun run) =>
        run.RankedCount - (run.Target is not null && IsRankedOnly(run) ? 1 : 0);

    private static bool IsRankedOnly(SlateRun run)
    {
        for (int at = 0; at < run.RankedCount; at++)
        {
            if (!run.MayBeChosen(run.Scratch.TopIndices[at]))
            {
                return true;
            }
        }

        return false;
    }

    private static int Best(
        SlateRun run, float diversity, float low, float stretch, int cap, ReadOnlySpan<float> likeness, ReadOnlySpan<bool> taken)
    {
        int best = -1;
        int bestTier = int.MaxValue;
        float bestValue = float.NegativeInfinity;
        for (int at = 0; at < run.RankedCount; at++)
        {
            int slot = run.Scratch.TopIndices[at];
            if (taken[at] || !run.MayBeChosen(slot))
            {
                continue;
            }

            float value = ((1 - diversity) * (run.Scratch.TopScores[at] - low) * stretch) - (diversity * likeness[at]);
            if (bestTier == 0 && !(value > bestValue))
            {
                continue;
            }

            int tier = TierOf(run, slot, cap);
            if (tier > bestTier || (tier == bestTier && !(value > bestValue)))
            {
                continue;
            }

            (best, bestTier, bestValue) = (at, tier, value);
            if (diversity == 0 && tier == 0)
            {
                break;
            }
        }

        return best;
    }

    /// <summary>Returns the tier of a candidate: one is chosen only where no candidate of a lower tier is left.</summary>
    /// <returns>0: any place; 1: its category has its share; 2: seen items have their share; 3: nothing is known of it.</returns>
    private static int TierOf(SlateRun run, int slot, int cap) =>
        run.Scratch.Candidates[slot].IsUnknown ? UnknownTier
        : run.IsDemoted(slot) && CountOfDemoted(run) >= run.SeenMax ? SeenTier
        : cap < int.MaxValue && CountOfCategory(run, slot) >= cap ? CategoryTier
        : 0;

    private static int CountOfDemoted(SlateRun run)
    {
        int count = 0;
        for (int position = 0; position < run.SelectedCount; position++)
        {
            count += run.IsDemoted(run.Scratch.Selected[position]) ? 1 : 0;
        }

        return count;
    }

    private static int CountOfCategory(SlateRun run, int slot)
    {
        if (run.Scratch.Candidates[slot].Entry is not { Content.Categories: { IsEmpty: false } categories })
        {
            return 0;
        }

        int count = 0;
        for (int position = 0; position < run.SelectedCount; position++)
        {
            count += run.Scratch.Candidates[run.Scratch.Selected[position]].Entry is { Content.Categories: { IsEmpty: false } others }
                && string.Equals(others[0], categories[0], StringComparison.Ordinal) ? 1 : 0;
        }

        return count;
    }

    /// <summary>Returns the number of candidates that exploration may choose instead of the best.</summary>
    private static int CountOfDrawable(SlateRun run, int best, ReadOnlySpan<bool> taken)
    {
        int count = 0;
        for (int at = 0; at < run.RankedCount; at++)
        {
            count += IsDrawable(run, at, best, taken) ? 1 : 0;
        }

        return count;
    }

    private static bool IsDrawable(SlateRun run, int at, int best, ReadOnlySpan<bool> taken) =>
        !taken[at] && at != best && run.MayBeChosen(run.Scratch.TopIndices[at]) && TierOf(run, run.Scratch.TopIndices[at], int.MaxValue) == 0;

    /// <summary>Returns the n-th candidate that exploration may choose instead of the best.</summary>
    private static int Drawn(SlateRun run, int best, int n, ReadOnlySpan<bool> taken)
    {
        int at = 0;
        for (; ; at++)
        {
            if (IsDrawable(run, at, best, taken) && n-- == 0)
            {
                return at;
            }
        }
    }

    private static void NoteLikeness(SlateRun run, int chosen, Span<float> likeness, ReadOnlySpan<bool> taken)
    {
        ref readonly Candidate one = ref run.Scratch.Candidates[run.Scratch.TopIndices[chosen]];
        for (int at = 0; at < run.RankedCount; at++)
        {
            if (!taken[at])
            {
                likeness[at] = Math.Max(likeness[at], Likeness(run.Model, one, run.Scratch.Candidates[run.Scratch.TopIndices[at]]));
            }
        }
    }
}
