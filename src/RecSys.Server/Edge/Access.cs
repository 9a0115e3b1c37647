using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using RecSys.Client;
using RecSys.Server.Problems;

namespace RecSys.Server.Edge;

/// <summary>Decides which calls are allowed.</summary>
/// <remarks>
/// Without keys the API is open to this machine only: a call must come from a loopback address, have this machine in the header
/// Host (otherwise another site could call it through a DNS name that resolves to this machine), and not come from a page of another site: a browser reports that
/// in Origin, or, for loads without one such as images, in Sec-Fetch-Site. A link from another site to a page is allowed.
/// </remarks>
internal sealed class Access(ApiKeys keys)
{
    private const string KeyHeader = "X-Api-Key";

    /// <summary>Returns why a call is refused, or null.</summary>
    public Problem? Check(HttpContext context, Role needed)
    {
        if (keys.IsEmpty)
        {
            return CheckOpen(context);
        }

        if (needed == Role.None)
        {
            return null;
        }

        StringValues sent = context.Request.Headers[KeyHeader];
        if (sent.Count != 1 || string.IsNullOrEmpty(sent[0]))
        {
            return Unauthorized(context, ProblemCodes.KeyMissing, $"the header {KeyHeader} is missing");
        }

        return keys.Find(sent[0]!) is not { } roles ? Unauthorized(context, ProblemCodes.KeyUnknown, $"the key in {KeyHeader} is unknown")
            : (roles & needed) != needed ? Forbidden($"the key in {KeyHeader} lacks the role {NameOf(needed)}")
            : null;
    }

    /// <summary>Returns whether a name or address in a URL means this machine only.</summary>
    public static bool IsLoopback(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Trim('[', ']'), out IPAddress? address) && IPAddress.IsLoopback(address));

    private static Problem? CheckOpen(HttpContext context)
    {
        if (context.Connection.LocalIpAddress is { } address && !IPAddress.IsLoopback(address))
        {
            return Forbidden("no API key is configured, so only this machine may call");
        }

        if (!IsLoopback(context.Request.Host.Host))
        {
            return Forbidden($"no API key is configured, so the header Host must be a name of this machine, not '{context.Request.Host.Host}'");
        }

        IHeaderDictionary headers = context.Request.Headers;
        if (headers["Sec-Fetch-Site"] == "cross-site" && headers["Sec-Fetch-Mode"] != "navigate")
        {
            return Forbidden("no API key is configured, so pages of other sites may not call");
        }

        StringValues origin = headers.Origin;
        return origin.Count == 0 || (origin.Count == 1 && Uri.TryCreate(origin[0], UriKind.Absolute, out Uri? uri) && IsLoopback(uri.Host))
            ? null
            : Forbidden($"no API key is configured, so pages of '{origin}' may not call");
    }

    private static string NameOf(Role role) => role switch
    {
        Role.Read => "read",
        Role.Write => "write",
        _ => "admin",
    };

    private static Problem Unauthorized(HttpContext context, string code, string detail)
    {
        context.Response.Headers.WWWAuthenticate = "ApiKey";
        return new Problem(StatusCodes.Status401Unauthorized, code, "unauthorized") { Detail = detail };
    }

    private static Problem Forbidden(string detail) =>
        new(StatusCodes.Status403Forbidden, ProblemCodes.Forbidden, "forbidden") { Detail = detail };
}
