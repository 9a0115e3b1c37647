namespace RecSys.Batch;

/// <summary>Determines which jobs this process runs.</summary>
/// <param name="IsForOneCommand">Whether this process runs only the jobs that it starts itself, schedules no trainings, and cancels its jobs when it ends, as a command does; false for a server.</param>
public sealed record BatchScope(bool IsForOneCommand);
