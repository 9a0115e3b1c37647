using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using RecSys.Client;
using RecSys.Core.Ports;

namespace RecSys.Server.Problems;

/// <summary>The problem of a refused or failed request in the format of RFC 9457, with the field and the limit.</summary>
/// <param name="Status">The HTTP status code.</param>
/// <param name="Code">Identifier for programs; its meaning never changes.</param>
/// <param name="Title">Short description for people.</param>
internal sealed record Problem(int Status, string Code, string Title)
{
    /// <summary>The media type of problems.</summary>
    public const string MediaType = "application/problem+json";

    /// <summary>Gets the problem's description for this request.</summary>
    public string? Detail { get; init; }

    /// <summary>Gets the invalid fields or parameters, each with its problem.</summary>
    public IReadOnlyList<FieldProblem> Errors { get; init; } = [];

    /// <summary>Gets the seconds after which the call may be retried.</summary>
    public int? RetryAfterSeconds { get; init; }

    /// <summary>Gets the methods that the target has, for 405.</summary>
    public string? Allow { get; init; }

    /// <summary>Gets the number of the invalid line of a stream, from 1.</summary>
    public long? Line { get; init; }

    /// <summary>Gets the number of lines of a stream that are stored.</summary>
    public long? Accepted { get; init; }

    /// <summary>Gets the position up to which a stream is stored.</summary>
    public string? Position { get; init; }

    /// <summary>Returns the problem of one field of the body.</summary>
    public static Problem OfField(FieldProblem problem) =>
        new(StatusCodes.Status400BadRequest, problem.Code, TitleOf(problem.Code))
        {
            Detail = problem.Path.Length == 0 ? problem.Message : $"{problem.Path} {problem.Message}",
            Errors = [problem],
        };

    /// <summary>Returns the problem of one parameter of the target.</summary>
    public static Problem OfParameter(string name, string message) =>
        OfField(new FieldProblem(name, message, ProblemCodes.InvalidParameter));

    /// <summary>Returns the problem of a request that is not valid HTTP, or not valid for this target.</summary>
    public static Problem BadRequest(string detail) =>
        new(StatusCodes.Status400BadRequest, ProblemCodes.BadRequest, "bad request") { Detail = detail };

    /// <summary>Returns the problem of a target that does not exist.</summary>
    public static Problem NotFound(string detail) =>
        new(StatusCodes.Status404NotFound, ProblemCodes.NotFound, "not found") { Detail = detail };

    /// <summary>Returns the problem of a request that conflicts with the current state.</summary>
    public static Problem Conflict(string detail) =>
        new(StatusCodes.Status409Conflict, ProblemCodes.Conflict, "conflict") { Detail = detail };

    /// <summary>Returns the problem of a method that the target does not have.</summary>
    public static Problem MethodNotAllowed(string allow) =>
        new(StatusCodes.Status405MethodNotAllowed, ProblemCodes.MethodNotAllowed, "method not allowed")
        {
            Detail = $"the target does not have this method; it has {allow}",
            Allow = allow,
        };

    /// <summary>Returns the problem of a body of an unsupported kind.</summary>
    public static Problem UnsupportedMediaType(string detail) =>
        new(StatusCodes.Status415UnsupportedMediaType, ProblemCodes.UnsupportedMediaType, "unsupported media type") { Detail = detail };

    /// <summary>Returns the problem of a body, or a line of it, that is too long.</summary>
    public static Problem TooLarge(string detail) =>
        new(StatusCodes.Status413PayloadTooLarge, ProblemCodes.TooLarge, "content too large") { Detail = detail };

    /// <summary>Returns the problem of a body that arrives too slowly.</summary>
    public static Problem TooSlow(string detail) =>
        new(StatusCodes.Status408RequestTimeout, ProblemCodes.TooSlow, "request timeout") { Detail = detail };

    /// <summary>Returns the problem of a limit that is reached.</summary>
    public static Problem Overloaded(string detail) =>
        new(StatusCodes.Status429TooManyRequests, ProblemCodes.Overloaded, "overloaded") { Detail = detail, RetryAfterSeconds = 1 };

    /// <summary>Returns the problem of a required part that cannot be reached now.</summary>
    public static Problem Unavailable(string detail) =>
        new(StatusCodes.Status503ServiceUnavailable, ProblemCodes.Unavailable, "unavailable") { Detail = detail, RetryAfterSeconds = 2 };

    /// <summary>Returns the problem of a required store that cannot be reached, or is full.</summary>
    /// <param name="failure">The store's exception; its message names files and is only logged.</param>
    /// <param name="kept">What is known about the storage of the request's rows.</param>
    public static Problem Unavailable(StoreUnavailableException failure, string kept) =>
        failure.IsFull
            ? new(StatusCodes.Status503ServiceUnavailable, ProblemCodes.StorageFull, "storage full")
            {
                Detail = $"the server's disk is full, and no data is stored until space is freed; {kept}",
                RetryAfterSeconds = 10,
            }
            : Unavailable($"a required store does not answer; {kept}");

    /// <summary>Returns the id of a request in problem documents and in the log: that of its activity, where a listener traces this process, else of its caller's trace, else of the connection and the request's number on it.</summary>
    public static string TraceIdOf(HttpContext context) =>
        Activity.Current?.Id
        ?? (context.Request.Headers.TraceParent is [{ } parent] && ActivityContext.TryParse(parent, traceState: null, out _) ? parent : context.TraceIdentifier);

    /// <summary>Writes the answer.</summary>
    public Task WriteAsync(HttpContext context)
    {
        HttpResponse response = context.Response;
        response.StatusCode = Status;
        response.ContentType = MediaType;
        if (RetryAfterSeconds is { } seconds)
        {
            response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        }

        if (Allow is not null)
        {
            response.Headers.Allow = Allow;
        }

        byte[] body = ToJson(TraceIdOf(context));
        response.ContentLength = body.Length;
        return response.Body.WriteAsync(body, context.RequestAborted).AsTask();
    }

    /// <summary>Returns the body.</summary>
    /// <param name="traceId">Id of the request (<see cref="TraceIdOf"/>).</param>
    public byte[] ToJson(string traceId)
    {
        ArrayBufferWriter<byte> body = new(512);
        using (Utf8JsonWriter writer = new(body))
        {
            Write(writer, traceId);
        }

        return body.WrittenSpan.ToArray();
    }

    private static string TitleOf(string code) => code switch
    {
        ProblemCodes.BrokenJson => "broken JSON",
        ProblemCodes.InvalidParameter => "invalid parameter",
        ProblemCodes.UnknownParameter => "unknown parameter",
        ProblemCodes.UnknownField => "unknown field",
        _ => "invalid field",
    };

    private void Write(Utf8JsonWriter writer, string traceId)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, $"urn:recsys:problem:{Code}");
        writer.WriteString("title"u8, Title);
        writer.WriteNumber("status"u8, Status);
        if (Detail is not null)
        {
            writer.WriteString("detail"u8, Detail);
        }

        writer.WriteString("code"u8, Code);
        if (Errors.Count > 0)
        {
            writer.WriteStartObject("errors"u8);
            foreach (FieldProblem error in Errors)
            {
                writer.WriteStartArray(error.Path);
                writer.WriteStringValue(error.Message);
                writer.WriteEndArray();
            }

            writer.WriteEndObject();
        }

        if (Line is { } line)
        {
            writer.WriteNumber("line"u8, line);
        }

        if (Accepted is { } accepted)
        {
            writer.WriteNumber("accepted"u8, accepted);
        }

        if (Position is not null)
        {
            writer.WriteString("position"u8, Position);
        }

        writer.WriteString("traceId"u8, traceId);
        writer.WriteEndObject();
    }
}
