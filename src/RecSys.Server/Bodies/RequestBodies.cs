using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using RecSys.Server.Problems;

namespace RecSys.Server.Bodies;

/// <summary>Reads whole bodies within the server's limits of size, memory and time.</summary>
internal sealed class RequestBodies(RequestMemoryLimiter limiter, IOptions<RecSysServerOptions> options, TimeProvider time)
{
    private readonly TimeSpan _deadline = options.Value.BodyDeadline;

    /// <summary>Reads a body to its end.</summary>
    /// <returns>The body, to be disposed, or the problem.</returns>
    public ValueTask<(RequestBody? Body, Problem? Problem)> ReadAsync(HttpContext context) =>
        RequestBody.ReadAsync(context, limiter, _deadline, time);

    /// <summary>Reads a body to its end and parses it.</summary>
    /// <returns>The problem, or null and the parsed value.</returns>
    public async ValueTask<(Problem? Problem, T Value)> ReadAsync<T>(HttpContext context, BodyParser<T> parse)
    {
        (RequestBody? body, Problem? problem) = await ReadAsync(context).ConfigureAwait(false);
        if (body is null)
        {
            return (problem, default!);
        }

        using (body)
        {
            return parse(body.Bytes, out T value) is { } bad ? (Problem.OfField(bad), default!) : (null, value);
        }
    }
}

/// <summary>Parses a whole body.</summary>
/// <param name="bytes">The body's bytes.</param>
/// <param name="value">Receives the value, if there is no problem.</param>
/// <returns>The problem, or null.</returns>
internal delegate FieldProblem? BodyParser<T>(ReadOnlySpan<byte> bytes, out T value);
