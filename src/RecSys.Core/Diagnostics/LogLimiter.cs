namespace RecSys.Core.Diagnostics;

/// <summary>Lets one line of a kind be logged in a period, and counts the lines that were left out.</summary>
/// <remarks>For failures that repeat while a store is unavailable: otherwise each retry and each user would log a line. Safe for concurrent use.</remarks>
public sealed class LogLimiter
{
    /// <summary>The period where none is given.</summary>
    public static readonly TimeSpan DefaultPeriod = TimeSpan.FromMinutes(1);

    private readonly long _periodMs;
    private readonly Lock _gate = new();
    private long _dueMs = long.MinValue;
    private long _leftOut;

    /// <summary>Takes the period.</summary>
    /// <param name="period">At most one line is let through in it; above zero.</param>
    public LogLimiter(TimeSpan period)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(period, TimeSpan.Zero);
        _periodMs = (long)period.TotalMilliseconds;
    }

    /// <summary>Takes the period of <see cref="DefaultPeriod"/>.</summary>
    public LogLimiter()
        : this(DefaultPeriod)
    {
    }

    /// <summary>Asks for one line.</summary>
    /// <param name="nowMs">The time, in milliseconds since any fixed moment; it does not go back.</param>
    /// <param name="leftOut">How many lines were left out since the line before, where this one may be logged.</param>
    /// <returns>Whether the line may be logged.</returns>
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

    /// <summary>Asks for one line by a clock.</summary>
    /// <param name="time">The clock.</param>
    /// <param name="leftOut">How many lines were left out since the line before, where this one may be logged.</param>
    /// <returns>Whether the line may be logged.</returns>
    public bool TryPass(TimeProvider time, out long leftOut)
    {
        ArgumentNullException.ThrowIfNull(time);
        return TryPass((long)time.GetElapsedTime(0).TotalMilliseconds, out leftOut);
    }
}
