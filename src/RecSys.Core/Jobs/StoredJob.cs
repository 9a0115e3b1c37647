using System.Globalization;

namespace RecSys.Core.Jobs;

/// <summary>A job as all nodes share it: a row of the control store.</summary>
/// <param name="Request">The requested job.</param>
/// <param name="Status">Id, state and progress of the job.</param>
public sealed record StoredJob(JobRequest Request, JobStatus Status)
{
    /// <summary>The key of the row that names the coordinator.</summary>
    public const string CoordinatorKey = "coordinator/jobs";

    /// <summary>The prefix of the keys of jobs in the control store.</summary>
    public const string KeyPrefix = "job/";

    /// <summary>Gets the key of the row.</summary>
    public string Key => KeyPrefix + Status.Id;

    /// <summary>Gets the time of the request, in milliseconds since 1970, UTC, or, if that is not later, 1 more than this property of the preceding job. Jobs run in this order.</summary>
    public long CreatedAtMs { get; init; }

    /// <summary>Gets whether a caller started the job, and not only the schedule.</summary>
    public bool IsAsked { get; init; }

    /// <summary>Gets whether its cancellation was requested.</summary>
    public bool IsCancelRequested { get; init; }

    /// <summary>Gets how many times the job was started: more than once if its coordinator ended while it ran.</summary>
    public int Starts { get; init; }

    /// <summary>Gets the name of the coordinator that runs the job; empty if none does. invariant: it is empty exactly if the job is not running.</summary>
    public string Runner { get; init; } = "";

    /// <summary>Returns the id of a job.</summary>
    /// <param name="kind">Kind of the job.</param>
    /// <param name="nowMs">Time of the request, in milliseconds since 1970, UTC.</param>
    /// <param name="number">Number of the job among those of the kind in the same second, from 1.</param>
    public static string IdOf(JobKind kind, long nowMs, int number)
    {
        string time = DateTimeOffset.FromUnixTimeMilliseconds(nowMs).ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture);
        return string.Create(CultureInfo.InvariantCulture, $"{kind.ToString().ToLowerInvariant()}-{time}-{number}");
    }
}
