using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using RecSys.Server.Edge;
using RecSys.Server.Problems;

namespace RecSys.Server.Endpoints;

/// <summary>Endpoint of all metrics in the format of Prometheus.</summary>
internal sealed class MetricsEndpoints(IServiceProvider services) : IEndpoints
{
    private readonly RequestDelegate _scrape =
        new ApplicationBuilder(services).UseOpenTelemetryPrometheusScrapingEndpoint(_ => true).Build();

    /// <inheritdoc/>
    public IEnumerable<Route> Routes =>
    [
        new("GET", "/metrics", Role.Read, ScrapeAsync)
        {
            Name = "getMetrics",
            Tag = Tags.Operations,
            Summary = "Returns all metrics in the format of Prometheus",
            AnswerType = "text/plain",
        },
    ];

    private async Task<Problem?> ScrapeAsync(Call call)
    {
        await _scrape(call.Http).ConfigureAwait(false);
        return null;
    }
}
