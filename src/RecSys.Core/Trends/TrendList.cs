namespace RecSys.Core.Trends;

/// <summary>Keeps the best items of one category, or of all items: at least <see cref="BestMax"/> per window.</summary>
/// <remarks>
/// An item that was cut from the list can be among the best only if its weight grows, or if as many items of the list have lost weight as the list keeps beyond the best: then the list must be filled
/// again (<see cref="Shrink"/>). The list is cut when it has grown by half, so that adding an item is cheap.
/// </remarks>
internal sealed class TrendList
{
    /// <summary>The largest number of items that a reader can get.</summary>
    public const int BestMax = 256;

    private const int KeptMin = 2 * BestMax;

    private readonly HashSet<int> _members = [];
    private readonly double[] _floors = [.. Enumerable.Repeat(double.NegativeInfinity, TrendWeights.WindowCount)];
    private int _cutAt = KeptMin + BestMax;
    private int _shrunk;
    private bool _isCut;

    // What GetBoughtNext reads, from its first call for the category on: null before, and after one of these items has lost weight.
    private TopItems? _top;

    public IReadOnlyCollection<int> Members => _members;

    /// <summary>Returns the members with the highest weights of the week among those that may be shown.</summary>
    public TopItems Top(TrendWeights weights, Func<int, bool> isShown)
    {
        if (_top is null)
        {
            _top = new TopItems();
            foreach (int member in _members)
            {
                if (isShown(member))
                {
                    _top.Offer(member, weights[member][(int)TrendWindow.Week]);
                }
            }
        }

        return _top;
    }

    /// <summary>Handles an item whose weight grew.</summary>
    public void Offer(int item, bool isShown, TrendWeights weights)
    {
        if (isShown)
        {
            _top?.Offer(item, weights[item][(int)TrendWindow.Week]);
        }

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

    /// <summary>Handles an item whose weight shrank.</summary>
    /// <returns>Whether items outside the list may be among the best: it must be filled again.</returns>
    public bool Shrink(int item)
    {
        _top = _top?.Contains(item) == true ? null : _top;
        return _isCut && _members.Contains(item) && ++_shrunk > KeptMin - BestMax;
    }

    /// <summary>Removes an item.</summary>
    /// <returns>The same as <see cref="Shrink"/>.</returns>
    public bool Remove(int item)
    {
        bool mustFill = Shrink(item);
        _members.Remove(item);
        return mustFill;
    }

    /// <summary>Sorts items best first; of equal ones the lower number.</summary>
    public static void Sort(Span<(double Score, int Item)> items) => items.Sort(static (left, right) =>
        left.Score != right.Score ? right.Score.CompareTo(left.Score) : left.Item.CompareTo(right.Item));

    private void Cut(TrendWeights weights)
    {
        int[] all = [.. _members];
        (double Score, int Item)[] sorted = new (double, int)[all.Length];
        _members.Clear();
        (_isCut, _shrunk) = (true, 0);
        for (int window = 0; window < TrendWeights.WindowCount; window++)
        {
            for (int i = 0; i < all.Length; i++)
            {
                sorted[i] = (weights[all[i]][window], all[i]);
            }

            Sort(sorted);
            foreach ((_, int item) in sorted.AsSpan(0, KeptMin))
            {
                _members.Add(item);
            }

            _floors[window] = sorted[KeptMin - 1].Score;
        }

        _cutAt = _members.Count + BestMax;
    }
}
