using RecSys.Core.Ingestion;
using RecSys.Core.Users;
using RecSys.Numerics;

namespace RecSys.Core.Tests.Ingestion.Simulation;

/// <summary>Thrown when an invariant does not hold.</summary>
internal sealed class SimViolationException(string message) : Exception(message);

/// <summary>Time, random numbers, the network and the cluster of one run: all actions are events in one queue, on one thread.</summary>
internal sealed class SimWorld
{
    /// <summary>The longest time for which a node runs after its removal from the cluster.</summary>
    public const int ZombieMaxMs = 5_000;

    public const int SaveTimeMs = 500;
    public const int TickMs = 50;

    private readonly PriorityQueue<SimEvent, (long Time, long Number)> _events = new();
    private readonly IDictionary<string, long> _counters;
    private SeededRandom _random;
    private readonly long[] _latestDeliveries = new long[9];
    private long _number;

    public SimWorld(ulong seed, IDictionary<string, long> counters)
    {
        _random = new SeededRandom(seed);
        _counters = counters;
        Faults = new SimFaults(ref _random);
        int chunk = Between(2, 8);
        int users = Between(3, 12);
        int unsaved = chunk * Between(2, 4);
        Options = new IngestOptions
        {
            ChunkMax = chunk,
            TakeBytesMax = 1_024,
            UnsavedMax = unsaved,
            InFlightMax = chunk * Between(2, 5),
            EntriesMax = unsaved + chunk,
            ParkedMax = Chance(0.8) ? 4 : 1,
            AnswerTime = TimeSpan.FromMilliseconds(200),
            SaveTime = TimeSpan.FromMilliseconds(SaveTimeMs),
            RewindEvery = TimeSpan.FromMilliseconds(100),
            SaveTriesMax = Between(1, 4),
            ParkedRetryEvery = TimeSpan.FromMilliseconds(1_500),
            SavedKept = TimeSpan.FromSeconds(1),
            CheckpointEvery = TimeSpan.FromMilliseconds(Between(50, 300)),
            RewindShare = Between(1, 3),
        };
        Log = new SimLog(this, users, AnyPartitionCount());
        Table = new SimTable(this);
        Nodes = [.. Enumerable.Range(0, 3).Select(number => new SimNode(this, number))];
        Fold = new SimFold(this);
        SimNode[] homes = [.. Log.Epochs[0].Select(_ => Nodes[Below(Nodes.Length)])];
        foreach (Owner owner in Log.Owners)
        {
            UserHomes[owner] = homes[Log.PartitionOf(owner)];
        }

        if (Chance(Faults.Bad) && Options.UnsavedMax > Options.ChunkMax)
        {
            Table.Bad.Add(Log.Owners[Below(Log.Owners.Length)]);
        }
    }

    public SimFaults Faults { get; }
    public IngestOptions Options { get; }
    public SimLog Log { get; }
    public SimTable Table { get; }
    public SimNode[] Nodes { get; }
    public SimFold Fold { get; }

    /// <summary>The node of each user, as the coordinator knows it.</summary>
    public Dictionary<Owner, SimNode> UserHomes { get; } = [];

    /// <summary>Number of actors that a user has had.</summary>
    public Dictionary<Owner, int> Incarnations { get; } = [];

    /// <summary>The users whose actors are moving.</summary>
    public HashSet<Owner> Moving { get; } = [];

    /// <summary>The ingest actor of each partition that should run.</summary>
    public Dictionary<(int Epoch, int Partition), SimIngestSlot> Slots { get; } = [];

    public long Now { get; private set; }
    public long Steps { get; private set; }

    /// <summary>Time of the last node that was partitioned, frozen, or still running after its removal.</summary>
    public long ApartMs { get; set; } = -1;

    public void Count(string what) => _counters[what] = _counters.TryGetValue(what, out long count) ? count + 1 : 1;

    public void Require(bool holds, string rule, object? about = null)
    {
        if (!holds)
        {
            throw new SimViolationException($"at {Now} ms, step {Steps}: {rule}{(about is null ? "" : $" ({about})")}");
        }
    }

    public double NextDouble() => _random.NextDouble();
    public int Below(int count) => _random.NextInt(count);
    public int Between(int from, int to) => from + _random.NextInt(to - from + 1);

    /// <summary>Returns a number of partitions that a log may have.</summary>
    public int AnyPartitionCount() => 1 << Below(3);

    public bool Chance(double chance) => chance > 0 && _random.NextDouble() < chance;

    /// <summary>Returns whether a fault with this probability occurs; false once faults have ended.</summary>
    public bool Fault(double chance) => Faults.IsOn && Chance(chance);

    public void After(long delayMs, SimNode? node, Action action) =>
        _events.Enqueue(new SimEvent(node, action), (Now + delayMs, _number++));

    /// <summary>Runs the next event.</summary>
    public void Step()
    {
        _events.TryDequeue(out SimEvent next, out (long Time, long Number) at);
        Now = long.Max(Now, at.Time);
        if (next.Node is { } node && node.FrozenUntil > Now)
        {
            _events.Enqueue(next, (node.FrozenUntil, at.Number)); // a frozen node handles it later
            return;
        }

        Steps++;
        next.Action();
    }

    /// <summary>Sends a message between nodes, which may be lost, late, repeated and overtaken.</summary>
    public void Send(SimNode from, SimNode to, Action deliver)
    {
        if (from != to && (from.IsCut || to.IsCut) && !Chance(from.IsLeaky || to.IsLeaky ? 0.4 : 0))
        {
            Count("message lost to a cut");
            return;
        }

        if (Fault(Faults.Loss))
        {
            Count("message lost");
            return;
        }

        int copies = 1;
        if (Fault(Faults.Repeat))
        {
            Count("message repeated");
            copies = 2;
        }

        for (; copies > 0; copies--)
        {
            int delay = from == to ? Below(3) : Between(1, 25);
            if (Fault(Faults.Late))
            {
                Count("message late");
                delay += Between(50, 3_000);
            }

            ref long latest = ref _latestDeliveries[(from.Number * 3) + to.Number];
            if (Now + delay < latest)
            {
                Count("message overtook another");
            }

            latest = long.Max(latest, Now + delay);
            SimNode.Life life = to.Alive;
            After(delay, to, () =>
            {
                if (to.IsUp && to.Alive == life)
                {
                    deliver();
                }
            });
        }
    }

    /// <summary>Returns the node of a user; a user of a removed node gets another one.</summary>
    public SimNode HomeOf(Owner owner)
    {
        SimNode home = UserHomes[owner];
        if (home.IsGivenUp)
        {
            UserHomes[owner] = home = AnyUsable();
        }

        return home;
    }

    public SimNode AnyUsable()
    {
        while (true)
        {
            SimNode node = Nodes[Below(Nodes.Length)];
            if (!node.IsGivenUp)
            {
                return node;
            }
        }
    }

    /// <summary>Returns the node of a partition's users, where its ingest actor belongs; any node if the partition has no user.</summary>
    public SimNode HomeOf(int epoch, int partition)
    {
        foreach (Owner owner in Log.Owners)
        {
            if (Log.PartitionOf(owner, epoch) == partition)
            {
                return HomeOf(owner);
            }
        }

        return AnyUsable();
    }

    /// <summary>Returns whether a profile equals the log's, up to the position of the profile.</summary>
    public bool IsFold(Owner owner, UserProfile profile) =>
        UserProfileCodec.Encode(Log.Fold(owner, profile.Position)).AsSpan().SequenceEqual(UserProfileCodec.Encode(profile));

    /// <summary>Begins to ingest an epoch.</summary>
    public void StartEpoch(int epoch)
    {
        for (int partition = 0; partition < Log.Epochs[epoch].Length; partition++)
        {
            SimIngestSlot slot = new(this, epoch, partition);
            Slots[(epoch, partition)] = slot;
            slot.Start();
        }
    }

    private readonly record struct SimEvent(SimNode? Node, Action Action);
}
