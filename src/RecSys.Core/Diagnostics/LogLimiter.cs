namespace RecSys.Core.Diagnostics;

/// <summary>Limits repeated log messages to one per period, and counts the suppressed ones.</summary>
/// <remarks>Use it for failures that repeat while a store is unavailable: without a limit, each retry and each user would log a line. Safe for concurrent use.</remarks>
public sealed class LogLimiter
{
    /// <summary>The default period.</summary>
    public static readonly TimeSpan DefaultPeriod = TimeSpan.FromMinutes(1);

    private readonly long _periodMs;
    private readonly Lock _gate = new();
    private long _dueMs = long.MinValue;
    private long _leftOut;

    /// <summary>Creates a limiter with a period.</summary>
    /// <param name="period">The period in which one message is allowed; above zero.</param>
    public LogLimiter(TimeSpan period)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(period, TimeSpan.Zero);
        _periodMs = (long)period.TotalMilliseconds;
    }

    /// <summary>Creates a limiter with <see cref="DefaultPeriod"/>.</summary>
    public LogLimiter()
        : this(DefaultPeriod)
    {
    }

    /// <summary>Returns whether a message may be logged now.</summary>
    /// <param name="nowMs">The time, in milliseconds since any fixed moment; it does not go back.</param>
    /// <param name="leftOut">The number of messages suppressed since the last allowed one, if this one is allowed.</param>
    /// <returns>Whether the message may be logged.</returns>
    public bool TryPass(long nowMs, out long leftOut)
    {
        lock (_gate)
        {
            leftOut = _leftOut;
            if (nowMs < _dueMs)
            {
                _leftOut++;
                return false;
            }

            _dueMs = nowMs + _periodMs;
            _leftOut = 0;
            return true;
        }
    }

    /// <summary>Returns whether a message may be logged now, by a clock.</summary>
    /// <param name="time">Clock whose timestamps measure the time between two messages.</param>
    /// <param name="leftOut">The number of messages suppressed since the last allowed one, if this one is allowed.</param>
    /// <returns>Whether the message may be logged.</returns>
    public bool TryPass(TimeProvider time, out long leftOut)
    {
        ArgumentNullException.ThrowIfNull(time);
        return TryPass((long)time.GetElapsedTime(0).TotalMilliseconds, out leftOut);
    }
}
