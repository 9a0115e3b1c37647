namespace RecSys.Batch;

/// <summary>Which jobs this process runs.</summary>
/// <param name="IsForOneCommand">Whether it runs only the jobs that are started through it, schedules no trainings, and cancels its jobs when it ends.</param>
public sealed record BatchScope(bool IsForOneCommand);
