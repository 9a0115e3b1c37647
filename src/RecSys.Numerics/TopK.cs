using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace RecSys.Numerics;

/// <summary>Selects the highest scores of a span. Allocates nothing once the shared array pool is warm.</summary>
public static class TopK
{
    /// <summary>Number of scores from which on a radix sort is faster than one by comparisons.</summary>
    private const int RadixFrom = 64;

    private const int DigitBits = 8;
    private const int DigitCount = 1 << DigitBits;
    private const int DigitsPerKey = 32 / DigitBits;

    /// <summary>Number of scores from which a threshold is estimated.</summary>
    private const int SampleCount = 128;

    /// <summary>Number of scores per selected one from which on an estimate is worth its time.</summary>
    private const int SampledFrom = 6;

    /// <summary>Number of scores per selected one from which on a heap is faster than a sort of those above the threshold, whose estimate becomes rough.</summary>
    private const int HeapFrom = 128;

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
        TopKHeap.Require(topScores, topIndices, minimum);
        float threshold = topScores.Length < RadixFrom ? minimum : Math.Max(minimum, EstimateThreshold(scores, topScores.Length));
        int count = SelectFrom(threshold, scores, topScores, topIndices);
        return count < topScores.Length && threshold > minimum ? SelectFrom(minimum, scores, topScores, topIndices) : count;
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

        return SortFrom(float.NegativeInfinity, scores, sortedScores, sortedIndices);
    }

    private static int SelectFrom(float minimum, ReadOnlySpan<float> scores, Span<float> topScores, Span<int> topIndices)
    {
        if (topScores.Length >= RadixFrom && scores.Length / topScores.Length < HeapFrom)
        {
            return SortFrom(minimum, scores, topScores, topIndices);
        }

        TopKHeap heap = new(topScores, topIndices, minimum);
        Offer(scores, ref heap);
        return heap.SortDescending();
    }

    /// <summary>Sorts the scores from a minimum on, and writes the highest of them.</summary>
    private static int SortFrom(float minimum, ReadOnlySpan<float> scores, Span<float> topScores, Span<int> topIndices)
    {
        ulong[] rented = ArrayPool<ulong>.Shared.Rent(2 * scores.Length);
        Span<ulong> sorted = rented.AsSpan(0, KeysFrom(minimum, scores, rented));
        if (sorted.Length < RadixFrom)
        {
            sorted.Sort();
        }
        else
        {
            sorted = SortByUpperHalf(sorted, rented.AsSpan(scores.Length, sorted.Length));
        }

        int count = Math.Min(sorted.Length, topScores.Length);
        for (int place = 0; place < count; place++)
        {
            int i = (int)(uint)sorted[place];
            (topScores[place], topIndices[place]) = (scores[i], i);
        }

        ArrayPool<ulong>.Shared.Return(rented);
        return count;
    }

    /// <summary>Writes a key for each score from a minimum on; in the order of the keys the highest score is first, and of equal ones the lower position.</summary>
    /// <param name="minimum">The lowest score that gets a key; not NaN.</param>
    /// <param name="scores">The scores; NaN gets no key.</param>
    /// <param name="keys">Receives the keys; as long as <paramref name="scores"/> at least.</param>
    /// <returns>The number of keys.</returns>
    private static int KeysFrom(float minimum, ReadOnlySpan<float> scores, Span<ulong> keys)
    {
        int count = 0;
        for (int i = 0; i < scores.Length; i++)
        {
            // Without a branch, which would often be predicted wrongly: a key that is not wanted is overwritten by the next one.
            keys[count] = ((ulong)~Ascending(scores[i]) << 32) | (uint)i;
            count += scores[i] >= minimum ? 1 : 0;
        }

        return count;
    }

    /// <summary>Returns a score that probably at least k of the scores reach, but not many more: an estimate from a sample of evenly spaced scores.</summary>
    /// <param name="scores">Scores, of any order.</param>
    /// <param name="count">Number k of the highest scores that are wanted, 1 or more.</param>
    /// <returns>Negative infinity if there are too few scores for an estimate.</returns>
    internal static float EstimateThreshold(ReadOnlySpan<float> scores, int count)
    {
        if (count <= 0 || scores.Length < SampleCount || scores.Length / count < SampledFrom)
        {
            return float.NegativeInfinity;
        }

        Span<float> sample = stackalloc float[SampleCount];
        for (int i = 0; i < SampleCount; i++)
        {
            float score = scores[(int)((long)i * scores.Length / SampleCount)];
            sample[i] = float.IsNaN(score) ? float.NegativeInfinity : score;
        }

        sample.Sort();

        // The number of sampled scores among the best is about its mean m, with a deviation of about √m: two deviations more, so that the estimate is rarely too high.
        double mean = (double)SampleCount * count / scores.Length;
        int rank = (int)Math.Ceiling(mean + (2 * Math.Sqrt(mean)) + 2);
        return sample[SampleCount - Math.Min(rank, SampleCount)];
    }

    /// <summary>Sorts keys by their upper 32 bits, equal ones in their order: a radix sort from the lowest digit to the highest (Knuth, The Art of Computer Programming 3, 5.2.5).</summary>
    /// <returns>The span that has the result: that of the keys or the other one, which is of the same length.</returns>
    private static Span<ulong> SortByUpperHalf(Span<ulong> keys, Span<ulong> other)
    {
        Span<int> places = stackalloc int[DigitsPerKey * DigitCount];
        places.Clear();
        foreach (ulong key in keys)
        {
            for (int digit = 0; digit < DigitsPerKey; digit++)
            {
                places[(digit * DigitCount) + DigitOf(key, digit)]++;
            }
        }

        for (int digit = 0; digit < DigitsPerKey; digit++)
        {
            Span<int> ofDigit = places.Slice(digit * DigitCount, DigitCount);
            if (ofDigit[DigitOf(keys[0], digit)] == keys.Length)
            {
                continue;
            }

            int next = 0;
            foreach (ref int place in ofDigit)
            {
                (place, next) = (next, next + place);
            }

            foreach (ulong key in keys)
            {
                other[ofDigit[DigitOf(key, digit)]++] = key;
            }

            Span<ulong> sorted = other;
            other = keys;
            keys = sorted;
        }

        return keys;
    }

    private static int DigitOf(ulong key, int digit) => (int)(key >> (32 + (digit * DigitBits))) & (DigitCount - 1);

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
