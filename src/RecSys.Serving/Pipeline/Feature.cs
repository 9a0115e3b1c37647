using System.Collections.Immutable;

namespace RecSys.Serving.Pipeline;

/// <summary>The features of a candidate: their places in a row, and their names.</summary>
internal static class Feature
{
    /// <summary>The model's score of the candidate for the whole history; the best candidate has 1.</summary>
    public const int Affinity = 0;

    /// <summary>Likeness to the items of the last minutes, by the model's neighbours.</summary>
    public const int Session = 1;

    /// <summary>Being touched by the same users as the recent items, by the trends of now.</summary>
    public const int CoVisit = 2;

    /// <summary>Content like that of the recent items, or of the categories that the user's labels name.</summary>
    public const int Content = 3;

    /// <summary>Popularity on a logarithmic scale; the most popular item has 1.</summary>
    public const int Popularity = 4;

    /// <summary>Trending now; the item that trends most has 1.</summary>
    public const int Trend = 5;

    /// <summary>Newness in the catalogue: 1 when added, half of it one half-life later.</summary>
    public const int Freshness = 6;

    public const int Count = 7;

    public static readonly ImmutableArray<string> Names =
        ["affinity", "session", "coVisit", "content", "popularity", "trend", "freshness"];

    public static readonly ImmutableArray<string> Texts =
    [
        "fit to the whole history, by the model",
        "likeness to what was looked at in the last minutes",
        "touched by the same people as the recent items",
        "content like that of the recent items",
        "popularity with everyone",
        "trending now",
        "newness in the catalogue",
    ];
}
