using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace RecSys.Numerics;

/// <summary>Selects the highest scores of a span. Allocates nothing.</summary>
public static class TopK
{
    /// <summary>
    /// Writes the k highest scores with their positions, best first; of equal scores the lower position is first.
    /// </summary>
    /// <param name="scores">The scores; NaN is never selected.</param>
    /// <param name="topScores">Receives the selected scores; its length is k.</param>
    /// <param name="topIndices">Receives their positions, of the same length.</param>
    /// <param name="minimum">Scores below it are left out; the default leaves out none.</param>
    /// <returns>The number of selected scores, at most k; the rest of the spans is undefined.</returns>
    /// <exception cref="ArgumentException">The lengths differ, or the minimum is NaN.</exception>
    public static int Select(
        ReadOnlySpan<float> scores,
        Span<float> topScores,
        Span<int> topIndices,
        float minimum = float.NegativeInfinity)
    {
        TopKHeap heap = new(topScores, topIndices, minimum);
        Offer(scores, ref heap);
        return heap.SortDescending();
    }

    /// <summary>Writes all scores with their positions, best first, in the order of <see cref="Select"/>; faster than selecting all of them.</summary>
    /// <param name="scores">The scores; NaN is left out.</param>
    /// <param name="sortedScores">Receives the scores; as long as <paramref name="scores"/>.</param>
    /// <param name="sortedIndices">Receives their positions, of the same length.</param>
    /// <returns>The number of scores that are no NaN; the rest of the spans is undefined.</returns>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static int SortDescending(ReadOnlySpan<float> scores, Span<float> sortedScores, Span<int> sortedIndices)
    {
        if (sortedScores.Length != scores.Length || sortedIndices.Length != scores.Length)
        {
            throw new ArgumentException($"{scores.Length} scores do not fit {sortedScores.Length} and {sortedIndices.Length} places exactly", nameof(sortedScores));
        }

        ulong[] rented = ArrayPool<ulong>.Shared.Rent(scores.Length);
        int count = 0;
        for (int i = 0; i < scores.Length; i++)
        {
            if (!float.IsNaN(scores[i]))
            {
                rented[count++] = ((ulong)~Ascending(scores[i]) << 32) | (uint)i;
            }
        }

        rented.AsSpan(0, count).Sort();
        for (int place = 0; place < count; place++)
        {
            int i = (int)(uint)rented[place];
            (sortedScores[place], sortedIndices[place]) = (scores[i], i);
        }

        ArrayPool<ulong>.Shared.Return(rented);
        return count;
    }

    // The bits of a number as an integer that has the same order; both zeros are equal.
    private static uint Ascending(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value + 0f);
        return (bits & 0x8000_0000) != 0 ? ~bits : bits | 0x8000_0000;
    }

    /// <summary>
    /// Offers every score to <paramref name="heap"/> with its position plus <paramref name="firstIndex"/>: for
    /// scores that are computed block by block. The blocks may be offered in any order.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">An index would be negative or no int.</exception>
    public static void Offer(ReadOnlySpan<float> scores, ref TopKHeap heap, int firstIndex = 0)
    {
        Throw.IfOutside(firstIndex, 0, int.MaxValue - scores.Length, nameof(firstIndex));
        if (Lanes512<float>.IsSupported)
        {
            Offer<Lanes512<float>>(scores, ref heap, firstIndex);
        }
        else if (Lanes256<float>.IsSupported)
        {
            Offer<Lanes256<float>>(scores, ref heap, firstIndex);
        }
        else if (Lanes128<float>.IsSupported)
        {
            Offer<Lanes128<float>>(scores, ref heap, firstIndex);
        }
        else
        {
            OfferDefinition(scores, ref heap, firstIndex);
        }
    }

    /// <summary>The definition: one after the other.</summary>
    internal static void OfferDefinition(ReadOnlySpan<float> scores, ref TopKHeap heap, int firstIndex)
    {
        for (int i = 0; i < scores.Length; i++)
        {
            heap.Offer(scores[i], firstIndex + i);
        }
    }

    // Once the heap is full nearly all scores are too low, and a block of them is skipped with one comparison.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Offer<TLanes>(ReadOnlySpan<float> scores, ref TopKHeap heap, int firstIndex)
        where TLanes : struct, ILanes<TLanes, float>
    {
        int laneCount = Lanes.Count<float>();
        ref float start = ref MemoryMarshal.GetReference(scores);
        int i = 0;
        for (; i < scores.Length && !heap.IsFull; i++)
        {
            heap.Offer(Unsafe.Add(ref start, i), firstIndex + i);
        }

        TLanes thresholds = TLanes.Broadcast(heap.Threshold);
        for (; i + laneCount <= scores.Length; i += laneCount)
        {
            if (!TLanes.AnyAtLeast(TLanes.Load(ref start, (nuint)i), thresholds))
            {
                continue;
            }

            for (int lane = i; lane < i + laneCount; lane++)
            {
                heap.Offer(Unsafe.Add(ref start, lane), firstIndex + lane);
            }

            thresholds = TLanes.Broadcast(heap.Threshold);
        }

        for (; i < scores.Length; i++)
        {
            heap.Offer(Unsafe.Add(ref start, i), firstIndex + i);
        }
    }
}
