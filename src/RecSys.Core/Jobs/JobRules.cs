namespace RecSys.Core.Jobs;

/// <summary>The rules of jobs: one runs at a time, in the order of the requests; the same job is never queued twice; a job whose coordinator ended is started again, unless it is a rebuild.</summary>
/// <remarks>Pure functions of the stored jobs: every node applies them, and compare-and-set on the rows decides between nodes.</remarks>
public static class JobRules
{
    /// <summary>The largest number of jobs that are kept; the oldest ended job is deleted first.</summary>
    public const int JobsMax = 100;

    /// <summary>The largest number of queued jobs.</summary>
    public const int QueuedMax = 16;

    /// <summary>The largest number of times that a job is started.</summary>
    public const int StartsMax = 5;

    /// <summary>Parameter of a scheduled training, which callers cannot set: the training is skipped if the log contains no new records.</summary>
    public const string Scheduled = "scheduled";

    /// <summary>Returns the queued or running job of the same kind and parameters; null if there is none.</summary>
    public static StoredJob? FindSame(IEnumerable<StoredJob> jobs, JobRequest request) =>
        jobs.Where(job => !IsOver(job) && IsSame(job.Request, request)).MinBy(Order);

    /// <summary>Returns whether a further job may be queued.</summary>
    public static bool HasRoom(IEnumerable<StoredJob> jobs) => jobs.Count(job => job.Status.State == JobState.Queued) < QueuedMax;

    /// <summary>Returns a new queued job, which runs after all known ones, whatever the clocks of their nodes.</summary>
    /// <param name="jobs">The known jobs.</param>
    /// <param name="request">Kind and parameters of the job.</param>
    /// <param name="isAsked">Whether a caller started it, and not the schedule.</param>
    /// <param name="nowMs">Time of the request, in milliseconds since 1970, UTC.</param>
    /// <param name="number">Number of the job among those of the kind in the same second, from 1.</param>
    public static StoredJob Queued(IEnumerable<StoredJob> jobs, JobRequest request, bool isAsked, long nowMs, int number)
    {
        ArgumentNullException.ThrowIfNull(jobs);
        ArgumentNullException.ThrowIfNull(request);
        return new StoredJob(request, new JobStatus(StoredJob.IdOf(request.Kind, nowMs, number), request.Kind, JobState.Queued))
        {
            IsAsked = isAsked,
            CreatedAtMs = jobs.Select(job => job.CreatedAtMs + 1).Append(nowMs).Max(),
        };
    }

    /// <summary>Returns the queued job that runs next if none runs; null if there is none.</summary>
    public static StoredJob? Next(IReadOnlyCollection<StoredJob> jobs) =>
        jobs.Any(job => job.Status.State == JobState.Running) ? null : jobs.Where(job => job.Status.State == JobState.Queued).MinBy(Order);

    /// <summary>Returns, as cancelled, each queued job for which an older one of the same kind and parameters is queued or running, because two nodes queued both at the same moment.</summary>
    public static IEnumerable<StoredJob> Repeated(IReadOnlyCollection<StoredJob> jobs, long nowMs) =>
        from job in jobs
        where job.Status.State == JobState.Queued
        let first = FindSame(jobs, job.Request)
        where first != job
        select End(job, JobState.Cancelled, $"the same job runs as {first.Status.Id}", nowMs);

    /// <summary>Returns a queued job as running.</summary>
    /// <param name="job">Job that is queued.</param>
    /// <param name="runner">Name of the coordinator that runs it.</param>
    /// <param name="node">Address of its node.</param>
    /// <param name="nowMs">The time, in milliseconds since 1970, UTC.</param>
    public static StoredJob Started(StoredJob job, string runner, string node, long nowMs)
    {
        ArgumentNullException.ThrowIfNull(job);
        return job with
        {
            Runner = runner,
            Starts = job.Starts + 1,
            Status = job.Status with { State = JobState.Running, StartedAtMs = nowMs, Node = node, Progress = 0, Stage = null },
        };
    }

    /// <summary>
    /// Returns a running job whose coordinator ended: queued again in its place, or failed if it was started too often. A rebuild fails: it changes states, so a person decides when it runs.
    /// </summary>
    public static StoredJob Interrupted(StoredJob job, long nowMs)
    {
        ArgumentNullException.ThrowIfNull(job);
        return job.IsCancelRequested ? Cancelled(job, nowMs)
            : job.Request.Kind == JobKind.Rebuild ? Failed(job, "the node ended while it ran the job: each user has either the old or the new state, complete; start the job again", nowMs)
            : job.Starts >= StartsMax ? Failed(job, $"a node ended while it ran the job, {job.Starts} times", nowMs)
            : Requeued(job);
    }

    /// <summary>Returns a running job whose coordinator shuts down: the result is that of <see cref="Interrupted"/>, but this start is not counted.</summary>
    public static StoredJob Released(StoredJob job, long nowMs)
    {
        ArgumentNullException.ThrowIfNull(job);
        return Interrupted(job with { Starts = job.Starts - 1 }, nowMs);
    }

    /// <summary>Returns a running job with its progress, which never decreases.</summary>
    public static StoredJob Progressed(StoredJob job, JobProgress progress)
    {
        ArgumentNullException.ThrowIfNull(job);
        return job with { Status = job.Status with { Stage = progress.Stage, Progress = Math.Max(job.Status.Progress, progress.Done) } };
    }

    /// <summary>Returns a job whose cancellation is requested: a queued one is cancelled, a running one is stopped by its coordinator.</summary>
    public static StoredJob CancelRequested(StoredJob job, long nowMs)
    {
        ArgumentNullException.ThrowIfNull(job);
        return job.Status.State switch
        {
            JobState.Queued => End(job, JobState.Cancelled, "cancelled before it began", nowMs),
            JobState.Running => job with { IsCancelRequested = true },
            _ => job,
        };
    }

    /// <summary>Returns a job that succeeded; null if it is removed from the list, because it had no work and only the schedule started it.</summary>
    public static StoredJob? Succeeded(StoredJob job, JobOutcome outcome, long nowMs)
    {
        ArgumentNullException.ThrowIfNull(job);
        ArgumentNullException.ThrowIfNull(outcome);
        if (outcome.IsNothing && !job.IsAsked)
        {
            return null;
        }

        StoredJob ended = End(job, JobState.Succeeded, outcome.Message, nowMs);
        return ended with
        {
            Status = ended.Status with { Progress = 1, Stage = null, ModelVersion = outcome.ModelVersion?.Value, Result = outcome.Result, Metrics = outcome.Metrics },
        };
    }

    /// <summary>Returns a job that failed.</summary>
    public static StoredJob Failed(StoredJob job, string reason, long nowMs) => End(job, JobState.Failed, reason, nowMs);

    /// <summary>Returns a job that was cancelled.</summary>
    public static StoredJob Cancelled(StoredJob job, long nowMs) => End(job, JobState.Cancelled, "cancelled", nowMs);

    /// <summary>Returns whether a job has ended.</summary>
    public static bool IsOver(StoredJob job)
    {
        ArgumentNullException.ThrowIfNull(job);
        return job.Status.State is not (JobState.Queued or JobState.Running);
    }

    /// <summary>Returns jobs that are deleted, because more than <see cref="JobsMax"/> are kept.</summary>
    public static IEnumerable<StoredJob> TooOld(IReadOnlyCollection<StoredJob> jobs)
    {
        ArgumentNullException.ThrowIfNull(jobs);
        return jobs.Where(IsOver).OrderBy(Order).Take(Math.Max(0, jobs.Count - JobsMax));
    }

    /// <summary>Returns the jobs of the list, newest first.</summary>
    public static IEnumerable<StoredJob> NewestFirst(IEnumerable<StoredJob> jobs) => jobs.OrderByDescending(Order);

    private static StoredJob Requeued(StoredJob job) => job with { Runner = "", Status = job.Status with { State = JobState.Queued, Progress = 0, Stage = null } };

    // Two nodes may create jobs at the same moment: their ids decide.
    private static (long CreatedAtMs, string Id) Order(StoredJob job) => (job.CreatedAtMs, job.Status.Id);

    private static bool IsSame(JobRequest one, JobRequest other) =>
        one.Kind == other.Kind && one.Parameters.Remove(Scheduled).SequenceEqual(other.Parameters.Remove(Scheduled));

    private static StoredJob End(StoredJob job, JobState state, string message, long nowMs)
    {
        ArgumentNullException.ThrowIfNull(job);
        return job with
        {
            Runner = "",
            Status = job.Status with { State = state, Message = message, FinishedAtMs = Math.Max(nowMs, job.Status.StartedAtMs ?? nowMs) },
        };
    }
}
