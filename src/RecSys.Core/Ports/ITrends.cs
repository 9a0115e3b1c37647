using RecSys.Core.Trends;

namespace RecSys.Core.Ports;

/// <summary>Trends among all users, folded on this node from the log.</summary>
/// <remarks>Safe for concurrent use; answers are copies.</remarks>
public interface ITrends
{
    /// <summary>The items of most decayed weight.</summary>
    /// <param name="category">Of one category, or null for all.</param>
    /// <param name="window">The window.</param>
    /// <param name="count">The most items wanted.</param>
    /// <param name="nowMs">The time to decay to.</param>
    /// <returns>Best first; scores are decayed weights, above 0.</returns>
    IReadOnlyList<ScoredItem> GetTrending(string? category, TrendWindow window, int count, long nowMs);

    /// <summary>The items touched by the same users shortly before or after an item.</summary>
    /// <returns>Best first; scores are normalised co-visit counts, above 0.</returns>
    IReadOnlyList<ScoredItem> GetCoVisited(ItemId item, int count);
}
