using System.Runtime.InteropServices;
using System.Text;
using RecSys.Core.Log;

namespace RecSys.Core.Trends;

/// <summary>Folds the log into the trends of all users: decayed weights of items, popularity since the beginning, and co-visits.</summary>
/// <remarks>
/// One writer, which saves too. Readers wait for it no longer than a few records take, never for a save. Only interactions of positive weight count. The only data of
/// users are the tails of those active last and, for items of few users, 32 bits of each user's owner; an erasure removes both.
/// A retraction takes no weight back: it fades.
/// </remarks>
public sealed partial class TrendsFold
{
    /// <summary>The most items that <see cref="GetTrending"/> answers.</summary>
    public const int TrendingMax = TrendList.BestMax;

    private readonly TrendsOptions _options;

    // Held by the writer for as long as it takes records in or saves; the gate within it, for a few records at a time, and by each reader.
    // What the gate guards changes only under both, so a save reads it under the first alone.
    private readonly Lock _writing = new();
    private readonly Lock _gate = new();
    private readonly FoldPosition _position = new();
    private readonly TrendClock _clock = new();
    private readonly TrendWeights _weights = new();
    private readonly UserCounts _users;
    private readonly CoVisits _coVisits;
    private readonly UserTails _tails;
    private readonly Dictionary<string, int> _categoryNumbers = new(StringComparer.Ordinal);
    private readonly List<TrendList> _categoryLists = [];

    // Buffers of the readers, used under the gate.
    private readonly List<(double Score, int Item)> _found = [];
    private ItemNumbers _items = new();
    private int[][] _categories = new int[64][];
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

        _users = new UserCounts(_options.UsersMin);
        _coVisits = new CoVisits(_options.NeighboursMax);
        _tails = new UserTails(_options.UserTailsMax);
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

    /// <summary>The items of most decayed weight, at most <see cref="TrendingMax"/>, of those that enough distinct users touched.</summary>
    /// <param name="category">Of one category, or null for all.</param>
    /// <param name="window">The half-life.</param>
    /// <param name="count">The most items wanted.</param>
    /// <param name="nowMs">The time to decay to, in milliseconds since 1970, UTC. Interactions dated after it count as done at it; otherwise it changes scores, not their order.</param>
    /// <returns>Best first; scores are decayed weights, above 0. Items may be unknown to the catalogue, or hidden.</returns>
    public IReadOnlyList<ScoredItem> GetTrending(string? category, TrendWindow window, int count, long nowMs)
    {
        lock (_gate)
        {
            List<(double Score, int Item)> found = _found;
            found.Clear();
            TrendList? list = category is null ? _all
                : _categoryNumbers.TryGetValue(category, out int number) ? _categoryLists[number]
                : null;
            foreach (int item in list?.Members ?? [])
            {
                found.Add((_weights.At(item, window, nowMs), item));
            }

            found.Sort((left, right) => Compare(left, right, window));
            return Best(found, Math.Min(count, TrendingMax));
        }
    }

    /// <summary>The items touched by the same users shortly before or after an item; both it and they must be public, as for <see cref="GetTrending"/>.</summary>
    /// <param name="item">The item; unknown ones have none.</param>
    /// <param name="count">The most items wanted.</param>
    /// <returns>Best first; scores are normalised co-visit counts, above 0.</returns>
    public IReadOnlyList<ScoredItem> GetCoVisited(ItemId item, int count)
    {
        Span<byte> utf8 = stackalloc byte[Limits.IdBytesMax];
        utf8 = utf8[..Encoding.UTF8.GetBytes(item.Value, utf8)];
        lock (_gate)
        {
            List<(double Score, int Item)> found = _found;
            found.Clear();
            int index = _items.Find(utf8);
            if (index >= 0 && _users.IsPublic(index))
            {
                _coVisits.Read(index, found);
                found.RemoveAll(neighbour => !_users.IsPublic(neighbour.Item));
            }

            TrendList.Sort(CollectionsMarshal.AsSpan(found));
            return Best(found, count);
        }
    }

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

    /// <summary>Puts the larger weight first; of equal ones, as of items dated after now, the one touched more and later; of those the lower number.</summary>
    private int Compare((double Score, int Item) left, (double Score, int Item) right, TrendWindow window)
    {
        int order = right.Score.CompareTo(left.Score);
        order = order != 0 ? order : _weights[right.Item][(int)window].CompareTo(_weights[left.Item][(int)window]);
        return order != 0 ? order : left.Item.CompareTo(right.Item);
    }
}
