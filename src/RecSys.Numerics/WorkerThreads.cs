namespace RecSys.Numerics;

/// <summary>Number of threads of a long computation, and their niceness.</summary>
public sealed record WorkerThreads
{
    /// <summary>The most threads one computation may be given.</summary>
    public const int CountMax = 256;

    /// <summary>Gets one thread, at the default niceness.</summary>
    public static WorkerThreads One { get; } = new();

    /// <summary>Threads, 1 to <see cref="CountMax"/>; default 1. Results never depend on it.</summary>
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
    /// .NET's thread priorities do nothing; elsewhere anything above zero means
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
