using RecSys.Batch.Replay;
using Xunit;

namespace RecSys.Batch.Tests.Replay;

public sealed class ActFileTests
{
    [Fact]
    public void Rows_are_read_with_any_separator_of_fields()
    {
        Assert.Equal(
            [new FileAct("u1", "a") { Value = 5 }, new FileAct("u1", "b") { Value = 4.5 }, new FileAct("u2", "c") { Value = 3 }],
            ActFile.Read("f", ["u1\ta\t5", "u1 b 4.5", "", "u2,c,3"], ActFileForm.Auto));
    }

    [Fact]
    public void Times_are_seconds_or_milliseconds_by_their_size() =>
        Assert.Equal(
            [881250949000, 881250949123],
            ActFile.Read("f", ["u a 3 881250949", "u b 3 881250949123"], ActFileForm.Auto).Select(act => act.TimeMs!.Value));

    [Fact]
    public void Columns_of_a_header_may_stand_in_any_order() =>
        Assert.Equal(
            [new FileAct("7", "12") { Type = "like", TimeMs = 5_000 }],
            ActFile.Read("f", ["timestamp,movieId,type,userId", "5,12,like,7"], ActFileForm.Auto));

    [Fact]
    public void Lines_of_different_lengths_are_lists_of_a_user() =>
        Assert.Equal(
            [("u", "a", 0), ("u", "b", 1), ("v", "a", 0), ("v", "b", 1), ("v", "c", 2), ("v", "d", 3)],
            ActFile.Read("f", ["u a b", "v a b c d"], ActFileForm.Auto).Select(act => (act.User, act.Item, act.Place)));

    [Fact]
    public void Test_files_of_three_fields_are_lists_and_training_files_are_rows()
    {
        Assert.Equal(2, ActFile.Read("f", ["u a b"], ActFileForm.Test).Count);
        Assert.Throws<FormatException>(() => ActFile.Read("f", ["u a b"], ActFileForm.Auto));
    }

    [Fact]
    public void Sessions_have_no_user() =>
        Assert.Equal(2, ActFile.Read("f", ["a b c", "a"], ActFileForm.Sessions).Select(act => act.User).Distinct().Count());

    [Theory]
    [InlineData("u", "line 2 has no user and item")]
    [InlineData("u .", "line 2 has an id that must not be '.' or '..'")]
    [InlineData("u a x", "line 2 has 'x' as value, which is not a number")]
    public void A_bad_line_is_named(string line, string problem)
    {
        FormatException error = Assert.Throws<FormatException>(() => ActFile.Read("train.txt", ["u a 1", line], ActFileForm.Rows));

        Assert.StartsWith("train.txt: " + problem, error.Message, StringComparison.Ordinal);
    }
}
