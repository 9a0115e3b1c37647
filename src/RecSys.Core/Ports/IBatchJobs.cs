using RecSys.Core.Jobs;

namespace RecSys.Core.Ports;

/// <summary>Long-running jobs: trainings, evaluations, rebuilds. They run one at a time in the cluster, and every node sees and cancels them. A job survives the end of its node: it is started again, unless it is a rebuild.</summary>
public interface IBatchJobs
{
    /// <summary>Gets the address of this node, as <see cref="JobStatus.Node"/> has it.</summary>
    string Node { get; }

    /// <summary>Returns why a job cannot be started with its parameters, or null.</summary>
    JobProblem? Check(JobRequest request);

    /// <summary>Starts a job, or returns the one of this kind with the same parameters that is queued or running.</summary>
    /// <exception cref="OverloadedException">Too many jobs are queued.</exception>
    /// <exception cref="StoreUnavailableException">The control store cannot be reached, or no node of the cluster runs jobs.</exception>
    ValueTask<JobStatus> StartAsync(JobRequest request, CancellationToken cancellationToken);

    /// <summary>Returns the status of a job, or null if there is no such job.</summary>
    /// <exception cref="StoreUnavailableException">The control store cannot be reached.</exception>
    ValueTask<JobStatus?> GetAsync(string id, CancellationToken cancellationToken);

    /// <summary>Returns the newest jobs, newest first; at most 100.</summary>
    /// <exception cref="StoreUnavailableException">The control store cannot be reached.</exception>
    ValueTask<IReadOnlyList<JobStatus>> ListAsync(CancellationToken cancellationToken);

    /// <summary>Requests the cancellation of a job.</summary>
    /// <returns>The state of the job then, or null if there is no such job.</returns>
    /// <exception cref="StoreUnavailableException">The outcome is unknown; the call may be repeated.</exception>
    ValueTask<JobStatus?> CancelAsync(string id, CancellationToken cancellationToken);
}
