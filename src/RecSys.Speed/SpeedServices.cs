using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using RecSys.Core;
using RecSys.Core.Ports;
using RecSys.Speed.Metrics;
using RecSys.Speed.Serialization;
using RecSys.Speed.Users;

namespace RecSys.Speed;

/// <summary>Registers the speed layer.</summary>
public static class SpeedServices
{
    /// <summary>
    /// Adds <see cref="IUserProfiles"/> and <see cref="IClusterControl"/>,
    /// and the actors and readers behind them, which start with the host.
    /// </summary>
    /// <remarks>
    /// Call it after <c>AddRecSysActors</c>. Needs an <see cref="IInteractionLog"/>, an <see cref="ISnapshotTable"/> and
    /// an <see cref="OwnerHash"/>.
    /// </remarks>
    public static IServiceCollection AddSpeedLayer(this IServiceCollection services, Action<SpeedOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.TryAddSingleton(TimeProvider.System);
        services.AddOptions<SpeedOptions>().ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<SpeedOptions>, SpeedOptions.Validator>());
        if (configure is not null)
        {
            services.Configure(configure);
        }

        services.AddSingleton(SpeedSerializer.Registration);
        services.TryAddSingleton<SpeedLayer>();
        services.TryAddSingleton<IClusterControl, ClusterControl>();
        services.TryAddSingleton<IUserProfiles>(provider => new UserProfiles(
            provider.GetRequiredService<SpeedLayer>(),
            provider.GetRequiredService<OwnerHash>(),
            provider.GetRequiredService<IInteractionLog>(),
            provider.GetRequiredService<IOptions<SpeedOptions>>().Value));
        services.AddHostedService(provider => provider.GetRequiredService<SpeedLayer>());
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<SpeedMeter>(
            provider,
            provider.GetRequiredService<SpeedLayer>().Board,
            provider.GetRequiredService<SpeedLayer>().Live,
            provider.GetRequiredService<SpeedLayer>().Pacer,
            provider.GetRequiredService<SpeedLayer>().Counters,
            provider.GetRequiredService<SpeedLayer>().Shards));
        return services;
    }
}
