using System.Buffers;
using System.Numerics;

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

    private const int None = -1;

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
            throw new ArgumentException($"there are {items.Length} items, {kinds.Length} kinds, {weights.Length} weights and room for {stands.Length} results; the numbers must be equal", nameof(items));
        }

        // A hash table of the items: an entry is 1 + the newest act on its item, and each act refers to the next older one on the same item.
        int count = items.Length;
        int tableSize = (int)BitOperations.RoundUpToPowerOf2((uint)count * 2);
        int[]? rented = count > StackMax ? ArrayPool<int>.Shared.Rent(tableSize + (3 * count)) : null;
        Span<int> scratch = rented ?? stackalloc int[5 * StackMax];
        Span<int> table = scratch[..tableSize];
        Span<int> older = scratch.Slice(tableSize, count);
        Span<int> oldest = scratch.Slice(tableSize + count, count);
        Span<int> ofItem = scratch.Slice(tableSize + (2 * count), count);
        table.Clear();
        for (int act = 0; act < count; act++)
        {
            int slot = SlotOf(items[act], tableSize);
            while (table[slot] > 0 && items[table[slot] - 1] != items[act])
            {
                slot = (slot + 1) & (tableSize - 1);
            }

            older[act] = None;
            oldest[act] = None;
            if (table[slot] == 0)
            {
                table[slot] = act + 1;
                oldest[act] = act;
            }
            else
            {
                int newest = table[slot] - 1;
                older[oldest[newest]] = act;
                oldest[newest] = act;
            }
        }

        for (int newest = 0; newest < count; newest++)
        {
            if (oldest[newest] == None)
            {
                continue;
            }

            int found = 0;
            for (int act = newest; act != None; act = older[act])
            {
                ofItem[found++] = act;
            }

            SettleItem(ofItem[..found], kinds, weights, stands);
        }

        if (rented is not null)
        {
            ArrayPool<int>.Shared.Return(rented);
        }
    }

    // Fibonacci hashing: keys may be small consecutive numbers.
    private static int SlotOf(ulong item, int tableSize) => (int)((item * 0x9E37_79B9_7F4A_7C15) >> 32) & (tableSize - 1);

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
