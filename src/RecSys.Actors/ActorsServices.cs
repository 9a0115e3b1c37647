using Akka.Actor;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace RecSys.Actors;

/// <summary>Registers the actor system.</summary>
public static class ActorsServices
{
    /// <summary>Adds <see cref="RecSysActorSystem"/> and its <see cref="ActorSystem"/>, and starts them with the host.</summary>
    /// <remarks>Call it before services that depend on actors are added. Needs an <see cref="Core.Ports.ISnapshotTable"/>.</remarks>
    public static IServiceCollection AddRecSysActors(this IServiceCollection services, Action<ActorsOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.TryAddSingleton(TimeProvider.System);
        services.AddOptions<ActorsOptions>().ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<ActorsOptions>, ActorsOptions.Validator>());
        if (configure is not null)
        {
            services.Configure(configure);
        }

        services.TryAddSingleton<RecSysActorSystem>();
        services.TryAddSingleton(provider => provider.GetRequiredService<RecSysActorSystem>().System);
        services.AddHostedService(provider => provider.GetRequiredService<RecSysActorSystem>());
        return services;
    }
}
