using RecSys.Core.Ports;
using RecSys.TestKit;
using Xunit;

namespace RecSys.Actors.Tests.Leases;

/// <summary>Nodes of one process, and a store whose leases they share.</summary>
[Trait("Category", "Slow")]
public sealed class ClusterLeaseTests : IDisposable
{
    private const string Name = "cluster";

    private readonly LoopbackNodes _nodes = new();
    private readonly InMemoryLeaseTable _leases = new(TimeProvider.System);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _nodes.Dispose();

    [Fact]
    public async Task Of_two_nodes_that_are_cut_off_from_each_other_one_goes_on_and_the_other_ends()
    {
        await using LeasedNode one = await LeasedNode.StartAsync(_nodes, _leases);
        await using LeasedNode two = await LeasedNode.StartAsync(_nodes, _leases, port: null, one.Port);
        await Eventually.TrueAsync(() => one.Members == 2, "both are members");

        await one.CutOffAsync(two);
        await two.CutOffAsync(one);

        await Eventually.TrueAsync(() => one.System.End == NodeEnd.Downed || two.System.End == NodeEnd.Downed, "one ends", TimeSpan.FromSeconds(60));
        LeasedNode left = one.System.End == NodeEnd.Downed ? two : one;
        await Eventually.TrueAsync(() => left.Members == 1, "the other goes on alone");
        Assert.Equal(NodeEnd.None, left.System.End);
        Assert.Equal($"127.0.0.1:{left.Port}", (await _leases.ReadAsync("recsys-akka-sbr", Cancel))?.Owner.Split('@')[^1]);
    }

    [Fact]
    public async Task Of_two_nodes_each_goes_on_after_the_other_has_crashed()
    {
        LeasedNode one = await LeasedNode.StartAsync(_nodes, _leases);
        LeasedNode two = await LeasedNode.StartAsync(_nodes, _leases, port: null, one.Port);
        await Eventually.TrueAsync(() => one.Members == 2 && two.Members == 2, "both are members");

        // A majority of one among two would be the node with the lower address: the other would end.
        (LeasedNode crashed, LeasedNode left) = one.Port < two.Port ? (one, two) : (two, one);
        await crashed.CrashAsync();

        await Eventually.TrueAsync(() => left.Members == 1 && left.Cluster.State.Unreachable.IsEmpty, "the other goes on alone", TimeSpan.FromSeconds(60));
        Assert.Equal(NodeEnd.None, left.System.End);
        await left.DisposeAsync();
    }

    [Fact]
    public async Task Of_three_nodes_the_last_goes_on_after_the_one_that_decided_about_the_first_crash_has_crashed_too()
    {
        TimeSpan duration = TimeSpan.FromSeconds(20);
        List<LeasedNode> running = [];
        Dictionary<LeasedNode, SwitchedLeases> leases = [];
        while (running.Count < 3)
        {
            SwitchedLeases own = new(_leases);
            LeasedNode node = await LeasedNode.StartAsync(_nodes, own, duration, port: null, running.Count == 0 ? [] : [running[0].Port]);
            running.Add(node);
            leases.Add(node, own);
        }

        await Eventually.TrueAsync(() => running.TrueForAll(node => node.Members == 3), "all are members", TimeSpan.FromSeconds(60));

        // The leader, which decides about a crash, is the member with the lowest address.
        running.Sort((a, b) => a.Port.CompareTo(b.Port));
        await CrashAsync(running[2]);
        await Eventually.TrueAsync(() => running.TrueForAll(node => node.Members == 2), "two go on", TimeSpan.FromSeconds(60));
        Assert.Equal($"127.0.0.1:{running[0].Port}", (await _leases.ReadAsync("recsys-akka-sbr", Cancel))?.Owner.Split('@')[^1]);
        await CrashAsync(running[0]);

        await Eventually.TrueAsync(
            () => running[0].System.End != NodeEnd.None || (running[0].Members == 1 && running[0].Cluster.State.Unreachable.IsEmpty), "it is decided about the second crash", TimeSpan.FromSeconds(60));
        Assert.Equal(NodeEnd.None, running[0].System.End);
        await running[0].DisposeAsync();

        async Task CrashAsync(LeasedNode node)
        {
            running.Remove(node);
            leases[node].IsAway = true; // a node that has crashed prolongs nothing
            await node.CrashAsync();
        }
    }

    [Fact]
    public async Task A_first_seed_founds_no_cluster_while_one_runs_and_founds_one_after_it_has_ended()
    {
        await _leases.TakeAsync(Name, "another 1", TimeSpan.FromMinutes(10), Cancel);
        Task<LeasedNode> starting = LeasedNode.StartAsync(_nodes, _leases);
        TimeoutException refusal = await Assert.ThrowsAsync<TimeoutException>(() => starting);
        Assert.Contains("a cluster over the same stores runs, created by another 1: name its nodes in recsys:actors:join", refusal.Message, StringComparison.Ordinal);
        Assert.Equal("another 1", (await _leases.ReadAsync(Name, Cancel))?.Owner);

        await _leases.TakeAsync(Name, "another 1", TimeSpan.FromSeconds(1), Cancel);
        await using LeasedNode node = await LeasedNode.StartAsync(_nodes, _leases);

        await Eventually.TrueAsync(() => node.Members == 1, "it creates a cluster");
        Assert.StartsWith($"127.0.0.1:{node.Port} ", (await _leases.ReadAsync(Name, Cancel))?.Owner.Split('@')[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_first_seed_that_starts_again_joins_the_nodes_that_run()
    {
        LeasedNode one = await LeasedNode.StartAsync(_nodes, _leases);
        await using LeasedNode two = await LeasedNode.StartAsync(_nodes, _leases, port: null, one.Port);
        await Eventually.TrueAsync(() => two.Members == 2, "both are members");
        string? creator = (await _leases.ReadAsync(Name, Cancel))?.Owner;
        await one.CrashAsync();

        await using LeasedNode again = await LeasedNode.StartAsync(_nodes, _leases, one.Port, one.Port, two.Port);

        await Eventually.TrueAsync(() => again.Members == 2 && two.Members == 2, "both are members again");
        Assert.Equal(creator, (await _leases.ReadAsync(Name, Cancel))?.Owner);
    }

    [Fact]
    public async Task A_cluster_goes_on_with_a_first_seed_that_took_the_lease_after_an_outage_of_the_store()
    {
        LeasedNode one = await LeasedNode.StartAsync(_nodes, _leases);
        SwitchedLeases leases = new(_leases);
        await using LeasedNode two = await LeasedNode.StartAsync(_nodes, leases, port: null, one.Port);
        await Eventually.TrueAsync(() => two.Members == 2, "both are members");
        string old = (await _leases.ReadAsync(Name, Cancel))!.Value.Owner;
        leases.IsAway = true;
        await one.DisposeAsync(); // a crash would end the other too: without the store it cannot take the lease of the split-brain resolver
        await Eventually.TrueAsync(async () => await _leases.ReadAsync(Name, Cancel) is null, "the lease ends");

        Task<LeasedNode> starting = LeasedNode.StartAsync(_nodes, _leases, one.Port, one.Port, two.Port);
        await Eventually.TrueAsync(async () => await _leases.ReadAsync(Name, Cancel) is not null, "the first seed takes it");
        leases.IsAway = false;
        await using LeasedNode again = await starting;

        await Eventually.TrueAsync(() => again.Members == 2 && two.Members == 2, "both are members again");
        Assert.NotEqual(old, (await _leases.ReadAsync(Name, Cancel))?.Owner);
        Assert.Equal(NodeEnd.None, two.System.End);
    }

    [Fact]
    public async Task A_node_whose_cluster_was_replaced_ends()
    {
        await using LeasedNode node = await LeasedNode.StartAsync(_nodes, _leases);
        while ((await _leases.TakeAsync(Name, "another 1", TimeSpan.FromMinutes(10), Cancel)).Owner is var owner and not "another 1")
        {
            await _leases.ReleaseAsync(Name, owner, Cancel);
        }

        await Eventually.TrueAsync(() => node.System.End == NodeEnd.Downed, "the node ends");
    }

    [Fact]
    public async Task The_last_node_that_stops_in_order_releases_the_lease()
    {
        LeasedNode node = await LeasedNode.StartAsync(_nodes, _leases);
        Assert.NotNull(await _leases.ReadAsync(Name, Cancel));

        await node.DisposeAsync();
        node.System.Dispose(); // as a container does that has it as two services

        Assert.Null(await _leases.ReadAsync(Name, Cancel));
    }

    [Fact]
    public async Task A_prolongation_that_is_under_way_does_not_take_a_released_lease_again()
    {
        SlowLeases leases = new(_leases);
        LeasedNode node = await LeasedNode.StartAsync(_nodes, leases);
        TaskCompletionSource answers = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await leases.HoldNextAsync(answers.Task);

        Task stopped = node.DisposeAsync().AsTask();
        await Task.WhenAny(leases.Released, Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, Cancel));
        answers.SetResult();
        await stopped;
        await leases.Held;

        Assert.Null(await _leases.ReadAsync(Name, Cancel));
    }

    /// <summary>The leases of a store that answers one prolongation late.</summary>
    private sealed class SlowLeases(ILeaseTable leases) : ILeaseTable
    {
        private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private Task? _until;

        /// <summary>Completes when a lease is released.</summary>
        public Task Released => _released.Task;

        /// <summary>Completes when the late prolongation has ended.</summary>
        public Task Held { get; private set; } = Task.CompletedTask;

        /// <summary>Lets the next prolongation begin, and end late.</summary>
        public Task HoldNextAsync(Task until)
        {
            Volatile.Write(ref _until, until);
            return _begun.Task;
        }

        public async ValueTask<LeaseHolding> TakeAsync(string name, string owner, TimeSpan duration, CancellationToken cancellationToken)
        {
            if (Interlocked.Exchange(ref _until, null) is not { } until)
            {
                return await leases.TakeAsync(name, owner, duration, cancellationToken);
            }

            Task<LeaseHolding> late = LateAsync();
            Held = late;
            _begun.SetResult();
            return await late.WaitAsync(cancellationToken);

            async Task<LeaseHolding> LateAsync()
            {
                await until;
                return await leases.TakeAsync(name, owner, duration, CancellationToken.None);
            }
        }

        public ValueTask<LeaseHolding?> ReadAsync(string name, CancellationToken cancellationToken) => leases.ReadAsync(name, cancellationToken);

        public async ValueTask ReleaseAsync(string name, string owner, CancellationToken cancellationToken)
        {
            await leases.ReleaseAsync(name, owner, cancellationToken);
            _released.TrySetResult();
        }
    }

    /// <summary>The leases as one node sees them, which cannot reach the store for a while.</summary>
    private sealed class SwitchedLeases(ILeaseTable leases) : ILeaseTable
    {
        public bool IsAway { get; set; }

        public ValueTask<LeaseHolding> TakeAsync(string name, string owner, TimeSpan duration, CancellationToken cancellationToken) =>
            Reached.TakeAsync(name, owner, duration, cancellationToken);

        public ValueTask<LeaseHolding?> ReadAsync(string name, CancellationToken cancellationToken) => Reached.ReadAsync(name, cancellationToken);

        public ValueTask ReleaseAsync(string name, string owner, CancellationToken cancellationToken) => Reached.ReleaseAsync(name, owner, cancellationToken);

        private ILeaseTable Reached => IsAway ? throw new StoreUnavailableException("away") : leases;
    }
}
