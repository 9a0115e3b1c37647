using Xunit;

namespace RecSys.Sqlite.Tests;

public sealed class SlatePositionTests
{
    private static readonly SlatePosition Mark = new(Segment: 4, FirstMs: 1_000, Slates: 10);

    [Theory]
    [InlineData(4, 1_000, 10, 0)]
    [InlineData(4, 1_000, 11, 0)]
    [InlineData(4, 1_000, 7, 3)]
    [InlineData(4, 0, 0, 10)]
    [InlineData(5, 2_000, 1, 0)]
    [InlineData(5, 0, 0, 0)]
    [InlineData(3, 500, 90, 10)]
    [InlineData(4, 1_001, 12, 10)]
    public void Slates_before_the_mark_that_are_not_there_are_missing(long segment, long firstMs, long slates, long missing) =>
        Assert.Equal(missing, new SlatePosition(segment, firstMs, slates).MissingSince(Mark));

    [Theory]
    [InlineData(4, 1_001, 10, true)]
    [InlineData(4, 1_000, 10, false)]
    [InlineData(4, 0, 0, false)]
    [InlineData(5, 1_001, 10, false)]
    public void A_segment_of_the_same_number_that_was_begun_at_another_time_is_another_files(long segment, long firstMs, long slates, bool isOther) =>
        Assert.Equal(isOther, new SlatePosition(segment, firstMs, slates).IsOfAnotherFileThan(Mark));

    [Fact]
    public void Nothing_is_missing_since_an_empty_file() => Assert.Equal(0, new SlatePosition(0, 0, 0).MissingSince(new SlatePosition(0, 0, 0)));
}
