namespace RecSys.Core.Trends;

/// <summary>The items of a category with the highest weights of the week's window, kept in order while weights grow, with the share of each in the sum of their trends.</summary>
internal sealed class TopItems
{
    /// <summary>The largest number of items.</summary>
    public const int CountMax = 20;

    private readonly int[] _items = new int[CountMax];

    // Stored weights are logarithms, and comparable with each other at any time.
    private readonly double[] _weights = new double[CountMax];
    private readonly double[] _shares = new double[CountMax];
    private int _count;
    private bool _hasShares;

    /// <summary>Gets the items, best first; of equal ones the lower number first.</summary>
    public ReadOnlySpan<int> Items => _items.AsSpan(0, _count);

    /// <summary>Gets the share of each item; they add up to 1.</summary>
    public ReadOnlySpan<double> Shares
    {
        get
        {
            Span<double> shares = _shares.AsSpan(0, _count);
            if (!_hasShares)
            {
                double sum = 0;
                for (int i = 0; i < shares.Length; i++)
                {
                    sum += shares[i] = double.Exp2(_weights[i] - _weights[0]);
                }

                foreach (ref double share in shares)
                {
                    share /= sum;
                }

                _hasShares = true;
            }

            return shares;
        }
    }

    /// <summary>Returns whether the list has an item.</summary>
    public bool Contains(int item) => Items.Contains(item);

    /// <summary>Handles an item that is new to the list, or whose weight has not shrunk.</summary>
    /// <param name="item">The item.</param>
    /// <param name="weight">Its stored weight; an item without weight, −∞, is not added.</param>
    public void Offer(int item, double weight)
    {
        int at = Items.IndexOf(item);
        if (at < 0)
        {
            if (!double.IsFinite(weight) || (_count == CountMax && !IsBefore(weight, item, CountMax - 1)))
            {
                return;
            }

            at = _count == CountMax ? CountMax - 1 : _count++;
        }

        for (; at > 0 && IsBefore(weight, item, at - 1); at--)
        {
            (_items[at], _weights[at]) = (_items[at - 1], _weights[at - 1]);
        }

        (_items[at], _weights[at]) = (item, weight);
        _hasShares = false;
    }

    private bool IsBefore(double weight, int item, int place) =>
        weight > _weights[place] || (weight == _weights[place] && item < _items[place]);
}
