using RecSys.Core;
using RecSys.Core.Ports;
using RecSys.TestKit;
using Xunit;

namespace RecSys.Speed.Tests;

public sealed class ReadinessTests
{
    private const int PartitionCount = 4;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_node_is_ready_while_the_users_of_one_partition_answer_and_those_of_others_do_not()
    {
        Stores stores = Stores.OfPartitions(PartitionCount);
        stores.Table.IsStuck = key => Owner.TryParse(key, out Owner owner) && owner.Shard % PartitionCount != PartitionCount - 1;
        await using SpeedNode node = await SpeedNode.StartAsync(stores);
        await Eventually.TrueAsync(() => node.Layer.IngestStatuses.All.Count(status => status.Now.IsRunning) == PartitionCount, "all partitions are ingested");

        Assert.True(await node.Get<IClusterControl>().IsReadyAsync(Cancel));
    }

    [Fact]
    public async Task A_node_is_not_ready_while_no_users_answer()
    {
        Stores stores = Stores.OfPartitions(PartitionCount);
        stores.Table.IsStuck = key => Owner.TryParse(key, out _);
        await using SpeedNode node = await SpeedNode.StartAsync(stores);
        await Eventually.TrueAsync(() => node.Layer.IngestStatuses.All.Count(status => status.Now.IsRunning) == PartitionCount, "all partitions are ingested");

        Assert.False(await node.Get<IClusterControl>().IsReadyAsync(Cancel));
    }
}
