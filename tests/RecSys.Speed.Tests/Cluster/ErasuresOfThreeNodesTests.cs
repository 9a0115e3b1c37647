using Microsoft.Extensions.DependencyInjection;
using RecSys.Core;
using RecSys.Core.Log;
using RecSys.Core.Ports;
using RecSys.TestKit;
using Xunit;
using static RecSys.Speed.Tests.Records;

namespace RecSys.Speed.Tests.Cluster;

/// <summary>Three nodes erase a person once from the places that they share, and each from its own.</summary>
[Trait("Category", "Slow")]
public sealed class ErasuresOfThreeNodesTests
{
    private static readonly Owner Ada = SpeedNode.Hash.Of(new UserId("ada"));

    private readonly CountedPlace _shared = new() { IsShared = true };
    private readonly CountedPlace _own = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_person_is_erased_once_from_shared_places_and_on_each_node_from_its_own_and_all_receipts_are_equal()
    {
        await using SpeedCluster cluster = await StartAsync();
        LogPosition written = await cluster.AppendAsync([.. Enumerable.Range(0, 20).Select(user => Click($"user {user}", "tea")), Click("ada", "tea")]);

        LogPosition erased = await cluster.AppendAsync([.. Enumerable.Range(0, 20).Select(user => Erased($"user {user}", written)), Erased("ada", written)]);

        ErasureProgress first = await DoneAsync(cluster.Nodes[0], erased);
        foreach (SpeedNode node in cluster.Nodes)
        {
            ErasureProgress progress = await DoneAsync(node, erased);
            Assert.Equal(first.Places, progress.Places);
            Assert.All(progress.Places, place => Assert.NotNull(place.DoneAtMs));
            Assert.Equal(21, node.Layer.Counters.Erasures);
        }

        Assert.Equal((21, 63), (_shared.Erased, _own.Erased));
        Assert.Equal([("log", 1L), ("merges", 0L), ("own", 3L), ("profiles", 1L), ("shared", 1L)], first.Places.Select(place => (place.Place, place.Removed)).Order());
    }

    [Fact]
    public async Task A_receipt_waits_for_a_node_that_is_away_and_the_node_erases_when_it_is_back()
    {
        await using SpeedCluster cluster = await StartAsync();
        SpeedNode away = cluster.Nodes[0]; // the oldest, which erases from the shared places
        string address = SpeedCluster.AddressOf(away).ToString();
        int port = SpeedCluster.AddressOf(away).Port!.Value;
        LogPosition written = await cluster.AppendAsync(Click("ada", "tea"));
        await Eventually.TrueAsync(
            async () => (await away.Stores.Control.ListAsync("erasure/node/", Cancel)).Count == 3, "each node is known to receipts", SpeedCluster.TimeLimit);
        await cluster.CrashAsync(away);

        LogPosition erased = await cluster.AppendAsync(Erased("ada", written));

        foreach (SpeedNode node in cluster.Nodes)
        {
            ErasureProgress progress = await AwaitAsync(node, erased, progress => progress.WaitsFor.Count == 1);
            Assert.Equal([address], progress.WaitsFor);
            Assert.False(progress.IsDone);
            Assert.Null(progress.Places.Single(place => place.Place == "own").DoneAtMs);
            Assert.NotNull(progress.Places.Single(place => place.Place == "shared").DoneAtMs);
        }

        await cluster.RestartAsync(away, port);

        Assert.Equal(3, (await DoneAsync(cluster.Nodes[0], erased)).Places.Single(place => place.Place == "own").Removed);
        Assert.Equal((1, 3), (_shared.Erased, _own.Erased));
    }

    private Task<SpeedCluster> StartAsync() => SpeedCluster.StartAsync(
        nodes: 3, add: services => services.AddSingleton<IErasable>(_shared).AddSingleton<IErasable>(_own));

    private static Task<ErasureProgress> DoneAsync(SpeedNode node, LogPosition erased) => AwaitAsync(node, erased, progress => progress.IsDone);

    private static async Task<ErasureProgress> AwaitAsync(SpeedNode node, LogPosition erased, Func<ErasureProgress, bool> isSo)
    {
        ErasureProgress? progress = null;
        await Eventually.TrueAsync(
            async () => (progress = await node.Get<IErasureReceipts>().GetAsync(Ada, new RecordPosition(0, 0, erased[0]), Cancel)) is not null && isSo(progress),
            $"the receipt is as expected; it was {progress}",
            SpeedCluster.TimeLimit);
        return progress!;
    }

    /// <summary>Counts the persons that are erased from it.</summary>
    private sealed class CountedPlace : IErasable
    {
        private int _erased;

        public string Place => IsShared ? "shared" : "own";

        public bool IsShared { get; init; }

        public int Erased => Volatile.Read(ref _erased);

        public ValueTask<long> EraseAsync(Owner owner, LogPosition upTo, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _erased);
            return new(1);
        }
    }
}
