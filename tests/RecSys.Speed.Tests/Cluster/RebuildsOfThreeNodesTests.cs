using Akka.Actor;
using RecSys.Actors;
using RecSys.Core;
using RecSys.Core.Jobs;
using RecSys.Core.Log;
using RecSys.Core.Ports;
using RecSys.Core.Users;
using RecSys.Speed.Folds;
using RecSys.TestKit;
using Xunit;
using static RecSys.Speed.Tests.Records;

namespace RecSys.Speed.Tests.Cluster;

/// <summary>A rebuild on one of three nodes, while all of them serve and ingest.</summary>
[Trait("Category", "Slow")]
public sealed class RebuildsOfThreeNodesTests
{
    private static readonly string[] Users = [.. Enumerable.Range(0, 120).Select(number => $"user {number}")];

    private readonly Dictionary<string, int> _written = Users.ToDictionary(user => user, _ => 0, StringComparer.Ordinal);
    private int _records;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_rebuild_amid_writes_repairs_states_of_all_nodes_and_no_read_lacks_a_record()
    {
        await using SpeedCluster cluster = await SpeedCluster.StartAsync(nodes: 3);
        await cluster.RequireSpreadAsync();
        await AppendAsync(cluster, count: 1_200);
        await cluster.RequireFoldAsync(Users);
        await UntilSavedAsync(cluster);
        await DamageAsync(cluster, Users.Take(40));
        List<JobProgress> progress = [];
        using CancellationTokenSource done = new();

        Task reading = ReadAsync(cluster, done.Token);
        Task writing = WriteAsync(cluster, done.Token);
        await cluster.Nodes[2].Get<ISpeedRebuild>().RebuildAsync(RebuildParts.All, RebuildLosses.None, new Recorded(progress), Cancel);
        await done.CancelAsync();
        await reading;
        await writing;

        await cluster.RequireFoldAsync(Users);
        await UntilSavedAsync(cluster);
        foreach (string user in Users)
        {
            Assert.Equal(_written[user], (await cluster.Stores.SavedAsync(user))!.Count);
        }

        Assert.Contains(progress, made => made.Stage.StartsWith("users of partition 3 of 8: ", StringComparison.Ordinal));
        Assert.Equal(1, progress[^1].Done);
        Assert.Equal(progress.Select(made => made.Done).Order(), progress.Select(made => made.Done));
        Assert.All(cluster.Nodes, node => Assert.Null(node.Layer.IngestStatuses.All.FirstOrDefault(status => status.Now.Fault is not null)));
    }

    [Fact]
    public async Task A_rebuild_that_ended_with_its_node_is_run_again_by_another()
    {
        await using SpeedCluster cluster = await SpeedCluster.StartAsync(nodes: 3);
        await cluster.RequireSpreadAsync();
        await AppendAsync(cluster, count: 1_200);
        await UntilSavedAsync(cluster);
        await DamageAsync(cluster, Users);
        SpeedNode ended = cluster.Nodes[1];
        Task? crash = null;

        await Assert.ThrowsAnyAsync<Exception>(() => ended.Get<ISpeedRebuild>().RebuildAsync(
            RebuildParts.Users,
            RebuildLosses.None,
            new Called(made =>
            {
                if (made.Stage.StartsWith("users of partition 4", StringComparison.Ordinal))
                {
                    crash ??= cluster.CrashAsync(ended);
                }
            }),
            Cancel).AsTask());
        await crash!;
        await AppendAsync(cluster, count: 120);
        await cluster.Nodes[0].Get<ISpeedRebuild>().RebuildAsync(RebuildParts.Users, RebuildLosses.None, null, Cancel);

        await cluster.RequireFoldAsync(Users);
        await UntilSavedAsync(cluster);
        foreach (string user in Users)
        {
            Assert.Equal(_written[user], (await cluster.Stores.SavedAsync(user))!.Count);
        }
    }

    [Fact]
    public async Task The_trends_of_all_nodes_are_rebuilt()
    {
        await using SpeedCluster cluster = await SpeedCluster.StartAsync(nodes: 3);
        await AppendAsync(cluster, count: 600);
        LogPosition end = await cluster.Stores.Log.GetEndAsync(Cancel);
        foreach (SpeedNode node in cluster.Nodes)
        {
            await Eventually.TrueAsync(() => node.Get<NodeFolds>().TrendsPosition.Covers(end), "the trends are folded", SpeedCluster.TimeLimit);
        }

        cluster.Stores.Log.Damage(partition: 0, offset: 0); // rebuilt trends differ from the old ones
        RecSys.Core.Trends.TrendsFold[] old = [.. cluster.Nodes.Select(node => node.Get<NodeFolds>().Trends)];

        await cluster.Nodes[1].Get<ISpeedRebuild>().RebuildAsync(RebuildParts.Trends, RebuildLosses.Damaged, null, Cancel);

        for (int node = 0; node < 3; node++)
        {
            Assert.NotSame(old[node], cluster.Nodes[node].Get<NodeFolds>().Trends);
            Assert.True(cluster.Nodes[node].Get<NodeFolds>().TrendsPosition.Covers(end));
        }
    }

    [Fact]
    public async Task A_cancelled_rebuild_of_trends_ends_on_the_other_nodes_too()
    {
        await using SpeedCluster cluster = await SpeedCluster.StartAsync(nodes: 2);
        await AppendAsync(cluster, count: 60);
        ActorSystem other = cluster.Nodes[1].Get<RecSysActorSystem>().System;
        IActorRef own = await other.ActorSelection($"/user/{TrendsRebuilder.Name}").ResolveOne(SpeedCluster.TimeLimit, Cancel);
        await own.GracefulStop(SpeedCluster.TimeLimit);
        TaskCompletionSource<string> asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource<string> cancelled = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await Eventually.TrueAsync(
            () =>
            {
                try
                {
                    other.ActorOf(Props.Create(() => new EndlessRebuilder(asked, cancelled)), TrendsRebuilder.Name);
                    return true;
                }
                catch (InvalidActorNameException)
                {
                    return false; // the name is free a moment after the actor has stopped
                }
            },
            "the other node's rebuild is replaced");
        using CancellationTokenSource cancel = CancellationTokenSource.CreateLinkedTokenSource(Cancel);

        Task rebuild = cluster.Nodes[0].Get<ISpeedRebuild>().RebuildAsync(RebuildParts.Trends, RebuildLosses.None, null, cancel.Token).AsTask();
        string id = await asked.Task.WaitAsync(SpeedCluster.TimeLimit, Cancel);
        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => rebuild);
        Assert.Equal(id, await cancelled.Task.WaitAsync(SpeedCluster.TimeLimit, Cancel));
    }

    private async Task AppendAsync(SpeedCluster cluster, int count)
    {
        LogRecord[] records =
        [
            .. Enumerable.Range(0, count).Select(_ =>
            {
                string user = Users[_records % Users.Length];
                _written[user]++;
                return Click(user, $"item {_records++ % 37}", timestampMs: 1_000 + _records);
            }),
        ];
        await cluster.AppendAsync(records);
    }

    private async Task WriteAsync(SpeedCluster cluster, CancellationToken done)
    {
        while (!done.IsCancellationRequested)
        {
            await AppendAsync(cluster, count: 30);
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, CancellationToken.None);
        }
    }

    /// <summary>Reads all users on all nodes: no profile may have fewer interactions than it had before.</summary>
    private static async Task ReadAsync(SpeedCluster cluster, CancellationToken done)
    {
        Dictionary<string, int> seen = new(StringComparer.Ordinal);
        for (int round = 0; !done.IsCancellationRequested; round++)
        {
            for (int index = 0; index < Users.Length; index++)
            {
                UserProfile profile;
                try
                {
                    profile = (await cluster.Nodes[(index + round) % 3].Profiles.GetAsync(new UserId(Users[index]), null, Cancel)).Own;
                }
                catch (StoreUnavailableException)
                {
                    continue;
                }

                // A state may lack records that were not saved yet, never those that were written before the rebuild.
                Assert.True(profile.Count >= 10, $"{Users[index]} has {profile.Count} interactions");
                seen[Users[index]] = profile.Count;
            }
        }

        Assert.Equal(Users.Length, seen.Count);
    }

    private static async Task UntilSavedAsync(SpeedCluster cluster)
    {
        LogRange[] ranges = await cluster.Stores.Log.GetRangesAsync(Cancel);
        for (int partition = 0; partition < ranges.Length; partition++)
        {
            await Eventually.TrueAsync(
                async () => await cluster.Stores.CheckpointAsync(partition) is { } saved && saved.Position >= ranges[partition].End, $"partition {partition} is saved", SpeedCluster.TimeLimit);
        }
    }

    private static async Task DamageAsync(SpeedCluster cluster, IEnumerable<string> users)
    {
        foreach (string user in users)
        {
            SavedState row = (await cluster.Stores.Table.LoadAsync(Stores.OwnerOf(user), Cancel))!.Value;
            await cluster.Stores.Table.SaveAsync([row with { Revision = row.Revision + 1, State = new byte[] { 0xff } }], Cancel);
        }
    }

    /// <summary>A rebuild that ends only by a cancellation.</summary>
    private sealed class EndlessRebuilder(TaskCompletionSource<string> asked, TaskCompletionSource<string> cancelled) : UntypedActor
    {
        protected override void OnReceive(object message)
        {
            switch (message)
            {
                case TrendsRebuilder.Rebuild rebuild:
                    asked.TrySetResult(rebuild.Id);
                    Sender.Tell(new TrendsRebuilder.State(0.5, IsOver: false, null));
                    break;
                case TrendsRebuilder.Cancel cancel:
                    cancelled.TrySetResult(cancel.Id);
                    break;
            }
        }
    }

    private sealed class Recorded(List<JobProgress> into) : IProgress<JobProgress>
    {
        public void Report(JobProgress value) => into.Add(value);
    }

    private sealed class Called(Action<JobProgress> report) : IProgress<JobProgress>
    {
        public void Report(JobProgress value) => report(value);
    }
}
