using RecSys.Core.Log;

namespace RecSys.Core.Ingestion;

/// <summary>Decides on which node the shards of users are: all shards of a partition on one node, and the partitions evenly over the nodes.</summary>
/// <remarks>
/// The ingest actor of a partition is in one of the partition's shards, so that it is on the same node as its users, and moves with them.
/// A partition's home is the node with most of its shards. Deterministic. Not safe for concurrent use.
/// </remarks>
/// <param name="shape">The log's number of partitions.</param>
public sealed class PartitionPlacement<TNode>(LogShape shape)
    where TNode : notnull
{
    /// <summary>The largest number of partitions that move at the same time.</summary>
    public const int MovesMax = 2;

    // The node of each partition whose first shard was allocated, or that began to move, since the last rebalance: its other shards are allocated to the same node.
    private readonly Dictionary<int, TNode> _targets = [];

    /// <summary>A node and its shards.</summary>
    /// <param name="Node">Address or other key of the node.</param>
    /// <param name="Shards">The shards that are allocated to it.</param>
    /// <param name="IsStaying">Whether it may get partitions: it is a reachable member and is not leaving.</param>
    public readonly record struct Place(TNode Node, IReadOnlyCollection<int> Shards, bool IsStaying);

    /// <summary>Returns the node of a shard that has none.</summary>
    /// <param name="shard">Number of the shard, which determines its partition.</param>
    /// <param name="places">The nodes, at least one.</param>
    public TNode Allocate(int shard, IReadOnlyList<Place> places)
    {
        ArgumentNullException.ThrowIfNull(places);
        int partition = shape.PartitionOf(shard);
        if (_targets.TryGetValue(partition, out TNode? target) && IndexOf(target, places) >= 0)
        {
            return target;
        }

        int home = HomeOf(partition, places);
        if (home < 0 || !places[home].IsStaying)
        {
            home = LeastLoaded(LoadsOf(places), places);
        }

        _targets[partition] = places[home].Node;
        return places[home].Node;
    }

    /// <summary>Returns the shards that are to move now; <see cref="Allocate"/> then returns their new node.</summary>
    /// <param name="places">All nodes with their shards.</param>
    /// <param name="isMoving">Whether shards are moving now; if so, no further ones are moved.</param>
    public IReadOnlyList<int> Rebalance(IReadOnlyList<Place> places, bool isMoving)
    {
        ArgumentNullException.ThrowIfNull(places);
        if (isMoving || !places.Any(place => place.IsStaying))
        {
            return [];
        }

        _targets.Clear();
        List<int> moving = [];
        int[] loads = LoadsOf(places);
        for (int partition = 0; partition < shape.PartitionCount && _targets.Count < MovesMax; partition++)
        {
            int home = HomeOf(partition, places);
            if (home >= 0 && places[home].IsStaying)
            {
                int before = moving.Count;
                Move(partition, home, place => place != home);
                if (moving.Count == before)
                {
                    _targets.Remove(partition);
                }
            }
        }

        while (_targets.Count < MovesMax && LeastLoaded(loads, places) is var least && MostLoaded() is var most && loads[most] - loads[least] >= 2)
        {
            int partition = Enumerable.Range(0, shape.PartitionCount)
                .Where(partition => !_targets.ContainsKey(partition) && HomeOf(partition, places) == most)
                .FirstOrDefault(-1);
            if (partition < 0)
            {
                break; // misplaced shards of the other partitions move first
            }

            Move(partition, least, _ => true);
            loads[most]--;
            loads[least]++;
        }

        return moving;

        int MostLoaded() => Array.IndexOf(loads, loads.Max());

        void Move(int partition, int to, Func<int, bool> isFrom)
        {
            _targets[partition] = places[to].Node;
            for (int place = 0; place < places.Count; place++)
            {
                moving.AddRange(places[place].Shards.Where(shard => shape.PartitionOf(shard) == partition && isFrom(place)));
            }
        }
    }

    /// <summary>Returns the index of the node with most shards of a partition; −1 if none has any.</summary>
    private int HomeOf(int partition, IReadOnlyList<Place> places)
    {
        int home = -1;
        int most = 0;
        for (int place = 0; place < places.Count; place++)
        {
            int count = places[place].Shards.Count(shard => shape.PartitionOf(shard) == partition);
            if (count > most)
            {
                (home, most) = (place, count);
            }
        }

        return home;
    }

    /// <summary>Returns the number of partitions of each node: those whose home it is, or that it gets.</summary>
    private int[] LoadsOf(IReadOnlyList<Place> places)
    {
        int[] loads = new int[places.Count];
        for (int partition = 0; partition < shape.PartitionCount; partition++)
        {
            int target = _targets.TryGetValue(partition, out TNode? node) ? IndexOf(node, places) : -1;
            int home = target >= 0 ? target : HomeOf(partition, places);
            if (home >= 0)
            {
                loads[home]++;
            }
        }

        return loads;
    }

    private static int LeastLoaded(int[] loads, IReadOnlyList<Place> places)
    {
        int least = -1;
        for (int place = 0; place < places.Count; place++)
        {
            if (least < 0
                || (places[place].IsStaying && !places[least].IsStaying)
                || (places[place].IsStaying == places[least].IsStaying && loads[place] < loads[least]))
            {
                least = place;
            }
        }

        return least;
    }

    private static int IndexOf(TNode node, IReadOnlyList<Place> places)
    {
        for (int place = 0; place < places.Count; place++)
        {
            if (EqualityComparer<TNode>.Default.Equals(places[place].Node, node))
            {
                return place;
            }
        }

        return -1;
    }
}
