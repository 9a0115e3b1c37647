using RecSys.Batch.Evaluation;
using RecSys.Batch.Training;
using RecSys.Core;
using Xunit;

namespace RecSys.Batch.Tests.Evaluation;

public sealed class SplitsTests
{
    private static readonly ItemIndex Items = ItemIndex.Of("abcde".Select(letter => new ItemId($"{letter}")));

    [Fact]
    public void Leave_one_out_asks_for_each_users_newest_item()
    {
        EvaluationSplit split = Splits.LeaveOneOut(Table([(0, 1, 1), (1, 2, 1), (2, 3, 1)], [(3, 1, 1)], [(0, 1, 1), (1, 2, 1), (0, 3, 1)]));

        EvaluationUser user = Assert.Single(split.Users);
        Assert.Equal([2], user.Relevant);
        Assert.Equal([0, 1], split.Train.Weights.RowColumns(user.Row).ToArray());

        // The newest of the third user was touched before: what came after its first time is left out, and nothing is left before it.
        Assert.Equal(0, split.Train.Weights.RowEntryCount(2));
    }

    [Fact]
    public void A_temporal_split_learns_nothing_from_after_the_cut()
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
    public void An_item_that_the_user_came_to_dislike_is_not_relevant()
    {
        EvaluationSplit split = Splits.Temporal(Table([(0, 1, 1), (1, 5, 1), (1, 6, -1)]), cutMs: 5, "test");

        Assert.Empty(split.Users);
    }

    [Fact]
    public void Given_files_are_read_whatever_stands_between_the_fields()
    {
        EvaluationSplit split = Splits.Files(["u1\ta\t5", "u1 b", "", "u2,c,3"], ["u1 c d a", "u3 a"]);

        EvaluationUser user = Assert.Single(split.Users);
        Assert.Equal("u1", user.Name?.Value);
        Assert.Equal(["c", "d"], user.Relevant.Select(item => split.Train.Items[item].Value));
        Assert.Equal(["a", "b"], split.Train.Weights.RowColumns(user.Row).ToArray().Select(item => split.Train.Items[item].Value));
        Assert.Equal(IdealGain.AllRelevant, split.Ideal);
    }

    [Fact]
    public void A_bad_line_of_a_given_file_is_named()
    {
        FormatException exception = Assert.Throws<FormatException>(() => Splits.Files(["u1 a", "u2"], []));

        Assert.Contains("line 2 of the training file", exception.Message, StringComparison.Ordinal);
    }

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
