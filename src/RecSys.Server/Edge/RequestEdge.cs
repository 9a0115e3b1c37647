using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using RecSys.Client;
using RecSys.Core;
using RecSys.Core.Diagnostics;
using RecSys.Core.Log;
using RecSys.Core.Ports;
using RecSys.Server.Bodies;
using RecSys.Server.Pages;
using RecSys.Server.Problems;

namespace RecSys.Server.Edge;

/// <summary>The outermost handler of a request: finds its route by the raw target, checks key, ids and parameters, and answers a failure with a problem.</summary>
internal sealed partial class RequestEdge(
    RequestDelegate next,
    RouteTable routes,
    Access access,
    EmbeddedPages pages,
    AnswerMemoryLimiter answers,
    IOptions<RecSysServerOptions> options,
    TimeProvider time,
    ILogger<RequestEdge> logger)
{
    private const string ApiPrefix = "/v1/";
    private const string HealthPrefix = "/health/";
    private readonly LogLimiter _unavailable = new();
    private readonly Action<CompletedCall>? _completed = options.Value.CallCompleted;
    private readonly int _requestsMax = options.Value.RequestsMax;
    private readonly bool _answersClients = options.Value.AnswersClients;
    private int _requests; // invariant: 0 <= _requests; the requests between the start and the end of InvokeAsync

    /// <summary>Answers a request.</summary>
    public async Task InvokeAsync(HttpContext context)
    {
        long started = time.GetTimestamp();
        string target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        context.Response.Headers.XContentTypeOptions = "nosniff";
        context.Response.Headers.CacheControl = "no-store"; // an answer may contain personal data; pages set another value
        Problem? problem;
        try
        {
            problem = Interlocked.Increment(ref _requests) <= _requestsMax || target.StartsWith(HealthPrefix, StringComparison.Ordinal)
                ? await HandleAsync(context, target).ConfigureAwait(false)
                : Problem.Overloaded($"{_requestsMax} requests are being processed, and no more are allowed; retry in a moment");
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException && context.RequestAborted.IsCancellationRequested)
        {
            LogAborted(logger, context.Request.Method, context.GetEndpoint()?.DisplayName);
            context.Abort();
            return;
        }
#pragma warning disable CA1031 // the outermost handler: every failure is logged here, once, and answered without internal details
        catch (Exception exception)
#pragma warning restore CA1031
        {
            problem = OfException(context, exception);
        }

        finally
        {
            Interlocked.Decrement(ref _requests);
        }

        if (problem is not null)
        {
            await WriteAsync(context, problem).ConfigureAwait(false);
        }

        _completed?.Invoke(new CompletedCall(
            context.Request.Method,
            target,
            context.GetEndpoint()?.DisplayName,
            context.Response.StatusCode,
            time.GetElapsedTime(started).TotalMilliseconds));
    }

    private async Task<Problem?> HandleAsync(HttpContext context, string target)
    {
        Problem? problem = Prepare(context, target, out Route? route, out Call? call);
        if (problem is not null)
        {
            return problem;
        }

        if (route is not null)
        {
            return await route.Handle(call!).ConfigureAwait(false);
        }

        if (_answersClients && pages.Find(context.Request.Path) is { } page)
        {
            return await page.AnswerAsync(context).ConfigureAwait(false);
        }

        await next(context).ConfigureAwait(false);
        bool isEmpty = !context.Response.HasStarted && context.Response.ContentType is null;
        return isEmpty && context.Response.StatusCode == StatusCodes.Status404NotFound
            ? Problem.NotFound("there is no such target; /openapi/v1.json lists them all")
            : null;
    }

    /// <summary>Makes all checks before the body is read. If both the route and the problem are null, the target is not one of this server.</summary>
    private Problem? Prepare(HttpContext context, string target, out Route? route, out Call? call)
    {
        (route, call) = (null, null);
        ReadOnlySpan<char> path = PathOf(target, out ReadOnlySpan<char> query);
        RawIds rawIds = default;
        if (!routes.TryFind(path, ref rawIds, out RouteTable.Node? node))
        {
            return access.Check(context, Role.None)
                ?? (path.StartsWith(ApiPrefix, StringComparison.Ordinal)
                    ? Problem.NotFound("there is no such target; a slash in an id must be written as %2F; /openapi/v1.json lists all targets")
                    : null);
        }

        RouteTable.Match? match = node.Find(context.Request.Method);
        if (match is null)
        {
            return access.Check(context, Role.None) ?? Problem.MethodNotAllowed(node.Allow);
        }

        context.SetEndpoint(match.Endpoint);
        if (access.Check(context, match.Route.Role) is { } refused)
        {
            return refused;
        }

        if (!_answersClients && match.Route.Role is Role.Read or Role.Write)
        {
            return Problem.Unavailable("this node does not have the role serve; send the request to a node that has it (GET /v1/admin/cluster lists the nodes with their roles)");
        }

        string[] ids = rawIds.Count == 0 ? [] : new string[rawIds.Count];
        for (int index = 0; index < ids.Length; index++)
        {
            if ((PercentText.TryDecode(rawIds.Cut(path, index), isQuery: false, out ids[index]) ?? IdText.Problem(ids[index])) is { } badId)
            {
                return Problem.OfParameter(node.IdNames[index], badId);
            }
        }

        if (QueryValues.TryRead(query, match.Route.Query, out QueryValues values) is { } badQuery)
        {
            return badQuery;
        }

        if (CheckBody(context.Request, match.Route, out BodyKind bodyKind) is { } badBody)
        {
            return badBody;
        }

        route = match.Route;
        call = new Call(context, ids, values, answers) { BodyKind = bodyKind };
        return null;
    }

    /// <summary>Returns the problem of a body's kind or presence, or null.</summary>
    private static Problem? CheckBody(HttpRequest request, Route route, out BodyKind kind)
    {
        if (route.Body is { } body)
        {
            return RequestBody.KindOf(request, body.IsStream, out kind);
        }

        kind = default;
        return request.ContentLength > 0 || request.Headers.TransferEncoding.Count > 0
            ? Problem.BadRequest($"{route.Method} {route.Template} accepts no body; send the request without a body, Content-Length and Transfer-Encoding")
            : null;
    }

    /// <summary>Splits a target into its path and its query, as they were sent; the absolute form, with scheme and host, is accepted too.</summary>
    private static ReadOnlySpan<char> PathOf(ReadOnlySpan<char> target, out ReadOnlySpan<char> query)
    {
        query = [];
        if (target.IsEmpty || target[0] != '/')
        {
            int scheme = target.IndexOf("://", StringComparison.Ordinal);
            int slash = scheme < 0 ? -1 : target[(scheme + 3)..].IndexOf('/');
            if (slash < 0)
            {
                return "/";
            }

            target = target[(scheme + 3 + slash)..];
        }

        int mark = target.IndexOf('?');
        if (mark < 0)
        {
            return target;
        }

        query = target[(mark + 1)..];
        return target[..mark];
    }

    private Problem OfException(HttpContext context, Exception exception)
    {
        switch (exception)
        {
            case OverloadedException overloaded:
                return Problem.Overloaded(overloaded.Message);
            case StoreUnavailableException unavailable:
                LogUnavailableLimited(context, unavailable.Message);
                return Problem.Unavailable(
                    unavailable, IsRead(context) ? "retry in a moment" : "it is unknown whether the data was stored; the request may be retried");
            case NewerRecordException newer:
                LogUnavailableLimited(context, newer.Message);
                return Problem.Unavailable(newer.Message);
            case OperationCanceledException or TimeoutException:
                LogUnavailableLimited(context, exception.Message);
                return Problem.Unavailable("a required part of the server did not answer in time");
            case BadHttpRequestException bad:
                return OfBadRequest(bad);
            default:
                LogFailed(logger, exception, context.Request.Method, context.GetEndpoint()?.DisplayName, Problem.TraceIdOf(context));
                return new Problem(StatusCodes.Status500InternalServerError, ProblemCodes.Internal, "internal error")
                {
                    Detail = "the request failed; the log has the details under the trace id",
                };
        }
    }

    private static bool IsRead(HttpContext context) => HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method);

    // While a store is unavailable every request fails: the number of log lines is limited.
    private void LogUnavailableLimited(HttpContext context, string message)
    {
        if (_unavailable.TryPass(time, out long leftOut))
        {
            LogUnavailable(logger, context.GetEndpoint()?.DisplayName, message, leftOut);
        }
    }

    private static Problem OfBadRequest(BadHttpRequestException bad) => bad.StatusCode switch
    {
        StatusCodes.Status413PayloadTooLarge =>
            Problem.TooLarge($"the body is larger than {RecSysServerOptions.BodyBytesMax} bytes; send it in parts, or as application/x-ndjson"),
        StatusCodes.Status408RequestTimeout =>
            Problem.TooSlow($"the body arrives at less than {RecSysServerOptions.BodyBytesPerSecondMin} bytes per second"),
        _ => Problem.BadRequest("the request is invalid: " + bad.Message) with { Status = bad.StatusCode },
    };

    private async Task WriteAsync(HttpContext context, Problem problem)
    {
        if (context.Response.HasStarted)
        {
            // A part of the answer is sent already: only aborting the connection can report that it is incomplete.
            LogBroken(logger, context.GetEndpoint()?.DisplayName, problem.Code);
            context.Abort();
            return;
        }

        try
        {
            await problem.WriteAsync(context).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException)
        {
            context.Abort();
        }
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "the caller of {Method} {Route} disconnected")]
    private static partial void LogAborted(ILogger logger, string method, string? route);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Route}: a store does not answer: {Message} ({LeftOut} more requests failed since the last logged one)")]
    private static partial void LogUnavailable(ILogger logger, string? route, string message, long leftOut);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Method} {Route} failed (traceId {TraceId})")]
    private static partial void LogFailed(ILogger logger, Exception exception, string method, string? route, string traceId);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Route}: the answer was aborted: {Code}")]
    private static partial void LogBroken(ILogger logger, string? route, string code);
}
