using System.Runtime.InteropServices;

namespace RecSys.Speed.Users;

/// <summary>The users' actors that live on this node, and which of them are to go: by idleness, and by a bound on their number.</summary>
/// <remarks>
/// Who is least recently used is found approximately: a hand goes round, and of every few it passes the longest unused
/// goes. An exact order would cost a lock a message. Safe for concurrent use.
/// </remarks>
internal sealed class LiveUsers
{
    /// <summary>Of how many neighbours the longest unused goes.</summary>
    private const int Candidates = 8;

    private readonly Lock _lock = new();
    private readonly List<LiveUser> _users = [];
    private int _hand;
    private int _retiring;
    private int _count;
    private int _now;
    private long _wakes;

    /// <summary>How many live.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>How many were woken since the start.</summary>
    public long Wakes => Interlocked.Read(ref _wakes);

    /// <summary>The time in ticks of whatever length the pacer gives them.</summary>
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
            _users.RemoveAt(_users.Count - 1);
            _retiring -= user.IsRetiring ? 1 : 0;
            Volatile.Write(ref _count, _users.Count);
        }
    }

    /// <summary>Picks who is to go now; each is picked once.</summary>
    /// <param name="liveMax">The most that may stay.</param>
    /// <param name="idleTicks">Who was not used for longer goes in any case.</param>
    /// <param name="scan">How many the hand may pass in search of idle ones.</param>
    /// <param name="retiringMax">The most that may be on their way out at once: each may have something to save.</param>
    /// <param name="into">Gets them.</param>
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

            int attempts = _users.Count; // all others may be retiring already
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

    /// <summary>All who live now.</summary>
    public LiveUser[] All()
    {
        lock (_lock)
        {
            return CollectionsMarshal.AsSpan(_users).ToArray();
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
