using RecSys.Core;
using RecSys.Core.Catalogue;
using RecSys.Core.Slates;

namespace RecSys.Serving.Pipeline;

/// <summary>A candidate of a request, in an array that is reused by later requests.</summary>
internal struct Candidate
{
    /// <summary>Key of the item within one request.</summary>
    public ulong Key;

    /// <summary>Index in the model; −1 if the model does not have the item.</summary>
    public int Index;

    /// <summary>Id of the item.</summary>
    public ItemId Id;

    /// <summary>The item of the catalogue, or null.</summary>
    public CatalogueItem? Entry;

    /// <summary>The sources that returned the item, one bit each.</summary>
    public uint Sources;

    /// <summary>The filter's reason for removing the item; <see cref="FilterReason.None"/> if it was kept.</summary>
    public FilterReason Reason;

    /// <summary>1 + the item's place in <see cref="SlateScratch.Seen"/>; 0 if the user has not seen the item.</summary>
    public int Seen;

    /// <summary>Whether the item is unknown: only the request contains it.</summary>
    public bool IsUnknown;

    /// <summary>2 + the index in the history of the interaction that explains the score; 1: no interaction explains it; 0: not computed yet; <see cref="DrawnAsNew"/>: the item was drawn because it is new.</summary>
    public int Cause;

    /// <summary>The number of causes that had all their places when another cause of this candidate was last searched for; 0 if none was.</summary>
    public int CausesTried;

    public const int DrawnAsNew = -1;

    /// <summary>Returns the value of <see cref="Cause"/> for an index in the history; −1 means that no interaction explains the score.</summary>
    public static int CauseAt(int at) => at + 2;
}

/// <summary>An item that the user has seen and that slates may show again.</summary>
internal struct SeenItem
{
    public ItemId Item;
    public ulong Key;
    public int Index;

    /// <summary>Type of the newest interaction with the item.</summary>
    public string Type;

    /// <summary>Time of the newest interaction with the item, in Unix milliseconds.</summary>
    public long LastMs;

    /// <summary>Σ 2^(−age / half-life) over the interactions with the item: how recently and how often it was seen.</summary>
    public float Weight;

    /// <summary>Whether slates show the item at a lower score, and in a limited share of the places.</summary>
    public bool IsDemoted;

    /// <summary>Gets the share of the penalty that applies to the item, 0 to 1.</summary>
    public readonly float Strength => Math.Min(1, Weight);
}

/// <summary>One interaction of the history, decoded.</summary>
internal struct HistoryItem
{
    public ItemId Item;
    public ulong Key;
    public int Index;
    public long TimestampMs;
    public string Type;

    /// <summary>Weight of the interaction; below 0 for a negative opinion, 0 if another interaction replaces it.</summary>
    public float Weight;

    /// <summary>Whether the interaction is newer than the model's watermark; always true for the request's own items.</summary>
    public bool IsNewerThanModel;
}

/// <summary>One of the newest distinct items that the user liked.</summary>
internal struct RecentItem
{
    /// <summary>Weight below which an item is ignored, and no neighbours are looked up for it.</summary>
    public const float WeightMin = 0.02f;

    /// <summary>Index in the history.</summary>
    public int At;

    /// <summary>Weight in the session feature, 0 to 1.</summary>
    public float SessionWeight;

    /// <summary>Weight in the co-visit and content features, 0 to 1.</summary>
    public float RecentWeight;

    /// <summary>The largest number of neighbours of each kind that become candidates.</summary>
    public int NeighbourCount;

    /// <summary>The item of the catalogue, or null.</summary>
    public CatalogueItem? Entry;
}
