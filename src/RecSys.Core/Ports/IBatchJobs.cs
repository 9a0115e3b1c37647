using RecSys.Core.Jobs;

namespace RecSys.Core.Ports;

/// <summary>Long jobs: trainings, evaluations, rebuilds. One at a time.</summary>
public interface IBatchJobs
{
    /// <summary>Returns why a job cannot be started with its parameters, or null.</summary>
    JobProblem? Check(JobRequest request);

    /// <summary>Starts a job, or names the one of this kind with the same parameters that is queued or running.</summary>
    /// <exception cref="OverloadedException">Too many jobs wait.</exception>
    ValueTask<JobStatus> StartAsync(JobRequest request, CancellationToken cancellationToken);

    /// <summary>Returns the status of a job, or null if there is no such job.</summary>
    ValueTask<JobStatus?> GetAsync(string id, CancellationToken cancellationToken);

    /// <summary>The newest jobs, newest first; at most 100.</summary>
    ValueTask<IReadOnlyList<JobStatus>> ListAsync(CancellationToken cancellationToken);

    /// <summary>Asks a job to stop.</summary>
    /// <returns>Its state then, or null if no such job is known.</returns>
    ValueTask<JobStatus?> CancelAsync(string id, CancellationToken cancellationToken);
}
