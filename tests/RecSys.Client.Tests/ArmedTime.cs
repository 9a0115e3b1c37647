using System.Threading.Channels;

using Microsoft.Extensions.Time.Testing;

using Xunit;

namespace RecSys.Client.Tests;

/// <summary>A clock that a test advances, and that reports which timers were set, so that it is never advanced too early.</summary>
internal sealed class ArmedTime() : FakeTimeProvider(Noon)
{
    public static readonly DateTimeOffset Noon = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);

    private readonly Channel<TimeSpan> _armed = Channel.CreateBounded<TimeSpan>(1_000);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ITimer timer = base.CreateTimer(callback, state, dueTime, period);
        Assert.True(_armed.Writer.TryWrite(dueTime));
        return timer;
    }

    /// <summary>Waits until the next timer is set, in their order.</summary>
    public ValueTask<TimeSpan> NextTimerAsync() => _armed.Reader.ReadAsync(TestContext.Current.CancellationToken);
}
