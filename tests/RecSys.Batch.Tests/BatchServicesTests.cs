using System.Collections.Immutable;
using Akka.Actor;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using RecSys.Core;
using RecSys.Core.Jobs;
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
        GivenJob job = new(JobKind.Export);
        await using BatchNode node = await BatchNode.StartAsync(new InMemoryControlStore(), services => services.AddSingleton(job.Definition));

        JobStatus started = await node.StartJobAsync(JobKind.Export);
        await job.BeganAsync();

        await node.AwaitAsync(started.Id, JobState.Running);
        Assert.Equal(started.Id, Assert.Single(await node.Jobs.ListAsync(Cancel)).Id);
        Assert.Equal(started.Id, (await node.Jobs.CancelAsync(started.Id, Cancel))?.Id);
        await node.AwaitAsync(started.Id, JobState.Cancelled);
        Assert.Null(await node.Jobs.GetAsync("no such job", Cancel));
        Assert.Null(await node.Jobs.CancelAsync("no-such-job", Cancel));
    }

    [Fact]
    public async Task Ended_running_and_queued_jobs_survive_a_restart()
    {
        InMemoryControlStore control = new();
        GivenJob export = new(JobKind.Export);
        GivenJob rebuild = new(JobKind.Rebuild);
        await using BatchNode crashed = await BatchNode.StartAsync(control, Add);
        JobStatus ended = await crashed.StartJobAsync(JobKind.Train);
        await crashed.AwaitAsync(ended.Id, JobState.Succeeded);
        JobStatus running = await crashed.StartJobAsync(JobKind.Export);
        await export.BeganAsync();
        JobStatus queued = await crashed.StartJobAsync(JobKind.Rebuild);
        await crashed.CrashAsync();

        await using BatchNode node = await BatchNode.StartAsync(control.Reopen(), Add);
        await export.BeganAsync();
        Assert.Equal(JobState.Queued, (await node.Jobs.GetAsync(queued.Id, Cancel))?.State);
        export.Finish();
        await rebuild.BeganAsync();
        rebuild.Finish();

        await node.AwaitAsync(queued.Id, JobState.Succeeded);
        Assert.Equal([queued.Id, running.Id, ended.Id], (await node.Jobs.ListAsync(Cancel)).Select(job => job.Id));
        Assert.All(await node.Jobs.ListAsync(Cancel), job => Assert.Equal(JobState.Succeeded, job.State));

        void Add(IServiceCollection services) => services.AddSingleton(rebuild.Definition).AddSingleton(export.Definition);
    }

    [Fact]
    public async Task An_orderly_stop_queues_the_running_job_again_and_does_not_count_as_a_start()
    {
        InMemoryControlStore control = new();
        GivenJob job = new(JobKind.Export);
        string? id = null;
        for (int start = 0; start <= JobRules.StartsMax; start++)
        {
            await using BatchNode node = await BatchNode.StartAsync(control.Reopen(), services => services.AddSingleton(job.Definition));
            id ??= (await node.StartJobAsync(JobKind.Export)).Id;
            await job.BeganAsync();
        }

        await using BatchNode last = await BatchNode.StartAsync(control.Reopen(), services => services.AddSingleton(job.Definition));
        await job.BeganAsync();
        job.Finish("at last");

        Assert.Equal("at last", (await last.AwaitAsync(id!, JobState.Succeeded)).Message);
        Assert.Equal(1, job.MostAtOnce);
    }

    [Fact]
    public async Task The_manager_of_the_coordinator_outlives_it_because_the_shutdown_of_a_node_waits_for_its_answer()
    {
        await using BatchNode node = await BatchNode.StartAsync(new InMemoryControlStore());
        ActorSelection coordinator = node.System.ActorSelection("/user/jobs-singleton/jobs");
        await Eventually.TrueAsync(async () => await IsAliveAsync(coordinator), "the coordinator runs");

        await node.StopJobsAsync();

        Assert.False(await IsAliveAsync(coordinator));
        Assert.True(await IsAliveAsync(node.System.ActorSelection("/user/jobs-singleton")));

        static async Task<bool> IsAliveAsync(ActorSelection selection) =>
            (await selection.Ask<ActorIdentity>(new Identify(selection), Cancel)).Subject is not null;
    }

    [Fact]
    public async Task The_node_of_a_job_shows_its_progress_immediately()
    {
        GivenJob job = new(JobKind.Export);
        await using BatchNode node = await BatchNode.StartAsync(new InMemoryControlStore(), services => services.AddSingleton(job.Definition));
        JobStatus started = await node.StartJobAsync(JobKind.Export);
        await job.BeganAsync();
        await node.AwaitAsync(started.Id, JobState.Running);

        foreach (double done in (double[])[0.1, 0.2, 0.3])
        {
            job.Progress!(new JobProgress("reading", done));
            Assert.Equal(done, (await node.Jobs.GetAsync(started.Id, Cancel))?.Progress);
        }

        job.Finish();
    }

    [Fact]
    public async Task A_process_of_one_command_cancels_its_jobs_when_it_ends()
    {
        InMemoryControlStore control = new();
        GivenJob job = new(JobKind.Export);
        JobStatus started;
        await using (BatchNode command = await BatchNode.StartAsync(
            control, services => services.AddSingleton(new BatchScope(IsForOneCommand: true)).AddSingleton(job.Definition)))
        {
            started = await command.StartJobAsync(JobKind.Export);
            await job.BeganAsync();
        }

        await using BatchNode server = await BatchNode.StartAsync(control.Reopen(), services => services.AddSingleton(job.Definition));

        Assert.Equal(JobState.Cancelled, (await server.Jobs.GetAsync(started.Id, Cancel))?.State);
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
        services.AddSingleton<IInteractionLog>(Worlds.EmptyLog());
        services.AddSingleton<IModelStore>(new InMemoryModelStore(TimeProvider.System));
        services.AddSingleton<IControlStore>(new InMemoryControlStore());
        services.AddBatchLayer(options => options.Interval = TimeSpan.Zero);
        add(services);
        return services.BuildServiceProvider();
    }
}
