using Microsoft.Extensions.Time.Testing;

namespace RecSys.TestKit;

/// <summary>A clock whose wall time jumps, while timers and what passes are as before.</summary>
public sealed class JumpingTime : FakeTimeProvider
{
    /// <summary>How far the wall clock is ahead of what it would be without jumps.</summary>
    public TimeSpan Ahead { get; set; }

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Ahead;

    public override long GetTimestamp() => base.GetUtcNow().Ticks;
}
