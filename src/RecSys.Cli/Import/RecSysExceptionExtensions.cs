using System.Net;
using RecSys.Client;

namespace RecSys.Cli.Import;

/// <summary>Classifies failures of calls during an import.</summary>
internal static class RecSysExceptionExtensions
{
    /// <summary>Returns whether the server refused the call for its key: there was none, it is unknown, or it lacks the role. A check that only warns is then left out.</summary>
    public static bool IsKeyRefused(this RecSysException error) => error.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden;
}
