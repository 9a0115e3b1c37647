namespace RecSys.Numerics;

/// <summary>How many threads a long computation may use, and at which niceness.</summary>
public sealed record WorkerThreads
{
    /// <summary>The most threads one computation may be given.</summary>
    public const int CountMax = 256;

    /// <summary>One thread, at the default niceness.</summary>
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
    /// How far the threads step back for others, 0 (not at all) to 19; default 10. The nice value of Linux, where
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
