using RecSys.Core.Models;
using RecSys.Numerics;
using RecSys.Serving.Pipeline;

namespace RecSys.Serving.Selection;

/// <summary>Selects the slate from the ranked candidates: by score, in the proportions of the user's tastes, with limits per category, cause and seen items, and a share of exploration.</summary>
/// <remarks>
/// <para>
/// Calibrated recommendations (Steck, RecSys 2018), chosen greedily: each position takes the candidate with the highest (1 − λ) · score − λ · n · KL(p ‖ q̃). Here n is the
/// number of chosen items including the candidate, p are the shares of categories in the history (<see cref="Tastes"/>), q the shares in these n items, and q̃ = 0.99 q + 0.01 p. The factor n gives λ
/// the same meaning in slates of all lengths: the slate maximises (1 − λ) · mean score − λ · KL. A short history says little about proportions, so λ is <see cref="ServingOptions.Calibration"/> · m / (m + 5) for m liked interactions.
/// </para>
/// <para>
/// Maximal marginal relevance (Carbonell and Goldstein, SIGIR 1998) with the diversity d: the value above becomes (1 − d) · value − d · similarity, where similarity is the highest one to any chosen item.
/// The similarity of two items is the mean of the cosine of their embeddings (at least 0) and the overlap of their categories; if only one of the two is known, it is that one. Scores are scaled to 0..1 over the best candidates (the pool).
/// A request with the diversity 0 gets the order of scores, within the limits of categories and seen items.
/// </para>
/// <para>
/// Limits apply to a category, to a category relative to its share of the history, to a category of which one item was bought, to items with the same cause, and to items seen before. A limit is exceeded only if no other candidate is left; the limit of a cause also if no other candidate has at least <see cref="CauseOtherMin"/> of the score.
/// </para>
/// <para>
/// Exploration: with the probability e = <see cref="ServingOptions.ExplorationShare"/>, a position other than the first shows a candidate drawn evenly from the candidates of the pool that are
/// not chosen, without the best of them, seen items above their limit, and unknown items. With the probability f = 2 · s, where s is <see cref="ServingOptions.NewItemShare"/> or the share of the catalogue that is new if that is less, a position of the second half shows an item drawn evenly from at most
/// <see cref="NewItemChoicesMax"/> new items that fit the tastes, until the slate has its share of them. The recorded propensity is the probability of the item at its position given the positions before it:
/// 1 − e − f for the best candidate, e / n for one of n candidates of the pool, plus f / m for one of m new items. The random numbers depend on the request's seed, so the same request at the same time gives the same slate.
/// </para>
/// </remarks>
internal static partial class Selector
{
    /// <summary>The smallest size of the pool, in candidates.</summary>
    public const int PoolMin = 60;

    /// <summary>The number of candidates in the pool per requested item.</summary>
    public const int PoolPerItem = 4;

    /// <summary>The largest number of new items from which one is drawn.</summary>
    public const int NewItemChoicesMax = SlateScratch.NewItemsKept / 2;

    /// <summary>The value that the taste or the content feature of a new item must have at least, so that the item fits the user's tastes.</summary>
    public const float NewItemFitMin = 0.1f;

    /// <summary>The share of the score of a candidate above the limit of its cause that another candidate must have to be shown instead.</summary>
    public const float CauseOtherMin = 0.35f;

    private const int CauseTier = 1;
    private const int CategoryTier = 2;
    private const int SeenTier = 3;
    private const int UnknownTier = 4;

    /// <summary>Returns whether a request gets variety: calibration, new items, and the limits of causes, of categories relative to their share of the history, and of categories of which one item was bought.</summary>
    public static bool IsVaried(SlateRun run) =>
        run.Request.Diversity is null or > 0 && run.Request.Category is null && !run.IsGiven && !run.IsSimilarOnly && run.HistoryCount > 0;

    /// <summary>Returns whether a slate has places for new items, if there are any.</summary>
    public static bool HasNewItems(SlateRun run, ServingOptions options) => options.NewItemShare > 0 && run.Model is not null && IsVaried(run);

    /// <summary>Returns the size of the pool: the number of the best candidates that exploration and maximal marginal relevance choose from.</summary>
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

    /// <summary>Returns the similarity of two candidates, 0 to 1; 0 if nothing is known.</summary>
    public static float Similarity(ModelSnapshot? model, in Candidate left, in Candidate right)
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

    /// <summary>Returns the number of candidates that may be chosen: the ranked ones, without an item to explain that no source returned or a filter removed.</summary>
    private static int Choosable(SlateRun run)
    {
        if (run.Target is null)
        {
            return run.RankedCount;
        }

        int count = 0;
        for (int at = 0; at < run.RankedCount; at++)
        {
            count += run.MayBeChosen(run.Scratch.TopIndices[at]) ? 1 : 0;
        }

        return count;
    }
}
