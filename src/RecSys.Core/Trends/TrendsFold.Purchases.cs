using System.Runtime.InteropServices;

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

    /// <summary>The largest number of categories from which users bought next, and of items of each, that are read for a bought item.</summary>
    private const int NextCategoriesMax = 5;
    private const int NextItemsMax = 20;

    // A buffer of readers, used only under the gate.
    private readonly List<(double Score, int Item)> _foundCategories = [];

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
            found.RemoveAll(neighbour => neighbour.Item == index || !IsShown(neighbour.Item));
            Merge(found);
            TrendList.Sort(CollectionsMarshal.AsSpan(found));
            return Best(found, count);
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
        int[] own = _categories[item];
        List<(double Score, int Item)> next = _foundCategories;
        next.Clear();
        foreach (int category in own)
        {
            _categoryPurchases.AppendNeighbours(category, next);
        }

        next.RemoveAll(category => own.Contains(category.Item));
        Merge(next);
        TrendList.Sort(CollectionsMarshal.AsSpan(next));
        foreach ((double score, int category) in CollectionsMarshal.AsSpan(next)[..Math.Min(next.Count, NextCategoriesMax)])
        {
            int start = into.Count;
            foreach (int member in _categoryLists[category].Members)
            {
                if (IsShown(member) && double.IsFinite(_weights[member][(int)TrendWindow.Week]))
                {
                    into.Add((_weights[member][(int)TrendWindow.Week], member));
                }
            }

            Span<(double Score, int Item)> members = CollectionsMarshal.AsSpan(into)[start..];
            TrendList.Sort(members);
            members = members[..Math.Min(members.Length, NextItemsMax)];
            double best = members.IsEmpty ? 0 : members[0].Score;
            double sum = 0;
            foreach (ref (double Score, int Item) member in members)
            {
                // Stored weights are logarithms, and comparable with each other.
                member.Score = double.Exp2(member.Score - best);
                sum += member.Score;
            }

            foreach (ref (double Score, int Item) member in members)
            {
                member.Score *= score / (own.Length * sum);
            }

            CollectionsMarshal.SetCount(into, start + members.Length);
        }
    }

    /// <summary>Adds the scores of equal items.</summary>
    private static void Merge(List<(double Score, int Item)> found)
    {
        Span<(double Score, int Item)> all = CollectionsMarshal.AsSpan(found);
        all.Sort(static (left, right) => left.Item.CompareTo(right.Item));
        int count = 0;
        foreach ((double score, int item) in all)
        {
            if (count > 0 && all[count - 1].Item == item)
            {
                all[count - 1].Score += score;
            }
            else
            {
                all[count++] = (score, item);
            }
        }

        CollectionsMarshal.SetCount(found, count);
    }
}
