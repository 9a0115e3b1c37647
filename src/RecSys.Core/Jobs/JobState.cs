namespace RecSys.Core.Jobs;

/// <summary>The state of a job.</summary>
public enum JobState
{
    /// <summary>It waits for another to end.</summary>
    Queued = 0,

    /// <summary>It runs.</summary>
    Running = 1,

    /// <summary>It completed.</summary>
    Succeeded = 2,

    /// <summary>It ended with an error; the message says which.</summary>
    Failed = 3,

    /// <summary>It was cancelled.</summary>
    Cancelled = 4,
}
