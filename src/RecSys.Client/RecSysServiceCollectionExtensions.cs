using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace RecSys.Client;

/// <summary>Registers the client.</summary>
public static class RecSysServiceCollectionExtensions
{
    /// <summary>The name of the <see cref="HttpClient"/> that the client gets from <see cref="IHttpClientFactory"/>.</summary>
    public const string HttpClientName = "RecSys";

    /// <summary>Adds <see cref="IRecSysClient"/>; its options are checked at the start of the host.</summary>
    /// <remarks>
    /// The requests are not logged, since their paths contain the ids of users. A <see cref="TimeProvider"/> in the
    /// container is used.
    /// </remarks>
    /// <param name="services">Container to which the client is added.</param>
    /// <param name="configure">Sets the options, at least the address.</param>
    /// <returns>The builder of the named HTTP client, to add handlers to.</returns>
    public static IHttpClientBuilder AddRecSys(
        this IServiceCollection services, Action<RecSysClientOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);

        services.AddOptions<RecSysClientOptions>().Configure(configure).ValidateOnStart();
        services.TryAddEnumerable(
            ServiceDescriptor.Singleton<IValidateOptions<RecSysClientOptions>, RecSysClientOptionsValidator>());
        services.TryAddTransient<IRecSysClient>(provider => new RecSysClient(
            provider.GetRequiredService<IHttpClientFactory>().CreateClient(HttpClientName),
            provider.GetRequiredService<IOptions<RecSysClientOptions>>().Value,
            provider.GetService<TimeProvider>()));

        return services.AddHttpClient(HttpClientName)
            .ConfigureHttpClient(http => http.Timeout = Timeout.InfiniteTimeSpan) // the client has a time limit of its own
            .ConfigurePrimaryHttpMessageHandler(RecSysClient.CreateHandler)
            .SetHandlerLifetime(Timeout.InfiniteTimeSpan) // the handler renews its connections itself
            .RemoveAllLoggers();
    }
}
