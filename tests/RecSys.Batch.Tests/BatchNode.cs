using System.Collections.Immutable;
using Akka.Actor;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using RecSys.Actors;
using RecSys.Actors.Tests;
using RecSys.Core;
using RecSys.Core.Jobs;
using RecSys.Core.Ports;
using RecSys.TestKit;
using RecSys.TestKit.Models;
using Xunit;

namespace RecSys.Batch.Tests;

/// <summary>A node of the batch layer with stores in memory.</summary>
internal sealed class BatchNode : IAsyncDisposable
{
    private readonly ServiceProvider _services;
    private bool _isStopped;

    private BatchNode(InMemoryControlStore control, Action<IServiceCollection>? add, Action<ActorsOptions>? actors)
    {
        ServiceCollection services = new();
        services.AddLogging();
        services.AddSingleton(InteractionTypes.Default);
        services.AddSingleton<IInteractionLog>(Worlds.EmptyLog());
        services.AddSingleton<IModelStore>(new InMemoryModelStore(TimeProvider.System));
        services.AddSingleton<ISnapshotTable>(new InMemorySnapshotTable());
        services.AddSingleton<IControlStore>(control);
        services.AddRecSysActors(options =>
        {
            options.Hocon = VerifyingSerializer.Hocon;
            actors?.Invoke(options);
        });
        add?.Invoke(services);
        services.AddBatchLayer(options => options.Interval = TimeSpan.Zero);
        _services = services.BuildServiceProvider();
        Control = control;
    }

    public InMemoryControlStore Control { get; }

    public IBatchJobs Jobs => _services.GetRequiredService<IBatchJobs>();

    public ActorSystem System => _services.GetRequiredService<ActorSystem>();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Starts a node on a control store that the test keeps when the node ends.</summary>
    public static async Task<BatchNode> StartAsync(InMemoryControlStore control, Action<IServiceCollection>? add = null, Action<ActorsOptions>? actors = null)
    {
        BatchNode node = new(control, add, actors);
        foreach (IHostedService service in node._services.GetServices<IHostedService>())
        {
            await service.StartAsync(Cancel);
        }

        return node;
    }

    /// <summary>Starts a job without parameters.</summary>
    public ValueTask<JobStatus> StartJobAsync(JobKind kind) => Jobs.StartAsync(new JobRequest(kind, ImmutableSortedDictionary<string, string>.Empty), Cancel);

    /// <summary>Waits until this node sees a job in a state.</summary>
    public async Task<JobStatus> AwaitAsync(string id, JobState state)
    {
        JobStatus? seen = null;
        await Eventually.TrueAsync(async () => (seen = await Jobs.GetAsync(id, Cancel))?.State == state, $"the job {id} is {state}");
        return seen!;
    }

    /// <summary>Stops the service of the jobs, as the first step of an orderly stop of the node.</summary>
    public Task StopJobsAsync() => ((IHostedService)Jobs).StopAsync(Cancel);

    /// <summary>Ends the node as a crash does: it writes nothing more to the control store.</summary>
    public async Task CrashAsync()
    {
        _isStopped = true;
        Control.Fault = new StoreUnavailableException("the node has crashed");
        await System.Terminate();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_isStopped)
        {
            foreach (IHostedService service in _services.GetServices<IHostedService>().Reverse())
            {
                await service.StopAsync(CancellationToken.None);
            }
        }

        await _services.DisposeAsync();
    }
}
