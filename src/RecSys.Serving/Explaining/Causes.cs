using RecSys.Core;
using RecSys.Core.Models;
using RecSys.Numerics;
using RecSys.Serving.Pipeline;
using RecSys.Serving.Sources;

namespace RecSys.Serving.Explaining;

/// <summary>Finds the interactions that contribute to a candidate's score: each feature of the history is a sum over its items.</summary>
internal static class Causes
{
    /// <summary>Number of liked items of the history that reasons consider: the newest ones.</summary>
    private const int ReasonItemsMax = 24;

    /// <summary>Number of entries of the operator's row that are compared before a binary search.</summary>
    private const int PlacesCompared = 64;

    /// <summary>Computes the contribution of each item of the fold-in to the model's score of an item; exact, because the fold-in is linear.</summary>
    /// <remarks>
    /// The score is v·x with A x = Σ w_i v_i, A the normal equations of the user, so with A z = v item i adds w_i v_i·z (Hu, Koren and Volinsky 2008,
    /// section 5). The operator adds share · w_i · B[i, j].
    /// </remarks>
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

    /// <summary>Returns the item of the history that contributes most to a candidate's affinity. Approximate: the model's metric is used without the terms of the history, which suffices for a reason.</summary>
    /// <param name="run">The run.</param>
    /// <param name="index">The candidate's index in the model.</param>
    /// <param name="except">The keys of items that do not count.</param>
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

    /// <summary>Returns a recent item's contribution to a candidate's session feature.</summary>
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

    /// <summary>Returns a recent item's contribution to a candidate's content feature.</summary>
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

    /// <summary>Returns a recent item's contribution to a candidate's co-visits.</summary>
    public static float OfCoVisit(SlateRun run, int recent, ItemId id)
    {
        if (run.ReturnScore > 0 && run.Scratch.History[run.Scratch.Recents[recent].At].Item == id)
        {
            return run.Scratch.Recents[recent].RecentWeight * run.ReturnScore * run.CoVisitFactor;
        }

        ReadOnlySpan<ScoredItem> visited = run.CoVisitsOf(recent);
        for (int i = 0; i < visited.Length; i++)
        {
            if (visited[i].Item == id)
            {
                return run.Scratch.Recents[recent].RecentWeight * visited[i].Score * run.CoVisitFactor;
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

    /// <summary>Finds an item in a row of the operator; below 0 if it has none.</summary>
    /// <remarks>Rows are ascending and mostly spread evenly over the items, so the entries around the expected place are compared first, all at once.</remarks>
    private static int PlaceOf(ReadOnlySpan<int> row, int item, int itemCount)
    {
        int expected = (int)((long)item * row.Length / itemCount);
        int start = Math.Max(0, expected - (PlacesCompared / 2));
        ReadOnlySpan<int> near = row.Slice(start, Math.Min(PlacesCompared, row.Length - start));
        if (near.IsEmpty || near[0] > item || near[^1] < item)
        {
            return row.BinarySearch(item);
        }

        int found = near.IndexOf(item);
        return found < 0 ? found : start + found;
    }
}
