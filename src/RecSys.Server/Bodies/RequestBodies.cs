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
}
