using System.Buffers.Text;
using RecSys.Core.Log;
using Xunit;

namespace RecSys.Core.Tests.Log;

public sealed class LogPositionTests
{
    private static readonly LogRange[] Ranges = [new(0, 10), new(5, 7)];

    [Theory]
    [InlineData(false, 1, 9, 6)]
    [InlineData(true, 1, 10, 6)]
    [InlineData(true, 1, -1, 7)]
    [InlineData(false, 0, 99, 99)]
    [InlineData(true, 2, -1, -1)]
    public void A_position_is_beyond_a_log_that_holds_less_than_it_covers(bool isBeyond, int epoch, long first, long second) =>
        Assert.Equal(isBeyond, new LogPosition(epoch, [first, second]).IsBeyond(new LogShape(Epoch: 1, PartitionCount: 2), Ranges));

    [Fact]
    public void A_position_of_more_partitions_than_the_log_has_is_beyond_it() =>
        Assert.True(new LogPosition(1, [3, 5, 0]).IsBeyond(new LogShape(Epoch: 1, PartitionCount: 2), Ranges));

    [Fact]
    public void The_text_of_a_position_is_that_of_earlier_versions() =>
        Assert.Equal(Base64Url.EncodeToString("1.3.17..0"u8), new LogPosition(3, [17, -1, 0]).ToString());

    [Theory]
    [InlineData(0, 0, -1)]
    [InlineData(0, 1, 0)]
    [InlineData(7, 24, 1_234_567)]
    [InlineData(int.MaxValue, LogPosition.PartitionsMax, long.MaxValue)]
    public void A_position_is_parsed_from_its_text(int epoch, int partitions, long offset)
    {
        LogPosition position = new(epoch, [.. Enumerable.Repeat(offset, partitions)]);

        Assert.True(LogPosition.TryParse(position.ToString(), out LogPosition? parsed));
        Assert.Equal(position, parsed);
    }
}
