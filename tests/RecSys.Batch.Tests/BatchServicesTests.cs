using System.Collections.Immutable;
using Akka.Actor;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using RecSys.Core;
using RecSys.Core.Jobs;
using RecSys.Core.Log;
using RecSys.Core.Ports;
using RecSys.TestKit;
using RecSys.TestKit.Models;
using Xunit;

namespace RecSys.Batch.Tests;

public sealed class BatchServicesTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Jobs_are_started_and_found_through_the_port_alone()
    {
        TaskCompletionSource<JobOutcome> outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using ServiceProvider services = Services(collection => collection.AddSingleton(new JobDefinition(
            JobKind.Rebuild, [], (_, _, cancellationToken) => outcome.Task.WaitAsync(cancellationToken))));
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
    [InlineData(JobKind.Train, "scheduled=true", "scheduled")]
    [InlineData(JobKind.Evaluate, "split=/etc/passwd,/etc/passwd", "split")]
    [InlineData(JobKind.Evaluate, "split=by-moonlight", "split")]
    [InlineData(JobKind.Evaluate, "metrics=ndcg@0", "metrics")]
    [InlineData(JobKind.Evaluate, "metrics=auc@10", "metrics")]
    [InlineData(JobKind.Evaluate, "metrics=", "metrics")]
    [InlineData(JobKind.Evaluate, "file=x", "file")]
    [InlineData(JobKind.Export, "what=users", null)]
    public async Task A_job_whose_parameters_are_wrong_is_refused_before_it_starts(JobKind kind, string parameter, string? named)
    {
        await using ServiceProvider services = Services(_ => { });
        string[] pair = parameter.Split('=');

        JobProblem? problem = services.GetRequiredService<IBatchJobs>().Check(
            new JobRequest(kind, ImmutableSortedDictionary<string, string>.Empty.Add(pair[0], pair[1])));

        Assert.Equal(named, Assert.IsType<JobProblem>(problem).Parameter);
    }

    [Theory]
    [InlineData("split=temporal")]
    [InlineData("split=leave-one-out")]
    [InlineData("metrics=ndcg@10, hr@5")]
    public async Task A_job_whose_parameters_are_right_is_not_refused(string parameter)
    {
        await using ServiceProvider services = Services(_ => { });
        string[] pair = parameter.Split('=');

        Assert.Null(services.GetRequiredService<IBatchJobs>().Check(
            new JobRequest(JobKind.Evaluate, ImmutableSortedDictionary<string, string>.Empty.Add(pair[0], pair[1]))));
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
