using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;

namespace RecSys.Server.Telemetry;

/// <summary>Exports the metrics over OTLP, configured by the standard environment variables of OpenTelemetry.</summary>
/// <remarks>Traces are not exported: a span of a request contains its path, and paths contain the ids of users.</remarks>
public static class OtlpExport
{
    /// <summary>The setting for the collector's address; without it no telemetry is exported.</summary>
    public const string EndpointSetting = "OTEL_EXPORTER_OTLP_ENDPOINT";

    /// <summary>The setting for the protocol.</summary>
    public const string ProtocolSetting = "OTEL_EXPORTER_OTLP_PROTOCOL";

    /// <summary>Adds the export if <see cref="EndpointSetting"/> is set. The exporter reads the other variables itself.</summary>
    /// <exception cref="OptionsValidationException">The address is not an absolute http or https address, or the protocol is unknown.</exception>
    public static IServiceCollection AddOtlpExport(this IServiceCollection services, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configuration);
        if (configuration[EndpointSetting] is not { Length: > 0 } endpoint)
        {
            return services;
        }

        // The exporter itself would silently use its defaults for an invalid value.
        List<string> problems = [];
        if (!Uri.TryCreate(endpoint, UriKind.Absolute, out Uri? address) || address.Scheme is not ("http" or "https"))
        {
            problems.Add($"{EndpointSetting} is '{endpoint}', which is not an http or https address such as http://127.0.0.1:4317");
        }

        if (configuration[ProtocolSetting] is { Length: > 0 } protocol and not ("grpc" or "http/protobuf"))
        {
            problems.Add($"{ProtocolSetting} is '{protocol}'; grpc and http/protobuf are allowed");
        }

        if (problems.Count > 0)
        {
            throw new OptionsValidationException(EndpointSetting, typeof(OtlpExporterOptions), problems);
        }

        services.AddOpenTelemetry().WithMetrics(metrics => metrics.AddOtlpExporter());
        return services;
    }
}
