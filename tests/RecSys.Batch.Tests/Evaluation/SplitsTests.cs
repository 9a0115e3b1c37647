using RecSys.Batch.Evaluation;
using RecSys.Batch.Training;
using RecSys.Core;
using Xunit;

namespace RecSys.Batch.Tests.Evaluation;

public sealed class SplitsTests
{
    private static readonly ItemIndex Items = ItemIndex.Of("abcde".Select(letter => new ItemId($"{letter}")));

    [Fact]
    public void A_temporal_split_trains_on_no_interaction_after_the_cut()
    {
        InteractionTable table = Table([(0, 1, 1), (1, 5, 1), (2, 6, -1)], [(3, 2, 1), (3, 5, 1), (4, 7, 1)], [(0, 9, 1)]);

        EvaluationSplit split = Splits.Temporal(table, cutMs: 5, "test");

        Assert.Equal([0], split.Train.Weights.RowColumns(0).ToArray());
        Assert.Equal([3], split.Train.Weights.RowColumns(1).ToArray());
        Assert.Equal(0, split.Train.Weights.RowEntryCount(2));
        Assert.Equal([1], split.Users[0].Relevant);
        Assert.Equal([4], split.Users[1].Relevant);
        Assert.Equal(2, split.Users.Count);
    }

    [Fact]
    public void An_item_that_the_user_later_disliked_is_not_relevant()
    {
        EvaluationSplit split = Splits.Temporal(Table([(0, 1, 1), (1, 5, 1), (1, 6, -1)]), cutMs: 5, "test");

        Assert.Empty(split.Users);
    }

    [Fact]
    public void A_user_without_interactions_before_the_cut_is_evaluated_on_the_last_ones_with_the_earlier_ones_folded_in()
    {
        EvaluationSplit split = Splits.Temporal(Table([(0, 1, 1)], [(1, 5, 1), (0, 6, 1), (2, 7, 4), (3, 8, 1)]), cutMs: 5, "test");

        EvaluationUser user = Assert.Single(split.Users);
        Assert.Equal([3], user.Relevant);
        Assert.Equal([0, 1, 2], user.History!.Items);
        Assert.Equal([1, 1, 2], user.History.Weights);
        Assert.Equal(0, split.Train.Weights.RowEntryCount(user.Row));
    }

    [Fact]
    public void A_user_with_only_one_interaction_is_not_evaluated() =>
        Assert.Empty(Splits.Temporal(Table([(0, 1, 1)], [(1, 5, 1)]), cutMs: 5, "test").Users);

    private static InteractionTable Table(params (int Item, long Time, float Weight)[][] users)
    {
        InteractionTable.Builder builder = new(Items);
        foreach ((int item, long time, float weight)[] user in users)
        {
            foreach ((int item, long time, float weight) in user)
            {
                builder.Add(item, time, weight);
            }

            builder.EndUser();
        }

        return builder.Build();
    }
}
