using RecSys.Core.Trends;

namespace RecSys.Core.Ports;

/// <summary>Trends among all users: a fold of the log that each node computes.</summary>
/// <remarks>Safe for concurrent use; answers are copies.</remarks>
public interface ITrends
{
    /// <summary>Returns the items with the highest scores: the number of users who interacted with an item, decayed by time.</summary>
    /// <param name="category">The category, or null for all items.</param>
    /// <param name="window">The half-life of the decay.</param>
    /// <param name="count">The largest number of items to return.</param>
    /// <param name="nowMs">The time for which scores are computed, in milliseconds since 1970, UTC.</param>
    /// <returns>The highest score first; scores are above 0.</returns>
    IReadOnlyList<ScoredItem> GetTrending(string? category, TrendWindow window, int count, long nowMs);

    /// <summary>Returns the items with which users interacted shortly before or after they interacted with the given item.</summary>
    /// <returns>The highest score first; scores are normalised co-visit counts, above 0.</returns>
    IReadOnlyList<ScoredItem> GetCoVisited(ItemId item, int count);

    /// <summary>Returns the items that users bought after they bought the given item, and popular ones of the categories of which they bought next.</summary>
    /// <returns>The highest score first; scores are shares of the next purchases beyond chance, above 0.</returns>
    IReadOnlyList<ScoredItem> GetBoughtNext(ItemId item, int count);

    /// <summary>Returns the number of users who interacted with an item, as far as the trends count them; 0 for an unknown item.</summary>
    long GetUserCount(ItemId item);

    /// <summary>Returns the time of the earliest interaction with an item, in milliseconds since 1970, UTC, as far as the trends count interactions; null if they know none.</summary>
    long? GetFirstInteractionMs(ItemId item);

    /// <summary>Gets how often users return to an item with which they interacted shortly before, on the scale of the scores of <see cref="GetCoVisited"/>; 0 or more.</summary>
    float ReturnScore { get; }
}
