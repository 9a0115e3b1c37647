namespace RecSys.Serving.Pipeline;

/// <summary>How much of a request's one deadline is used up, what it waited before it was handed over included.</summary>
internal readonly struct RequestClock(TimeProvider time, TimeSpan deadline, TimeSpan waited = default)
{
    private readonly long _start = time.GetTimestamp();

    public TimeSpan Elapsed => time.GetElapsedTime(_start) + waited;

    /// <summary>The share of the deadline that is over; above 1 if all of it is.</summary>
    public double ShareUsed => Elapsed / deadline;

    public bool IsOver => IsPast(1);

    public bool IsPast(double share) => ShareUsed >= share;
}
