namespace RecSys.Core.Jobs;

/// <summary>The progress of a job or of a part of it.</summary>
/// <param name="Stage">The current stage, in a few words.</param>
/// <param name="Done">The share that is done, 0 to 1; never decreases.</param>
public readonly record struct JobProgress(string Stage, double Done)
{
    /// <summary>Returns this progress as a part of a larger whole.</summary>
    public JobProgress Within(double from, double to) => this with { Done = from + (Done * (to - from)) };
}
