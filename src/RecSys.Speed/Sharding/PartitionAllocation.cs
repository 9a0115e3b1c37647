using System.Collections.Immutable;
using System.Globalization;
using Akka.Actor;
using Akka.Cluster;
using Akka.Cluster.Sharding;
using RecSys.Core.Ingestion;
using RecSys.Core.Log;

namespace RecSys.Speed.Sharding;

/// <summary>Places the shards of a partition, and with them its ingest actor, on one node; <see cref="PartitionPlacement{TNode}"/> decides.</summary>
/// <remarks>The shard coordinator calls it from one thread; a new coordinator starts without knowledge of moves.</remarks>
internal sealed class PartitionAllocation(LogShape shape) : IActorSystemDependentAllocationStrategy
{
    private readonly PartitionPlacement<IActorRef> _placement = new(shape);
    private Cluster? _cluster;

    public void Start(ActorSystem system) => _cluster = Cluster.Get(system);

    public Task<IActorRef> AllocateShard(
        IActorRef requester, string shardId, IImmutableDictionary<IActorRef, IImmutableList<string>> currentShardAllocations) =>
        Task.FromResult(_placement.Allocate(int.Parse(shardId, CultureInfo.InvariantCulture), Places(currentShardAllocations)));

    public Task<IImmutableSet<string>> Rebalance(
        IImmutableDictionary<IActorRef, IImmutableList<string>> currentShardAllocations, IImmutableSet<string> rebalanceInProgress) =>
        Task.FromResult<IImmutableSet<string>>(
        [
            .. _placement.Rebalance(Places(currentShardAllocations), isMoving: rebalanceInProgress.Count > 0)
                .Select(shard => shard.ToString(CultureInfo.InvariantCulture)),
        ]);

    private List<PartitionPlacement<IActorRef>.Place> Places(IImmutableDictionary<IActorRef, IImmutableList<string>> allocations)
    {
        HashSet<Address> staying = [];
        if (_cluster is { } cluster)
        {
            ClusterEvent.CurrentClusterState state = cluster.State;
            staying.UnionWith(state.Members
                .Where(member => member.Status is MemberStatus.Up or MemberStatus.WeaklyUp && !state.Unreachable.Contains(member))
                .Select(member => member.Address));
        }

        return
        [
            .. allocations
                .Select(region => (Region: region.Key, Address: AddressOf(region.Key), Shards: region.Value))
                .OrderBy(region => region.Address.ToString(), StringComparer.Ordinal)
                .Select(region => new PartitionPlacement<IActorRef>.Place(
                    region.Region,
                    [.. region.Shards.Select(shard => int.Parse(shard, CultureInfo.InvariantCulture))],
                    IsStaying: staying.Contains(region.Address))),
        ];
    }

    private Address AddressOf(IActorRef region) =>
        region.Path.Address.HasLocalScope && _cluster is { } cluster ? cluster.SelfAddress : region.Path.Address;
}
