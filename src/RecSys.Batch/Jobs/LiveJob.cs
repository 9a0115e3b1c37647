using RecSys.Core.Jobs;

namespace RecSys.Batch.Jobs;

/// <summary>The progress of the job that runs on this node, newer than the saved one. Safe for concurrent use.</summary>
internal sealed class LiveJob
{
    private State? _state;

    /// <summary>Gets the id of the newest job that was started on this node; null if there is none.</summary>
    public string? Id => Volatile.Read(ref _state)?.Id;

    /// <summary>Sets the job, without progress.</summary>
    public void Start(string id) => Volatile.Write(ref _state, new State(id, null));

    /// <summary>Sets the progress of a job.</summary>
    public void Report(string id, JobProgress progress) => Volatile.Write(ref _state, new State(id, progress));

    /// <summary>Returns a job with its newest progress, if it runs on this node.</summary>
    public JobStatus Of(StoredJob job) =>
        Volatile.Read(ref _state) is { Progress: { } progress } state && state.Id == job.Status.Id && job.Status.State == JobState.Running
            ? JobRules.Progressed(job, progress).Status
            : job.Status;

    private sealed record State(string Id, JobProgress? Progress);
}
