using RecSys.Core.Models;

namespace RecSys.Core.Ports;

/// <summary>Long jobs: trainings, evaluations, rebuilds. One at a time.</summary>
public interface IBatchJobs
{
    /// <summary>Starts a job, or names the one of this kind that is queued or running.</summary>
    ValueTask<JobStatus> StartAsync(JobRequest request, CancellationToken cancellationToken);

    /// <summary>What became of a job, or null if no such job is known.</summary>
    ValueTask<JobStatus?> GetAsync(string id, CancellationToken cancellationToken);

    /// <summary>The newest jobs, newest first; at most 100.</summary>
    ValueTask<IReadOnlyList<JobStatus>> ListAsync(CancellationToken cancellationToken);

    /// <summary>Asks a job to stop.</summary>
    /// <returns>Its state then, or null if no such job is known.</returns>
    ValueTask<JobStatus?> CancelAsync(string id, CancellationToken cancellationToken);
}
