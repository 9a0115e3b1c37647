namespace RecSys.Client;

/// <summary>An error answer: RFC 9457 (Problem Details for HTTP APIs) with additional members.</summary>
public sealed record ProblemBody
{
    /// <summary>The content type of such a body.</summary>
    public const string ContentType = "application/problem+json";

    /// <summary>Gets a URI that identifies the kind of problem.</summary>
    public string? Type { get; init; }

    /// <summary>Gets the kind of problem in a few words.</summary>
    public string? Title { get; init; }

    /// <summary>Gets the HTTP status code.</summary>
    public int? Status { get; init; }

    /// <summary>Gets the description of this occurrence, with the value and the limit.</summary>
    public string? Detail { get; init; }

    /// <summary>Gets a URI that identifies this occurrence.</summary>
    public string? Instance { get; init; }

    /// <summary>Gets the problem of each field, by its path in the request, such as <c>[3].userId</c>.</summary>
    public Dictionary<string, string[]>? Errors { get; init; }

    /// <summary>Gets the kind of problem as one word for programs: one of <see cref="ProblemCodes"/>.</summary>
    public string? Code { get; init; }

    /// <summary>Gets the id of the request in logs and traces.</summary>
    public string? TraceId { get; init; }

    /// <summary>Gets the number of the invalid line of a stream.</summary>
    /// <value>From 1; absent if no stream was sent.</value>
    public long? Line { get; init; }

    /// <summary>Gets the number of stored lines before the invalid one.</summary>
    /// <value>0 or more; absent if no stream was sent.</value>
    public long? Accepted { get; init; }
}
