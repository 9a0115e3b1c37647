using RecSys.Core.Log;

namespace RecSys.Core.Trends;

/// <summary>
/// What time it is in the log. Times come from callers, and a weight dated ahead of the others would outweigh them all, by 2 to the half-lives
/// that it is ahead; so time moves on only when a few records in a row, of users that take turns, say so.
/// </summary>
internal sealed class TrendClock
{
    /// <summary>How far ahead of the clock a record may be dated.</summary>
    public const long AheadMaxMs = 3_600_000;

    private const int RecentCount = 4;

    private readonly long[] _recent = new long[RecentCount];
    private long _nowMs;
    private int _next;
    private int _count;
    private Owner _last;

    /// <summary>The time that a record counts at.</summary>
    public long Date(long timestampMs, Owner owner)
    {
        if (_count == 0 || owner != _last)
        {
            _nowMs = _count == 0 ? timestampMs : _nowMs;
            _recent[_next] = timestampMs;
            _next = (_next + 1) % RecentCount;
            _count = Math.Min(_count + 1, RecentCount);
            _last = owner;
            if (_count == RecentCount)
            {
                _nowMs = Math.Max(_nowMs, _recent.Min());
            }
        }

        return _nowMs > long.MaxValue - AheadMaxMs ? timestampMs : Math.Min(timestampMs, _nowMs + AheadMaxMs);
    }

    /// <summary>Forgets that the last record was theirs.</summary>
    public void Forget(Owner owner)
    {
        if (owner == _last)
        {
            _last = default;
        }
    }

    public void Write(ref ByteWriter writer)
    {
        writer.Int64(_nowMs);
        writer.Count(_next);
        writer.Count(_count);
        writer.Owner(_last);
        foreach (long recent in _recent)
        {
            writer.Int64(recent);
        }
    }

    public void Read(ref ByteReader reader)
    {
        _nowMs = reader.Int64();
        _next = reader.Count(RecentCount - 1);
        _count = reader.Count(RecentCount);
        _last = reader.Owner();
        foreach (ref long recent in _recent.AsSpan())
        {
            recent = reader.Int64();
        }
    }
}
