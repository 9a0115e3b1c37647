using RecSys.Core.Ranking;

namespace RecSys.Batch.Replay;

/// <summary>The items of the next liked interactions of each user of a world, which fitted confidences predict.</summary>
internal sealed class NextLikes
{
    private readonly ReplayWorld _world;
    private readonly List<int>?[] _byUser;

    /// <param name="world">The records of the log.</param>
    /// <param name="isApplied">Returns whether the record with a number exists for the caller.</param>
    public NextLikes(ReplayWorld world, Func<int, bool> isApplied)
    {
        _world = world;
        _byUser = new List<int>?[world.Users.Count];
        for (int at = 0; at < world.Records.Count; at++)
        {
            if (world.Records[at].IsRelevant && isApplied(at))
            {
                (_byUser[world.Records[at].User] ??= []).Add(at);
            }
        }
    }

    /// <summary>Returns the numbers of the items of a user's next <see cref="FittedConfidence.NextLikes"/> liked interactions, ascending; fewer at the end of the log.</summary>
    /// <param name="user">The number of the user.</param>
    /// <param name="at">The first record that counts.</param>
    public int[] Of(int user, int at)
    {
        if (_byUser[user] is not { } liked)
        {
            return [];
        }

        int first = liked.BinarySearch(at);
        return [.. liked.Skip(first < 0 ? ~first : first).Take(FittedConfidence.NextLikes).Select(record => _world.Records[record].Item).Order()];
    }
}
