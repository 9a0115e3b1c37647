namespace RecSys.Batch.Training;

/// <summary>How far a long computation is.</summary>
/// <param name="Stage">What it does now, in a few words.</param>
/// <param name="Done">How much of all is done, 0 to 1; never falls.</param>
public readonly record struct TrainingProgress(string Stage, double Done)
{
    /// <summary>The same within a part of a larger whole.</summary>
    public TrainingProgress Within(double from, double to) => this with { Done = from + (Done * (to - from)) };
}
