using System.Net;
using System.Text;

namespace RecSys.Client;

/// <summary>A call that the server refused, or that had no answer.</summary>
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
    /// <param name="problem">The answer's body, where it was a problem.</param>
    /// <param name="retryAfter">How long the server asks to wait.</param>
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
    /// <value><see langword="null"/> where there was no answer, or one that could not be read.</value>
    public HttpStatusCode? StatusCode { get; }

    /// <summary>Gets the server's description of the error.</summary>
    /// <value><see langword="null"/> where the answer was not a problem, such as one from a proxy.</value>
    public ProblemBody? Problem { get; }

    /// <summary>Gets how long the server asks to wait before another try.</summary>
    public TimeSpan? RetryAfter { get; }

    /// <summary>Gets how many rows of a stream are known to be kept.</summary>
    /// <value>0 where no stream was sent. Rows after these may be kept too where there was no answer.</value>
    public long Accepted { get; }

    /// <summary>Returns the same failure with counts of the whole stream instead of one block.</summary>
    /// <param name="acceptedBefore">How many rows the blocks before hold.</param>
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
