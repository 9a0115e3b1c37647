using System.Net;
using System.Text;

namespace RecSys.Client;

/// <summary>Thrown when the server refused a call, or did not answer.</summary>
public sealed class RecSysException : Exception
{
    /// <summary>Initializes a new instance of the <see cref="RecSysException"/> class for a call without an answer.</summary>
    /// <param name="message">Description of the failure.</param>
    /// <param name="innerException">Cause of the failure.</param>
    public RecSysException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }

    /// <summary>Initializes a new instance of the <see cref="RecSysException"/> class for a call that was refused.</summary>
    /// <param name="statusCode">HTTP status code of the answer.</param>
    /// <param name="problem">The answer's problem details; <see langword="null"/> if it has none.</param>
    /// <param name="retryAfter">The time after which the server allows a retry.</param>
    public RecSysException(HttpStatusCode statusCode, ProblemBody? problem, TimeSpan? retryAfter = null)
        : base(Describe(statusCode, problem))
    {
        StatusCode = statusCode;
        Problem = problem;
        RetryAfter = retryAfter;
    }

    private RecSysException(RecSysException cause, ProblemBody? problem, long accepted)
        : base(cause.Message, cause)
    {
        StatusCode = cause.StatusCode;
        Problem = problem;
        RetryAfter = cause.RetryAfter;
        Accepted = accepted;
    }

    /// <summary>Gets the HTTP status code of the answer.</summary>
    /// <value><see langword="null"/> if the server did not answer, or its answer could not be read.</value>
    public HttpStatusCode? StatusCode { get; }

    /// <summary>Gets the server's description of the error.</summary>
    /// <value><see langword="null"/> if the answer has no problem details, for example because a proxy sent it.</value>
    public ProblemBody? Problem { get; }

    /// <summary>Gets the time after which the server allows a retry.</summary>
    public TimeSpan? RetryAfter { get; }

    /// <summary>Gets the number of rows of a stream that the server has acknowledged.</summary>
    /// <value>0 if no stream was sent. If the server did not answer, it may have stored further rows.</value>
    public long Accepted { get; }

    /// <summary>Returns the same failure with its line and row counts from the start of the stream instead of the start of the failed block.</summary>
    /// <param name="acceptedBefore">Number of rows in the blocks before the failed one.</param>
    internal RecSysException InStream(long acceptedBefore) =>
        new(
            this,
            Problem is null ? null : Problem with
            {
                Line = Problem.Line + acceptedBefore,
                Accepted = Problem.Accepted + acceptedBefore,
            },
            acceptedBefore + (Problem?.Accepted ?? 0));

    private static string Describe(HttpStatusCode statusCode, ProblemBody? problem)
    {
        StringBuilder text = new($"the server answered {(int)statusCode}");
        if ((problem?.Detail ?? problem?.Title) is { } description)
        {
            text.Append(": ").Append(description);
        }

        foreach ((string field, string[] errors) in problem?.Errors ?? [])
        {
            text.Append("; ").Append(field).Append(": ").AppendJoin(", ", errors);
        }

        return text.ToString();
    }
}
