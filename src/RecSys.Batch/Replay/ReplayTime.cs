namespace RecSys.Batch.Replay;

/// <summary>A clock that shows the same time until it is moved. Timers of this clock never fire. Safe for concurrent use.</summary>
public sealed class ReplayTime : TimeProvider
{
    private long _nowMs;

    /// <inheritdoc/>
    public override long TimestampFrequency => 1_000;

    /// <summary>Gets the time in milliseconds since 1970, UTC.</summary>
    public long NowMs => Volatile.Read(ref _nowMs);

    /// <summary>Sets the time of the clock.</summary>
    /// <param name="nowMs">The time in milliseconds since 1970, UTC; limited to the years 1 to 9999.</param>
    public void MoveTo(long nowMs) => Volatile.Write(
        ref _nowMs, Math.Clamp(nowMs, DateTimeOffset.MinValue.ToUnixTimeMilliseconds(), DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()));

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => DateTimeOffset.FromUnixTimeMilliseconds(NowMs);

    /// <inheritdoc/>
    public override long GetTimestamp() => NowMs;

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => Never.Instance;

    private sealed class Never : ITimer
    {
        public static readonly Never Instance = new();

        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
