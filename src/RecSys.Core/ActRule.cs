using System.Buffers;

namespace RecSys.Core;

/// <summary>Decides which of one user's acts on one item count; serving, explanation, training and evaluation all use it (docs/concepts.md).</summary>
/// <remarks>
/// <para>Of opinions (like, dislike, rating, hide) only the newest stands, that is, counts; of changes of the cart (addToCart, removeFromCart) only the newest stands. Views, clicks and purchases all stand.</para>
/// <para>
/// An opinion of negative weight replaces every act on the item, except if a purchase or an addition to the cart is newer: then the opinion does not stand. Views and
/// clicks do not change an opinion.
/// </para>
/// </remarks>
public static class ActRule
{
    private const int StackMax = 256;

    [Flags]
    private enum Found : byte
    {
        None = 0,
        Opinion = 1,
        Cart = 2,
        PurchaseOrAddToCart = 4,
    }

    /// <summary>Returns whether acts of a kind are statements: they replace other acts even if their weight is 0.</summary>
    public static bool IsStatement(InteractionKind kind) => kind is not (InteractionKind.View or InteractionKind.Click);

    /// <summary>Decides which acts of a user stand, and sets the weights of the others to 0.</summary>
    /// <param name="items">The item of each act as a number, newest act first.</param>
    /// <param name="kinds">The kind of each act.</param>
    /// <param name="weights">The weight of each act, of either sign. Receives 0 for each act that does not stand.</param>
    /// <param name="stands">Receives whether each act stands.</param>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static void Settle(ReadOnlySpan<ulong> items, ReadOnlySpan<InteractionKind> kinds, Span<float> weights, Span<bool> stands)
    {
        if (kinds.Length != items.Length || weights.Length != items.Length || stands.Length != items.Length)
        {
            throw new ArgumentException($"{items.Length} items, {kinds.Length} kinds, {weights.Length} weights and room for {stands.Length} results", nameof(items));
        }

        int count = items.Length;
        ulong[]? rentedKeys = count > StackMax ? ArrayPool<ulong>.Shared.Rent(count) : null;
        int[]? rentedActs = count > StackMax ? ArrayPool<int>.Shared.Rent(count) : null;
        Span<ulong> keys = (rentedKeys ?? stackalloc ulong[StackMax])[..count];
        Span<int> acts = (rentedActs ?? stackalloc int[StackMax])[..count];
        items.CopyTo(keys);
        for (int i = 0; i < count; i++)
        {
            acts[i] = i;
        }

        keys.Sort(acts);
        for (int start = 0; start < count;)
        {
            int end = start + 1;
            while (end < count && keys[end] == keys[start])
            {
                end++;
            }

            Span<int> ofItem = acts[start..end];
            if (ofItem.Length > 1)
            {
                ofItem.Sort();
            }

            SettleItem(ofItem, kinds, weights, stands);
            start = end;
        }

        if (rentedKeys is not null)
        {
            ArrayPool<ulong>.Shared.Return(rentedKeys);
            ArrayPool<int>.Shared.Return(rentedActs!);
        }
    }

    /// <summary>Settles the acts on one item, which are in ascending order: newest first.</summary>
    private static void SettleItem(ReadOnlySpan<int> acts, ReadOnlySpan<InteractionKind> kinds, Span<float> weights, Span<bool> stands)
    {
        Found found = Found.None;
        int replacing = -1;
        foreach (int act in acts)
        {
            stands[act] = replacing < 0 && Stands(kinds[act], weights[act], ref found);
            replacing = stands[act] && IsOpinion(kinds[act]) && weights[act] < 0 ? act : replacing;
        }

        foreach (int act in acts)
        {
            stands[act] &= replacing < 0 || act == replacing;
            weights[act] = stands[act] ? weights[act] : 0;
        }
    }

    private static bool Stands(InteractionKind kind, float weight, ref Found found)
    {
        if (IsOpinion(kind))
        {
            bool isNewest = (found & Found.Opinion) == 0;
            found |= Found.Opinion;
            return isNewest && (weight >= 0 || (found & Found.PurchaseOrAddToCart) == 0);
        }

        if (kind is InteractionKind.AddToCart or InteractionKind.RemoveFromCart)
        {
            bool isNewest = (found & Found.Cart) == 0;
            found |= Found.Cart | (isNewest && kind == InteractionKind.AddToCart ? Found.PurchaseOrAddToCart : Found.None);
            return isNewest;
        }

        found |= kind == InteractionKind.Purchase ? Found.PurchaseOrAddToCart : Found.None;
        return true;
    }

    private static bool IsOpinion(InteractionKind kind) =>
        kind is InteractionKind.Like or InteractionKind.Dislike or InteractionKind.Rating or InteractionKind.Hide;
}
