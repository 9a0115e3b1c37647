namespace RecSys.Numerics;

/// <summary>Number of threads of a long computation, and their niceness.</summary>
public sealed record WorkerThreads
{
    /// <summary>The largest number of threads of one computation.</summary>
    public const int CountMax = 256;

    /// <summary>Gets the options for one thread with the default niceness.</summary>
    public static WorkerThreads One { get; } = new();

    /// <summary>Gets the number of threads, 1 to <see cref="CountMax"/>; default 1. Results do not depend on it.</summary>
    public int Count
    {
        get;
        init
        {
            Throw.IfOutside(value, 1, CountMax, nameof(Count));
            field = value;
        }
    } = 1;

    /// <summary>
    /// Gets the threads' niceness, 0 (normal priority) to 19; default 10. The nice value of Linux, where
    /// .NET's thread priorities do nothing; elsewhere any value above 0 means
    /// <see cref="ThreadPriority.BelowNormal"/>.
    /// </summary>
    public int Niceness
    {
        get;
        init
        {
            Throw.IfOutside(value, 0, 19, nameof(Niceness));
            field = value;
        }
    } = 10;
}
