namespace RecSys.Core.Trends;

/// <summary>Keeps the best items of one category, or of all items: at least <see cref="BestMax"/> per window.</summary>
/// <remarks>
/// Weights only grow, so an item that was cut from the list cannot belong to the best until its weight grows again. The list is cut when it has grown
/// to about twice its size, so that adding an item is cheap.
/// </remarks>
internal sealed class TrendList
{
    /// <summary>The most items that a reader can get.</summary>
    public const int BestMax = 256;

    private readonly HashSet<int> _members = [];
    private readonly double[] _floors = [.. Enumerable.Repeat(double.NegativeInfinity, TrendWeights.WindowCount)];
    private int _cutAt = 2 * BestMax;

    public IReadOnlyCollection<int> Members => _members;

    /// <summary>Handles an item whose weight grew.</summary>
    public void Offer(int item, TrendWeights weights)
    {
        if (_members.Contains(item))
        {
            return;
        }

        ReadOnlySpan<double> values = weights[item];
        for (int window = 0; window < values.Length; window++)
        {
            if (values[window] >= _floors[window])
            {
                _members.Add(item);
                if (_members.Count > _cutAt)
                {
                    Cut(weights);
                }

                return;
            }
        }
    }

    public void Remove(int item)
    {
        if (_members.Remove(item))
        {
            _floors.AsSpan().Fill(double.NegativeInfinity); // there is room, if only for those that are touched again
        }
    }

    /// <summary>Sorts items best first; of equal ones the lower number.</summary>
    public static void Sort(Span<(double Score, int Item)> items) => items.Sort(static (left, right) =>
        left.Score != right.Score ? right.Score.CompareTo(left.Score) : left.Item.CompareTo(right.Item));

    private void Cut(TrendWeights weights)
    {
        int[] all = [.. _members];
        (double Score, int Item)[] sorted = new (double, int)[all.Length];
        _members.Clear();
        for (int window = 0; window < TrendWeights.WindowCount; window++)
        {
            for (int i = 0; i < all.Length; i++)
            {
                sorted[i] = (weights[all[i]][window], all[i]);
            }

            Sort(sorted);
            foreach ((_, int item) in sorted.AsSpan(0, BestMax))
            {
                _members.Add(item);
            }

            _floors[window] = sorted[BestMax - 1].Score;
        }

        _cutAt = _members.Count + BestMax;
    }
}
