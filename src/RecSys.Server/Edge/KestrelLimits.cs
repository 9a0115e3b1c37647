using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using RecSys.Core.Diagnostics;

namespace RecSys.Server.Edge;

/// <summary>Sets Kestrel's limits to the server's.</summary>
internal sealed partial class KestrelLimits(IOptions<RecSysServerOptions> server, ILogger<KestrelLimits> logger) : IConfigureOptions<KestrelServerOptions>
{
    /// <summary>Number of open files reserved for the runtime, whose libraries alone use about 300, and for stores, models and logs.</summary>
    public const int FilesReserved = 1_024;

    /// <inheritdoc/>
    public void Configure(KestrelServerOptions options)
    {
        options.AddServerHeader = false;
        options.ConfigureEndpointDefaults(endpoint => endpoint.Use(ProtocolErrorBodies.Use));
        KestrelServerLimits limits = options.Limits;
        limits.MaxRequestBodySize = RecSysServerOptions.BodyBytesMax;
        limits.MaxRequestLineSize = RecSysServerOptions.RequestLineBytesMax;
        limits.MaxRequestHeadersTotalSize = RecSysServerOptions.HeaderBytesMax;
        limits.MaxRequestHeaderCount = RecSysServerOptions.HeadersMax;
        limits.RequestHeadersTimeout = RecSysServerOptions.HeaderDeadline;
        limits.MinRequestBodyDataRate = new MinDataRate(RecSysServerOptions.BodyBytesPerSecondMin, RecSysServerOptions.RateGrace);
        limits.MinResponseDataRate = new MinDataRate(RecSysServerOptions.AnswerBytesPerSecondMin, RecSysServerOptions.RateGrace);
        limits.MaxConcurrentConnections = ConnectionsMax();
    }

    /// <summary>Returns the number of connections to allow, given the number wanted and the limit of open files.</summary>
    /// <remarks>A process that cannot open a file for a library or connection ends, so the limit must not be reached.</remarks>
    public static int ConnectionsMax(int wanted, long? openFilesMax) =>
        openFilesMax is { } files ? (int)Math.Min(wanted, Math.Max(files - FilesReserved, files / 4)) : wanted;

    private int ConnectionsMax()
    {
        int wanted = server.Value.ConnectionsMax;
        long? openFilesMax = File.Exists(OpenFilesLimit.Path) ? OpenFilesLimit.Parse(File.ReadAllText(OpenFilesLimit.Path)) : null;
        int allowed = ConnectionsMax(wanted, openFilesMax);
        if (allowed < wanted)
        {
            LogLowered(logger, allowed, wanted, openFilesMax);
        }

        return allowed;
    }

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "at most {Allowed} connections are open at the same time, not {Wanted}: this process may open only {OpenFilesMax} files; raise that limit (ulimit -n)")]
    private static partial void LogLowered(ILogger logger, int allowed, int wanted, long? openFilesMax);
}
