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

    /// <summary>The sources that returned it, one bit each.</summary>
    public uint Sources;

    /// <summary>The reason of its removal.</summary>
    public FilterReason Reason;

    /// <summary>1 + its place in <see cref="SlateScratch.Seen"/>; 0 if it was not seen.</summary>
    public int Seen;

    /// <summary>Whether the item is unknown: only the request contains it.</summary>
    public bool IsUnknown;

    /// <summary>2 + the index in the history of the interaction that adds most to its score; 1: there is none; 0: not looked for yet; <see cref="DrawnAsNew"/>: it was drawn because it is new.</summary>
    public int Cause;

    /// <summary>The number of causes that had all their places when another cause was last looked for; 0 before.</summary>
    public int CausesTried;

    public const int DrawnAsNew = -1;

    /// <summary>Returns the value of <see cref="Cause"/> for an index in the history, −1 for none.</summary>
    public static int CauseAt(int at) => at + 2;
}

/// <summary>An item that the user has seen and that slates may show again.</summary>
internal struct SeenItem
{
    public ItemId Item;
    public ulong Key;
    public int Index;

    /// <summary>Type and time of the newest interaction with it.</summary>
    public string Type;
    public long LastMs;

    /// <summary>Σ over the interactions with it of 2^(−age / half-life): how recently and how often it was seen.</summary>
    public float Weight;

    /// <summary>Whether slates show it at a lower score, and in a limited share of the places.</summary>
    public bool IsDemoted;

    /// <summary>Gets the share of the penalty that applies to it, 0 to 1.</summary>
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

    /// <summary>Weight, of either sign.</summary>
    public float Weight;

    /// <summary>Whether it is newer than the model's watermark; always true for the request's own items.</summary>
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

    /// <summary>Weight in co-visits and content, 0 to 1.</summary>
    public float RecentWeight;

    /// <summary>The most neighbours of each kind that are candidates.</summary>
    public int NeighbourCount;

    /// <summary>The item of the catalogue, or null.</summary>
    public CatalogueItem? Entry;
}
