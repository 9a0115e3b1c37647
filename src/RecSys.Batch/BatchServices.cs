using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using RecSys.Batch.Evaluation;
using RecSys.Batch.Jobs;
using RecSys.Core;
using RecSys.Core.Models;
using RecSys.Core.Ports;

namespace RecSys.Batch;

/// <summary>Registers the batch layer.</summary>
public static class BatchServices
{
    /// <summary>Adds <see cref="IBatchJobs"/>, its coordinator, the trainer, and their start with the host.</summary>
    /// <remarks>
    /// Call it after <c>AddRecSysActors</c>. Needs an <see cref="IInteractionLog"/>, an <see cref="IModelStore"/> and the
    /// <see cref="InteractionTypes"/>. Other kinds of jobs are added by <see cref="AddBatchJob"/>.
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
        services.AddBatchJob(JobKind.Train, provider => new TrainJob(provider.GetRequiredService<Trainer>()).RunAsync);
        services.AddBatchJob(JobKind.Evaluate, provider => new EvaluateJob(
            provider.GetRequiredService<IInteractionLog>(),
            provider.GetRequiredService<InteractionTypes>(),
            provider.GetRequiredService<BatchOptions>(),
            provider.GetService<ISlateEvaluation>()).RunAsync);
        services.TryAddSingleton<BatchJobs>();
        services.TryAddSingleton<IBatchJobs>(provider => provider.GetRequiredService<BatchJobs>());
        services.AddHostedService(provider => provider.GetRequiredService<BatchJobs>());
        return services;
    }

    /// <summary>Adds a kind of job that the coordinator runs, such as a rebuild.</summary>
    /// <param name="services">Where to.</param>
    /// <param name="kind">What it does.</param>
    /// <param name="create">Makes what does it, once.</param>
    public static IServiceCollection AddBatchJob(
        this IServiceCollection services, JobKind kind, Func<IServiceProvider, BatchJobFunction> create)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(create);
        return services.AddSingleton(provider => new BatchJob(kind, create(provider)));
    }
}
