using CsCheck;
using Xunit;

namespace RecSys.Numerics.Tests;

public sealed class TopKTests
{
    // Few distinct scores, so that most are equal.
    private static readonly Gen<float> Score = Gen.OneOf(
        Gen.Int[-3, 3].Select(value => (float)value),
        Gen.OneOf(Gen.Const(float.NaN), Gen.Const(float.NegativeInfinity), Gen.Const(float.PositiveInfinity), Gen.Const(-0f)),
        Gen.Float[-3, 3]);

    [Fact]
    public void The_selection_is_the_head_of_a_sort_on_every_tier() =>
        Gen.Select(Score.Array[0, 500], Gen.Int[0, 80], Gen.OneOf(Gen.Const(float.NegativeInfinity), Gen.Float[-3, 3]))
            .Sample((scores, k, minimum) =>
            {
                (float Score, int Index)[] expected =
                [
                    .. scores.Select((score, index) => (Score: score, Index: index))
                        .Where(pair => pair.Score >= minimum)
                        .OrderByDescending(pair => pair.Score)
                        .ThenBy(pair => pair.Index)
                        .Take(k),
                ];

                Assert.Equal(expected, Selected(k, (s, i) => TopK.Select(scores, s, i, minimum)));
                foreach (Tier tier in Enum.GetValues<Tier>())
                {
                    Assert.Equal(expected, Selected(k, (topScores, topIndices) =>
                    {
                        TopKHeap heap = new(topScores, topIndices, minimum);
                        switch (tier)
                        {
                            case Tier.Vector128:
                                TopK.Offer<Lanes128<float>>(scores, ref heap, 0);
                                break;
                            case Tier.Vector256:
                                TopK.Offer<Lanes256<float>>(scores, ref heap, 0);
                                break;
                            default:
                                TopK.Offer<Lanes512<float>>(scores, ref heap, 0);
                                break;
                        }

                        return heap.SortDescending();
                    }));
                }
            });

    [Theory]
    [InlineData(1_682, 64)]
    [InlineData(1_682, 63)]
    [InlineData(8_192, 64)]
    [InlineData(50_000, 300)]
    public void A_selection_of_many_of_many_is_the_head_of_a_sort(int length, int k)
    {
        for (ulong seed = 0; seed < 20; seed++)
        {
            float[] scores = Numbers.Random<float>(length, seed);

            Assert.Equal(HeadOfSort(scores, k), Selected(k, (s, i) => TopK.Select(scores, s, i)));
        }
    }

    [Fact]
    public void A_selection_is_complete_if_the_estimated_threshold_was_too_high()
    {
        // Each sampled score is higher than all others, and fewer scores are sampled than selected.
        float[] scores = Numbers.Random<float>(1_024, 1);
        for (int i = 0; i < scores.Length; i += 8)
        {
            scores[i] += 10;
        }

        Assert.InRange(TopK.EstimateThreshold(scores, 160), 5, float.MaxValue);
        Assert.Equal(HeadOfSort(scores, 160), Selected(160, (s, i) => TopK.Select(scores, s, i)));
    }

    [Fact]
    public void All_scores_are_sorted_as_a_selection_of_all_of_them_is() =>
        Score.Array[0, 300].Sample(scores =>
            Assert.Equal(
                Selected(scores.Length, (s, i) => TopK.Select(scores, s, i)),
                Selected(scores.Length, (s, i) => TopK.SortDescending(scores, s, i))));

    [Theory]
    [InlineData(1_682, 100)]
    [InlineData(100_000, 100)]
    [InlineData(128, 20)]
    public void An_estimated_threshold_is_reached_by_more_than_the_selected_and_far_fewer_than_all(int length, int k)
    {
        int tooFew = 0;
        for (ulong seed = 0; seed < 100; seed++)
        {
            float[] scores = Numbers.Random<float>(length, seed);

            float threshold = TopK.EstimateThreshold(scores, k);

            int reached = scores.Count(score => score >= threshold);
            tooFew += reached < k ? 1 : 0;
            Assert.InRange(reached, 1, Math.Max(length / 2, 8 * k));
        }

        Assert.InRange(tooFew, 0, 15);
    }

    [Fact]
    public void No_threshold_is_estimated_from_few_scores_and_none_is_not_a_number()
    {
        Assert.Equal(float.NegativeInfinity, TopK.EstimateThreshold(new float[127], 1));
        Assert.Equal(float.NegativeInfinity, TopK.EstimateThreshold(new float[1_000], 200));
        Assert.Equal(float.NegativeInfinity, TopK.EstimateThreshold(new float[1_000], 0));
        Assert.Equal(float.NegativeInfinity, TopK.EstimateThreshold([.. Enumerable.Repeat(float.NaN, 1_000)], 10));
    }

    [Fact]
    public void Pairs_and_blocks_may_be_offered_in_any_order() =>
        Gen.Select(Score.Array[0, 100], Gen.Int[0, 12], Gen.ULong).Sample((scores, k, seed) =>
        {
            (float, int)[] expected = Selected(k, (s, i) => TopK.Select(scores, s, i));

            int[] order = [.. Enumerable.Range(0, scores.Length)];
            new SeededRandom(seed).Shuffle(order.AsSpan());
            (float, int)[] shuffled = Selected(k, (topScores, topIndices) =>
            {
                TopKHeap heap = new(topScores, topIndices);
                foreach (int index in order)
                {
                    heap.Offer(scores[index], index);
                }

                return heap.SortDescending();
            });
            (float, int)[] backwards = Selected(k, (topScores, topIndices) =>
            {
                TopKHeap heap = new(topScores, topIndices);
                int half = scores.Length / 2;
                TopK.Offer(scores.AsSpan(half), ref heap, half);
                TopK.Offer(scores.AsSpan(0, half), ref heap);
                return heap.SortDescending();
            });

            Assert.Equal(expected, shuffled);
            Assert.Equal(expected, backwards);
        });

    [Fact]
    public void A_heap_reports_the_lowest_score_it_accepts()
    {
        TopKHeap heap = new(new float[2], new int[2], minimum: 1f);
        Assert.Equal(1f, heap.Threshold);
        Assert.False(heap.Offer(0.5f, 0));
        Assert.True(heap.Offer(2f, 1));
        Assert.True(heap.Offer(1f, 2));
        Assert.Equal(1f, heap.Threshold);
        Assert.True(heap.Offer(3f, 3));
        Assert.Equal(2f, heap.Threshold);
        Assert.False(heap.Offer(2f, 4));
        Assert.True(heap.Offer(2f, 0));
        Assert.False(heap.Offer(float.NaN, 5));
        Assert.Equal(2, heap.Count);

        TopKHeap none = new([], []);
        Assert.Equal(float.PositiveInfinity, none.Threshold);
        Assert.False(none.Offer(float.PositiveInfinity, 0));
        Assert.Equal(0, none.SortDescending());
    }

    [Fact]
    public void Mismatched_lengths_are_refused()
    {
        Assert.Throws<ArgumentException>(() => TopK.Select(new float[3], new float[2], new int[1]));
        Assert.Throws<ArgumentException>(() => TopK.Select(new float[3], new float[2], new int[2], float.NaN));
        Assert.Throws<ArgumentOutOfRangeException>(() =>
        {
            TopKHeap heap = new(new float[1], new int[1]);
            TopK.Offer(new float[2], ref heap, int.MaxValue);
        });
    }

    [Fact]
    public void Selecting_allocates_nothing()
    {
        float[] scores = Numbers.Random<float>(10_000, 1);
        float[] topScores = new float[100];
        int[] topIndices = new int[100];
        TopK.Select(scores, topScores, topIndices);

        long before = GC.GetAllocatedBytesForCurrentThread();
        TopK.Select(scores, topScores, topIndices);

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    private static (float Score, int Index)[] HeadOfSort(float[] scores, int k) =>
        [.. scores.Select((score, index) => (score, index)).OrderByDescending(pair => pair.score).ThenBy(pair => pair.index).Take(k)];

    private static (float Score, int Index)[] Selected(int k, Func<float[], int[], int> select)
    {
        float[] topScores = new float[k];
        int[] topIndices = new int[k];
        int count = select(topScores, topIndices);
        return [.. topScores.Zip(topIndices).Take(count)];
    }
}
