using RecSys.Core;
using RecSys.Core.Slates;

namespace RecSys.Serving.Pipeline;

/// <summary>The arrays that a request uses. They are rented, grow on demand, and are cleared of personal data when they are returned.</summary>
internal sealed class SlateScratch
{
    /// <summary>The largest number of new items that are kept: twice the number from which one is drawn, so that enough are left when some have been chosen.</summary>
    public const int NewItemsKept = 16;

    private const int CandidatesMin = 256;

    /// <summary>The largest number of interactions of a request: those of the profile and the request's own items.</summary>
    public const int HistoryLengthMax = Limits.HistoryMax + Limits.OlderStatementsMax + SlateRequest.ItemsMax;

    private readonly KeyMap _slots = new();

    // Whether Compact has moved candidates since the map was filled. Few requests read the map after that, so it is filled again only for them.
    private bool _areSlotsStale;

    public HistoryItem[] History { get; } = new HistoryItem[HistoryLengthMax];

    /// <summary>Gets the key of the item of each act of the history. <see cref="ActKinds"/>, <see cref="ActWeights"/> and <see cref="ActStands"/> have the act's kind, its weight and whether it stands.</summary>
    public ulong[] ActItems { get; } = new ulong[HistoryLengthMax];

    public InteractionKind[] ActKinds { get; } = new InteractionKind[HistoryLengthMax];

    public float[] ActWeights { get; } = new float[HistoryLengthMax];

    public bool[] ActStands { get; } = new bool[HistoryLengthMax];

    public int[] FoldItems { get; } = new int[HistoryLengthMax];

    public float[] FoldWeights { get; } = new float[HistoryLengthMax];

    public RecentItem[] Recents { get; } = new RecentItem[64];

    /// <summary>Gets the co-visits of each recent item; null where none were read.</summary>
    public IReadOnlyList<ScoredItem>?[] CoVisits { get; } = new IReadOnlyList<ScoredItem>?[64];

    /// <summary>Gets what users bought after each recent item; null where the user did not buy it.</summary>
    public IReadOnlyList<ScoredItem>?[] BoughtNext { get; } = new IReadOnlyList<ScoredItem>?[64];

    /// <summary>Gets the items that the slate must not show, by key, with the reason as a number.</summary>
    public KeyMap Blocked { get; } = new();

    public KeyMap Distinct { get; } = new();

    /// <summary>Gets the items that the user has seen and that slates may show again. <see cref="SeenPlaces"/> has the place of each by its key.</summary>
    public SeenItem[] Seen { get; } = new SeenItem[HistoryLengthMax];

    public KeyMap SeenPlaces { get; } = new();

    public Candidate[] Candidates { get; private set; } = new Candidate[CandidatesMin];

    /// <summary>Gets the features: one row of <see cref="Feature.Count"/> values per candidate.</summary>
    public float[] Features { get; private set; } = new float[CandidatesMin * Feature.Count];

    public float[] Scores { get; private set; } = new float[CandidatesMin];

    public int CandidateCount { get; private set; }

    /// <summary>Gets the model's score of each of its items.</summary>
    public float[] Scan { get; private set; } = [];

    /// <summary>Gets the items that are left out of the scan, with their scores.</summary>
    public (int Index, float Score)[] LeftOut { get; private set; } = [];

    public int LeftOutCount { get; set; }

    public float[] TopScores { get; private set; } = [];

    public int[] TopIndices { get; private set; } = [];

    /// <summary>Gets the slots of the chosen candidates, by position. <see cref="Propensities"/> has the probability of each.</summary>
    public int[] Selected { get; } = new int[Limits.SlateMax];

    public float[] Propensities { get; } = new float[Limits.SlateMax];

    /// <summary>Gets the highest similarity of each ranked candidate to the chosen items. <see cref="PoolTaken"/> has whether the candidate is chosen.</summary>
    public float[] PoolSimilarity { get; private set; } = [];

    public bool[] PoolTaken { get; private set; } = [];

    /// <summary>Gets the score of each ranked candidate in the selection, scaled and weighted, without the part of its categories.</summary>
    public float[] PoolScores { get; private set; } = [];

    /// <summary>Gets the categories of the history.</summary>
    public Tastes Tastes { get; } = new();

    /// <summary>Gets the match of candidates with the newest liked items.</summary>
    public NewestMatch NewestMatch { get; } = new();

    /// <summary>Gets the metric by which the causes of affinity are found.</summary>
    public AffinityMetric AffinityMetric { get; } = new();

    /// <summary>Gets the keys of the history's items that explain as many chosen items as the limit allows. Each position adds at most one.</summary>
    public ulong[] FullCauses { get; } = new ulong[Limits.SlateMax];

    /// <summary>Gets the number of chosen items of each category of the history; an item of w categories counts 1 / w in each. <see cref="TasteGains"/> has, by category and number of categories, what another item gains.</summary>
    public float[] TasteChosen { get; } = new float[Tastes.CategoriesMax];

    public float[] TasteGains { get; } = new float[Tastes.CategoriesMax * Tastes.PerItemMax];

    /// <summary>Gets the new items from which exploration draws, as places in the ranking. <see cref="NewItemFits"/> has how well each fits the user's tastes.</summary>
    public int[] NewItems { get; } = new int[NewItemsKept];

    public float[] NewItemFits { get; } = new float[NewItemsKept];

    /// <summary>Records that a source returned an item.</summary>
    /// <returns>The candidate's slot.</returns>
    public int Add(ulong key, int index, ItemId id, int source)
    {
        RequireSlots();
        int slot = CandidateCount;
        if (_slots.TryAdd(key, ref slot))
        {
            if (slot == Candidates.Length)
            {
                GrowCandidates();
            }

            Candidates[slot] = new Candidate { Key = key, Index = index, Id = id };
            Features.AsSpan(slot * Feature.Count, Feature.Count).Clear();
            CandidateCount++;
        }

        Candidates[slot].Sources |= source < 0 ? 0 : 1u << source;
        return slot;
    }

    /// <summary>Withdraws the candidates that one source did not return; the filter removes them.</summary>
    public void KeepOnly(int source)
    {
        for (int slot = 0; slot < CandidateCount; slot++)
        {
            Candidates[slot].Sources = (Candidates[slot].Sources & (1u << source)) != 0 ? Candidates[slot].Sources : 0;
        }
    }

    public bool TryGetSlot(ulong key, out int slot)
    {
        RequireSlots();
        return _slots.TryGet(key, out slot);
    }

    /// <summary>Withdraws what a source returned: its bit in all candidates, and its feature.</summary>
    /// <param name="source">The bit of the source.</param>
    /// <param name="feature">The feature that only this source writes; −1 if there is none.</param>
    public void Withdraw(int source, int feature)
    {
        for (int slot = 0; slot < CandidateCount; slot++)
        {
            Candidates[slot].Sources &= ~(1u << source);
            if (feature >= 0)
            {
                Features[(slot * Feature.Count) + feature] = 0;
            }
        }
    }

    /// <summary>Removes the candidates that filters removed; the others keep their order, and their slots change.</summary>
    public void Compact()
    {
        int kept = 0;
        for (int slot = 0; slot < CandidateCount; slot++)
        {
            if (Candidates[slot].Reason != FilterReason.None)
            {
                continue;
            }

            if (kept < slot)
            {
                Candidates[kept] = Candidates[slot];
                Features.AsSpan(slot * Feature.Count, Feature.Count).CopyTo(Features.AsSpan(kept * Feature.Count));
            }

            kept++;
        }

        Array.Clear(Candidates, kept, CandidateCount - kept);
        _areSlotsStale |= kept < CandidateCount;
        CandidateCount = kept;
    }

    public Span<float> ScanOf(int itemCount)
    {
        if (Scan.Length < itemCount)
        {
            Scan = new float[itemCount];
        }

        return Scan.AsSpan(0, itemCount);
    }

    public void RequireLeftOut(int count)
    {
        if (LeftOut.Length < count)
        {
            LeftOut = new (int, float)[Math.Max(count, LeftOut.Length * 2)];
        }
    }

    public void RequireTop(int count)
    {
        if (TopScores.Length < count)
        {
            TopScores = new float[count];
            TopIndices = new int[count];
        }
    }

    public void RequirePool(int count)
    {
        if (PoolSimilarity.Length < count)
        {
            PoolSimilarity = new float[count];
            PoolTaken = new bool[count];
            PoolScores = new float[count];
        }
    }

    /// <summary>Clears all data of the request.</summary>
    /// <param name="historyCount">The number of used entries of <see cref="History"/>.</param>
    public void Clear(int historyCount)
    {
        Array.Clear(History, 0, historyCount);
        Array.Clear(Seen, 0, SeenPlaces.Count);
        SeenPlaces.Clear();
        Array.Clear(Recents);
        Array.Clear(CoVisits);
        Array.Clear(BoughtNext);
        Array.Clear(Candidates, 0, CandidateCount);
        CandidateCount = 0;
        _slots.Clear();
        _areSlotsStale = false;
        Blocked.Clear();
        Distinct.Clear();
        Tastes.Clear();
        NewestMatch.Clear();
        AffinityMetric.Clear();
    }

    private void RequireSlots()
    {
        if (!_areSlotsStale)
        {
            return;
        }

        _areSlotsStale = false;
        _slots.Clear();
        for (int slot = 0; slot < CandidateCount; slot++)
        {
            int value = slot;
            _slots.TryAdd(Candidates[slot].Key, ref value);
        }
    }

    private void GrowCandidates()
    {
        Candidate[] candidates = new Candidate[Candidates.Length * 2];
        Candidates.CopyTo(candidates, 0);
        Candidates = candidates;
        float[] features = new float[Features.Length * 2];
        Features.CopyTo(features, 0);
        Features = features;
        Scores = new float[candidates.Length];
    }
}
