using RecSys.Core.Jobs;

namespace RecSys.Core.Ports;

/// <summary>Long jobs: trainings, evaluations, rebuilds. One at a time.</summary>
public interface IBatchJobs
{
    /// <summary>Returns why a job cannot be started as it is asked for, or null.</summary>
    JobProblem? Check(JobRequest request);

    /// <summary>Starts a job, or names the one of this kind with the same parameters that is queued or running.</summary>
    /// <exception cref="OverloadedException">Too many jobs wait.</exception>
    ValueTask<JobStatus> StartAsync(JobRequest request, CancellationToken cancellationToken);

    /// <summary>What became of a job, or null if no such job is known.</summary>
    ValueTask<JobStatus?> GetAsync(string id, CancellationToken cancellationToken);

    /// <summary>The newest jobs, newest first; at most 100.</summary>
    ValueTask<IReadOnlyList<JobStatus>> ListAsync(CancellationToken cancellationToken);

    /// <summary>Asks a job to stop.</summary>
    /// <returns>Its state then, or null if no such job is known.</returns>
    ValueTask<JobStatus?> CancelAsync(string id, CancellationToken cancellationToken);
}
