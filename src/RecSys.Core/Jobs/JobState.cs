namespace RecSys.Core.Jobs;

/// <summary>Where a job stands.</summary>
public enum JobState
{
    /// <summary>It waits for another to end.</summary>
    Queued = 0,

    /// <summary>It runs.</summary>
    Running = 1,

    /// <summary>It did what was asked.</summary>
    Succeeded = 2,

    /// <summary>It ended with an error; the message says which.</summary>
    Failed = 3,

    /// <summary>It was asked to stop, and did.</summary>
    Cancelled = 4,
}
