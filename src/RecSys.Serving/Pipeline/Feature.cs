using System.Collections.Immutable;

namespace RecSys.Serving.Pipeline;

/// <summary>The features of a candidate: their indices in a row, and their names.</summary>
internal static class Feature
{
    /// <summary>The model's score of the candidate for the whole history; the best candidate has 1.</summary>
    public const int Affinity = 0;

    /// <summary>Similarity to the items of the last minutes, by the model's neighbours.</summary>
    public const int Session = 1;

    /// <summary>Co-visits: interactions by the same users shortly after or before those with the recent items, by the current trends; the best candidate has 1 if there is much evidence.</summary>
    public const int CoVisit = 2;

    /// <summary>Similarity of content to the recent items, and membership in the categories that a new user's labels name.</summary>
    public const int Content = 3;

    /// <summary>Popularity: the weight of all interactions with the item per user of the model, at most 1.</summary>
    public const int Popularity = 4;

    /// <summary>Current trend; the item with the strongest trend has 1.</summary>
    public const int Trend = 5;

    /// <summary>Freshness in the catalogue: 1 when added, half of it one half-life later.</summary>
    public const int Freshness = 6;

    /// <summary>The square root of affinity, 0 for one below 0: it tells weak matches apart.</summary>
    public const int AffinityRoot = 7;

    /// <summary>The mean share of the candidate's categories in the history.</summary>
    public const int Taste = 8;

    public const int Count = 9;

    public static readonly ImmutableArray<string> Names =
        ["affinity", "session", "coVisit", "content", "popularity", "trend", "freshness", "affinityRoot", "taste"];

    public static readonly ImmutableArray<string> Texts =
    [
        "match with the whole history, by the model",
        "similarity to the items of the last minutes",
        "interactions by the same users as with the recent items",
        "content similar to that of the recent items",
        "popularity among all users",
        "trending now",
        "freshness in the catalogue",
        "match with the whole history, weak ones counted more",
        "categories of the history",
    ];
}
