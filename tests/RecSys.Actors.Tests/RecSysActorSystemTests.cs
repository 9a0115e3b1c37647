using Akka;
using Akka.Actor;
using Akka.Cluster;
using Akka.Event;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using RecSys.TestKit;
using Xunit;

namespace RecSys.Actors.Tests;

public sealed class RecSysActorSystemTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_node_without_others_to_join_is_a_cluster_of_one()
    {
        await using RunningSystem running = await RunningSystem.StartAsync();

        Cluster cluster = Cluster.Get(running.System.System);
        while (cluster.State.Members.IsEmpty)
        {
            await Task.Yield(); // the node publishes the members of its cluster shortly after it is up
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
        }

        Member self = Assert.Single(cluster.State.Members);
        Assert.Equal(MemberStatus.Up, self.Status);
        Assert.Equal("127.0.0.1", self.Address.Host);
        Assert.Equal(NodeRoles.All.Order(), self.Roles.Order());
        Assert.False(running.System.IsStopping);
    }

    [Fact]
    public async Task Shutdown_steps_run_in_their_order()
    {
        await using RunningSystem running = await RunningSystem.StartAsync();
        List<string> steps = [];
        foreach (ShutdownStep step in Enum.GetValues<ShutdownStep>().Reverse())
        {
            running.System.OnShutdown(step, $"note {step}", () =>
            {
                steps.Add($"{step}");
                return Task.CompletedTask;
            });
        }

        await running.System.StopAsync(Cancel);

        Assert.Equal(["ReadinessFalls", "HttpDrains", "IngestStops", "UsersSave", "ShardsLeave"], steps);
        Assert.True(running.System.IsStopping);
    }

    [Fact]
    public async Task A_node_on_its_own_ends_without_the_hand_over_of_its_shards()
    {
        RunningSystem node = await RunningSystem.StartAsync();

        // As a region does to which a late message is sent: it waits for a home of the shard on another node, until its time-out of 12 s.
        TaskCompletionSource<Done> handedOver = new();
        CoordinatedShutdown.Get(node.System.System).AddTask(CoordinatedShutdown.PhaseClusterShardingShutdownRegion, "late", () => handedOver.Task);

        await node.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(8), Cancel);

        Assert.False(handedOver.Task.IsCompleted);
        Assert.True(node.System.System.WhenTerminated.IsCompleted);
    }

    [Fact]
    public async Task A_failed_shutdown_step_does_not_prevent_users_from_saving()
    {
        await using RunningSystem running = await RunningSystem.StartAsync();
        bool isSaved = false;
        running.System.OnShutdown(ShutdownStep.IngestStops, "fails", () => throw new InvalidOperationException("no"));
        running.System.OnShutdown(ShutdownStep.UsersSave, "saves", () =>
        {
            isSaved = true;
            return Task.CompletedTask;
        });

        await running.System.StopAsync(Cancel);

        Assert.True(isSaved);
    }

    [Fact]
    public async Task A_node_that_was_asked_to_leave_is_drained_and_one_that_was_removed_is_downed()
    {
        await using RunningSystem drained = await RunningSystem.StartAsync();
        Cluster.Get(drained.System.System).Leave(Cluster.Get(drained.System.System).SelfAddress);
        await drained.System.System.WhenTerminated.WaitAsync(TimeSpan.FromSeconds(30), Cancel);
        Assert.Equal(NodeEnd.Drained, drained.System.End);

        await using RunningSystem downed = await RunningSystem.StartAsync();
        Cluster.Get(downed.System.System).Down(Cluster.Get(downed.System.System).SelfAddress);
        await downed.System.System.WhenTerminated.WaitAsync(TimeSpan.FromSeconds(30), Cancel);
        Assert.Equal(NodeEnd.Downed, downed.System.End);

        RunningSystem stopped = await RunningSystem.StartAsync();
        await stopped.DisposeAsync();
        Assert.Equal(NodeEnd.None, stopped.System.End);
    }

    [Fact]
    public async Task A_node_joins_its_cluster_after_the_work_that_belongs_before()
    {
        MemberStatus? seen = null;
        RecSysActorSystem? system = null;
        BeforeJoin work = new(_ =>
        {
            seen = Cluster.Get(system!.System).SelfMember.Status;
            return Task.CompletedTask;
        });
        system = new RecSysActorSystem(
            Options.Create(new ActorsOptions { Hocon = VerifyingSerializer.Hocon }), new InMemorySnapshotTable(), NullLoggerFactory.Instance, TimeProvider.System, [], beforeJoin: [work]);
        using (system)
        {
            await system.StartAsync(Cancel);

            Assert.Equal(MemberStatus.Removed, seen);
            await Eventually.TrueAsync(() => Cluster.Get(system.System).SelfMember.Status == MemberStatus.Up, "the node is up");
            await system.StopAsync(Cancel);
        }
    }

    [Fact]
    public async Task Log_messages_of_actors_go_to_the_hosts_loggers()
    {
        using LoggedLines log = new();
        await using RunningSystem running = await RunningSystem.StartAsync(loggers: log);

        running.System.System.Log.Warning("the actor says {0}", "so");

        await Eventually.TrueAsync(() => log.Lines.Any(line => line.Contains("the actor says so", StringComparison.Ordinal)), "the line is logged");
    }

    [Fact]
    public async Task A_message_of_a_type_without_a_serializer_is_refused_by_name()
    {
        await using RunningSystem running = await RunningSystem.StartAsync();

        NotSupportedException refused = Assert.Throws<NotSupportedException>(
            () => running.System.System.Serialization.Serialize(new Unregistered("x")));

        Assert.Contains(nameof(Unregistered), refused.Message, StringComparison.Ordinal);
    }

    private sealed record Unregistered(string Text);
}
