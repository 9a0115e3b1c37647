namespace RecSys.Core.Jobs;

/// <summary>The state of a job.</summary>
public enum JobState
{
    /// <summary>The job waits for another job to end.</summary>
    Queued = 0,

    /// <summary>The job runs.</summary>
    Running = 1,

    /// <summary>The job completed.</summary>
    Succeeded = 2,

    /// <summary>The job ended with an error, which is its message.</summary>
    Failed = 3,

    /// <summary>The job was cancelled.</summary>
    Cancelled = 4,
}
