using System.Runtime.InteropServices;
using RecSys.Numerics;

namespace RecSys.Core.Trends;

public sealed partial class TrendsFold
{
    /// <summary>The longest time between the purchases of one order, in milliseconds: neither comes first.</summary>
    private const long OrderMs = 3_600_000;

    /// <summary>The time between two purchases at which their pair counts half, in milliseconds.</summary>
    private const double PairHalfLifeMs = 14 * 86_400_000d;

    /// <summary>The smallest weight with which a pair is counted.</summary>
    private const float PairMin = 1f / 64;

    private const double PairDamping = 30;
    private const float PairDiscount = .75f;

    /// <summary>The largest number of earlier purchases with which a purchase forms pairs.</summary>
    private const int EarlierMax = 10;

    /// <summary>The largest number of categories from which users bought next that are read for a bought item.</summary>
    private const int NextCategoriesMax = 5;

    // Buffers of readers, used only under the gate. The sums are 0 between two reads.
    private readonly List<int> _foundCategories = [];
    private readonly Dictionary<int, int> _foundPlaces = [];
    private readonly List<float> _foundScores = [];
    private double[] _categorySums = [];

    /// <summary>
    /// Returns the items that users bought after an item, and the items that are most popular now in the categories from which users bought after they bought from the item's categories; all of
    /// them must have enough distinct users, as for <see cref="GetTrending"/>.
    /// </summary>
    /// <param name="item">The bought item; the list is empty for an unknown one.</param>
    /// <param name="count">The largest number of items to return.</param>
    /// <returns>Best first; scores are shares of the next purchases beyond chance, above 0.</returns>
    /// <remarks>
    /// Pairs of items are rare in a large catalogue; pairs of categories are not. Score(j) = p(item, j) + Σ over the best categories c other than the item's: P(c) · trend(j) / (the sum of the
    /// trends of the best items of c), P(c) being the mean of p(k, c) over the item's categories k, and p as in <see cref="CoVisits.AppendNeighbours"/>.
    /// </remarks>
    public IReadOnlyList<ScoredItem> GetBoughtNext(ItemId item, int count)
    {
        lock (_gate)
        {
            if (FindShown(item) is not (>= 0 and int index))
            {
                return [];
            }

            List<(double Score, int Item)> found = _found;
            found.Clear();
            _purchases.AppendNeighbours(index, found);
            AppendOfNextCategories(index, found);
            MergeShown(found);
            return BestOfMerged(found, count);
        }
    }

    /// <summary>Counts the pairs of a user's first purchase of an item: of the item with the items that the user bought last, and of its categories with theirs, except for a category that one of these items has too.</summary>
    private void CountPurchase(UserActs acts, int item, long timestampMs)
    {
        if (acts.HasBought(item, _generations[item]))
        {
            return;
        }

        Span<int> items = stackalloc int[EarlierMax];
        Span<long> timesMs = stackalloc long[EarlierMax];
        int count = acts.FindBought(item, _generations, items, timesMs);
        items = items[..count];
        for (int i = 0; i < count; i++)
        {
            long distanceMs = timestampMs - timesMs[i];
            float weight = (float)double.Exp2(-Math.Abs(distanceMs) / PairHalfLifeMs);
            if (weight < PairMin)
            {
                continue;
            }

            bool isTogether = Math.Abs(distanceMs) <= OrderMs;
            Count(_purchases, items[i], item, weight);
            int[] earlier = _categories[items[i]];
            foreach (int category in _categories[item])
            {
                foreach (int other in HaveCategory(items, category) ? [] : earlier)
                {
                    Count(_categoryPurchases, other, category, weight / (earlier.Length * _categories[item].Length));
                }
            }

            void Count(CoVisits pairs, int first, int second, float share)
            {
                (int before, int after) = distanceMs >= 0 ? (first, second) : (second, first);
                pairs.CountPair(before, after, share, isTogether);
            }
        }
    }

    private bool HaveCategory(ReadOnlySpan<int> items, int category)
    {
        foreach (int item in items)
        {
            if (_categories[item].Contains(category))
            {
                return true;
            }
        }

        return false;
    }

    private void AppendOfNextCategories(int item, List<(double Score, int Item)> into)
    {
        Span<(double Score, int Category)> next = stackalloc (double, int)[NextCategoriesMax];
        int[] own = _categories[item];
        foreach ((double score, int category) in next[..FindNextCategories(own, next)])
        {
            TopItems top = _categoryLists[category].Top(_weights, _isShown);
            for (int i = 0; i < top.Items.Length; i++)
            {
                into.Add((score * top.Shares[i] / own.Length, top.Items[i]));
            }
        }
    }

    /// <summary>Finds the categories from which users bought next after they bought from given ones, other than these.</summary>
    /// <param name="own">The given categories.</param>
    /// <param name="best">Receives the categories with the highest sums of scores, best first; of equal ones the lower number first.</param>
    /// <returns>The number of categories that were found.</returns>
    private int FindNextCategories(int[] own, Span<(double Score, int Category)> best)
    {
        if (_categorySums.Length < _categoryLists.Count)
        {
            _categorySums = new double[Math.Max(64, 2 * _categoryLists.Count)];
        }

        _foundCategories.Clear();
        foreach (int category in own)
        {
            _categoryPurchases.AddNeighbours(category, _categorySums, _foundCategories);
        }

        int count = 0;
        foreach (int category in _foundCategories)
        {
            double sum = _categorySums[category];
            _categorySums[category] = 0;
            bool isFull = count == best.Length;
            if (own.Contains(category) || (isFull && sum * CoVisits.ColumnFactorMax < best[^1].Score))
            {
                continue;
            }

            (double Score, int Category) found = (sum * _categoryPurchases.ColumnFactorOf(category), category);
            if (isFull && !IsBefore(found, best[^1]))
            {
                continue;
            }

            int at = isFull ? count - 1 : count++;
            for (; at > 0 && IsBefore(found, best[at - 1]); at--)
            {
                best[at] = best[at - 1];
            }

            best[at] = found;
        }

        return count;

        static bool IsBefore((double Score, int Category) one, (double Score, int Category) other) =>
            one.Score > other.Score || (one.Score == other.Score && one.Category < other.Category);
    }

    /// <summary>Adds the scores of equal items, and removes those of items that may not be shown. The sums are in <see cref="_foundScores"/>.</summary>
    private void MergeShown(List<(double Score, int Item)> found)
    {
        _foundPlaces.Clear();
        _foundScores.Clear();
        Span<(double Score, int Item)> all = CollectionsMarshal.AsSpan(found);
        foreach ((double score, int item) in all)
        {
            ref int place = ref CollectionsMarshal.GetValueRefOrAddDefault(_foundPlaces, item, out bool isKnown);
            if (!isKnown)
            {
                place = IsShown(item) ? _foundScores.Count : -1;
            }

            if (place == _foundScores.Count)
            {
                all[place].Item = item;
                _foundScores.Add((float)score);
            }
            else if (place >= 0)
            {
                CollectionsMarshal.AsSpan(_foundScores)[place] += (float)score;
            }
        }
    }

    /// <summary>Returns the items with the highest of <see cref="_foundScores"/>, best first.</summary>
    private List<ScoredItem> BestOfMerged(List<(double Score, int Item)> found, int count)
    {
        ReadOnlySpan<float> scores = CollectionsMarshal.AsSpan(_foundScores);
        (float[] topScores, int[] topPlaces) = (new float[Math.Clamp(count, 0, scores.Length)], new int[Math.Clamp(count, 0, scores.Length)]);
        int selected = TopK.Select(scores, topScores, topPlaces);
        List<ScoredItem> best = new(selected);
        for (int i = 0; i < selected && topScores[i] > 0; i++)
        {
            best.Add(new ScoredItem(_items[found[topPlaces[i]].Item], topScores[i]));
        }

        return best;
    }
}
