using System.Buffers;
using RecSys.Core.Slates;

namespace RecSys.Core.Users;

/// <summary>Reads which items the history of a user keeps out of slates.</summary>
public static class LeftOutItems
{
    /// <summary>Returns the items with an interaction that stands, by <see cref="ActRule"/>, and whose type has the rule <see cref="SeenRule.Exclude"/>: bought, rated, liked, disliked, hidden or in the cart, by default.</summary>
    /// <param name="profile">The profile, merged with its aliases' profiles; its older statements count too.</param>
    /// <param name="types">The types of interactions; interactions of other types exclude no item.</param>
    public static IReadOnlySet<ItemId> Of(UserProfile profile, InteractionTypes types)
    {
        ArgumentNullException.ThrowIfNull(profile);
        ArgumentNullException.ThrowIfNull(types);
        HashSet<ItemId> leftOut = [];
        int room = profile.Count + Limits.OlderStatementsMax;
        ItemId[] items = ArrayPool<ItemId>.Shared.Rent(room);
        ulong[] keys = ArrayPool<ulong>.Shared.Rent(room);
        SeenRule[] rules = ArrayPool<SeenRule>.Shared.Rent(room);
        InteractionKind[] kinds = ArrayPool<InteractionKind>.Shared.Rent(room);
        float[] weights = ArrayPool<float>.Shared.Rent(room);
        bool[] stands = ArrayPool<bool>.Shared.Rent(room);
        int count = 0;
        Read(profile.History, weightMax: float.PositiveInfinity);
        Read(profile.OlderStatements, weightMax: 0);
        ActRule.Settle(keys.AsSpan(0, count), kinds.AsSpan(0, count), weights.AsSpan(0, count), stands.AsSpan(0, count));
        for (int act = 0; act < count; act++)
        {
            if (stands[act] && rules[act] == SeenRule.Exclude)
            {
                leftOut.Add(items[act]);
            }
        }

        ArrayPool<ItemId>.Shared.Return(items, clearArray: true);
        ArrayPool<ulong>.Shared.Return(keys);
        ArrayPool<SeenRule>.Shared.Return(rules);
        ArrayPool<InteractionKind>.Shared.Return(kinds);
        ArrayPool<float>.Shared.Return(weights);
        ArrayPool<bool>.Shared.Return(stands);
        return leftOut;

        void Read(HistoryEnumerable interactions, float weightMax)
        {
            foreach (ProfileInteraction interaction in interactions)
            {
                items[count] = interaction.Item;
                keys[count] = ItemHash.Of(items[count]);
                (rules[count], kinds[count], weights[count]) = types.TryGet(interaction.Type, out InteractionType? type)
                    ? (type.SeenRule, type.Kind, Math.Min(type.WeightOf(interaction.Value), weightMax))
                    : (SeenRule.Allow, InteractionKind.View, 0);
                count++;
            }
        }
    }
}
