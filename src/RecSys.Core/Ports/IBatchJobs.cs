using RecSys.Core.Jobs;

namespace RecSys.Core.Ports;

/// <summary>Long-running jobs: trainings, evaluations, rebuilds. They run one at a time.</summary>
public interface IBatchJobs
{
    /// <summary>Returns why a job cannot be started with its parameters, or null.</summary>
    JobProblem? Check(JobRequest request);

    /// <summary>Starts a job, or returns the one of this kind with the same parameters that is queued or running.</summary>
    /// <exception cref="OverloadedException">Too many jobs are queued.</exception>
    ValueTask<JobStatus> StartAsync(JobRequest request, CancellationToken cancellationToken);

    /// <summary>Returns the status of a job, or null if there is no such job.</summary>
    ValueTask<JobStatus?> GetAsync(string id, CancellationToken cancellationToken);

    /// <summary>Returns the newest jobs, newest first; at most 100.</summary>
    ValueTask<IReadOnlyList<JobStatus>> ListAsync(CancellationToken cancellationToken);

    /// <summary>Requests the cancellation of a job.</summary>
    /// <returns>The state of the job then, or null if there is no such job.</returns>
    ValueTask<JobStatus?> CancelAsync(string id, CancellationToken cancellationToken);
}
