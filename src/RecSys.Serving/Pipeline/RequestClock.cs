namespace RecSys.Serving.Pipeline;

/// <summary>Measures the elapsed share of a request's deadline, including the wait before the pipeline.</summary>
internal readonly struct RequestClock(TimeProvider time, TimeSpan deadline, TimeSpan waited = default)
{
    private readonly long _start = time.GetTimestamp();

    public TimeSpan Elapsed => time.GetElapsedTime(_start) + waited;

    /// <summary>Gets the elapsed share of the deadline; above 1 after the deadline.</summary>
    public double ShareUsed => Elapsed / deadline;

    public bool IsOver => IsPast(1);

    public bool IsPast(double share) => ShareUsed >= share;
}
