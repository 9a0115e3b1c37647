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

    [Fact]
    public void A_history_of_dislikes_is_empty() => Assert.Equal(0, HistoryWeights.Combine([1], [-1f]));
}
