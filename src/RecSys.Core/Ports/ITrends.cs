using RecSys.Core.Trends;

namespace RecSys.Core.Ports;

/// <summary>Trends among all users, folded on this node from the log.</summary>
/// <remarks>Safe for concurrent use; answers are copies.</remarks>
public interface ITrends
{
    /// <summary>Returns the items with the highest decayed score, which counts users, not interactions.</summary>
    /// <param name="category">The category, or null for all items.</param>
    /// <param name="window">The window.</param>
    /// <param name="count">The most items to return.</param>
    /// <param name="nowMs">The time to which weights decay, in milliseconds since 1970, UTC.</param>
    /// <returns>Best first; scores are above 0.</returns>
    IReadOnlyList<ScoredItem> GetTrending(string? category, TrendWindow window, int count, long nowMs);

    /// <summary>Returns the items with which the same users interacted shortly before or after an item.</summary>
    /// <returns>Best first; scores are normalised co-visit counts, above 0.</returns>
    IReadOnlyList<ScoredItem> GetCoVisited(ItemId item, int count);

    /// <summary>Gets how often users return to an item that they looked at shortly before, on the scale of the scores of <see cref="GetCoVisited"/>; 0 or more.</summary>
    float ReturnScore { get; }
}
