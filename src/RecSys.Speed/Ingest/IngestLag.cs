namespace RecSys.Speed.Ingest;

/// <summary>Measures how old the oldest record is that was not read yet, from the ends that the log had when it was looked at.</summary>
internal sealed class IngestLag
{
    private const int SamplesMax = 1_024;

    private readonly Queue<(long End, long SeenMs)> _ends = new();
    private long _firstEnd = -1;
    private long _lastEnd = -1;
    private long _readMs = long.MaxValue;

    /// <summary>The log's end was looked at.</summary>
    public void OnEnd(long end, long nowMs)
    {
        if (end > _lastEnd && _ends.Count < SamplesMax)
        {
            _firstEnd = _lastEnd < 0 ? end : _firstEnd;
            _ends.Enqueue((end, nowMs));
            _lastEnd = end;
        }
    }

    /// <summary>Records were read on: what stood in the log when it was looked at first is about as old as they are.</summary>
    /// <param name="appendedMs">When the newest of them was appended, on the same clock as the other times.</param>
    public void OnRead(long appendedMs) => _readMs = appendedMs;

    /// <summary>The lag, in milliseconds; 0 where everything seen was read.</summary>
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
