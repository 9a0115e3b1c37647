namespace RecSys.Speed.Ingest;

/// <summary>Measures how old the oldest record is that was not read yet, from the ends that the log had when it was looked at.</summary>
internal sealed class IngestLag
{
    private const int SamplesMax = 1_024;

    private readonly Queue<(long End, long SeenMs)> _ends = new();
    private long _lastEnd = -1;

    /// <summary>The log's end was looked at.</summary>
    public void OnEnd(long end, long nowMs)
    {
        if (end > _lastEnd && _ends.Count < SamplesMax)
        {
            _ends.Enqueue((end, nowMs));
            _lastEnd = end;
        }
    }

    /// <summary>The lag, in milliseconds; 0 where everything seen was read.</summary>
    public double At(long next, long nowMs)
    {
        while (_ends.TryPeek(out (long End, long SeenMs) oldest) && oldest.End <= next)
        {
            _ends.Dequeue();
        }

        return _ends.TryPeek(out (long End, long SeenMs) unread) ? nowMs - unread.SeenMs : 0;
    }
}
