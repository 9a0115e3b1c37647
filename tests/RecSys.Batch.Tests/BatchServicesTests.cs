using System.Collections.Immutable;
using Akka.Actor;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using RecSys.Batch.Jobs;
using RecSys.Core;
using RecSys.Core.Log;
using RecSys.Core.Models;
using RecSys.Core.Ports;
using RecSys.TestKit;
using RecSys.TestKit.Models;
using Xunit;

namespace RecSys.Batch.Tests;

public sealed class BatchServicesTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Jobs_are_started_and_found_without_a_word_of_actors()
    {
        TaskCompletionSource<JobOutcome> outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using ServiceProvider services = Services(collection => collection.AddBatchJob(
            JobKind.Rebuild, _ => (_, _, cancellationToken) => outcome.Task.WaitAsync(cancellationToken)));
        IHostedService host = Assert.Single(services.GetServices<IHostedService>());
        IBatchJobs jobs = services.GetRequiredService<IBatchJobs>();
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await jobs.ListAsync(Cancel));
        await host.StartAsync(Cancel);

        JobStatus started = await jobs.StartAsync(
            new JobRequest(JobKind.Rebuild, ImmutableSortedDictionary<string, string>.Empty), Cancel);

        Assert.Equal(JobState.Running, started.State);
        Assert.Equal(started.Id, Assert.Single(await jobs.ListAsync(Cancel)).Id);
        Assert.Equal(started.Id, (await jobs.CancelAsync(started.Id, Cancel))?.Id);
        Assert.Null(await jobs.GetAsync("no such job", Cancel));
        await host.StopAsync(Cancel);
    }

    [Theory]
    [InlineData("interval", 0.5)]
    [InlineData("threads", 0)]
    [InlineData("dimension", 0)]
    [InlineData("tail", 0.9)]
    public void Options_outside_their_limits_are_refused_by_name(string option, double value)
    {
        using ServiceProvider services = Services(collection => collection.Configure<BatchOptions>(options =>
        {
            switch (option)
            {
                case "interval":
                    options.Interval = TimeSpan.FromSeconds(value);
                    break;
                case "threads":
                    options.ThreadCount = (int)value;
                    break;
                case "dimension":
                    options.Model = options.Model with { Dimension = (int)value };
                    break;
                default:
                    options.Gate = options.Gate with { TailShare = value };
                    break;
            }
        }));

        OptionsValidationException exception = Assert.Throws<OptionsValidationException>(
            () => services.GetRequiredService<IOptions<BatchOptions>>().Value);

        Assert.StartsWith(BatchOptions.Section, exception.Message, StringComparison.Ordinal);
    }

    private static ServiceProvider Services(Action<IServiceCollection> add)
    {
        ServiceCollection services = new();
        services.AddLogging();
        services.AddSingleton(InteractionTypes.Default);
        services.AddSingleton<IInteractionLog>(
            new InMemoryInteractionLog(new LogRecordCodec(new OwnerHash(new byte[OwnerHash.KeySizeBytes]))));
        services.AddSingleton<IModelStore>(new InMemoryModelStore(TimeProvider.System));
        services.AddSingleton(_ => ActorSystem.Create("batch-services", "akka.stdout-loglevel = off\nakka.loglevel = off"));
        services.AddBatchLayer(options => options.Interval = TimeSpan.Zero);
        add(services);
        return services.BuildServiceProvider();
    }
}
