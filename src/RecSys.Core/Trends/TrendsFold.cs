using System.Runtime.InteropServices;
using System.Text;
using RecSys.Core.Log;

namespace RecSys.Core.Trends;

/// <summary>Folds the log into the trends of all users: decayed scores of items, popularity since the beginning, co-visits, and pairs of purchases.</summary>
/// <remarks>
/// One writer, which also saves. Readers wait at most while a few records are applied, and never for a save. Only interactions of positive weight count.
/// Scores count users, not records: each user has one part in an item, by <see cref="ActRule"/>, for any number of interactions (<see cref="UserActs"/>), and items with few users get a lower score (<see cref="TrendWeights"/>).
/// A repeat of an interaction's id adds nothing; a retraction, a negative opinion and an erasure reduce or remove the part if the user is among the most recently active ones. The data of
/// users are the recent interactions of these and, for items with few users, 32 bits of each user's owner; an erasure removes both. Co-visits and pairs of purchases are not taken back.
/// </remarks>
public sealed partial class TrendsFold
{
    /// <summary>The largest number of items that <see cref="GetTrending"/> returns.</summary>
    public const int TrendingMax = TrendList.BestMax;

    private const long NoFirstMs = long.MaxValue;

    private readonly TrendsOptions _options;

    // The writer takes the first lock while it applies records or saves, and within it the gate for a few records at a time; each reader takes the gate.
    // Guarded data changes only under both locks, so a save reads it under the first lock alone.
    private readonly Lock _writing = new();
    private readonly Lock _gate = new();
    private readonly FoldPosition _position = new();
    private readonly TrendClock _clock = new();
    private readonly TrendWeights _weights = new();
    private readonly UserCounts _users;
    private readonly CoVisits _coVisits;
    private readonly UserTails _tails;

    // Pairs of purchases: of items, and of their categories.
    private readonly CoVisits _purchases;
    private readonly CoVisits _categoryPurchases;
    private readonly Dictionary<string, int> _categoryNumbers = new(StringComparer.Ordinal);
    private readonly List<TrendList> _categoryLists = [];
    private readonly Func<int, bool> _isShown;

    // Buffers of readers, used only under the gate.
    private readonly List<(double Score, int Item)> _found = [];
    private readonly List<double> _negativeScores = [];
    private readonly List<int> _scored = [];
    private ItemNumbers _items = new();
    private int[][] _categories = new int[64][];

    // A deleted item that starts again is another one: interactions of an earlier generation have no part in it.
    private ushort[] _generations = new ushort[64];

    // The time of the earliest counted interaction with each item; not taken back.
    private long[] _firstMs = new long[64];
    private bool _mustFill;
    private TrendList _all = new();

    /// <summary>Creates an empty fold.</summary>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public TrendsFold(TrendsOptions? options = null)
    {
        _options = options ?? new TrendsOptions();
        if (_options.Problem() is { } problem)
        {
            throw new ArgumentException(problem, nameof(options));
        }

        _isShown = IsShown;
        _users = new UserCounts(_options.UsersMin);
        _coVisits = new CoVisits(_options.NeighboursMax);
        _purchases = new CoVisits(_options.NeighboursMax, PairDamping, PairDiscount);
        _categoryPurchases = new CoVisits(_options.NeighboursMax, PairDamping);
        _tails = new UserTails(_options.UserTailsMax, _options.ActsMax);
    }

    /// <summary>Gets the position up to which the log is applied.</summary>
    public LogPosition Position
    {
        get
        {
            lock (_gate)
            {
                return _position.ToLogPosition();
            }
        }
    }

    /// <summary>Gets the number of items that have interactions and are kept.</summary>
    public int ItemCount
    {
        get
        {
            lock (_gate)
            {
                return _items.Count;
            }
        }
    }

    /// <summary>Returns the items with the highest decayed score, at most <see cref="TrendingMax"/>, among those with interactions of enough distinct users.</summary>
    /// <param name="category">The category, or null for all items.</param>
    /// <param name="window">The half-life.</param>
    /// <param name="count">The largest number of items to return.</param>
    /// <param name="nowMs">The time to which weights decay, in milliseconds since 1970, UTC. A score is at most the one of all time, also if interactions have later times.</param>
    /// <returns>Best first; scores are above 0. Items may be unknown to the catalogue, or hidden.</returns>
    public IReadOnlyList<ScoredItem> GetTrending(string? category, TrendWindow window, int count, long nowMs)
    {
        lock (_gate)
        {
            _negativeScores.Clear();
            _scored.Clear();
            TrendList? list = category is null ? _all
                : _categoryNumbers.TryGetValue(category, out int number) ? _categoryLists[number]
                : null;
            foreach (int item in list?.Members ?? [])
            {
                if (IsShown(item))
                {
                    _negativeScores.Add(-_weights.At(item, window, nowMs));
                    _scored.Add(item);
                }
            }

            return Best(Math.Min(count, TrendingMax), window);
        }
    }

    /// <summary>Returns the items with which the same users interacted shortly before or after an item; all of them must have enough distinct users, as for <see cref="GetTrending"/>.</summary>
    /// <param name="item">The item; the list is empty for an unknown one.</param>
    /// <param name="count">The largest number of items to return.</param>
    /// <returns>Best first; scores are normalised co-visit counts, above 0.</returns>
    public IReadOnlyList<ScoredItem> GetCoVisited(ItemId item, int count)
    {
        lock (_gate)
        {
            List<(double Score, int Item)> found = _found;
            found.Clear();
            if (FindShown(item) is >= 0 and int index)
            {
                _coVisits.AppendNeighbours(index, found);
                found.RemoveAll(neighbour => !IsShown(neighbour.Item));
            }

            TrendList.Sort(CollectionsMarshal.AsSpan(found));
            return Best(found, count);
        }
    }

    /// <summary>Returns the number of users with a part in an item; 0 for an unknown item.</summary>
    public long GetUserCount(ItemId item)
    {
        lock (_gate)
        {
            return Find(item) is >= 0 and int index ? _weights.PeopleOf(index) : 0;
        }
    }

    /// <summary>Returns the time of the earliest interaction with an item, in milliseconds since 1970, UTC, also if it was taken back since; null for an item without interactions since its deletion or removal, or since a state of an earlier version.</summary>
    public long? GetFirstInteractionMs(ItemId item)
    {
        lock (_gate)
        {
            return Find(item) is >= 0 and int index && _firstMs[index] < NoFirstMs ? _firstMs[index] : null;
        }
    }

    /// <summary>Gets how often users return to an item with which they interacted shortly before, on the scale of the scores of <see cref="GetCoVisited"/>; 0 or more.</summary>
    public float ReturnScore
    {
        get
        {
            lock (_gate)
            {
                return (float)_coVisits.ReturnScoreOf(_items.Count);
            }
        }
    }

    /// <summary>Returns the number of an item with enough distinct users; −1 for another one. The caller holds the gate.</summary>
    private int FindShown(ItemId item) => Find(item) is >= 0 and int index && IsShown(index) ? index : -1;

    /// <summary>Returns the number of an item; −1 for an unknown one. The caller holds the gate.</summary>
    private int Find(ItemId item)
    {
        Span<byte> utf8 = stackalloc byte[Limits.IdBytesMax];
        return _items.Find(utf8[..Encoding.UTF8.GetBytes(item.Value, utf8)]);
    }

    /// <summary>Returns whether enough distinct users have a part in an item.</summary>
    private bool IsShown(int item) => _users.IsPublic(item) && _weights.PeopleOf(item) >= _options.UsersMin;

    private List<ScoredItem> Best(List<(double Score, int Item)> found, int count)
    {
        List<ScoredItem> best = new(Math.Clamp(count, 0, found.Count));
        foreach ((double score, int item) in found)
        {
            if (best.Count >= count || !((float)score > 0))
            {
                break;
            }

            best.Add(new ScoredItem(_items[item], (float)score));
        }

        return best;
    }

    /// <summary>Returns the items of the readers' buffers in the order of their scores, highest first; of equal scores (such as those of items dated after now) by stored value, largest first, then by number, lowest first.</summary>
    private List<ScoredItem> Best(int count, TrendWindow window)
    {
        // Without a comparison: a delegate for each pair takes most of the time of a long list.
        Span<double> negativeScores = CollectionsMarshal.AsSpan(_negativeScores);
        Span<int> items = CollectionsMarshal.AsSpan(_scored);
        negativeScores.Sort(items);
        List<ScoredItem> best = new(Math.Clamp(count, 0, items.Length));
        for (int start = 0, end; start < items.Length && best.Count < count; start = end)
        {
            float score = (float)-negativeScores[start];
            if (!(score > 0))
            {
                break;
            }

            end = start + 1;
            while (end < items.Length && negativeScores[end] == negativeScores[start])
            {
                end++;
            }

            Span<int> equal = items[start..end];
            if (equal.Length > 1)
            {
                equal.Sort((left, right) => CompareEqual(left, right, window));
            }

            foreach (int item in equal[..Math.Min(equal.Length, count - best.Count)])
            {
                best.Add(new ScoredItem(_items[item], score));
            }
        }

        return best;
    }

    private int CompareEqual(int left, int right, TrendWindow window)
    {
        int order = _weights[right][(int)window].CompareTo(_weights[left][(int)window]);
        return order != 0 ? order : left.CompareTo(right);
    }
}
