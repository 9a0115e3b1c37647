namespace RecSys.Core.Models;

/// <summary>What a history counts, by the one rule that training and serving share.</summary>
/// <remarks>
/// An item's weight is the square root of the sum of what its interactions count (<see cref="InteractionTypes.WeightOf"/>): one view 1,
/// a purchase 2.8, ten views 3.2. Items whose sum is not above 0 (disliked, hidden, noted only) are left out.
/// </remarks>
public static class HistoryWeights
{
    /// <summary>Puts interactions of one history together, in place: one entry an item, in ascending order of index.</summary>
    /// <param name="items">The item index of each interaction.</param>
    /// <param name="weights">What each interaction counts, of either sign.</param>
    /// <returns>How many items are left; the spans beyond hold nothing of use.</returns>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static int Combine(Span<int> items, Span<float> weights)
    {
        if (items.Length != weights.Length)
        {
            throw new ArgumentException($"{items.Length} items and {weights.Length} weights", nameof(items));
        }

        items.Sort(weights);
        int count = 0;
        for (int start = 0; start < items.Length;)
        {
            int item = items[start];
            double sum = 0;
            int end = start;
            for (; end < items.Length && items[end] == item; end++)
            {
                sum += weights[end];
            }

            if (sum > 0)
            {
                items[count] = item;
                weights[count++] = (float)Math.Sqrt(sum);
            }

            start = end;
        }

        return count;
    }
}
