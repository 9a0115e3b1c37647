using System.Runtime.InteropServices;
using RecSys.Core;
using RecSys.Core.Catalogue;
using RecSys.Core.Models;
using RecSys.Core.Ports;
using RecSys.Core.Ranking;
using RecSys.Core.Slates;
using RecSys.Core.Users;

namespace RecSys.Serving.Pipeline;

/// <summary>The state of one request in the pipeline: its inputs, and the output of each stage. It rents its buffers from a pool; <see cref="Dispose"/> returns them.</summary>
internal sealed class SlateRun(SlateRequest request, ScratchPool pool, RequestClock clock, long nowMs) : IDisposable
{
    private const ulong NotInModel = 1UL << 63;

    public SlateRequest Request { get; } = request;

    public SlateScratch Scratch { get; } = pool.Rent();

    public RequestClock Clock { get; } = clock;

    public long NowMs { get; } = nowMs;

    public required ItemCatalogue Catalogue { get; init; }

    /// <summary>Gets the catalogue's cells of the model's items; null if and only if <see cref="Model"/> is null.</summary>
    public required ModelCells? Cells { get; init; }

    public required UserProfile Profile { get; init; }

    /// <summary>Gets the model's lease, or null; the caller releases it.</summary>
    public ModelLease? Lease { get; init; }

    public ModelSnapshot? Model => Lease?.Model;

    /// <summary>Gets the cursor with the items of earlier pages, or null.</summary>
    public SlateCursor? Cursor { get; init; }

    /// <summary>Gets the item to explain, which goes through the pipeline even if no source returns it; null if nothing is explained.</summary>
    public ItemId? Target { get; init; }

    /// <summary>Gets the seed of the request's random numbers, which is the same for equal requests of a user within one hour.</summary>
    public ulong Seed { get; init; }

    /// <summary>Gets whether the profile may be used: false if the user refused consent.</summary>
    public bool IsPersonal => Profile.Consent != false;

    public int HistoryCount { get; set; }

    public int NewerThanModelCount { get; set; }

    /// <summary>Gets or sets the number of distinct liked items of the history that the model has. They are the input of the model's score.</summary>
    public int FoldCount { get; set; }

    public int RecentCount { get; set; }

    /// <summary>Gets or sets the number of distinct liked items, on which the weights of the blend depend; <see cref="int.MaxValue"/> if only the weights of known users apply.</summary>
    public int KnownCount { get; set; }

    /// <summary>Gets or sets the share of the weights for new users, 0 to 1.</summary>
    public float NewShare { get; set; }

    /// <summary>Gets or sets the popularity feature of the most popular item; 1 without a model.</summary>
    public float MostPopular { get; set; } = 1;

    /// <summary>Gets or sets the factor that turns the weighted sum of co-visits into the feature.</summary>
    public float CoVisitFactor { get; set; }

    /// <summary>Gets or sets the factor that turns the weighted sum of purchases into the feature.</summary>
    public float BoughtNextFactor { get; set; }

    /// <summary>Gets whether all features are computed, also those that the weights of the ranking leave out.</summary>
    public bool NeedsAllFeatures { get; init; }

    /// <summary>Gets or sets whether the ranking reads what users bought next; otherwise the source does not run.</summary>
    public bool ReadsBoughtNext { get; set; }

    /// <summary>Gets whether items of the session or history are candidates, because users return to them. This is so in an anonymous session, and if the request allows seen items.</summary>
    public bool MayReturn => Request.User is null || Request.Seen == SeenRule.Allow;

    /// <summary>Gets or sets the co-visit score of a recent item with itself: <see cref="ITrends.ReturnScore"/>, or 0 if items may not return.</summary>
    public float ReturnScore { get; set; }

    /// <summary>Gets or sets the categories that the labels of a new user name.</summary>
    public IReadOnlyList<string> Interests { get; set; } = [];

    /// <summary>Gets or sets whether the model can score items for the history.</summary>
    public bool HasModelScores { get; set; }

    /// <summary>Gets or sets whether the scan of all items has computed the model's scores.</summary>
    public bool IsScanned { get; set; }

    /// <summary>Gets or sets the number of candidates from the scan that the filters kept.</summary>
    public int KeptOfScan { get; set; }

    /// <summary>Gets or sets whether the scan checks each item against the catalogue before it adds it.</summary>
    public bool ScanAsksCatalogue { get; set; } = request.Category is not null;

    /// <summary>Gets or sets the model's score that counts as an affinity of 1; above 0.</summary>
    public float AffinityScale { get; set; } = 1;

    public bool IsCold => !HasModelScores && RecentCount == 0;

    /// <summary>Gets the number of candidates by <see cref="FilterReason"/>; entry <see cref="FilterReason.None"/> counts those that were kept.</summary>
    public int[] FilterCounts { get; } = new int[FilterReasonTexts.Count];

    public List<SourceReport> Sources { get; } = new(8);

    public List<StageTime> Stages { get; } = new(6);

    public List<string>? Degraded { get; private set; }

    /// <summary>Gets or sets the items that are new now; null if the slate has no places for them.</summary>
    public NewItems? NewItems { get; set; }

    /// <summary>Gets or sets the number of candidates that the selector considers. Their slots are in <see cref="SlateScratch.TopIndices"/>, highest score first.</summary>
    public int RankedCount { get; set; }

    public int SelectedCount { get; set; }

    /// <summary>Gets or sets the filter's reason for <see cref="Target"/>.</summary>
    public FilterReason TargetReason { get; set; }

    /// <summary>Gets or sets the sources that returned <see cref="Target"/>, one bit each.</summary>
    public uint TargetSources { get; set; }

    /// <summary>Gets or sets the ranker that ranks the candidates; null before the ranking.</summary>
    public IRanker? Ranker { get; set; }

    /// <summary>Gets or sets the weights of the blend for this user. Reasons use them to find the feature that adds most.</summary>
    public required float[] ReasonWeights { get; set; }

    /// <summary>Gets or sets whether the blend with <see cref="ReasonWeights"/> ranks the candidates, not a plugged-in ranker.</summary>
    public bool IsRankedByBlend { get; set; }

    /// <summary>Gets the sources that may run, one bit each.</summary>
    public uint AllowedSources { get; init; } = uint.MaxValue;

    /// <summary>Gets whether the run makes a list of items similar to that of the request. The profile then only excludes items.</summary>
    public bool IsSimilarOnly { get; init; }

    /// <summary>Gets the items of the earlier shelves of the same page.</summary>
    public IReadOnlyList<ItemId> OnPage { get; init; } = [];

    /// <summary>Gets whether the slate contains only given items: the request's candidates, or items that the user has seen.</summary>
    public bool IsGiven => Request.Candidates is not null || Request.IsLookAgain;

    /// <summary>Gets the amount added to the score of an item that the user has just seen: at least 0 for <c>lookAgain</c>, at most 0 otherwise.</summary>
    public float SeenGain { get; init; }

    /// <summary>Gets or sets the factor of <see cref="SeenGain"/>, which the blend sets.</summary>
    public float SeenFactor { get; set; } = 1;

    /// <summary>Gets the largest number of places for demoted items; 0 in the first half of the places if <see cref="StartsUnseen"/> is true.</summary>
    public int SeenMax { get => StartsUnseen && 2 * SelectedCount < Request.Count ? 0 : field; init; } = int.MaxValue;

    /// <summary>Gets whether the first half of the places is for items that were not seen before, as long as there are such candidates.</summary>
    public bool StartsUnseen { get; init; }

    /// <summary>Returns whether a candidate is demoted: the user has seen it, so that it has a lower score and a limited share of the places.</summary>
    public bool IsDemoted(int slot) => Scratch.Candidates[slot].Seen is > 0 and int seen && Scratch.Seen[seen - 1].IsDemoted;

    /// <summary>Returns the part of a candidate's score for having been seen; 0 if the user has not seen it.</summary>
    public float SeenPartOf(int slot) => Scratch.Candidates[slot].Seen is > 0 and int seen ? SeenGain * SeenFactor * Scratch.Seen[seen - 1].Strength : 0;

    /// <summary>Gets the largest amount subtracted from a candidate's score because the user hid items of its categories.</summary>
    public float HiddenKindPenalty { get; init; }

    /// <summary>Returns the part of a candidate's score for hidden items of its categories, at most 0.</summary>
    public float HiddenPartOf(int slot) => Scratch.Tastes.HasHidden ? -HiddenKindPenalty * Scratch.Tastes.HiddenOfCandidate(slot) : 0;

    /// <summary>Returns whether a candidate may be in the slate; a candidate that is only explained may not.</summary>
    public bool MayBeChosen(int slot) =>
        Target is null || Scratch.Candidates[slot].Sources != 0 && (TargetReason == FilterReason.None || Scratch.Candidates[slot].Id != Target);

    public void Degrade(string reason) => (Degraded ??= []).Add(reason);

    /// <summary>Returns the key of an item within this request: its index in the model, or a hash if the model does not have it.</summary>
    public ulong KeyOf(ItemId id, out int index)
    {
        if (Model is { } model && model.TryGetIndex(id, out index))
        {
            return (ulong)index;
        }

        index = -1;
        return KeyOfUnknown(id);
    }

    public static ulong KeyOfUnknown(ItemId id) => ItemHash.Of(id) | NotInModel;

    /// <summary>Returns the catalogue's cell of an item whose index in the model is given (−1 if the model does not have it); null for an id that neither the model nor the catalogue has.</summary>
    public CatalogueCell? CellOf(ItemId id, int index) => index >= 0 ? Cells!.Of(index) : Catalogue.FindCell(id);

    /// <summary>Returns the item of the catalogue whose index in the model is given, −1 if the model does not have it; null if the catalogue does not have it.</summary>
    public CatalogueItem? ItemOf(ItemId id, int index) => CellOf(id, index)?.Item;

    /// <summary>Returns the co-visits of a recent item, as <see cref="Sources.CoVisitSource"/> read them.</summary>
    public ReadOnlySpan<ScoredItem> CoVisitsOf(int recent) =>
        Scratch.CoVisits[recent] is { } visited ? Spans.Of(visited) : [];

    /// <summary>Gets whether the history contains a purchase.</summary>
    public bool HasPurchases => MemoryMarshal.AsBytes(Scratch.ActKinds.AsSpan(0, HistoryCount)).Contains((byte)InteractionKind.Purchase);

    /// <summary>Returns whether the history contains a purchase of the item with a key (<see cref="KeyOf"/>).</summary>
    public bool HasBought(ulong key)
    {
        for (int at = 0; at < HistoryCount; at++)
        {
            if (Scratch.History[at].Key == key && Scratch.ActKinds[at] == InteractionKind.Purchase)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Returns the items that users bought after a recent item, as <see cref="Sources.BoughtNextSource"/> read them.</summary>
    public ReadOnlySpan<ScoredItem> BoughtNextOf(int recent) =>
        Scratch.BoughtNext[recent] is { } bought ? Spans.Of(bought) : [];

    public void Block(ulong key, FilterReason reason)
    {
        int value = (int)reason;
        Scratch.Blocked.TryAdd(key, ref value);
    }

    public int Add(ItemId id, int source)
    {
        ulong key = KeyOf(id, out int index);
        return Scratch.Add(key, index, id, source);
    }

    /// <summary>Records that a source returned an item whose index in the model is given; −1 if the model does not have the item.</summary>
    public int Add(ItemId id, int index, int source) => Scratch.Add(index >= 0 ? (ulong)index : KeyOfUnknown(id), index, id, source);

    public int AddIndex(int index, int source) => Scratch.Add((ulong)index, index, Model!.ItemAt(index), source);

    public ref float FeatureOf(int slot, int feature) => ref Scratch.Features[(slot * Feature.Count) + feature];

    /// <summary>Removes all data of the request from the buffers, and returns them to the pool.</summary>
    public void Dispose()
    {
        Scratch.Clear(HistoryCount);
        pool.Return(Scratch);
    }
}
