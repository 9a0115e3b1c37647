namespace RecSys.Batch.Evaluation;

/// <summary>Metrics of one ranked list. The relevant items are those with which the user interacted later; relevance is binary.</summary>
/// <remarks>A list is given as its hits: for each rank, best first, whether its item is relevant. All metrics are 0 to 1; a higher value is better. A number of places or of relevant items below 1 throws <see cref="ArgumentOutOfRangeException"/>.</remarks>
public static class RankingMetrics
{
    /// <summary>Returns the share of the k places that contain a relevant item.</summary>
    public static double Precision(ReadOnlySpan<bool> hits, int k) => First(hits, k).Count(true) / (double)k;

    /// <summary>Returns the share of the relevant items that are among the first k.</summary>
    /// <param name="hits">Whether the item at each rank is relevant.</param>
    /// <param name="relevant">Number of relevant items, at least 1.</param>
    /// <param name="k">Number of places, at least 1.</param>
    public static double Recall(ReadOnlySpan<bool> hits, int relevant, int k)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(relevant, 1);
        return First(hits, k).Count(true) / (double)relevant;
    }

    /// <summary>Returns 1 if a relevant item is among the first k, otherwise 0.</summary>
    public static double HitRate(ReadOnlySpan<bool> hits, int k) => First(hits, k).Contains(true) ? 1 : 0;

    /// <summary>Returns one over the rank (from 1) of the first relevant item among the first k; 0 if there is none.</summary>
    public static double ReciprocalRank(ReadOnlySpan<bool> hits, int k) =>
        First(hits, k).IndexOf(true) is >= 0 and int position ? 1.0 / (position + 1) : 0;

    /// <summary>Returns the normalised discounted cumulative gain: Σ 1 / log2(rank + 1) over the relevant items among the first k, divided by that sum for the ideal list (Järvelin and Kekäläinen, ACM TOIS 20(4), 2002).</summary>
    /// <param name="hits">Whether the item at each rank is relevant.</param>
    /// <param name="relevant">Number of relevant items, at least 1.</param>
    /// <param name="k">Number of places, at least 1.</param>
    /// <param name="ideal">Whether the ideal list contains at most k relevant items or all of them.</param>
    public static double Ndcg(ReadOnlySpan<bool> hits, int relevant, int k, IdealGain ideal)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(relevant, 1);
        ReadOnlySpan<bool> first = First(hits, k);
        double gain = 0;
        for (int position = 0; position < first.Length; position++)
        {
            gain += first[position] ? Discount(position) : 0;
        }

        double best = 0;
        for (int position = 0; position < (ideal == IdealGain.FirstK ? Math.Min(k, relevant) : relevant); position++)
        {
            best += Discount(position);
        }

        return gain / best;
    }

    private static double Discount(int position) => 1 / Math.Log2(position + 2);

    private static ReadOnlySpan<bool> First(ReadOnlySpan<bool> hits, int k)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(k, 1);
        return hits[..Math.Min(k, hits.Length)];
    }
}

/// <summary>The ideal list by whose gain the discounted gain is divided. Figures of the two kinds are not comparable.</summary>
public enum IdealGain
{
    /// <summary>The ideal list has at most k relevant items, so that the metric can reach 1.</summary>
    FirstK = 0,

    /// <summary>The ideal list has all relevant items, as in some published tables.</summary>
    AllRelevant = 1,
}
