using System.Collections.Immutable;

namespace RecSys.Core.Models;

/// <summary>What a job does.</summary>
public enum JobKind
{
    /// <summary>Trains a model, judges it, and publishes it if it is not worse.</summary>
    Train = 0,

    /// <summary>Evaluates the configuration offline and publishes nothing.</summary>
    Evaluate = 1,

    /// <summary>Makes the speed layer's states anew from the log.</summary>
    Rebuild = 2,

    /// <summary>Writes what the log holds to a file.</summary>
    Export = 3,

    /// <summary>Reads a file into the log.</summary>
    Import = 4,
}

/// <summary>A job that is asked for, with its parameters by name.</summary>
public sealed record JobRequest(JobKind Kind, ImmutableSortedDictionary<string, string> Parameters);

/// <summary>Where a job stands.</summary>
public enum JobState
{
    /// <summary>It waits for another to end.</summary>
    Queued = 0,

    /// <summary>It runs.</summary>
    Running = 1,

    /// <summary>It did what was asked.</summary>
    Succeeded = 2,

    /// <summary>It ended with an error; the message says which.</summary>
    Failed = 3,

    /// <summary>It was asked to stop, and did.</summary>
    Cancelled = 4,
}

/// <summary>A job and where it stands.</summary>
/// <param name="Id">Its name.</param>
/// <param name="Kind">What it does.</param>
/// <param name="State">Where it stands.</param>
public sealed record JobStatus(string Id, JobKind Kind, JobState State)
{
    /// <summary>How much is done, 0 to 1.</summary>
    public double Progress { get; init; }

    /// <summary>What it does now, in a few words.</summary>
    public string? Stage { get; init; }

    /// <summary>The verdict or the error, in one line.</summary>
    public string? Message { get; init; }

    /// <summary>When it began, in milliseconds since 1970, UTC.</summary>
    public long? StartedAtMs { get; init; }

    /// <summary>When it ended, in milliseconds since 1970, UTC.</summary>
    public long? FinishedAtMs { get; init; }

    /// <summary>The model that it published, if it did.</summary>
    public string? ModelVersion { get; init; }

    /// <summary>The figures that it measured, by name.</summary>
    public ImmutableSortedDictionary<string, double> Metrics { get; init; } =
        ImmutableSortedDictionary.Create<string, double>(StringComparer.Ordinal);
}
