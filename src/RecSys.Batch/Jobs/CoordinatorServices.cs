using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace RecSys.Batch.Jobs;

/// <summary>What the coordinators of this node share; a coordinator that failed is replaced by another.</summary>
/// <param name="Jobs">The jobs.</param>
/// <param name="Options">The options.</param>
/// <param name="Node">Address of this node.</param>
/// <param name="Clock">The clock.</param>
/// <param name="Meter">The metrics.</param>
/// <param name="OneAtATime">Held while a job runs on this node.</param>
/// <param name="Live">The job that runs on this node.</param>
/// <param name="OwnJobs">Ids of the only jobs that are run, as keys, where this process runs for one command; null: all jobs are run, and trainings are scheduled.</param>
/// <param name="Log">The log.</param>
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
