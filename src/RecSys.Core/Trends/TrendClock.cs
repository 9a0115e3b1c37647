using RecSys.Core.Log;

namespace RecSys.Core.Trends;

/// <summary>
/// The time that the log has come to. Times come from callers, and a weight dated ahead of the others outweighs them; so a record counts at most an hour after
/// this time, and the time moves on only when a few records in a row, of users that take turns, are dated later.
/// </summary>
/// <remarks>
/// The time goes back when none of very many records comes near it: then it came from a clock that was wrong. An import of old records does the same where
/// nothing live arrives meanwhile; the next few live records bring the time back.
/// </remarks>
internal sealed class TrendClock
{
    /// <summary>The most by which a record's time may be ahead of the clock.</summary>
    public const long AheadMaxMs = 3_600_000;

    /// <summary>How many records of users that take turns must all be dated before the clock's time for it to go back.</summary>
    public const int DoubtCount = 4_096;

    private const int RecentCount = 4;

    private readonly long[] _recent = new long[RecentCount];
    private long _nowMs;
    private int _next;
    private int _count;
    private Owner _last;

    // Of the records since the time was last confirmed: how many, and the latest of their times.
    private int _doubts;
    private long _doubtMs = long.MinValue;

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

            Doubt(timestampMs);
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

        writer.Count(_doubts);
        writer.Int64(_doubtMs);
    }

    public void Read(ref ByteReader reader, int version)
    {
        _nowMs = reader.Int64();
        _next = reader.Count(RecentCount - 1);
        _count = reader.Count(RecentCount);
        _last = reader.Owner();
        foreach (ref long recent in _recent.AsSpan())
        {
            recent = reader.Int64();
        }

        if (version > 1)
        {
            _doubts = reader.Count(DoubtCount - 1);
            _doubtMs = reader.Int64();
        }
    }

    private void Doubt(long timestampMs)
    {
        if (timestampMs >= _nowMs || _nowMs - AheadMaxMs <= timestampMs)
        {
            (_doubts, _doubtMs) = (0, long.MinValue);
            return;
        }

        _doubtMs = Math.Max(_doubtMs, timestampMs);
        if (++_doubts == DoubtCount)
        {
            _nowMs = _doubtMs;
            (_doubts, _doubtMs) = (0, long.MinValue);
        }
    }
}
