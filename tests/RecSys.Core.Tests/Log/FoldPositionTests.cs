using RecSys.Core.Log;
using Xunit;

namespace RecSys.Core.Tests.Log;

public sealed class FoldPositionTests
{
    [Fact]
    public void A_record_counts_once_however_often_it_is_read()
    {
        FoldPosition position = new();

        Assert.True(position.TryMoveTo(new RecordPosition(0, 0, 5)));
        Assert.False(position.TryMoveTo(new RecordPosition(0, 0, 5)));
        Assert.False(position.TryMoveTo(new RecordPosition(0, 0, 4)));
        Assert.True(position.TryMoveTo(new RecordPosition(0, 0, 6)));
    }

    [Fact]
    public void Positions_of_partitions_move_independently()
    {
        FoldPosition position = new();

        Assert.True(position.TryMoveTo(new RecordPosition(0, 1, 5)));
        Assert.True(position.TryMoveTo(new RecordPosition(0, 0, 0)));
        Assert.False(position.TryMoveTo(new RecordPosition(0, 1, 5)));
    }

    [Fact]
    public void A_loaded_position_covers_the_same_records()
    {
        FoldPosition before = new();
        before.TryMoveTo(new RecordPosition(0, 0, 5));
        FoldPosition position = new();

        position.Reset(before.ToLogPosition());

        Assert.False(position.TryMoveTo(new RecordPosition(0, 0, 5)));
        Assert.True(position.TryMoveTo(new RecordPosition(0, 0, 6)));
    }
}
