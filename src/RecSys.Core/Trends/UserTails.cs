using RecSys.Core.Log;

namespace RecSys.Core.Trends;

/// <summary>Stores the last distinct items of the most recently active users, newest first, and their recent interactions.</summary>
internal sealed class UserTails(int usersMax, int actsMax)
{
    /// <summary>Number of items kept per user.</summary>
    public const int TailMax = 10;

    /// <summary>The largest number of a user's returns, to any items, that are counted, so that no single user determines how often users return.</summary>
    public const int ReturnsMax = 16;

    private const int None = -1;

    private readonly Dictionary<Owner, int> _places = [];
    private User[] _users = [];
    private int[] _items = [];
    private UserActs?[] _acts = [];
    private long _actCount;
    private int _newest = None;
    private int _oldest = None;
    private int _free = None;
    private int _used;

    private struct User
    {
        public Owner Owner;
        public int Newer;
        public int Older; // in a free place: the next free one
        public int Count;
        public int Returns; // counted ones, at most ReturnsMax
        public int Together; // the number of the newest items that have the same time
        public long NewestMs; // that time, in milliseconds since 1970, UTC
    }

    /// <summary>Returns the place of a user, who becomes the most recently active one.</summary>
    /// <remarks>It stays the user's until another user is touched.</remarks>
    public int Touch(Owner owner)
    {
        if (_places.TryGetValue(owner, out int place))
        {
            if (place != _newest)
            {
                Unlink(place);
                Link(place);
            }

            return place;
        }

        if (_places.Count == usersMax)
        {
            Remove(_users[_oldest].Owner);
        }

        if (_free != None)
        {
            place = _free;
            _free = _users[place].Older;
        }
        else
        {
            place = _used++;
            if (place == _users.Length)
            {
                int length = (int)Math.Min(Math.Max(64, place * 2L), usersMax);
                Array.Resize(ref _users, length);
                Array.Resize(ref _items, length * TailMax);
                Array.Resize(ref _acts, length);
            }
        }

        _users[place] = new User { Owner = owner };
        _places.Add(owner, place);
        Link(place);
        return place;
    }

    /// <summary>Returns the place of a user, or −1.</summary>
    public int Find(Owner owner) => _places.TryGetValue(owner, out int place) ? place : None;

    /// <summary>Reads the user at a place, so that the processor's caches contain it. Returns a number of 0 or more, which the caller uses so that the compiler keeps the reads.</summary>
    public int Preload(int place) => (_users[place].Count | (_acts[place]?.Count ?? 0)) & int.MaxValue;

    /// <summary>Reads the user's recent interactions and the neighbours in the order of activity, as <see cref="Preload"/> does.</summary>
    public int PreloadActs(int place)
    {
        ref readonly User user = ref _users[place];
        int neighbours = (user.Newer < 0 ? 0 : _users[user.Newer].Count) | (user.Older < 0 ? 0 : _users[user.Older].Count);
        return (neighbours | (_acts[place]?.Preload() ?? 0) | _items[place * TailMax]) & int.MaxValue;
    }

    /// <summary>Returns the recent interactions of the user at a place.</summary>
    public UserActs ActsAt(int place) => _acts[place] ??= new UserActs();

    /// <summary>Returns the recent interactions of a user; null for a user without any.</summary>
    public UserActs? TryGetActs(Owner owner) => _places.TryGetValue(owner, out int place) ? _acts[place] : null;

    /// <summary>Counts a change of the number of a user's interactions, and removes the users who have been inactive for longest while all users together have too many.</summary>
    public void AddToActCount(int change)
    {
        _actCount += change;
        while (_actCount > actsMax && _oldest != _newest)
        {
            Remove(_users[_oldest].Owner);
        }
    }

    /// <summary>Adds an item to a user's list as the newest.</summary>
    /// <param name="place">Place of the user.</param>
    /// <param name="item">Number of the item to add.</param>
    /// <param name="timestampMs">Time of the interaction, in milliseconds since 1970, UTC.</param>
    /// <param name="countsReturn">Whether a return to the item by this interaction counts.</param>
    /// <param name="before">Receives the previous items of the list; at least <see cref="TailMax"/> long.</param>
    /// <param name="together">Receives the number of the newest previous items that have the same time.</param>
    /// <param name="returned">Receives the item's former place in the list, 0 for the newest; −1 if it was not in the list, or the return does not count or is beyond <see cref="ReturnsMax"/>.</param>
    /// <returns>The number of previous items; 0 also if the item was one of them, because its pairs were counted before.</returns>
    public int Push(int place, int item, long timestampMs, bool countsReturn, Span<int> before, out int together, out int returned)
    {
        ref User user = ref _users[place];
        Span<int> tail = _items.AsSpan(place * TailMax, TailMax);
        int at = tail[..user.Count].IndexOf(item);
        together = user.NewestMs == timestampMs ? user.Together : 0;
        user.NewestMs = timestampMs;
        user.Together = Math.Min(at >= 0 && at < together ? together : together + 1, TailMax);
        returned = countsReturn && at >= 0 && user.Returns < ReturnsMax ? at : -1;
        if (at >= 0)
        {
            tail[..at].CopyTo(tail[1..]);
            tail[0] = item;
            user.Returns += returned >= 0 ? 1 : 0;
            return 0;
        }

        int count = user.Count;
        tail[..count].CopyTo(before);
        tail[..Math.Min(count, TailMax - 1)].CopyTo(tail[1..]);
        tail[0] = item;
        user.Count = Math.Min(count + 1, TailMax);
        return count;
    }

    /// <summary>Removes a user.</summary>
    public void Remove(Owner owner)
    {
        if (_places.Remove(owner, out int place))
        {
            Unlink(place);
            _items.AsSpan(place * TailMax, TailMax).Clear();
            _actCount -= _acts[place]?.Count ?? 0;
            _acts[place] = null;
            _users[place] = new User { Older = _free };
            _free = place;
        }
    }

    /// <summary>Renumbers the kept items, and drops the others.</summary>
    public void Compact(ReadOnlySpan<int> numbers)
    {
        foreach (int place in _places.Values)
        {
            Span<int> tail = _items.AsSpan(place * TailMax, TailMax);
            int count = 0;
            int together = 0;
            for (int i = 0; i < _users[place].Count; i++)
            {
                if (numbers[tail[i]] >= 0)
                {
                    together += i < _users[place].Together ? 1 : 0;
                    tail[count++] = numbers[tail[i]];
                }
            }

            (_users[place].Count, _users[place].Together) = (count, together);
            if (_acts[place] is { } acts)
            {
                _actCount -= acts.Count;
                acts.Compact(numbers);
                _actCount += acts.Count;
            }
        }
    }

    /// <summary>Writes users, least recently active first, with their items, oldest first: adding them in this order restores the state.</summary>
    public void Write(ref ByteWriter writer)
    {
        writer.Count(_places.Count);
        for (int place = _oldest; place != None; place = _users[place].Newer)
        {
            writer.Owner(_users[place].Owner);
            writer.Count(_users[place].Count);
            for (int i = _users[place].Count - 1; i >= 0; i--)
            {
                writer.Count(_items[(place * TailMax) + i]);
            }

            writer.Byte((byte)_users[place].Returns);
            writer.Byte((byte)_users[place].Together);
            writer.Int64(_users[place].NewestMs);
            (_acts[place] ?? new UserActs()).Write(ref writer);
        }
    }

    public void Read(ref ByteReader reader, int itemCount, bool hasActs, bool hasReturns, bool hasTimes)
    {
        Span<int> before = stackalloc int[TailMax];
        int count = reader.Count(int.MaxValue);
        for (int i = 0; i < count && !reader.IsBroken; i++)
        {
            int place = Touch(reader.Owner());
            int items = reader.Count(TailMax);
            for (int k = 0; k < items && !reader.IsBroken; k++)
            {
                int item = reader.Count(itemCount - 1);
                if (!reader.IsBroken)
                {
                    Push(place, item, timestampMs: 0, countsReturn: false, before, out _, out _);
                }
            }

            _users[place].Returns = hasReturns ? Math.Min(reader.Byte(), (byte)ReturnsMax) : 0;
            _users[place].Together = hasTimes ? Math.Min(reader.Byte(), (byte)_users[place].Count) : 0;
            _users[place].NewestMs = hasTimes ? reader.Int64() : 0;
            if (hasActs && !reader.IsBroken)
            {
                UserActs acts = UserActs.Read(ref reader, itemCount);
                _acts[place] = acts;
                AddToActCount(acts.Count);
            }
        }
    }

    private void Link(int place)
    {
        _users[place].Newer = None;
        _users[place].Older = _newest;
        if (_newest != None)
        {
            _users[_newest].Newer = place;
        }

        _newest = place;
        _oldest = _oldest == None ? place : _oldest;
    }

    private void Unlink(int place)
    {
        (int newer, int older) = (_users[place].Newer, _users[place].Older);
        if (newer == None)
        {
            _newest = older;
        }
        else
        {
            _users[newer].Older = older;
        }

        if (older == None)
        {
            _oldest = newer;
        }
        else
        {
            _users[older].Newer = newer;
        }
    }
}
