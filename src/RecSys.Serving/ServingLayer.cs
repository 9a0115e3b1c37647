using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using RecSys.Core;
using RecSys.Core.Ports;
using RecSys.Core.Ranking;

namespace RecSys.Serving;

/// <summary>Registers the services of the serving layer.</summary>
public static class ServingLayer
{
    /// <summary>The name of the <see cref="System.Diagnostics.Metrics.Meter"/> of the serving layer.</summary>
    public const string MeterName = ServingMetrics.Name;

    /// <summary>
    /// Adds <see cref="IRecommender"/>, <see cref="ISlateEvaluation"/>, and the cache of slates as an <see cref="IErasable"/>. Requires <see cref="IUserProfiles"/>,
    /// <see cref="IItemCatalogue"/>, <see cref="ITrends"/>, <see cref="IServedModels"/> and <see cref="OwnerHash"/>; uses <see cref="IImpressionLog"/>,
    /// <see cref="IRanker"/>, <see cref="InteractionTypes"/> and <see cref="TimeProvider"/> if they are registered.
    /// </summary>
    public static IServiceCollection AddServingLayer(this IServiceCollection services, Action<ServingOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddOptions<ServingOptions>().Configure(options => configure?.Invoke(options)).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<ServingOptions>, ServingOptionsValidator>());
        services.TryAddSingleton<ServingMetrics>();
        services.TryAddSingleton(provider => new SlateCache(TimeOf(provider), OptionsOf(provider)));
        services.AddSingleton<IErasable>(provider => provider.GetRequiredService<SlateCache>());
        services.TryAddSingleton<IRecommender>(Create);
        services.TryAddSingleton<ISlateEvaluation>(provider => new SlateEvaluation(
            provider.GetRequiredService<OwnerHash>(),
            provider.GetService<InteractionTypes>() ?? InteractionTypes.Default,
            provider.GetService<IRanker>(),
            OptionsOf(provider)));
        return services;
    }

    private static Recommender Create(IServiceProvider provider)
    {
        Recommender recommender = new(
            provider.GetRequiredService<IUserProfiles>(),
            provider.GetRequiredService<IItemCatalogue>(),
            provider.GetRequiredService<ITrends>(),
            provider.GetRequiredService<IServedModels>(),
            provider.GetService<IImpressionLog>(),
            provider.GetService<IRanker>(),
            provider.GetRequiredService<OwnerHash>(),
            provider.GetService<InteractionTypes>() ?? InteractionTypes.Default,
            TimeOf(provider),
            OptionsOf(provider),
            provider.GetRequiredService<SlateCache>(),
            provider.GetRequiredService<ServingMetrics>());
        recommender.BeginWarmUp(provider.GetService<ILogger<IRecommender>>() ?? NullLogger<IRecommender>.Instance);
        return recommender;
    }

    private static TimeProvider TimeOf(IServiceProvider provider) => provider.GetService<TimeProvider>() ?? TimeProvider.System;

    private static ServingOptions OptionsOf(IServiceProvider provider) => provider.GetRequiredService<IOptions<ServingOptions>>().Value;
}
