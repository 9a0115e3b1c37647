using Microsoft.Extensions.Time.Testing;

namespace RecSys.TestKit;

/// <summary>A clock whose wall time jumps; its timers and monotone time do not.</summary>
public sealed class JumpingTime : FakeTimeProvider
{
    /// <summary>Gets or sets how far the wall clock is ahead.</summary>
    public TimeSpan Ahead { get; set; }

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Ahead;

    public override long GetTimestamp() => base.GetUtcNow().Ticks;
}
