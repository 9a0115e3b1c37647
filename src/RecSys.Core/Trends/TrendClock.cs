using RecSys.Core.Log;

namespace RecSys.Core.Trends;

/// <summary>
/// The current time, estimated from the times of the log's records. Callers supply the times of records, and a record with a time far ahead would outweigh all others; so a record's
/// time is limited to one hour after the clock, and the clock advances only when a few successive records of alternating users have later times.
/// </summary>
/// <remarks>
/// The clock goes back if none of the last <see cref="DoubtCount"/> such records is near it: it was then set by records with wrong times. An import of old
/// records without live ones in between also sets it back; the next few live records set it forward again.
/// </remarks>
internal sealed class TrendClock
{
    /// <summary>The longest time by which a record may be ahead of the clock, in milliseconds.</summary>
    public const long AheadMaxMs = 3_600_000;

    /// <summary>Number of successive records, of alternating users, that must all be earlier than the clock by more than <see cref="AheadMaxMs"/> before it goes back.</summary>
    public const int DoubtCount = 4_096;

    private const int RecentCount = 4;

    private readonly long[] _recent = new long[RecentCount];
    private long _nowMs;
    private int _next;
    private int _count;
    private Owner _last;

    // The number of records since the last record whose time was near the clock or after it, and the latest time among them.
    private int _doubts;
    private long _doubtMs = long.MinValue;

    /// <summary>Applies a record to the clock, and returns the time to use for it: its own, limited to an hour after the clock.</summary>
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

    /// <summary>Removes an owner from the clock's state.</summary>
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
