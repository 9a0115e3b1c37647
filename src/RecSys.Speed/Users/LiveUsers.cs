using System.Runtime.InteropServices;
using Akka.Actor;
using RecSys.Core;
using RecSys.Core.Log;

namespace RecSys.Speed.Users;

/// <summary>The user actors in memory on this node, and the choice of those to passivate: the idle ones, and those above a maximum.</summary>
/// <remarks>
/// The least recently used actor is found approximately (the clock algorithm): a pointer cycles through the entries, and of every few that it
/// passes, the longest unused is passivated. An exact order would need a lock per message. Safe for concurrent use.
/// </remarks>
internal sealed class LiveUsers
{
    /// <summary>Number of neighbours of which the longest unused is passivated.</summary>
    private const int Candidates = 8;

    private readonly Lock _lock = new();
    private readonly List<LiveUser> _users = [];
    private readonly int[] _byShard = new int[Limits.ShardCount];
    private int _hand;
    private int _retiring;
    private int _count;
    private int _now;
    private long _wakes;

    /// <summary>Gets the number of actors in memory.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Gets the number of actors started so far.</summary>
    public long Wakes => Interlocked.Read(ref _wakes);

    /// <summary>Gets or sets the current tick: the whole seconds since the start of the pacer, which sets it.</summary>
    public int Now
    {
        get => Volatile.Read(ref _now);
        set => Volatile.Write(ref _now, value);
    }

    public void Add(LiveUser user)
    {
        user.UsedAt = Now;
        lock (_lock)
        {
            user.Slot = _users.Count;
            _users.Add(user);
            _byShard[user.Shard]++;
            Volatile.Write(ref _count, _users.Count);
        }

        Interlocked.Increment(ref _wakes);
    }

    public void Remove(LiveUser user)
    {
        lock (_lock)
        {
            if (user.Slot < 0)
            {
                return;
            }

            LiveUser last = _users[^1];
            _users[user.Slot] = last;
            last.Slot = user.Slot;
            user.Slot = -1;
            _byShard[user.Shard]--;
            _users.RemoveAt(_users.Count - 1);
            _retiring -= user.IsRetiring ? 1 : 0;
            Volatile.Write(ref _count, _users.Count);
        }
    }

    /// <summary>Returns the number of actors of each partition.</summary>
    public int[] CountsByPartition(LogShape shape)
    {
        int[] counts = new int[shape.PartitionCount];
        lock (_lock)
        {
            for (int shard = 0; shard < _byShard.Length; shard++)
            {
                counts[shape.PartitionOf(shard)] += _byShard[shard];
            }
        }

        return counts;
    }

    /// <summary>Picks the actors to passivate now; each is picked once.</summary>
    /// <param name="liveMax">The largest number of actors that may stay.</param>
    /// <param name="idleTicks">Actors that are unused for longer are picked even if no more than <paramref name="liveMax"/> are in memory.</param>
    /// <param name="scan">The largest number of entries that the pointer passes in search of idle actors.</param>
    /// <param name="retiringMax">The largest number of actors that may be stopping at the same time, since each may have to save.</param>
    /// <param name="into">Receives the actors.</param>
    public void Pick(int liveMax, int idleTicks, int scan, int retiringMax, List<LiveUser> into)
    {
        lock (_lock)
        {
            int now = Now;
            for (int i = 0; i < Math.Min(scan, _users.Count) && _retiring < retiringMax; i++)
            {
                LiveUser user = Pass();
                if (now - user.UsedAt > idleTicks)
                {
                    Retire(user, into);
                }
            }

            int attempts = _users.Count; // all that the pointer passes may be retiring already
            while (_users.Count - _retiring > liveMax && _retiring < retiringMax && attempts-- > 0)
            {
                LiveUser? oldest = null;
                for (int i = 0; i < Candidates; i++)
                {
                    LiveUser user = Pass();
                    if (!user.IsRetiring && (oldest is null || user.UsedAt < oldest.UsedAt))
                    {
                        oldest = user;
                    }
                }

                Retire(oldest, into);
            }
        }
    }

    /// <summary>Returns all actors in memory.</summary>
    public LiveUser[] All()
    {
        lock (_lock)
        {
            return CollectionsMarshal.AsSpan(_users).ToArray();
        }
    }

    /// <summary>Sends a message to all actors in memory of a partition's users.</summary>
    public void TellAll(LogShape shape, int partition, object message)
    {
        foreach (LiveUser user in All())
        {
            if (Owner.TryParse(user.Actor.Path.Name, out Owner owner) && shape.PartitionOf(owner) == partition)
            {
                user.Actor.Tell(message);
            }
        }
    }

    private LiveUser Pass()
    {
        _hand = _hand + 1 < _users.Count ? _hand + 1 : 0;
        return _users[_hand];
    }

    private void Retire(LiveUser? user, List<LiveUser> into)
    {
        if (user is { IsRetiring: false })
        {
            user.IsRetiring = true;
            _retiring++;
            into.Add(user);
        }
    }
}
