using RecSys.Core;
using RecSys.Core.Catalogue;
using RecSys.Core.Slates;

namespace RecSys.Serving.Pipeline;

/// <summary>One candidate of a request, in an array that requests share.</summary>
internal struct Candidate
{
    /// <summary>What it is known by within one request.</summary>
    public ulong Key;

    /// <summary>Its index in the model, −1 if it is not in it.</summary>
    public int Index;

    /// <summary>Its id.</summary>
    public ItemId Id;

    /// <summary>What the catalogue knows of it.</summary>
    public CatalogueItem? Entry;

    /// <summary>The sources that named it, one bit each.</summary>
    public uint Sources;

    /// <summary>Why it was removed.</summary>
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

    /// <summary>What it counts, of either sign.</summary>
    public float Weight;

    /// <summary>Whether it is newer than the model's watermark, as the request's own items always are.</summary>
    public bool IsNewerThanModel;
}

/// <summary>One of the newest distinct items that the user liked.</summary>
internal struct RecentItem
{
    /// <summary>Below this weight an item says nothing any more, and nothing is looked up for it.</summary>
    public const float WeightMin = 0.02f;

    /// <summary>Its place in the history.</summary>
    public int At;

    /// <summary>What it counts in the session, 0 to 1.</summary>
    public float SessionWeight;

    /// <summary>What it counts in co-visits and like content, 0 to 1.</summary>
    public float RecentWeight;

    /// <summary>What the catalogue knows of it.</summary>
    public CatalogueItem? Entry;
}
