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
    /// <param name="statusCode">The answer's status.</param>
    /// <param name="problem">The body of the answer, if it is a problem.</param>
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

    /// <summary>Gets the answer's status.</summary>
    /// <value><see langword="null"/> if there was no answer, or one that could not be read.</value>
    public HttpStatusCode? StatusCode { get; }

    /// <summary>Gets the server's description of the error.</summary>
    /// <value><see langword="null"/> if the answer was not a problem, such as one from a proxy.</value>
    public ProblemBody? Problem { get; }

    /// <summary>Gets the time after which the server allows a retry.</summary>
    public TimeSpan? RetryAfter { get; }

    /// <summary>Gets the number of rows of a stream that are known to be stored.</summary>
    /// <value>0 if no stream was sent. Without an answer, rows after these may be stored too.</value>
    public long Accepted { get; }

    /// <summary>Returns the same failure with counts of the whole stream instead of one block.</summary>
    /// <param name="acceptedBefore">Number of rows in the blocks before.</param>
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
        if ((problem?.Detail ?? problem?.Title) is { } what)
        {
            text.Append(": ").Append(what);
        }

        foreach ((string field, string[] errors) in problem?.Errors ?? [])
        {
            text.Append("; ").Append(field).Append(": ").AppendJoin(", ", errors);
        }

        return text.ToString();
    }
}
