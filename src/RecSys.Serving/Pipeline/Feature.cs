using System.Collections.Immutable;

namespace RecSys.Serving.Pipeline;

/// <summary>The features of a candidate: their indices in a row, and their names.</summary>
internal static class Feature
{
    /// <summary>The model's score of the candidate for the whole history, scaled so that the highest one is 1.</summary>
    public const int Affinity = 0;

    /// <summary>Similarity to the items of the last minutes, by the model's similar items.</summary>
    public const int Session = 1;

    /// <summary>Co-visits, by the current trends: interactions by the same users shortly before or after those with the recent items. The value of the best candidate approaches 1 as the evidence grows.</summary>
    public const int CoVisit = 2;

    /// <summary>Similarity of content to the recent items, plus a part for the categories that a new user's labels name.</summary>
    public const int Content = 3;

    /// <summary>Popularity: the total weight of the interactions with the item, divided by the number of the model's users or, if that is larger, by the total weight of the most popular item.</summary>
    public const int Popularity = 4;

    /// <summary>Current trend, scaled so that the strongest one is 1.</summary>
    public const int Trend = 5;

    /// <summary>Freshness in the catalogue: 1 when the item is added, 1/2 one half-life later.</summary>
    public const int Freshness = 6;

    /// <summary>The square root of affinity; 0 if affinity is below 0. It separates weak matches more than affinity does.</summary>
    public const int AffinityRoot = 7;

    /// <summary>The mean share that the candidate's categories have in the history, 0 to 1.</summary>
    public const int Taste = 8;

    /// <summary>Purchases, by users who had bought the same recent items as this user, by the current trends. The value of the best candidate approaches 1 as the evidence grows.</summary>
    public const int BoughtNext = 9;

    /// <summary>The match with the newest liked items, by the model's embeddings, whatever their age; -1 to 1 (<see cref="NewestMatch"/>).</summary>
    public const int Newest = 10;

    public const int Count = 11;

    public static readonly ImmutableArray<string> Names =
        ["affinity", "session", "coVisit", "content", "popularity", "trend", "freshness", "affinityRoot", "taste", "boughtNext", "newest"];

    public static readonly ImmutableArray<string> Texts =
    [
        "match with the whole history, by the model",
        "similarity to the items of the last minutes",
        "interactions by users who also interacted with the recent items",
        "content similar to that of the recent items",
        "popularity among all users",
        "trending now",
        "freshness in the catalogue",
        "match with the whole history, by its square root",
        "share of the item's categories in the history",
        "bought by others after what the user bought",
        "match with the newest liked items, by the model",
    ];
}
