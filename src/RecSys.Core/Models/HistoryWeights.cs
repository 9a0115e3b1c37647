using System.Buffers;
using RecSys.Core.Users;

namespace RecSys.Core.Models;

/// <summary>Computes the weights of a history's items, by the rule that training and serving share.</summary>
/// <remarks>
/// An item's weight is the square root of the summed weights of its interactions that stand (<see cref="ActRule"/>, <see cref="InteractionTypes.WeightOf"/>):
/// one view 1, a purchase 2.8, ten views 3.2. Items whose sum is not above 0 (disliked, hidden, recorded only) are left out.
/// </remarks>
public static class HistoryWeights
{
    private const int StackMax = 256;

    /// <summary>Reads the items of a profile and their weights for a model.</summary>
    /// <param name="profile">The profile, merged with its aliases' profiles. If the user refused consent, no item has a weight.</param>
    /// <param name="index">The model's items; other items are left out.</param>
    /// <param name="types">The types of interactions.</param>
    /// <param name="items">Receives distinct item indices, ascending; room for all of the profile's interactions.</param>
    /// <param name="weights">Receives one weight per item, above 0; room for as many.</param>
    /// <returns>The number of items; the rest of the spans is undefined.</returns>
    /// <exception cref="ArgumentException">A span is too short.</exception>
    public static int Read(UserProfile profile, IItemIndex index, InteractionTypes types, Span<int> items, Span<float> weights)
    {
        ArgumentNullException.ThrowIfNull(profile);
        ArgumentNullException.ThrowIfNull(index);
        ArgumentNullException.ThrowIfNull(types);
        if (items.Length < profile.Count || weights.Length < profile.Count)
        {
            throw new ArgumentException($"there is room for {Math.Min(items.Length, weights.Length)} items; the profile has {profile.Count} interactions", nameof(items));
        }

        if (profile.Consent is false)
        {
            return 0;
        }

        const int CountMax = Limits.HistoryMax + Limits.OlderStatementsMax;
        ulong[] keys = ArrayPool<ulong>.Shared.Rent(CountMax);
        InteractionKind[] kinds = ArrayPool<InteractionKind>.Shared.Rent(CountMax);
        float[] all = ArrayPool<float>.Shared.Rent(CountMax);
        bool[] stands = ArrayPool<bool>.Shared.Rent(CountMax);
        int count = Read(profile.History, index, types, float.PositiveInfinity, keys, kinds, all);
        int historyCount = count;
        count += Read(profile.OlderStatements, index, types, weightMax: 0, keys.AsSpan(count), kinds.AsSpan(count), all.AsSpan(count));
        ActRule.Settle(keys.AsSpan(0, count), kinds.AsSpan(0, count), all.AsSpan(0, count), stands.AsSpan(0, count));
        for (int i = 0; i < historyCount; i++)
        {
            (items[i], weights[i]) = ((int)keys[i], all[i]);
        }

        ArrayPool<ulong>.Shared.Return(keys);
        ArrayPool<InteractionKind>.Shared.Return(kinds);
        ArrayPool<float>.Shared.Return(all);
        ArrayPool<bool>.Shared.Return(stands);
        return Combine(items[..historyCount], weights[..historyCount]);
    }

    /// <summary>Sums the interactions of one history per item, in place: one entry per item, in ascending order of index.</summary>
    /// <param name="items">The item index of each interaction.</param>
    /// <param name="weights">Weight of each interaction, of either sign, as <see cref="ActRule.Settle"/> leaves it.</param>
    /// <returns>The number of items; the rest of the spans is undefined.</returns>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static int Combine(Span<int> items, Span<float> weights)
    {
        if (items.Length != weights.Length)
        {
            throw new ArgumentException($"there are {items.Length} items and {weights.Length} weights; the numbers must be equal", nameof(items));
        }

        // Sorting one number per interaction (the item in the high bits, the place in the low ones) is faster than sorting items together with weights.
        ulong[]? rentedKeys = items.Length > StackMax ? ArrayPool<ulong>.Shared.Rent(items.Length) : null;
        float[]? rentedWeights = items.Length > StackMax ? ArrayPool<float>.Shared.Rent(items.Length) : null;
        Span<ulong> keys = (rentedKeys ?? stackalloc ulong[StackMax])[..items.Length];
        Span<float> all = (rentedWeights ?? stackalloc float[StackMax])[..items.Length];
        weights.CopyTo(all);
        for (int i = 0; i < items.Length; i++)
        {
            keys[i] = ((ulong)(uint)items[i] << 32) | (uint)i;
        }

        keys.Sort();
        int count = 0;
        for (int start = 0; start < keys.Length;)
        {
            int item = (int)(keys[start] >> 32);
            double sum = 0;
            int end = start;
            for (; end < keys.Length && (int)(keys[end] >> 32) == item; end++)
            {
                sum += all[(int)(uint)keys[end]];
            }

            if (sum > 0)
            {
                items[count] = item;
                weights[count++] = (float)Math.Sqrt(sum);
            }

            start = end;
        }

        if (rentedKeys is not null)
        {
            ArrayPool<ulong>.Shared.Return(rentedKeys);
            ArrayPool<float>.Shared.Return(rentedWeights!);
        }

        return count;
    }

    private static int Read(
        HistoryEnumerable interactions, IItemIndex index, InteractionTypes types, float weightMax, Span<ulong> keys, Span<InteractionKind> kinds, Span<float> weights)
    {
        int count = 0;
        foreach (ProfileInteraction interaction in interactions)
        {
            interaction.Read(out ReadOnlySpan<byte> itemUtf8, out string name, out double? value);
            if (types.TryGet(name, out InteractionType? type) && index.TryGetIndex(itemUtf8, out int item))
            {
                (keys[count], kinds[count], weights[count]) = ((ulong)item, type.Kind, Math.Min(type.WeightOf(value), weightMax));
                count++;
            }
        }

        return count;
    }
}
