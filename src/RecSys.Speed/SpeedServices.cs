using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using RecSys.Actors;
using RecSys.Core;
using RecSys.Core.Ports;
using RecSys.Speed.Erasing;
using RecSys.Speed.Folds;
using RecSys.Speed.Serialization;
using RecSys.Speed.Users;

namespace RecSys.Speed;

/// <summary>Registers the speed layer.</summary>
public static class SpeedServices
{
    /// <summary>
    /// Adds <see cref="IUserProfiles"/>, <see cref="IMergedUsers"/>, <see cref="IItemCatalogue"/>, <see cref="ITrends"/>, <see cref="IClusterControl"/> and
    /// <see cref="ISpeedRebuild"/>, its kind of job, the actors and readers behind them, which start with the host, and the erasure of persons
    /// from every <see cref="IErasable"/>.
    /// </summary>
    /// <remarks>
    /// Call it after <c>AddRecSysActors</c>. Needs an <see cref="IInteractionLog"/>, an <see cref="ISnapshotTable"/>, an
    /// <see cref="IFoldStore"/>, an <see cref="IControlStore"/>, an <see cref="OwnerHash"/> and <see cref="InteractionTypes"/>.
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
        services.TryAddSingleton<ClusterControl>();
        services.TryAddSingleton<IClusterControl>(provider => provider.GetRequiredService<ClusterControl>());
        services.TryAddSingleton(provider => new UserProfiles(
            provider.GetRequiredService<SpeedLayer>(),
            provider.GetRequiredService<OwnerHash>(),
            provider.GetRequiredService<IInteractionLog>(),
            provider.GetRequiredService<IOptions<SpeedOptions>>().Value));
        services.TryAddSingleton<IUserProfiles>(provider => provider.GetRequiredService<UserProfiles>());
        services.TryAddSingleton<IMergedUsers>(provider => provider.GetRequiredService<UserProfiles>());
        services.TryAddSingleton(provider => provider.GetRequiredService<SpeedLayer>().Counters);
        services.TryAddSingleton(provider => provider.GetRequiredService<IOptions<SpeedOptions>>().Value.ToTrendsOptions());
        services.TryAddSingleton<FoldGaps>();
        services.TryAddSingleton<NodeFolds>();
        services.TryAddSingleton<IItemCatalogue>(provider => provider.GetRequiredService<NodeFolds>());
        services.TryAddSingleton<ITrends>(provider => provider.GetRequiredService<NodeFolds>());
        services.TryAddSingleton(provider => new MergePlace(
            provider.GetRequiredService<SpeedLayer>(),
            provider.GetRequiredService<IInteractionLog>(),
            provider.GetRequiredService<IOptions<SpeedOptions>>().Value,
            provider.GetRequiredService<TimeProvider>()));
        services.TryAddSingleton(provider => new ProfilePlace(
            provider.GetRequiredService<SpeedLayer>(), provider.GetRequiredService<IOptions<SpeedOptions>>().Value));
        services.TryAddSingleton<ErasureDriver>();
        services.TryAddSingleton<IErasureReceipts>(provider => provider.GetRequiredService<ErasureDriver>());
        services.TryAddSingleton<TrendsOfNodes>();
        services.AddSingleton(provider => new BeforeJoin(_ => provider.GetRequiredService<TrendsOfNodes>().StartAsync()));
        services.TryAddSingleton<ISpeedRebuild, SpeedRebuild>();
        services.AddSingleton(provider => new RebuildJob(provider.GetRequiredService<ISpeedRebuild>()).Definition);
        services.AddHostedService<LogDamageReporter>();
        services.AddSingleton(provider => new BeforeJoin(cancel => provider.GetRequiredService<SpeedLayer>().StartAsync(cancel)));
        services.AddSingleton(provider => new BeforeJoin(_ =>
        {
            provider.GetRequiredService<ClusterControl>().Start();
            return Task.CompletedTask;
        }));
        services.AddHostedService(provider => provider.GetRequiredService<NodeFolds>());
        services.AddHostedService(provider => provider.GetRequiredService<ErasureDriver>());
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<SpeedMeter>(
            provider,
            provider.GetRequiredService<SpeedLayer>().IngestStatuses,
            provider.GetRequiredService<SpeedLayer>().Live,
            provider.GetRequiredService<SpeedLayer>().Pacer,
            provider.GetRequiredService<SpeedLayer>().Counters,
            provider.GetRequiredService<SpeedLayer>().Shards,
            provider.GetRequiredService<FoldGaps>()));
        services.AddHostedService(provider => provider.GetRequiredService<SpeedMeter>());
        return services;
    }
}
