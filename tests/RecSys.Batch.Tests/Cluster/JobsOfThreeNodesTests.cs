using Microsoft.Extensions.DependencyInjection;
using RecSys.Actors.Tests;
using RecSys.Core.Jobs;
using RecSys.Core.Ports;
using RecSys.TestKit;
using Xunit;

namespace RecSys.Batch.Tests.Cluster;

/// <summary>Checks that a cluster of three nodes runs jobs as a single node does.</summary>
[Trait("Category", "Slow")]
public sealed class JobsOfThreeNodesTests : IAsyncLifetime
{
    private readonly LoopbackNodes _loopback = new();
    private readonly InMemoryControlStore _control = new();
    private readonly GivenJob _job = new(JobKind.Export);
    private readonly List<BatchNode> _nodes = [];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        while (_nodes.Count < 3)
        {
            int? join = _nodes.Count == 0 ? null : Akka.Cluster.Cluster.Get(_nodes[0].System).SelfAddress.Port;
            _nodes.Add(await BatchNode.StartAsync(
                _control.Reopen(),
                services => services.AddSingleton(_job.Definition),
                options =>
                {
                    _loopback.Configure(options, join);
                    options.Roles = _nodes.Count == 2 ? ["serve"] : options.Roles;
                }));
        }
    }

    public async ValueTask DisposeAsync()
    {
        _job.Finish();
        foreach (BatchNode node in _nodes)
        {
            await node.CrashAsync();
            await node.DisposeAsync();
        }

        _loopback.Dispose();
    }

    [Fact]
    public async Task A_job_is_started_seen_and_cancelled_from_every_node()
    {
        JobStatus started = await _nodes[2].StartJobAsync(JobKind.Export);
        await _job.BeganAsync();
        _job.Progress!(new JobProgress("reading", 0.5));

        foreach (BatchNode node in _nodes)
        {
            JobStatus running = await node.AwaitAsync(started.Id, JobState.Running);
            Assert.Contains(running.Node, _nodes.Take(2).Select(node => node.Jobs.Node)); // the third node does not have the role batch
            Assert.Equal(started.Id, (await node.StartJobAsync(JobKind.Export)).Id);
            Assert.Equal(started.Id, Assert.Single(await node.Jobs.ListAsync(Cancel)).Id);
            await Eventually.TrueAsync(async () => (await node.Jobs.GetAsync(started.Id, Cancel))?.Progress == 0.5, "the node sees the progress");
        }

        await _nodes[2].Jobs.CancelAsync(started.Id, Cancel);

        foreach (BatchNode node in _nodes)
        {
            await node.AwaitAsync(started.Id, JobState.Cancelled);
        }

        Assert.Equal(1, _job.Runs);
    }

    [Fact]
    public async Task A_job_is_started_again_when_its_node_crashes_and_never_runs_twice_at_the_same_time()
    {
        JobStatus started = await _nodes[2].StartJobAsync(JobKind.Export);
        await _job.BeganAsync();
        JobStatus running = await _nodes[2].AwaitAsync(started.Id, JobState.Running);

        BatchNode crashed = _nodes.Single(node => node.Jobs.Node == running.Node);
        _nodes.Remove(crashed);
        await crashed.CrashAsync();
        await _job.BeganAsync();

        JobStatus again = await _nodes[^1].AwaitAsync(started.Id, JobState.Running);
        Assert.Equal(_nodes[0].Jobs.Node, again.Node);
        _job.Finish("exported");
        foreach (BatchNode node in _nodes)
        {
            Assert.Equal("exported", (await node.AwaitAsync(started.Id, JobState.Succeeded)).Message);
        }

        Assert.Equal((2, 1), (_job.Runs, _job.MostAtOnce));
        await crashed.DisposeAsync();
    }

    [Fact]
    public async Task A_job_is_refused_when_no_node_runs_jobs()
    {
        BatchNode serving = _nodes[2];
        foreach (BatchNode node in _nodes.Take(2).ToArray())
        {
            _nodes.Remove(node);
            await node.DisposeAsync();
        }

        await Eventually.TrueAsync(
            () => Akka.Cluster.Cluster.Get(serving.System).State.Members.Count == 1, "the other nodes have left");

        StoreUnavailableException refusal = await Assert.ThrowsAsync<StoreUnavailableException>(async () => await serving.StartJobAsync(JobKind.Export));
        Assert.Contains("role batch", refusal.Message, StringComparison.Ordinal);
    }
}
