namespace RecSys.Sqlite.Impressions;

/// <summary>
/// The clock for ages of slates: the wall clock, except that a jump ahead counts only after it has lasted for an hour, so that a clock that is
/// briefly wrong expires no slates. Not safe for concurrent use.
/// </summary>
internal sealed class AgeClock
{
    /// <summary>The longest time by which the wall clock may be ahead of the elapsed time before the difference counts as a jump.</summary>
    public static readonly TimeSpan JumpMax = TimeSpan.FromMinutes(5);

    /// <summary>Time for which a larger jump must last before it counts.</summary>
    public static readonly TimeSpan DoubtFor = TimeSpan.FromHours(1);

    private readonly TimeProvider _time;
    private long _believedMs;
    private long _believedAt;
    private long? _doubtedAt;

    public AgeClock(TimeProvider time)
    {
        _time = time;
        Believe(WallMs());
    }

    /// <summary>Returns the time, in milliseconds since 1970, UTC.</summary>
    public long NowMs()
    {
        long wallMs = WallMs();
        long expectedMs = _believedMs + (long)_time.GetElapsedTime(_believedAt).TotalMilliseconds;
        if (wallMs > expectedMs + (long)JumpMax.TotalMilliseconds)
        {
            _doubtedAt ??= _time.GetTimestamp();
            if (_time.GetElapsedTime(_doubtedAt.Value) < DoubtFor)
            {
                return expectedMs;
            }
        }

        Believe(wallMs);
        return wallMs;
    }

    private void Believe(long wallMs)
    {
        _believedMs = wallMs;
        _believedAt = _time.GetTimestamp();
        _doubtedAt = null;
    }

    private long WallMs() => _time.GetUtcNow().ToUnixTimeMilliseconds();
}
