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

    /// <summary>The item of the catalogue, or null.</summary>
    public CatalogueItem? Entry;
}
