using System.Text.Json;
using System.Text.Json.Serialization;

namespace RecSys.Client;

/// <summary>Body of <c>POST /v1/admin/jobs</c>.</summary>
/// <remarks>Unknown members are refused.</remarks>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record JobRequest
{
    /// <summary>Gets the kind of the job.</summary>
    /// <value><c>train</c>, <c>evaluate</c>, <c>rebuild</c> or <c>export</c>.</value>
    public required string Kind { get; init; }

    /// <summary>Gets the job's parameters by name; each kind has its own.</summary>
    public Dictionary<string, JsonElement>? Parameters { get; init; }
}

/// <summary>A job on the server, with its progress.</summary>
public sealed record JobResponse
{
    /// <summary>Gets the id of the job.</summary>
    public required string Id { get; init; }

    /// <summary>Gets the kind of the job.</summary>
    public required string Kind { get; init; }

    /// <summary>Gets the state: one of <see cref="JobStates"/>.</summary>
    public required string State { get; init; }

    /// <summary>Gets the share of the work that is done.</summary>
    /// <value>0 to 1; absent if it is unknown.</value>
    public double? Progress { get; init; }

    /// <summary>Gets the current stage, such as <c>reading</c> or <c>training</c>.</summary>
    public string? Stage { get; init; }

    /// <summary>Gets the verdict or the error, as one line for people.</summary>
    public string? Message { get; init; }

    /// <summary>Gets the address of the node that runs or ran the job, where its download lies.</summary>
    /// <value>Absent if the job has not begun.</value>
    public string? Node { get; init; }

    /// <summary>Gets the time at which the job began.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>Gets the time at which the job ended.</summary>
    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>Gets the result; each kind has its own shape.</summary>
    public JsonElement? Result { get; init; }

    /// <summary>Gets the download of an export's rows; absent if the job has no result to fetch.</summary>
    public JobDownload? Download { get; init; }

    /// <summary>Gets a value indicating whether the job has ended, successfully or not.</summary>
    [JsonIgnore]
    public bool IsFinished => State is JobStates.Succeeded or JobStates.Failed or JobStates.Cancelled;
}

/// <summary>The output of a job, which can be fetched.</summary>
public sealed record JobDownload
{
    /// <summary>Gets the path from which it is fetched.</summary>
    public required string Href { get; init; }

    /// <summary>Gets the size in bytes.</summary>
    public required long SizeBytes { get; init; }

    /// <summary>Gets the time from which it can no longer be fetched.</summary>
    /// <remarks>Before that, the erasure of any person, newer results and a stop of the server delete it.</remarks>
    public required DateTimeOffset ExpiresAt { get; init; }
}

/// <summary>States of a job.</summary>
public static class JobStates
{
    /// <summary>The job is queued.</summary>
    public const string Queued = "queued";

    /// <summary>The job runs.</summary>
    public const string Running = "running";

    /// <summary>The job succeeded.</summary>
    public const string Succeeded = "succeeded";

    /// <summary>The job ended with an error.</summary>
    public const string Failed = "failed";

    /// <summary>The job was cancelled.</summary>
    public const string Cancelled = "cancelled";
}
