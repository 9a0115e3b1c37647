using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace RecSys.Numerics;

/// <summary>
/// Keeps the k best (score, index) pairs of a stream, in spans of the caller. A higher score is better; of equal
/// scores, the pair with the lower index. NaN is never kept.
/// </summary>
/// <remarks>
/// What is kept does not depend on the order in which pairs are offered. The same index offered twice may be kept
/// twice. Allocates nothing. The spans contain a heap, the worst pair first, until
/// <see cref="SortDescending"/> puts them in order.
/// </remarks>
public ref struct TopKHeap
{
    // invariant: 0 <= _count <= _scores.Length = _indices.Length
    // invariant: until SortDescending, pair (i - 1) / 2 is not better than pair i, for 0 < i < _count
    private readonly Span<float> _scores;
    private readonly Span<int> _indices;
    private readonly float _minimum;
    private int _count;

    /// <summary>Creates an empty heap that keeps as many pairs as the spans have room for; 0 is allowed.</summary>
    /// <param name="scores">Buffer for the scores.</param>
    /// <param name="indices">Buffer for the indices, of the same length.</param>
    /// <param name="minimum">Scores below it are never kept; the default keeps all.</param>
    /// <exception cref="ArgumentException">The lengths differ, or the minimum is NaN.</exception>
    public TopKHeap(Span<float> scores, Span<int> indices, float minimum = float.NegativeInfinity)
    {
        Require(scores, indices, minimum);
        _scores = scores;
        _indices = indices;
        _minimum = minimum;
        _count = 0;
    }

    /// <summary>Gets the number of pairs kept.</summary>
    public readonly int Count => _count;

    /// <summary>
    /// Gets the score below which no pair can be kept: the minimum, or the worst kept score once the heap is full.
    /// Positive infinity for a heap without room.
    /// </summary>
    public readonly float Threshold
    {
        get
        {
            if (_scores.IsEmpty)
            {
                return float.PositiveInfinity;
            }

            return _count < _scores.Length ? _minimum : _scores[0];
        }
    }

    internal readonly bool IsFull => _count == _scores.Length;

    /// <summary>Requires buffers of the same length, and a minimum that is a number.</summary>
    internal static void Require(ReadOnlySpan<float> scores, ReadOnlySpan<int> indices, float minimum)
    {
        Throw.IfLengthIsNot(indices.Length, scores.Length, nameof(indices));
        if (float.IsNaN(minimum))
        {
            Throw.Argument(nameof(minimum), "minimum is NaN");
        }
    }

    /// <summary>Offers a pair.</summary>
    /// <returns>Whether it is among the k best so far.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Offer(float score, int index)
    {
        // Written so that NaN fails.
        if (!(score >= _minimum))
        {
            return false;
        }

        if (_count == _scores.Length)
        {
            return OfferToFull(score, index);
        }

        SiftUp(_count++, score, index);
        return true;
    }

    /// <summary>Sorts the kept pairs, best first, and returns their number. No pair may be offered afterwards.</summary>
    public int SortDescending()
    {
        int kept = _count;
        Debug.Assert(kept <= _scores.Length, "more pairs are kept than there is room for");
        for (int end = kept - 1; end > 0; end--)
        {
            // Move the worst pair to the place after the rest of the heap.
            float score = _scores[end];
            int index = _indices[end];
            _scores[end] = _scores[0];
            _indices[end] = _indices[0];
            SiftDown(0, end, score, index);
        }

        return kept;
    }

    private readonly bool OfferToFull(float score, int index)
    {
        if (_scores.IsEmpty || !IsWorse(_scores[0], _indices[0], score, index))
        {
            return false;
        }

        SiftDown(0, _scores.Length, score, index);
        return true;
    }

    private readonly void SiftUp(int hole, float score, int index)
    {
        while (hole > 0)
        {
            int parent = (hole - 1) / 2;
            if (!IsWorse(score, index, _scores[parent], _indices[parent]))
            {
                break;
            }

            _scores[hole] = _scores[parent];
            _indices[hole] = _indices[parent];
            hole = parent;
        }

        _scores[hole] = score;
        _indices[hole] = index;
    }

    private readonly void SiftDown(int hole, int count, float score, int index)
    {
        while (true)
        {
            int child = (2 * hole) + 1;
            if (child >= count)
            {
                break;
            }

            if (child + 1 < count && IsWorse(_scores[child + 1], _indices[child + 1], _scores[child], _indices[child]))
            {
                child++;
            }

            if (!IsWorse(_scores[child], _indices[child], score, index))
            {
                break;
            }

            _scores[hole] = _scores[child];
            _indices[hole] = _indices[child];
            hole = child;
        }

        _scores[hole] = score;
        _indices[hole] = index;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsWorse(float score, int index, float otherScore, int otherIndex) =>
        score < otherScore || (score == otherScore && index > otherIndex);
}
