using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using RecSys.Core.Diagnostics;
using RecSys.Core.Ports;
using RecSys.Server.Bodies;
using RecSys.Server.Edge;
using RecSys.Server.Endpoints;
using RecSys.Server.Export;
using RecSys.Server.Health;
using RecSys.Server.Pages;
using RecSys.Server.Settings;
using RecSys.Server.Telemetry;
using RecSys.Serving;
using Route = RecSys.Server.Edge.Route;

namespace RecSys.Server;

/// <summary>Adds RecSys's HTTP API to a web application.</summary>
public static class RecSysServerExtensions
{
    /// <summary>Adds the server. The other layers must be registered: the log, profiles, catalogue, recommender, models, cluster.</summary>
    /// <remarks>
    /// The server needs IInteractionLog, InteractionTypes, OwnerHash, IUserProfiles, IMergedUsers, IItemCatalogue, IRecommender, IModelStore, IServedModels and
    /// IClusterControl; it has further routes with IBatchJobs (which needs IJobResults for exports), IImpressionLog and IErasureReceipts. Options come from the section
    /// <see cref="RecSysServerOptions.Section"/>, then from <paramref name="configure"/>, and are checked by <see cref="MapRecSys"/>. That method and the start of the application throw an
    /// <see cref="UnguardedAddressException"/> if other machines could reach a server without keys.
    /// </remarks>
    public static IServiceCollection AddRecSysServer(this IServiceCollection services, Action<RecSysServerOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddOptions<RecSysServerOptions>()
            .BindConfiguration(RecSysServerOptions.Section)
            .Configure(options => configure?.Invoke(options))
            .ValidateDataAnnotations()
            .ValidateOnStart();
        services.AddSingleton<IValidateOptions<RecSysServerOptions>, RecSysServerOptionsValidator>();
        services.AddSingleton<IConfigureOptions<KestrelServerOptions>, KestrelLimits>();
        services.TryAddSingleton(TimeProvider.System);
        services.AddLogging(logging => logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning));
        services.AddMetrics();
        services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService("recsys", serviceVersion: ProductVersion.Text))
            .WithMetrics(metrics => metrics
                .AddMeter(MetricSeries.Meters + "*")
                .AddView(MetricSeries.Limit)
                .AddRuntimeInstrumentation()
                .AddAspNetCoreInstrumentation()
                .AddPrometheusExporter());
        services.AddCors();
        services.AddSingleton<ApiKeys>();
        services.AddSingleton<Access>();
        services.AddSingleton(provider => new RequestMemoryLimiter(OptionsOf(provider).BodiesInFlightBytesMax));
        services.AddSingleton(provider => new AnswerMemoryLimiter(OptionsOf(provider).AnswersInFlightBytesMax));
        services.AddSingleton<RequestBodies>();
        services.AddSingleton<ServerMeter>();
        services.AddSingleton<ServingTier>();
        services.AddSingleton<ThreadPoolDelay>();
        services.AddHostedService(provider => provider.GetRequiredService<ThreadPoolDelay>());
        services.AddSingleton<RouteTable>();
        services.AddSingleton<EffectiveSettings>();
        services.AddSingleton<IHealthChecks, ServerHealth>();
        services.AddSingleton(_ => new EmbeddedPages(typeof(EmbeddedPages).Assembly));
        services.AddSingleton<BindingGuard>();
        services.AddHostedService(provider => provider.GetRequiredService<BindingGuard>());
        services.AddSingleton<IEndpoints, InteractionEndpoints>();
        services.AddSingleton<IEndpoints, SlateEndpoints>();
        services.AddSingleton<IEndpoints, UserEndpoints>();
        services.AddSingleton<IEndpoints, PrivacyEndpoints>();
        services.AddSingleton<IEndpoints, ItemEndpoints>();
        services.AddSingleton<IEndpoints, JobEndpoints>();
        services.AddSingleton<Exporter>();
        services.AddSingleton(provider => new ExportJob(
            provider.GetRequiredService<Exporter>(), provider.GetRequiredService<IJobResults>(), provider.GetRequiredService<IInteractionLog>()).Definition);
        services.AddSingleton<IEndpoints, ModelEndpoints>();
        services.AddSingleton<IEndpoints, OperationsEndpoints>();
        services.AddSingleton<IEndpoints, ClusterEndpoints>();
        services.AddSingleton<IEndpoints, ShopEndpoints>();
        services.AddSingleton<IEndpoints, MetricsEndpoints>();
        services.AddSingleton<DocumentEndpoints>();
        services.AddSingleton<IEndpoints>(provider => provider.GetRequiredService<DocumentEndpoints>());
        services.AddReportedOptions<RecSysServerOptions>(RecSysServerOptions.Section);
        services.AddReportedOptions<ServingOptions>(ServingOptions.Section);
        return services;
    }

    /// <summary>Includes an options class in <c>GET /v1/admin/settings</c>.</summary>
    /// <param name="services">Container with the options.</param>
    /// <param name="section">The section's path in appsettings.json.</param>
    public static IServiceCollection AddReportedOptions<TOptions>(this IServiceCollection services, string section)
        where TOptions : class =>
        services.AddSingleton(provider => new ReportedOptions(section, () => provider.GetRequiredService<IOptions<TOptions>>().Value));

    /// <summary>Maps all of RecSys's endpoints and pages. Call it before any other middleware.</summary>
    /// <exception cref="OptionsValidationException">The options are not valid.</exception>
    /// <exception cref="UnguardedAddressException">Other machines could reach the server, and no key is configured.</exception>
    public static WebApplication MapRecSys(this WebApplication app)
    {
        ArgumentNullException.ThrowIfNull(app);
        app.Services.GetRequiredService<BindingGuard>().CheckConfigured();
        RouteTable table = app.Services.GetRequiredService<RouteTable>();
        Route[] routes = [.. app.Services.GetServices<IEndpoints>().SelectMany(endpoints => endpoints.Routes)];
        foreach (Route route in routes)
        {
            table.Add(route, EndpointOf(route));
        }

        app.Services.GetRequiredService<DocumentEndpoints>().Describe(routes);
        IList<string> origins = OptionsOf(app.Services).CorsOrigins;
        if (origins.Count > 0)
        {
            app.UseCors(policy => policy.WithOrigins([.. origins]).AllowAnyHeader().AllowAnyMethod());
        }

        app.UseMiddleware<RequestEdge>();
        return app;
    }

    private static RecSysServerOptions OptionsOf(IServiceProvider provider) => provider.GetRequiredService<IOptions<RecSysServerOptions>>().Value;

    /// <summary>Returns the endpoint with the route's template, for telemetry; the route table matches the request, not the framework.</summary>
    private static Endpoint EndpointOf(Route route)
    {
        RouteEndpointBuilder builder = new(_ => Task.CompletedTask, RoutePatternFactory.Parse(route.Template), order: 0)
        {
            DisplayName = route.Template,
        };
        return builder.Build();
    }
}
