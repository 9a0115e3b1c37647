using RecSys.Core.Models;
using RecSys.Numerics;
using RecSys.Serving.Pipeline;

namespace RecSys.Serving.Selection;

/// <summary>Selects the slate from the ranked candidates: by score, in the proportions of the user's tastes, with limits per category, cause and seen items, and a share of exploration.</summary>
/// <remarks>
/// <para>
/// Calibrated recommendations (Steck, RecSys 2018), chosen greedily: each position takes the candidate of the highest (1 − λ) · score − λ · n · KL(p ‖ q̃), where n is the
/// number of items with it, p are the shares of categories in the history (<see cref="Tastes"/>), q those of the chosen items with it, and q̃ = 0.99 q + 0.01 p. The factor n makes λ
/// mean the same in slates of all lengths: (1 − λ) · mean score − λ · KL is maximised. Short histories say little about proportions: λ is that of the options times m / (m + 5) for m liked interactions.
/// </para>
/// <para>
/// Maximal marginal relevance (Carbonell and Goldstein, SIGIR 1998) with the diversity d: (1 − d) · that value − d · similarity, where similarity is the highest to any chosen item: the mean of the
/// cosine of embeddings (at least 0) and the overlap of categories, or the one that is known. Scores are scaled to 0..1 over the best candidates (the pool).
/// A request with the diversity 0 gets the order of scores within the limits of categories and seen items.
/// </para>
/// <para>
/// Limits apply to a category, also relative to its share of the history, to a category of which one item was bought, to items of the same cause, and to items seen before. A limit is exceeded only if no other candidates are left; for a cause, no others with at least <see cref="CauseOtherMin"/> of the score.
/// </para>
/// <para>
/// Exploration gives each position but the first, with the probability e of the options, to a candidate of the pool drawn evenly from those
/// not chosen, except the best of them, seen items above their limit and unknown items; and each position of the second half with the probability f = 2 · share to one drawn evenly from at most
/// <see cref="NewItemsDrawn"/> new items that fit the tastes, until the slate has its share of them. The recorded propensity is the probability of the item at its position given the positions before it:
/// 1 − e − f for the best, e / n for one of n drawn from the pool, plus f / m for one of m new items. The seed is the request's, so the same request at the same time gives the same slate.
/// </para>
/// </remarks>
internal static partial class Selector
{
    /// <summary>The minimum number of candidates in the pool.</summary>
    public const int PoolMin = 60;

    /// <summary>Number of candidates in the pool per requested item.</summary>
    public const int PoolPerItem = 4;

    /// <summary>The most new items from which one is drawn.</summary>
    public const int NewItemsDrawn = SlateScratch.NewItemsKept / 2;

    /// <summary>The number of interactions in the model below which an item is new.</summary>
    public const int NewItemInteractionsMin = 10;

    /// <summary>The share of a user's tastes that the categories of a new item must have to fit, if it is not similar to a recent item.</summary>
    public const float NewItemFitMin = 0.1f;

    /// <summary>The share of the score of a candidate whose cause has its places that another one must have to be shown instead.</summary>
    public const float CauseOtherMin = 0.35f;

    private const int CauseTier = 1;
    private const int CategoryTier = 2;
    private const int SeenTier = 3;
    private const int UnknownTier = 4;

    /// <summary>Returns whether a request gets variety: calibration and the limits of causes and of what was bought once.</summary>
    public static bool IsVaried(SlateRun run) =>
        run.Request.Diversity is null or > 0 && run.Request.Category is null && !run.IsGiven && !run.IsSimilarOnly && run.HistoryCount > 0;

    /// <summary>Returns the number of the best candidates that the selector reads.</summary>
    public static int PoolOf(SlateRun run) => Math.Max(PoolMin, PoolPerItem * run.Request.Count);

    public static void Select(SlateRun run, ServingOptions options)
    {
        SlateScratch scratch = run.Scratch;
        scratch.RequirePool(run.RankedCount);
        Selection selection = new(run, options);
        int wanted = Math.Min(run.Request.Count, Choosable(run));
        SeededRandom random = new(run.Seed);
        for (int position = 0; position < wanted; position++)
        {
            selection.Begin(position);
            int chosen = selection.Best();
            float propensity = 1;
            if (position > 0 && selection.Explores)
            {
                chosen = selection.Explore(chosen, ref random, out propensity);
            }

            scratch.Selected[position] = scratch.TopIndices[chosen];
            scratch.Propensities[position] = propensity;
            run.SelectedCount = position + 1;
            selection.Take(chosen, isLast: position + 1 == wanted);
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

    /// <summary>Returns whether an item is new: the model learned nothing of it from interactions, or it is young in the catalogue and has few interactions.</summary>
    public static bool IsNew(SlateRun run, in Candidate candidate, ServingOptions options) =>
        run.Model is { } model && candidate.Entry is { } entry
        && (candidate.Index < 0
            || model.OriginOf(candidate.Index) == EmbeddingOrigin.Estimated
            || model.Popularity[candidate.Index] == 0
            || (model.Popularity[candidate.Index] < NewItemInteractionsMin && run.NowMs - entry.AddedAtMs <= options.NewItemAge.TotalMilliseconds));
}
