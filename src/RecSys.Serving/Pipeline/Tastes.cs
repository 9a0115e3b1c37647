using System.Collections.Immutable;
using RecSys.Core;

namespace RecSys.Serving.Pipeline;

/// <summary>The categories of a user's history: the share of each, how many of its items the user hid, and whether one of its items was bought. The arrays are reused by later requests.</summary>
/// <remarks>
/// <para>
/// The share of a category c is p(c) ∝ (1 − s(c)) · ((1 − r) h(c) + r n(c)), where r is <see cref="NewestShare"/>, and s(c) is the hidden strength of the category. Both sums are over the liked interactions i
/// with items of c among the newest <see cref="ItemsMax"/> interactions: h(c) ∝ Σ weight(i) · 2^(−age(i) / half-life) / w(i), and n(c) ∝ Σ weight(i) · decay^rank(i) / w(i), where w(i) is the number of categories
/// of the item, and rank is 0 for the newest liked interaction. With n(c) the last few interactions count by their order, however long the history is.
/// </para>
/// <para>
/// A category of which at least <see cref="HiddenMin"/> items were hidden has the hidden strength s(c) = min(1, H / <see cref="HiddenMin"/>) · H / (H + G), where H is the decayed
/// number of hidden items and G the decayed number of liked interactions. The strength of other categories is 0. It falls as the hides become older and as the user likes items of the category.
/// </para>
/// </remarks>
internal sealed class Tastes
{
    /// <summary>The largest number of categories that are considered: the first ones, newest interactions first.</summary>
    public const int CategoriesMax = 64;

    /// <summary>The largest number of categories of an item that are considered: its first ones.</summary>
    public const int PerItemMax = 8;

    /// <summary>The largest number of interactions of the history that are considered: the newest ones.</summary>
    public const int ItemsMax = 128;

    /// <summary>The number of hidden items from which on a category has a hidden strength.</summary>
    public const int HiddenMin = 3;

    /// <summary>The value in <see cref="IdsOf"/> for a category that the history does not have.</summary>
    public const sbyte None = -1;

    /// <summary>The part r of the shares that comes from the newest interactions by their order.</summary>
    public const float NewestShare = 0.2f;

    private const int BucketCount = 4 * CategoriesMax;

    private readonly string[] _names = new string[CategoriesMax];
    private readonly int[] _hashes = new int[CategoriesMax];
    private readonly sbyte[] _buckets = new sbyte[BucketCount];
    private readonly float[] _shares = new float[CategoriesMax];
    private readonly float[] _newest = new float[CategoriesMax];
    private readonly float[] _hides = new float[CategoriesMax];
    private readonly float[] _likes = new float[CategoriesMax];
    private readonly float[] _hidden = new float[CategoriesMax];
    private readonly int[] _hiddenCounts = new int[CategoriesMax];
    private readonly int[] _purchaseCounts = new int[CategoriesMax];
    private readonly bool[] _endsWithPurchase = new bool[CategoriesMax];
    private readonly bool[] _isLiked = new bool[CategoriesMax];
    private float _rankWeight = 1;
    private sbyte[] _ids = [];
    private byte[] _widths = [];

    /// <summary>Gets the number of categories of liked or hidden items of the history, at most <see cref="CategoriesMax"/>.</summary>
    public int Count { get; private set; }

    /// <summary>Gets whether any category has a share above 0.</summary>
    public bool HasShares { get; private set; }

    /// <summary>Gets the number of considered liked interactions with items that have categories.</summary>
    public int LikedCount { get; private set; }

    /// <summary>Gets whether any category has a hidden strength above 0.</summary>
    public bool HasHidden { get; private set; }

    /// <summary>Gets the share of each category in the history, 0 to 1. The shares add up to 1 if <see cref="HasShares"/> is true.</summary>
    public ReadOnlySpan<float> Shares => _shares.AsSpan(0, Count);

    /// <summary>Gets the largest number of categories of a candidate, 1 to <see cref="PerItemMax"/>.</summary>
    public int WidthMax { get; private set; } = 1;

    /// <summary>Returns the name of a category.</summary>
    public string NameOf(int category) => _names[category];

    /// <summary>Returns the hidden strength of a category, 0 to 1.</summary>
    public float HiddenOf(int category) => _hidden[category];

    /// <summary>Returns the number of items of a category that the user hid or disliked.</summary>
    public int HiddenCountOf(int category) => _hiddenCounts[category];

    /// <summary>Returns whether the user bought exactly one item of a category and has liked none of its items since.</summary>
    public bool IsBoughtOnce(int category) => _endsWithPurchase[category] && _purchaseCounts[category] == 1;

    /// <summary>Removes all data of the request.</summary>
    public void Clear()
    {
        Array.Clear(_names, 0, Count);
        Count = 0;
        LikedCount = 0;
        _rankWeight = 1;
        HasShares = false;
        HasHidden = false;
    }

    /// <summary>Reads the categories of the history of a run.</summary>
    public void Read(SlateRun run, ServingOptions options)
    {
        Clear();
        Array.Fill(_buckets, None);
        int looked = Math.Min(run.HistoryCount, ItemsMax);
        for (int at = 0; at < looked; at++)
        {
            ref readonly HistoryItem item = ref run.Scratch.History[at];
            bool isHidden = item.Weight < 0 && run.Scratch.ActKinds[at] is (InteractionKind.Hide or InteractionKind.Dislike);
            if ((item.Weight > 0 || isHidden) && run.ItemOf(item.Item, item.Index) is { Content.Categories: { IsEmpty: false } categories })
            {
                Add(run, at, categories, options);
            }
        }

        for (int category = 0; category < Count; category++)
        {
            float hides = _hides[category];
            _hidden[category] = _hiddenCounts[category] < HiddenMin ? 0 : Math.Min(1, hides / HiddenMin) * hides / (hides + _likes[category]);
            HasHidden |= _hidden[category] > 0;
        }

        Normalise(_shares.AsSpan(0, Count));
        Normalise(_newest.AsSpan(0, Count));
        for (int category = 0; category < Count; category++)
        {
            _shares[category] = (1 - _hidden[category]) * (((1 - NewestShare) * _shares[category]) + (NewestShare * _newest[category]));
        }

        HasShares = Normalise(_shares.AsSpan(0, Count));
    }

    /// <summary>Finds the categories of all candidates among those of the history.</summary>
    public void Match(SlateScratch scratch)
    {
        int count = scratch.CandidateCount;
        if (_widths.Length < count)
        {
            _widths = new byte[scratch.Candidates.Length];
            _ids = new sbyte[scratch.Candidates.Length * PerItemMax];
        }

        WidthMax = 1;
        for (int slot = 0; slot < count; slot++)
        {
            ImmutableArray<string> categories = scratch.Candidates[slot].Entry is { } entry ? entry.Content.Categories : [];
            int width = Math.Min(categories.Length, PerItemMax);
            _widths[slot] = (byte)width;
            WidthMax = Math.Max(WidthMax, width);
            for (int place = 0; place < width; place++)
            {
                _ids[(slot * PerItemMax) + place] = (sbyte)Find(categories[place]);
            }
        }
    }

    /// <summary>Returns the categories of a candidate in their order, at most <see cref="PerItemMax"/>; <see cref="None"/> for a category that the history does not have.</summary>
    public ReadOnlySpan<sbyte> IdsOf(int slot) => _ids.AsSpan(slot * PerItemMax, _widths[slot]);

    /// <summary>Returns the mean share of a candidate's categories, 0 to 1: how well the candidate fits the tastes.</summary>
    public float FitOf(int slot)
    {
        float sum = 0;
        foreach (sbyte category in IdsOf(slot))
        {
            sum += category >= 0 ? _shares[category] : 0;
        }

        return sum == 0 ? 0 : sum / _widths[slot];
    }

    /// <summary>Returns the mean hidden strength of a candidate's categories, 0 to 1.</summary>
    public float HiddenOfCandidate(int slot)
    {
        float sum = 0;
        foreach (sbyte category in IdsOf(slot))
        {
            sum += category >= 0 ? _hidden[category] : 0;
        }

        return sum == 0 ? 0 : sum / _widths[slot];
    }

    /// <summary>Returns whether the history has a newer interaction of the same kind with the same item.</summary>
    private static bool IsRepeated(SlateRun run, int at)
    {
        SlateScratch scratch = run.Scratch;
        for (int newer = 0; newer < at; newer++)
        {
            if (scratch.History[newer].Key == scratch.History[at].Key && scratch.ActKinds[newer] == scratch.ActKinds[at])
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Divides values by their sum.</summary>
    /// <returns>Whether the sum is above 0.</returns>
    private static bool Normalise(Span<float> values)
    {
        float sum = 0;
        foreach (float value in values)
        {
            sum += value;
        }

        foreach (ref float value in values)
        {
            value = sum > 0 ? value / sum : 0;
        }

        return sum > 0;
    }

    private void Add(SlateRun run, int at, ImmutableArray<string> categories, ServingOptions options)
    {
        ref readonly HistoryItem item = ref run.Scratch.History[at];
        double ageMs = Math.Max(0, run.NowMs - item.TimestampMs);
        int width = Math.Min(categories.Length, PerItemMax);
        float weight = (float)(item.Weight * HistoryReader.Decay(ageMs, options.TasteHalfLife)) / width;
        float newest = item.Weight > 0 ? item.Weight * _rankWeight / width : 0;
        _rankWeight *= item.Weight > 0 ? (float)options.RankDecay : 1;
        float recency = (float)HistoryReader.Decay(ageMs, options.HiddenKindHalfLife);
        bool isPurchase = run.Scratch.ActKinds[at] == InteractionKind.Purchase;
        bool isCounted = (isPurchase || item.Weight < 0) && !IsRepeated(run, at);
        LikedCount += item.Weight > 0 ? 1 : 0;
        for (int place = 0; place < width; place++)
        {
            int category = FindOrAdd(categories[place]);
            if (category < 0)
            {
                continue;
            }

            if (item.Weight < 0)
            {
                _hides[category] += isCounted ? recency : 0;
                _hiddenCounts[category] += isCounted ? 1 : 0;
                continue;
            }

            // The history has the newest interaction first.
            _endsWithPurchase[category] = _isLiked[category] ? _endsWithPurchase[category] : isPurchase;
            _isLiked[category] = true;
            _purchaseCounts[category] += isPurchase && isCounted ? 1 : 0;
            _likes[category] += recency;
            _shares[category] += weight;
            _newest[category] += newest;
        }
    }

    // A slate looks up thousands of names. There are few categories, and their length and four characters distinguish most of them.
    private static int HashOf(string name) =>
        name.Length == 0 ? 0 : (((((name.Length * 31) + name[0]) * 31) + name[name.Length / 2]) * 31) + (name[^1] * 7) + name[name.Length / 3];

    private int Find(string name)
    {
        int hash = HashOf(name);
        for (int bucket = hash & (BucketCount - 1); _buckets[bucket] >= 0; bucket = (bucket + 1) & (BucketCount - 1))
        {
            int category = _buckets[bucket];
            if (_hashes[category] == hash && string.Equals(_names[category], name, StringComparison.Ordinal))
            {
                return category;
            }
        }

        return None;
    }

    private int FindOrAdd(string name)
    {
        int found = Find(name);
        if (found >= 0 || Count == CategoriesMax)
        {
            return found;
        }

        int category = Count++;
        (_names[category], _hashes[category]) = (name, HashOf(name));
        (_shares[category], _newest[category], _hides[category], _likes[category]) = (0, 0, 0, 0);
        (_hiddenCounts[category], _purchaseCounts[category]) = (0, 0);
        (_endsWithPurchase[category], _isLiked[category]) = (false, false);
        int bucket = _hashes[category] & (BucketCount - 1);
        while (_buckets[bucket] >= 0)
        {
            bucket = (bucket + 1) & (BucketCount - 1);
        }

        _buckets[bucket] = (sbyte)category;
        return category;
    }
}
