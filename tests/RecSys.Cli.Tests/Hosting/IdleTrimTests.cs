using RecSys.Cli.Hosting;
using Xunit;

namespace RecSys.Cli.Tests.Hosting;

public sealed class IdleTrimTests
{
    private const long Mega = 1 << 20;

    [Theory]
    [InlineData(1, 2_000, 0, true)] // idle after a burst
    [InlineData(50, 2_000, 0, false)] // at work
    [InlineData(1, 300, 0, false)] // too little to be worth a stop
    [InlineData(1, 900, 700, false)] // not much more than what was left the last time
    [InlineData(1, 1_200, 700, true)] // another burst
    public void Memory_is_returned_when_the_process_is_idle_and_the_heap_has_grown(long allocatedMb, long committedMb, long leftMb, bool isDue) =>
        Assert.Equal(isDue, IdleTrim.IsDue(allocatedMb * Mega, committedMb * Mega, leftMb * Mega));
}
