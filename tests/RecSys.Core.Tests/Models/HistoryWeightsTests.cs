using RecSys.Core.Models;
using Xunit;

namespace RecSys.Core.Tests.Models;

public sealed class HistoryWeightsTests
{
    [Fact]
    public void Interactions_with_one_item_are_summed_and_items_are_in_order_of_index()
    {
        int[] items = [5, 2, 5, 9, 2];
        float[] weights = [1, 4, 3, 9, -4];

        int count = HistoryWeights.Combine(items, weights);

        Assert.Equal([5, 9], items[..count]);
        Assert.Equal([2f, 3f], weights[..count]);
    }

    [Theory]
    [InlineData(256)]
    [InlineData(257)]
    [InlineData(1_000)]
    public void A_history_of_any_length_is_summed_per_item(int length)
    {
        int[] items = [.. Enumerable.Range(0, length).Select(i => i * 31 % 97)];
        float[] weights = [.. Enumerable.Range(0, length).Select(i => 1f + (i % 3))];
        (int, float)[] expected =
        [
            .. items.Zip(weights).GroupBy(act => act.First, act => act.Second).OrderBy(sum => sum.Key).Select(sum => (sum.Key, (float)Math.Sqrt(sum.Sum(weight => (double)weight)))),
        ];

        int count = HistoryWeights.Combine(items, weights);

        Assert.Equal(expected, items.Zip(weights).Take(count));
    }

    [Fact]
    public void A_history_of_dislikes_is_empty() => Assert.Equal(0, HistoryWeights.Combine([1], [-1f]));
}
