namespace RecSys.Speed.Ingest;

/// <summary>Measures the ingest lag: the age of the oldest record that was not read yet, from the ends of the log that were observed.</summary>
internal sealed class IngestLag
{
    private const int SamplesMax = 1_024;

    private readonly Queue<(long End, long SeenMs)> _ends = new();
    private long _firstEnd = -1;
    private long _lastEnd = -1;
    private long _readMs = long.MaxValue;

    /// <summary>Records an observed end of the log.</summary>
    public void OnEnd(long end, long nowMs)
    {
        if (end > _lastEnd && _ends.Count < SamplesMax)
        {
            _firstEnd = _lastEnd < 0 ? end : _firstEnd;
            _ends.Enqueue((end, nowMs));
            _lastEnd = end;
        }
    }

    /// <summary>Records the progress of the reading: records that were in the log at the first observation are about as old as the ones read.</summary>
    /// <param name="appendedMs">Time at which the newest read record was appended, on the same clock as the other times.</param>
    public void OnRead(long appendedMs) => _readMs = appendedMs;

    /// <summary>Returns the lag in milliseconds; 0 if every observed record was read.</summary>
    public double At(long next, long nowMs)
    {
        while (_ends.TryPeek(out (long End, long SeenMs) oldest) && oldest.End <= next)
        {
            _ends.Dequeue();
        }

        if (!_ends.TryPeek(out (long End, long SeenMs) unread))
        {
            return 0;
        }

        return nowMs - (unread.End == _firstEnd ? Math.Min(unread.SeenMs, _readMs) : unread.SeenMs);
    }
}
