using System.Collections.Immutable;

namespace RecSys.Core.Jobs;

/// <summary>A job and its state.</summary>
/// <param name="Id">Id of the job.</param>
/// <param name="Kind">The kind of job.</param>
/// <param name="State">Whether the job is queued, running or over.</param>
public sealed record JobStatus(string Id, JobKind Kind, JobState State)
{
    /// <summary>Gets the share that is done, 0 to 1.</summary>
    public double Progress { get; init; }

    /// <summary>Gets the current stage, in a few words.</summary>
    public string? Stage { get; init; }

    /// <summary>Gets the verdict or the error, in one line.</summary>
    public string? Message { get; init; }

    /// <summary>Gets the time at which the job began, in milliseconds since 1970, UTC.</summary>
    public long? StartedAtMs { get; init; }

    /// <summary>Gets the time at which the job ended, in milliseconds since 1970, UTC.</summary>
    public long? FinishedAtMs { get; init; }

    /// <summary>Gets the address of the node that runs or ran the job and that stores its result; null if the job has not begun.</summary>
    public string? Node { get; init; }

    /// <summary>Gets the version of the model that the job published, or null.</summary>
    public string? ModelVersion { get; init; }

    /// <summary>Gets the result for the caller to fetch, or null.</summary>
    public JobResult? Result { get; init; }

    /// <summary>Gets the measured values, by name.</summary>
    public ImmutableSortedDictionary<string, double> Metrics { get; init; } =
        ImmutableSortedDictionary.Create<string, double>(StringComparer.Ordinal);
}
