using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OpenTelemetry.Metrics;
using RecSys.Server.Telemetry;

namespace RecSys.Server.Tests;

public sealed class OtlpExportTests
{
    private static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Metrics_arrive_at_the_collector_that_is_configured()
    {
        ConcurrentQueue<(string Target, string? Type, string Body)> received = [];
        await using WebApplication collector = await StartCollectorAsync(received);
        await using WebApplication server = ServerHost.Build(
            null,
            "http://127.0.0.1:0",
            settings: Settings(collector.Urls.First(), "http/protobuf"));
        await server.StartAsync(TestContext.Current.CancellationToken);

        // Returns once the collector has answered; false, because Prometheus's reader exports no metrics.
        server.Services.GetRequiredService<MeterProvider>().ForceFlush((int)TimeLimit.TotalMilliseconds);

        Assert.True(received.TryDequeue(out (string Target, string? Type, string Body) request));
        Assert.Equal("POST /v1/metrics", request.Target);
        Assert.Equal("application/x-protobuf", request.Type);
        Assert.Contains("recsys.server.bodies.held", request.Body, StringComparison.Ordinal);
        Assert.Contains("service.name", request.Body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public void Nothing_is_exported_without_an_endpoint(string? endpoint) =>
        Assert.Empty(new ServiceCollection().AddOtlpExport(Configuration(Settings(endpoint, "grpc"))));

    [Theory]
    [InlineData("collector", null, "OTEL_EXPORTER_OTLP_ENDPOINT is 'collector', which is not an http or https address such as http://127.0.0.1:4317")]
    [InlineData("collector:4317", null, "OTEL_EXPORTER_OTLP_ENDPOINT is 'collector:4317', which is not an http or https address such as http://127.0.0.1:4317")]
    [InlineData("http://collector:4317", "http", "OTEL_EXPORTER_OTLP_PROTOCOL is 'http'; grpc and http/protobuf are allowed")]
    public void A_wrong_setting_of_the_export_is_refused(string endpoint, string? protocol, string problem)
    {
        OptionsValidationException refusal = Assert.Throws<OptionsValidationException>(
            () => new ServiceCollection().AddOtlpExport(Configuration(Settings(endpoint, protocol))));

        Assert.Equal([problem], refusal.Failures);
    }

    private static Dictionary<string, string?> Settings(string? endpoint, string? protocol) =>
        new() { [OtlpExport.EndpointSetting] = endpoint, [OtlpExport.ProtocolSetting] = protocol };

    private static IConfiguration Configuration(Dictionary<string, string?> settings) =>
        new ConfigurationBuilder().AddInMemoryCollection(settings).Build();

    private static async Task<WebApplication> StartCollectorAsync(ConcurrentQueue<(string Target, string? Type, string Body)> received)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        WebApplication collector = builder.Build();
        collector.Urls.Add("http://127.0.0.1:0");
        collector.Run(async call =>
        {
            using StreamReader body = new(call.Request.Body, Encoding.Latin1);
            received.Enqueue(($"{call.Request.Method} {call.Request.Path}", call.Request.ContentType, await body.ReadToEndAsync(call.RequestAborted)));
            call.Response.ContentType = "application/x-protobuf"; // an empty answer accepts all
        });
        await collector.StartAsync(TestContext.Current.CancellationToken);
        return collector;
    }
}
