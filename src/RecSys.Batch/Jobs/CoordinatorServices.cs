using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace RecSys.Batch.Jobs;

/// <summary>The services that the coordinators of this node share. A coordinator that fails is restarted, so a node may have several, one after the other.</summary>
/// <param name="Jobs">The jobs in the control store.</param>
/// <param name="Options">Options of the batch layer, with the interval of scheduled trainings.</param>
/// <param name="Node">The address of this node.</param>
/// <param name="Clock">Clock that gives the times of jobs and drives the timers.</param>
/// <param name="Meter">Receives the metrics of jobs.</param>
/// <param name="OneAtATime">A semaphore of one place, held while a job runs on this node.</param>
/// <param name="Live">The progress of the job that runs on this node.</param>
/// <param name="OwnJobs">The ids, as keys, of the jobs that this process started, if it runs only these (<see cref="BatchScope"/>); null: all jobs are run, and trainings are scheduled.</param>
/// <param name="Log">The logger of the coordinator.</param>
internal sealed record CoordinatorServices(
    StoredJobs Jobs,
    BatchOptions Options,
    string Node,
    TimeProvider Clock,
    BatchMeter Meter,
    SemaphoreSlim OneAtATime,
    LiveJob Live,
    ConcurrentDictionary<string, bool>? OwnJobs,
    ILogger<BatchCoordinator> Log);
