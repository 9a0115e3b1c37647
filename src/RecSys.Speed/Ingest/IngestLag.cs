namespace RecSys.Speed.Ingest;

/// <summary>Measures the ingest lag: the age of the oldest record that is not read yet, estimated from the observed ends of the log, or not known to be applied.</summary>
internal sealed class IngestLag
{
    private const int SamplesMax = 1_024;

    private readonly Queue<(long End, long SeenMs)> _ends = new();
    private readonly Queue<(long SentMs, double AgeMs)> _sent = new();
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

    /// <summary>Records the progress of the reading. Unread records that were in the log at the first observation are estimated to be as old as the newest read one.</summary>
    /// <param name="appendedMs">Time at which the newest read record was appended, in milliseconds on the same clock as the other times.</param>
    public void OnRead(long appendedMs) => _readMs = appendedMs;

    /// <summary>Records that a chunk was sent to users' actors.</summary>
    /// <param name="ageMs">Age of the chunk's oldest record, in milliseconds.</param>
    /// <param name="sentMs">Time of the sending, in milliseconds, as in the Takes.</param>
    public void OnSent(double ageMs, long sentMs)
    {
        if (_sent.Count < SamplesMax)
        {
            _sent.Enqueue((sentMs, ageMs));
        }
    }

    /// <summary>Returns the lag in milliseconds; 0 if every observed record was read and applied.</summary>
    /// <param name="next">Offset that is read next.</param>
    /// <param name="unappliedMs">Time at which the oldest record that is not known to be applied was sent; null if there is none.</param>
    /// <param name="nowMs">The current time.</param>
    public double At(long next, long? unappliedMs, long nowMs) => Math.Max(Unread(next, nowMs), Unapplied(unappliedMs, nowMs));

    /// <summary>Returns the age of the oldest record that was sent and is not known to be applied: the time since it was sent, plus its age at that time.</summary>
    private double Unapplied(long? sinceMs, long nowMs)
    {
        if (sinceMs is not { } sentMs)
        {
            _sent.Clear();
            return 0;
        }

        while (_sent.TryPeek(out (long SentMs, double AgeMs) applied) && applied.SentMs < sentMs)
        {
            _sent.Dequeue();
        }

        double ageMs = _sent.TryPeek(out (long SentMs, double AgeMs) oldest) && oldest.SentMs == sentMs ? oldest.AgeMs : 0;
        return nowMs - sentMs + ageMs;
    }

    /// <summary>Returns the age of the oldest record that was not read yet, in milliseconds; 0 if every observed record was read.</summary>
    public double Unread(long next, long nowMs)
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
