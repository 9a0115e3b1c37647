using RecSys.Core;
using RecSys.Core.Models;
using RecSys.Numerics;
using RecSys.Serving.Pipeline;
using RecSys.Serving.Sources;

namespace RecSys.Serving.Explaining;

/// <summary>Computes the contributions of interactions to a candidate's features: each feature that depends on the history is a sum over the items of the history.</summary>
internal static class Causes
{
    /// <summary>The number of liked items of the history that a reason considers: the newest ones.</summary>
    private const int ReasonItemsMax = 24;

    /// <summary>The number of entries of a row of the operator that are compared at once.</summary>
    private const int PlacesCompared = 64;

    /// <summary>Computes the contribution of each item of the fold-in to the model's score of an item. The contributions are exact, because the fold-in is linear.</summary>
    /// <remarks>
    /// The embedding part of the score is v·x, where x solves A x = Σ w_i v_i, and A is the matrix of the user's normal equations. With z from A z = v, item i contributes w_i v_i·z
    /// (Hu, Koren and Volinsky 2008, section 5). The operator B adds share · w_i · B[i, j].
    /// </remarks>
    /// <returns>One contribution per item, in the order of <paramref name="items"/>.</returns>
    public static double[] OfAffinity(ModelSnapshot model, ReadOnlySpan<int> items, ReadOnlySpan<float> weights, int index)
    {
        double[] contributions = new double[items.Length];
        if (model.FoldInBase is { } foldIn)
        {
            AddEmbedding(model, foldIn, items, weights, index, contributions);
        }

        if (model.HasOperator)
        {
            double share = model.Card.Parameters.GetValueOrDefault(ModelScorer.OperatorShare, 1);
            NeighbourRows rows = model.Operator;
            for (int i = 0; i < items.Length; i++)
            {
                contributions[i] += share * weights[i] * OperatorEntry(rows[items[i]], index, model.ItemCount);
            }
        }

        return contributions;
    }

    /// <summary>Returns the interaction that contributes most to a candidate's affinity. The contributions are approximate: the terms of the history are left out of the normal equations, which suffices for a reason.</summary>
    /// <param name="run">The request with its history.</param>
    /// <param name="index">The candidate's index in the model.</param>
    /// <param name="except">The keys of the items that are skipped.</param>
    public static Cause BestOfAffinity(SlateRun run, int index, ReadOnlySpan<ulong> except)
    {
        ModelSnapshot model = run.Model!;
        AffinityMetric metric = run.Scratch.AffinityMetric;
        metric.Require(run);
        int dimension = model.Dimension;
        float share = metric.OperatorShare;
        ReadOnlySpan<float> factors = model.AllFactors;
        NeighbourRows rows = model.Operator;
        ReadOnlySpan<float> scaled = metric.Scale(factors.Slice(index * dimension, dimension));
        int best = -1;
        float bestValue = 0;
        float most = 0;
        int looked = 0;
        for (int at = 0; at < run.HistoryCount && looked < ReasonItemsMax; at++)
        {
            ref readonly HistoryItem item = ref run.Scratch.History[at];
            if (item.Index < 0 || item.Index == index || !(item.Weight > 0))
            {
                continue;
            }

            looked++;
            float value = dimension == 0 ? 0 : Embeddings.Dot(scaled, factors.Slice(item.Index * dimension, dimension));
            value = MathF.Sqrt(item.Weight) * (value + (share > 0 ? share * OperatorEntry(rows[item.Index], index, model.ItemCount) : 0));
            most = value > most ? value : most;
            if (value > bestValue && !except.Contains(item.Key))
            {
                bestValue = value;
                best = at;
            }
        }

        return new Cause(best, bestValue, most);
    }

    /// <summary>Returns the contribution of a recent item to a candidate's session feature.</summary>
    public static float OfSession(SlateRun run, int recent, int index)
    {
        ref readonly RecentItem item = ref run.Scratch.Recents[recent];
        int from = run.Scratch.History[item.At].Index;
        if (from < 0 || index < 0 || item.SessionWeight < RecentItem.WeightMin)
        {
            return 0;
        }

        Neighbours neighbours = run.Model!.SimilarTo(from);
        int found = neighbours.Indices[..Math.Min(neighbours.Count, item.NeighbourCount)].IndexOf(index);
        return found < 0 ? 0 : item.SessionWeight * (neighbours.Scores[found] / neighbours.Scores[0]);
    }

    /// <summary>Returns the contribution of a recent item to a candidate's content feature.</summary>
    public static float OfContent(SlateRun run, int recent, in Candidate candidate)
    {
        ref readonly RecentItem item = ref run.Scratch.Recents[recent];
        if (item.RecentWeight < RecentItem.WeightMin)
        {
            return 0;
        }

        if (!ContentSource.IsByModel(run, candidate.Index))
        {
            return item.RecentWeight * CatalogueFilter.Overlap(item.Entry, candidate.Entry);
        }

        int from = run.Scratch.History[item.At].Index;
        if (from < 0)
        {
            return 0;
        }

        Neighbours neighbours = run.Model!.ContentNeighboursOf(from);
        int found = neighbours.Indices[..Math.Min(neighbours.Count, item.NeighbourCount)].IndexOf(candidate.Index);
        return found < 0 ? 0 : item.RecentWeight * neighbours.Scores[found];
    }

    /// <summary>Returns the contribution of a recent item to a candidate's co-visit feature.</summary>
    public static float OfCoVisit(SlateRun run, int recent, ItemId id)
    {
        if (run.ReturnScore > 0 && run.Scratch.History[run.Scratch.Recents[recent].At].Item == id)
        {
            return run.Scratch.Recents[recent].RecentWeight * run.ReturnScore * run.CoVisitFactor;
        }

        return run.Scratch.Recents[recent].RecentWeight * ScoreOf(id, run.CoVisitsOf(recent)) * run.CoVisitFactor;
    }

    /// <summary>Returns the contribution of a recent item that was bought to a candidate's feature of what others bought next.</summary>
    public static float OfBoughtNext(SlateRun run, int recent, ItemId id) =>
        run.Scratch.Recents[recent].RecentWeight * ScoreOf(id, run.BoughtNextOf(recent)) * run.BoughtNextFactor;

    private static float ScoreOf(ItemId id, ReadOnlySpan<ScoredItem> found)
    {
        foreach (ref readonly ScoredItem item in found)
        {
            if (item.Item == id)
            {
                return item.Score;
            }
        }

        return 0;
    }

    private static void AddEmbedding(
        ModelSnapshot model, FoldInBase foldIn, ReadOnlySpan<int> items, ReadOnlySpan<float> weights, int index, double[] contributions)
    {
        int d = model.Dimension;
        double[] a = new double[d * d];
        double[] row = new double[d];
        int count = 0;
        for (int i = 0; i < items.Length; i++)
        {
            if (model.OriginOf(items[i]) != EmbeddingOrigin.None)
            {
                count++;
                Widen(model.FactorsOf(items[i]), row);
                SymmetricMatrix.AddOuter(row, weights[i], a);
            }
        }

        double ridge = foldIn.RidgeOf(count);
        for (int k = 0; k < d; k++)
        {
            a[(k * d) + k] += foldIn.Diagonal[k] + ridge;
        }

        double[] z = new double[d];
        Widen(model.FactorsOf(index), z);
        if (!Cholesky.TryFactor(a, d))
        {
            throw new InvalidOperationException("the normal equations of the fold-in are not positive definite");
        }

        Cholesky.Solve(a, z);
        for (int i = 0; i < items.Length; i++)
        {
            if (model.OriginOf(items[i]) != EmbeddingOrigin.None)
            {
                Widen(model.FactorsOf(items[i]), row);
                contributions[i] += weights[i] * Embeddings.Dot(row, z);
            }
        }
    }

    private static void Widen(ReadOnlySpan<float> values, Span<double> into)
    {
        for (int k = 0; k < values.Length; k++)
        {
            into[k] = values[k];
        }
    }

    private static float OperatorEntry(Neighbours row, int item, int itemCount)
    {
        int found = PlaceOf(row.Indices, item, itemCount);
        return found < 0 ? 0 : row.Scores[found];
    }

    /// <summary>Returns the place of an item in a row of the operator; a negative number if the row does not contain it.</summary>
    /// <remarks>The indices of a row ascend. A vectorised search reads the block of entries at the place that the item has if the indices are spread evenly over the items, or the first block before or after it that may contain the item. A binary search takes longer: most of its branches are mispredicted.</remarks>
    private static int PlaceOf(ReadOnlySpan<int> row, int item, int itemCount)
    {
        int start = Math.Max(0, (int)((long)item * row.Length / itemCount) - (PlacesCompared / 2));
        while (start > 0 && row[start] > item)
        {
            start = Math.Max(0, start - PlacesCompared);
        }

        while (start + PlacesCompared < row.Length && row[start + PlacesCompared - 1] < item)
        {
            start += PlacesCompared;
        }

        int found = row.Slice(start, Math.Min(PlacesCompared, row.Length - start)).IndexOf(item);
        return found < 0 ? found : start + found;
    }
}
