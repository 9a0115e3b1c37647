namespace RecSys.Serving.Pipeline;

/// <summary>Measures the time of a request since its start, including the time that it waited before.</summary>
/// <param name="time">Clock that gives the timestamps.</param>
/// <param name="deadline">Time within which the request is answered; above 0.</param>
/// <param name="waited">Time for which the request waited before this clock was created.</param>
internal readonly struct RequestClock(TimeProvider time, TimeSpan deadline, TimeSpan waited = default)
{
    private readonly long _start = time.GetTimestamp();

    public TimeSpan Elapsed => time.GetElapsedTime(_start) + waited;

    /// <summary>Gets the elapsed time divided by the deadline; above 1 after the deadline.</summary>
    public double ShareUsed => Elapsed / deadline;

    public bool IsPast(double share) => ShareUsed >= share;
}
