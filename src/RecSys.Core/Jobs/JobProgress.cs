namespace RecSys.Core.Jobs;

/// <summary>How far a job or a part of it is.</summary>
/// <param name="Stage">The current stage, in a few words.</param>
/// <param name="Done">The share of the whole that is done, 0 to 1; never falls.</param>
public readonly record struct JobProgress(string Stage, double Done)
{
    /// <summary>Returns the same progress within a part of a larger whole.</summary>
    public JobProgress Within(double from, double to) => this with { Done = from + (Done * (to - from)) };
}
