using RecSys.Core.Jobs;

namespace RecSys.Batch.Jobs;

/// <summary>The progress of the job that runs on this node; it is newer than the saved progress. Safe for concurrent use.</summary>
internal sealed class LiveJob
{
    private State? _state;

    /// <summary>Gets the id of the job that was started last on this node; null if none was.</summary>
    public string? Id => Volatile.Read(ref _state)?.Id;

    /// <summary>Sets the job that runs, without progress.</summary>
    public void Start(string id) => Volatile.Write(ref _state, new State(id, null));

    /// <summary>Sets the progress of the job that runs.</summary>
    public void Report(string id, JobProgress progress) => Volatile.Write(ref _state, new State(id, progress));

    /// <summary>Returns the status of a job: with its newest progress if it runs on this node, otherwise as stored.</summary>
    public JobStatus Of(StoredJob job) =>
        Volatile.Read(ref _state) is { Progress: { } progress } state && state.Id == job.Status.Id && job.Status.State == JobState.Running
            ? JobRules.Progressed(job, progress).Status
            : job.Status;

    private sealed record State(string Id, JobProgress? Progress);
}
