namespace RecSys.Batch.Replay;

/// <summary>A clock that shows the same time until it is moved: no deadline passes, and no timer fires.</summary>
public sealed class ReplayTime : TimeProvider
{
    private long _nowMs;

    /// <inheritdoc/>
    public override long TimestampFrequency => 1_000;

    /// <summary>Gets the time in milliseconds since 1970, UTC.</summary>
    public long NowMs => Volatile.Read(ref _nowMs);

    /// <summary>Moves the clock; times outside the years 1 to 9999 are limited to them.</summary>
    /// <param name="nowMs">Milliseconds since 1970, UTC.</param>
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
