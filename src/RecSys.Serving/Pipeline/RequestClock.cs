namespace RecSys.Serving.Pipeline;

/// <summary>How much of a request's one deadline is used up.</summary>
internal readonly struct RequestClock(TimeProvider time, TimeSpan deadline)
{
    private readonly long _start = time.GetTimestamp();

    public TimeSpan Elapsed => time.GetElapsedTime(_start);

    public bool IsOver => Elapsed >= deadline;

    public bool IsPast(double share) => Elapsed >= deadline * share;
}
