using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using RecSys.Batch.Jobs;
using RecSys.Core;
using RecSys.Core.Jobs;
using RecSys.Core.Ports;
using RecSys.Core.Trends;

namespace RecSys.Batch;

/// <summary>Registers the services of the batch layer.</summary>
public static class BatchServices
{
    /// <summary>Adds <see cref="IBatchJobs"/>, the job coordinator and the trainer, and starts them with the host.</summary>
    /// <remarks>
    /// Call it after <c>AddRecSysActors</c>. Requires an <see cref="IInteractionLog"/>, an <see cref="IModelStore"/>, an <see cref="IControlStore"/> and the
    /// <see cref="InteractionTypes"/>. The nodes with the role batch can run every registered <see cref="JobDefinition"/>.
    /// </remarks>
    public static IServiceCollection AddBatchLayer(this IServiceCollection services, Action<BatchOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.TryAddSingleton(TimeProvider.System);
        services.AddOptions<BatchOptions>().ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<BatchOptions>, BatchOptions.Validator>());
        if (configure is not null)
        {
            services.Configure(configure);
        }

        services.TryAddSingleton(provider => provider.GetRequiredService<IOptions<BatchOptions>>().Value);
        services.TryAddSingleton<BatchMeter>();
        services.TryAddSingleton<Trainer>();
        services.TryAddSingleton(provider => new OfflineEvaluation(
            provider.GetRequiredService<BatchOptions>(), provider.GetService<ISlateEvaluation>(), provider.GetService<TrendsOptions>()));
        services.AddSingleton(provider => new TrainJob(provider.GetRequiredService<Trainer>()).Definition);
        services.AddSingleton(provider => new EvaluateJob(
            provider.GetRequiredService<IInteractionLog>(),
            provider.GetRequiredService<InteractionTypes>(),
            provider.GetRequiredService<OfflineEvaluation>()).Definition);
        services.TryAddSingleton(new BatchScope(IsForOneCommand: false));
        services.TryAddSingleton<StoredJobs>();
        services.TryAddSingleton<BatchJobs>();
        services.TryAddSingleton<IBatchJobs>(provider => provider.GetRequiredService<BatchJobs>());
        services.AddHostedService(provider => provider.GetRequiredService<BatchJobs>());
        return services;
    }
}
