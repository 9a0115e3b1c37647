using RecSys.Core.Ingestion;
using RecSys.Core.Log;
using Xunit;
using Place = RecSys.Core.Ingestion.PartitionPlacement<string>.Place;

namespace RecSys.Core.Tests.Ingestion;

public sealed class PartitionPlacementTests
{
    private static readonly LogShape Shape = new(0, 8);

    [Fact]
    public void The_shards_of_a_partition_are_all_on_one_node_and_the_partitions_are_spread()
    {
        Nodes nodes = new("a", "b", "c");

        nodes.AllocateAll();

        nodes.RequireOneNodeAPartition();
        Assert.Equal([2, 3, 3], nodes.Counts().Order());
    }

    [Fact]
    public void A_node_that_joins_gets_whole_partitions_a_few_at_a_time()
    {
        Nodes nodes = new("a");
        nodes.AllocateAll();
        nodes.Add("b");
        nodes.Add("c");

        int rounds = nodes.Settle();

        nodes.RequireOneNodeAPartition();
        Assert.Equal([2, 3, 3], nodes.Counts().Order());
        Assert.InRange(rounds, 3, 5);
    }

    [Fact]
    public void The_partitions_of_a_node_that_is_gone_are_spread_over_the_others()
    {
        Nodes nodes = new("a", "b", "c");
        nodes.AllocateAll();

        nodes.Remove("b");
        nodes.AllocateAll();

        nodes.RequireOneNodeAPartition();
        Assert.Equal([4, 4], nodes.Counts().Order());
    }

    [Fact]
    public void A_leaving_node_gets_nothing_while_another_stays()
    {
        Nodes nodes = new("a", "b");
        nodes.Leave("a");

        nodes.AllocateAll();

        Assert.Equal(["b"], nodes.Holders());
    }

    [Fact]
    public void Shards_that_are_apart_from_their_partition_are_united()
    {
        Nodes nodes = new("a", "b");
        nodes.AllocateAll();
        nodes.Put(shard: 8, "b");
        nodes.Put(shard: 16, "a");
        nodes.Put(shard: 1, "a");
        nodes.Put(shard: 9, "b");
        nodes.Forget();

        nodes.Settle();

        nodes.RequireOneNodeAPartition();
    }

    [Fact]
    public void Nothing_moves_while_shards_are_moving_or_when_partitions_are_spread()
    {
        Nodes nodes = new("a");
        nodes.AllocateAll();
        nodes.Add("b");
        Assert.Empty(nodes.Placement.Rebalance(nodes.Places(), isMoving: true));

        nodes.Settle();

        Assert.Empty(nodes.Placement.Rebalance(nodes.Places(), isMoving: false));
    }

    [Fact]
    public void Only_a_power_of_two_of_partitions_shares_the_shards_evenly()
    {
        Assert.Null(new LogShape(0, 1).Problem());
        Assert.Null(new LogShape(0, 256).Problem());
        Assert.Contains("power of two", new LogShape(0, 6).Problem(), StringComparison.Ordinal);
        Assert.Contains("power of two", new LogShape(0, 512).Problem(), StringComparison.Ordinal);
        Assert.Contains("power of two", new LogShape(0, 0).Problem(), StringComparison.Ordinal);
    }

    private sealed class Nodes(params string[] names)
    {
        private readonly SortedDictionary<string, SortedSet<int>> _shards = new(names.ToDictionary(name => name, _ => new SortedSet<int>()));
        private readonly HashSet<string> _leaving = [];

        public PartitionPlacement<string> Placement { get; private set; } = new(Shape);

        public void Add(string name) => _shards[name] = [];

        public void Remove(string name) => _shards.Remove(name);

        public void Leave(string name) => _leaving.Add(name);

        /// <summary>Lets another node decide from now on.</summary>
        public void Forget() => Placement = new(Shape);

        public void Put(int shard, string name)
        {
            foreach (SortedSet<int> shards in _shards.Values)
            {
                shards.Remove(shard);
            }

            _shards[name].Add(shard);
        }

        public List<Place> Places() =>
            [.. _shards.Select(node => new Place(node.Key, node.Value, IsStaying: !_leaving.Contains(node.Key)))];

        public void AllocateAll()
        {
            for (int shard = 0; shard < Limits.ShardCount; shard++)
            {
                if (!_shards.Values.Any(shards => shards.Contains(shard)))
                {
                    _shards[Placement.Allocate(shard, Places())].Add(shard);
                }
            }
        }

        /// <summary>Moves shards until none is to move, each only after the others of its round are still where they were.</summary>
        public int Settle()
        {
            int rounds = 0;
            while (Placement.Rebalance(Places(), isMoving: false) is { Count: > 0 } moving)
            {
                Assert.True(++rounds < 20, "it does not settle");
                Assert.InRange(moving.Select(Shape.PartitionOf).Distinct().Count(), 1, PartitionPlacement<string>.MovesMax);
                foreach (int shard in moving)
                {
                    foreach (SortedSet<int> shards in _shards.Values)
                    {
                        shards.Remove(shard);
                    }

                    _shards[Placement.Allocate(shard, Places())].Add(shard);
                }
            }

            return rounds;
        }

        public IEnumerable<int> Counts() => _shards.Values.Select(shards => shards.Select(Shape.PartitionOf).Distinct().Count());

        public IEnumerable<string> Holders() => _shards.Where(node => node.Value.Count > 0).Select(node => node.Key);

        public void RequireOneNodeAPartition() => Assert.Equal(Shape.PartitionCount, Counts().Sum());
    }
}
