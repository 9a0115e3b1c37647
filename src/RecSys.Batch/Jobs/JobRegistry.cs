using System.Globalization;
using RecSys.Core.Jobs;
using RecSys.Core.Ports;

namespace RecSys.Batch.Jobs;

/// <summary>The known jobs and their order: one at a time, in the order of the requests; the same job is never queued twice.</summary>
/// <remarks>Deterministic: the time and events are passed in. Not safe for concurrent use.</remarks>
internal sealed class JobRegistry
{
    /// <summary>The most jobs that are kept; the oldest ended job is removed first.</summary>
    public const int JobsMax = 100;

    /// <summary>The most queued jobs.</summary>
    public const int QueuedMax = 16;

    /// <summary>Parameter of a scheduled training, which callers cannot set: it is skipped if the log contains no new records.</summary>
    public const string Scheduled = "scheduled";

    private readonly List<Entry> _entries = [];
    private int _lastNumber;

    /// <summary>Gets the jobs, newest first.</summary>
    public IReadOnlyList<JobStatus> Newest => [.. _entries.AsEnumerable().Reverse().Select(entry => entry.Status)];

    /// <summary>Gets the running job, or null.</summary>
    public JobStatus? Running => _entries.Find(entry => entry.Status.State == JobState.Running)?.Status;

    /// <summary>Queues a job, or returns the queued or running one of the same kind and parameters.</summary>
    /// <exception cref="OverloadedException">Too many jobs are queued.</exception>
    public JobStatus Add(JobRequest request, bool isAsked, long nowMs)
    {
        if (_entries.Find(entry => !IsOver(entry.Status) && IsSame(entry.Request, request)) is { } known)
        {
            known.IsAsked |= isAsked;
            return known.Status;
        }

        if (_entries.Count(entry => entry.Status.State == JobState.Queued) >= QueuedMax)
        {
            throw new OverloadedException($"{QueuedMax} jobs are queued, the most allowed; wait until one ends, or cancel one");
        }

        string time = DateTimeOffset.FromUnixTimeMilliseconds(nowMs).ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture);
        string kind = request.Kind.ToString();
        string id = string.Create(CultureInfo.InvariantCulture, $"{char.ToLowerInvariant(kind[0])}{kind[1..]}-{time}-{++_lastNumber}");
        Entry entry = new(request, new JobStatus(id, request.Kind, JobState.Queued)) { IsAsked = isAsked };
        _entries.Add(entry);
        if (_entries.Count > JobsMax)
        {
            _entries.Remove(_entries.First(old => IsOver(old.Status)));
        }

        return entry.Status;
    }

    public JobStatus? Get(string id) => Find(id)?.Status;

    /// <summary>Starts the next queued job if none is running; returns false if none is started.</summary>
    public bool TryStartNext(long nowMs, out JobStatus status, out JobRequest request)
    {
        Entry? next = Running is null ? _entries.Find(entry => entry.Status.State == JobState.Queued) : null;
        if (next is null)
        {
            (status, request) = (null!, null!);
            return false;
        }

        next.Status = next.Status with { State = JobState.Running, StartedAtMs = nowMs };
        (status, request) = (next.Status, next.Request);
        return true;
    }

    public void Progress(string id, string stage, double progress)
    {
        if (Find(id) is { Status.State: JobState.Running } entry)
        {
            entry.Status = entry.Status with { Stage = stage, Progress = Math.Max(entry.Status.Progress, progress) };
        }
    }

    /// <summary>Cancels a queued job; for a running one, returns true: the caller has to stop it.</summary>
    public bool TryCancel(string id, long nowMs)
    {
        if (Find(id) is not { } entry)
        {
            return false;
        }

        if (entry.Status.State == JobState.Queued)
        {
            entry.Status = entry.Status with { State = JobState.Cancelled, FinishedAtMs = nowMs, Message = "cancelled before it began" };
        }

        return entry.Status.State == JobState.Running;
    }

    public JobStatus? Succeeded(string id, JobOutcome outcome, long nowMs) => End(id, nowMs, (entry, status) =>
    {
        if (outcome.IsNothing && !entry.IsAsked)
        {
            _entries.Remove(entry);
        }

        return status with
        {
            State = JobState.Succeeded,
            Progress = 1,
            Stage = null,
            Message = outcome.Message,
            ModelVersion = outcome.ModelVersion?.Value,
            Result = outcome.Result,
            Metrics = outcome.Metrics,
        };
    });

    public JobStatus? Failed(string id, string reason, long nowMs) =>
        End(id, nowMs, (_, status) => status with { State = JobState.Failed, Message = reason });

    public JobStatus? Cancelled(string id, long nowMs) =>
        End(id, nowMs, (_, status) => status with { State = JobState.Cancelled, Message = "cancelled" });

    private static bool IsSame(JobRequest one, JobRequest other) =>
        one.Kind == other.Kind && one.Parameters.Remove(Scheduled).SequenceEqual(other.Parameters.Remove(Scheduled));

    private static bool IsOver(JobStatus status) => status.State is not (JobState.Queued or JobState.Running);

    private JobStatus? End(string id, long nowMs, Func<Entry, JobStatus, JobStatus> change)
    {
        if (Find(id) is not { } entry)
        {
            return null;
        }

        entry.Status = change(entry, entry.Status) with { FinishedAtMs = Math.Max(nowMs, entry.Status.StartedAtMs ?? nowMs) };
        return entry.Status;
    }

    private Entry? Find(string id) => _entries.Find(entry => entry.Status.Id == id);

    private sealed class Entry(JobRequest request, JobStatus status)
    {
        public JobRequest Request { get; } = request;

        public JobStatus Status { get; set; } = status;

        public bool IsAsked { get; set; }
    }
}
