using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Coordination;
using Microsoft.Extensions.Time.Testing;
using RecSys.Actors.Leases;
using RecSys.Core.Ports;
using RecSys.TestKit;
using Xunit;

namespace RecSys.Actors.Tests.Leases;

public sealed class TableLeaseTests : IAsyncDisposable
{
    private const string Hocon = """
        akka.stdout-loglevel = OFF
        akka.loglevel = OFF
        recsys.lease {
          lease-class = "RecSys.Actors.Leases.TableLease, RecSys.Actors"
          heartbeat-timeout = 20s
          heartbeat-interval = 5s
          lease-operation-timeout = 5s
        }
        """;

    private readonly FakeTimeProvider _time = new();
    private readonly InMemoryLeaseTable _leases;
    private readonly ActorSystem _system;

    public TableLeaseTests()
    {
        _leases = new InMemoryLeaseTable(_time);
        _system = ActorSystem.Create("leases", ActorSystemSetup.Create(BootstrapSetup.Create().WithConfig(Hocon), new LeaseTableSetup(_leases, _time)));
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync() => await _system.Terminate();

    [Fact]
    public async Task One_owner_at_a_time_acquires_a_lease()
    {
        Lease ada = Of("ada");
        Lease bob = Of("bob");

        Assert.True(await ada.Acquire());
        Assert.True(await ada.Acquire());
        Assert.False(await WhileTimePassesAsync(bob.Acquire()));
        Assert.True(ada.CheckLease());
        Assert.False(bob.CheckLease());

        Assert.True(await ada.Release());
        Assert.False(ada.CheckLease());
        Assert.True(await bob.Acquire());
    }

    [Fact]
    public async Task A_held_lease_is_prolonged()
    {
        Lease ada = Of("ada");
        await ada.Acquire();

        for (int beat = 1; beat <= 8; beat++)
        {
            int takes = _leases.Takes;
            _time.Advance(TimeSpan.FromSeconds(5));
            await Eventually.TrueAsync(() => _leases.Takes > takes, "it is prolonged");
        }

        Assert.True(ada.CheckLease());
        Assert.False(await WhileTimePassesAsync(Of("bob").Acquire()));
    }

    [Fact]
    public async Task A_lease_whose_holder_has_ended_is_acquired_when_its_time_is_over()
    {
        await _leases.TakeAsync("split", "ada", TimeSpan.FromSeconds(20), Cancel);
        Lease bob = Of("bob");

        Assert.True(await WhileTimePassesAsync(bob.Acquire()));

        Assert.True(bob.CheckLease());
    }

    [Fact]
    public async Task A_lease_is_not_waited_for_while_the_store_is_away()
    {
        await _leases.TakeAsync("split", "ada", TimeSpan.FromSeconds(20), Cancel);
        Task<bool> acquired = Of("bob").Acquire();
        _leases.Fault = new StoreUnavailableException("away");

        await Assert.ThrowsAsync<LeaseException>(() => WhileTimePassesAsync(acquired));
    }

    [Fact]
    public async Task A_lease_that_another_owner_holds_is_lost()
    {
        TaskCompletionSource<Exception?> lost = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Lease ada = Of("ada");
        await ada.Acquire(lost.SetResult);
        await _leases.ReleaseAsync("split", "ada", Cancel);
        await _leases.TakeAsync("split", "bob", TimeSpan.FromHours(1), Cancel);

        _time.Advance(TimeSpan.FromSeconds(5));

        Assert.Null(await lost.Task.WaitAsync(Cancel));
        Assert.False(ada.CheckLease());
    }

    [Fact]
    public async Task A_lease_that_cannot_be_prolonged_is_lost_when_its_time_is_over_and_not_before()
    {
        TaskCompletionSource<Exception?> lost = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Lease ada = Of("ada");
        await ada.Acquire(lost.SetResult);
        _leases.Fault = new StoreUnavailableException("away");

        _time.Advance(TimeSpan.FromSeconds(19));
        Assert.True(ada.CheckLease());
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.False(ada.CheckLease());
        while (!lost.Task.IsCompleted)
        {
            _time.Advance(TimeSpan.FromSeconds(5));
            await Task.Yield();
        }

        Assert.Same(_leases.Fault, await lost.Task);
    }

    [Fact]
    public async Task A_store_that_is_away_is_a_lease_exception()
    {
        _leases.Fault = new StoreUnavailableException("away");

        LeaseException refusal = await Assert.ThrowsAsync<LeaseException>(() => Of("ada").Acquire());

        Assert.Contains("the lease split cannot be taken now: away", refusal.Message, StringComparison.Ordinal);
    }

    private async Task<bool> WhileTimePassesAsync(Task<bool> acquired)
    {
        while (!acquired.IsCompleted)
        {
            _time.Advance(TimeSpan.FromMilliseconds(250));
            await Task.WhenAny(acquired, Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, Cancel));
        }

        return await acquired;
    }

    private Lease Of(string owner) => LeaseProvider.Get(_system).GetLease("split", "recsys.lease", owner);
}
