using RecSys.Core.Log;

namespace RecSys.Core.Trends;

/// <summary>
/// The recent interactions of one user, from which the user's part in the trend of each item follows: so a repeat adds nothing, and a retraction or an erasure removes
/// exactly what was counted.
/// </summary>
/// <remarks>
/// At most <see cref="CountMax"/> interactions are kept. For a new one, a full list drops the first of these that it has: a retraction or an interaction with an earlier generation of its item; the
/// oldest interaction with the same item; the oldest of all, if that is older than <see cref="ForgetAfterMs"/> or another one with its item is left. Otherwise the new one is ignored. So a user is counted at most once per item within that time, for any number of interactions.
/// </remarks>
internal sealed class UserActs
{
    /// <summary>The largest number of interactions that are kept of a user.</summary>
    public const int CountMax = 1_024;

    /// <summary>The largest number of interactions that are kept of a user with one item.</summary>
    public const int OfItemMax = 64;

    /// <summary>The age relative to a new interaction, in milliseconds, from which an interaction may be dropped while its part stays counted.</summary>
    public const long ForgetAfterMs = 7 * 86_400_000L;

    /// <summary>The item number in the entry of a retraction; the id of that entry is ignored from then on.</summary>
    public const int Retracted = -1;

    // invariant: _acts.Length = _items.Length, and _ids.Length is the same or, while no interaction has an id, 0
    private int[] _items = [];
    private ulong[] _ids = [];
    private Act[] _acts = [];

    /// <summary>Gets the number of interactions and retractions.</summary>
    public int Count { get; private set; }

    private Span<int> Items => _items.AsSpan(0, Count);

    private Span<ulong> Ids => _ids.AsSpan(0, Math.Min(Count, _ids.Length));

    /// <summary>An interaction, without its item and its id.</summary>
    /// <param name="TimestampMs">Time, in milliseconds since 1970, UTC.</param>
    /// <param name="Weight">Weight, of either sign.</param>
    /// <param name="Kind">Kind.</param>
    /// <param name="Generation">Generation of the item (<see cref="TrendsFold"/>): the interaction counts only for this one.</param>
    internal readonly record struct Act(long TimestampMs, float Weight, InteractionKind Kind, ushort Generation)
    {
        /// <summary>Returns whether another interaction with the item, without an id, differs in time only.</summary>
        public bool IsRepeatedBy(in Act other) => Kind == other.Kind && Weight == other.Weight && Generation == other.Generation;
    }

    /// <summary>Returns whether an interaction with an id is kept, or was retracted.</summary>
    public bool HasId(ulong id) => id != 0 && Ids.Contains(id);

    /// <summary>Finds the interaction with an id.</summary>
    /// <returns>Its item; <see cref="Retracted"/> if it was retracted or is not kept.</returns>
    public int ItemOf(ulong id) => Ids.IndexOf(id) is >= 0 and int at ? _items[at] : Retracted;

    /// <summary>Returns the part of the user in an item's trend, by <see cref="ActRule"/>: the largest weight of the interactions that stand, at the time of the newest.</summary>
    public TrendPart PartOf(int item, ushort generation)
    {
        Span<int> found = stackalloc int[OfItemMax];
        int count = Find(item, generation, found);
        if (count == 0)
        {
            return default;
        }

        if (count == 1)
        {
            return PartOf(_acts[found[0]]);
        }

        // Newest first; of equal times the later record.
        Span<long> times = stackalloc long[OfItemMax];
        Span<ulong> items = stackalloc ulong[OfItemMax];
        Span<InteractionKind> kinds = stackalloc InteractionKind[OfItemMax];
        Span<float> weights = stackalloc float[OfItemMax];
        Span<bool> stands = stackalloc bool[OfItemMax];
        for (int i = 0; i < count; i++)
        {
            Act act = _acts[found[i]];
            int at = i;
            for (; at > 0 && times[at - 1] <= act.TimestampMs; at--)
            {
                (times[at], kinds[at], weights[at]) = (times[at - 1], kinds[at - 1], weights[at - 1]);
            }

            (times[at], kinds[at], weights[at]) = (act.TimestampMs, act.Kind, act.Weight);
        }

        items[..count].Clear(); // all of the same item
        ActRule.Settle(items[..count], kinds[..count], weights[..count], stands[..count]);
        TrendPart part = default;
        for (int i = 0; i < count; i++)
        {
            part = weights[i] <= 0 ? part : new TrendPart(Math.Max(part.Weight, weights[i]), part.IsNone ? times[i] : part.TimestampMs);
        }

        return part;
    }

    /// <summary>Returns the part of a user whose only interaction with an item is this one.</summary>
    public static TrendPart PartOf(in Act only) => only.Weight > 0 ? new TrendPart(only.Weight, only.TimestampMs) : default;

    /// <summary>Finds the other items that the user bought last.</summary>
    /// <param name="item">The item that is left out.</param>
    /// <param name="generations">The present generation of each item: purchases of another one do not count.</param>
    /// <param name="items">Receives distinct items, in the order of the log, newest first.</param>
    /// <param name="timesMs">Receives the times of their newest purchases, in milliseconds since 1970, UTC; as long as <paramref name="items"/>.</param>
    /// <returns>The number of items.</returns>
    public int FindBought(int item, ReadOnlySpan<ushort> generations, Span<int> items, Span<long> timesMs)
    {
        int count = 0;
        for (int at = Count - 1; at >= 0 && count < items.Length; at--)
        {
            int bought = _items[at];
            if (_acts[at].Kind == InteractionKind.Purchase && bought != item && bought != Retracted && _acts[at].Generation == generations[bought] && !items[..count].Contains(bought))
            {
                items[count] = bought;
                timesMs[count++] = _acts[at].TimestampMs;
            }
        }

        return count;
    }

    /// <summary>Returns whether the user bought an item.</summary>
    public bool HasBought(int item, ushort generation)
    {
        Span<int> found = stackalloc int[OfItemMax];
        foreach (int at in found[..Find(item, generation, found)])
        {
            if (_acts[at].Kind == InteractionKind.Purchase)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Adds an interaction; the caller has made room.</summary>
    public void Add(int item, ulong id, in Act act)
    {
        Span<int> found = stackalloc int[OfItemMax];
        if (item != Retracted && Find(item, act.Generation, found) == OfItemMax)
        {
            RemoveAt(OldestOf(found));
        }

        Append(item, id, act);
    }

    /// <summary>Finds a kept interaction without an id that a new one without an id repeats, and moves it to the new time unless that is earlier.</summary>
    /// <param name="item">The item.</param>
    /// <param name="act">The new interaction.</param>
    /// <param name="old">Receives the part of the user before.</param>
    /// <param name="part">Receives the part of the user now.</param>
    /// <returns>Whether there is one; otherwise nothing changed, and the new one must be added.</returns>
    public bool TryRenew(int item, in Act act, out TrendPart old, out TrendPart part)
    {
        (old, part) = (default, default);
        int first = Items.IndexOf(item);
        int at = first;
        while (at >= 0 && (IdAt(at) != 0 || !_acts[at].IsRepeatedBy(act)))
        {
            at = IndexAfter(at, item);
        }

        if (at < 0)
        {
            return false;
        }

        bool isOnly = at == first && IndexAfter(at, item) < 0;
        old = isOnly ? PartOf(_acts[at]) : PartOf(item, act.Generation);
        if (act.TimestampMs < _acts[at].TimestampMs)
        {
            part = old;
            return true;
        }

        // The interactions are in the order of the log.
        RemoveAt(at);
        Set(Count++, item, 0, act);
        part = isOnly ? PartOf(act) : PartOf(item, act.Generation);
        return true;
    }

    /// <summary>Appends an interaction or a retraction without comparing it with the kept ones; the caller has made room.</summary>
    public void Append(int item, ulong id, in Act act)
    {
        if (Count == _items.Length)
        {
            int length = Count + Math.Max(2, Count / 2); // most users have one or two interactions: more room would take more memory
            Array.Resize(ref _items, length);
            Array.Resize(ref _acts, length);
            Array.Resize(ref _ids, _ids.Length == 0 ? 0 : length);
        }

        Set(Count++, item, id, act);
    }

    /// <summary>Returns the place of an interaction that a full list may drop for a new one with an item; −1 if the new one is to be ignored.</summary>
    public int FindDroppable(int item, long timestampMs, ReadOnlySpan<ushort> generations)
    {
        int oldest = -1;
        int oldestOfItem = -1;
        for (int at = 0; at < Count; at++)
        {
            if (_items[at] == Retracted || _acts[at].Generation != generations[_items[at]])
            {
                return at;
            }

            oldest = oldest < 0 || _acts[at].TimestampMs < _acts[oldest].TimestampMs ? at : oldest;
            oldestOfItem = _items[at] == item && (oldestOfItem < 0 || _acts[at].TimestampMs < _acts[oldestOfItem].TimestampMs) ? at : oldestOfItem;
        }

        return oldestOfItem >= 0 ? oldestOfItem
            : timestampMs - _acts[oldest].TimestampMs > ForgetAfterMs || Items.Count(_items[oldest]) > 1 ? oldest
            : -1;
    }

    /// <summary>Reads the first and the last interaction, so that the processor's caches contain them. Returns a number without a meaning, as <see cref="UserTails.Preload"/> does.</summary>
    public int Preload() => Count == 0 ? 0 : _items[0] + _acts[Count - 1].Generation;

    /// <summary>Returns the item of a place.</summary>
    public int ItemAt(int place) => _items[place];

    /// <summary>Removes the interaction of a place.</summary>
    public void RemoveAt(int place)
    {
        int rest = Count - place - 1;
        Array.Copy(_items, place + 1, _items, place, rest);
        Array.Copy(_acts, place + 1, _acts, place, rest);
        if (_ids.Length > 0)
        {
            Array.Copy(_ids, place + 1, _ids, place, rest);
        }

        Count--;
    }

    /// <summary>Removes the interaction with an id; the id is ignored from then on.</summary>
    public void Retract(ulong id)
    {
        int at = Ids.IndexOf(id);
        _items[at] = Retracted;
        _acts[at] = default;
    }

    /// <summary>Returns whether an interaction with an item is kept.</summary>
    public bool Contains(int item) => Items.Contains(item);

    /// <summary>Returns the distinct items.</summary>
    public IEnumerable<int> DistinctItems() => _items.Take(Count).Where(item => item != Retracted).Distinct();

    /// <summary>Renumbers the kept items, and drops the interactions with others.</summary>
    public void Compact(ReadOnlySpan<int> numbers)
    {
        int count = 0;
        for (int at = 0; at < Count; at++)
        {
            int item = _items[at] == Retracted ? Retracted : numbers[_items[at]];
            if (item >= 0 || _items[at] == Retracted)
            {
                Set(count++, item, IdAt(at), _acts[at]);
            }
        }

        Count = count;
    }

    public void Write(ref ByteWriter writer)
    {
        writer.Count(Count);
        for (int at = 0; at < Count; at++)
        {
            writer.Count(_items[at] + 1);
            writer.Int64((long)IdAt(at));
            writer.Int64(_acts[at].TimestampMs);
            writer.Single(_acts[at].Weight);
            writer.Byte((byte)_acts[at].Kind);
            writer.Count(_acts[at].Generation);
        }
    }

    public static UserActs Read(ref ByteReader reader, int itemCount)
    {
        UserActs acts = new();
        int count = reader.Count(CountMax);
        acts._items = new int[count];
        acts._acts = new Act[count];
        acts.Count = count;
        for (int at = 0; at < count && !reader.IsBroken; at++)
        {
            int item = reader.Count(itemCount) - 1;
            ulong id = (ulong)reader.Int64();
            long timestampMs = reader.Int64();
            float weight = reader.Single();
            byte kind = reader.Byte();
            acts.Set(at, item, id, new Act(timestampMs, weight, (InteractionKind)kind, (ushort)reader.Count(ushort.MaxValue)));
            if (!float.IsFinite(weight) || kind > (byte)InteractionKind.Hide)
            {
                reader.Break();
            }
        }

        return acts;
    }

    private int IndexAfter(int at, int item)
    {
        int next = Items[(at + 1)..].IndexOf(item);
        return next < 0 ? -1 : at + 1 + next;
    }

    private int Find(int item, ushort generation, Span<int> found)
    {
        int count = 0;
        for (int at = Items.IndexOf(item); at >= 0 && count < OfItemMax;)
        {
            if (_acts[at].Generation == generation)
            {
                found[count++] = at;
            }

            at = IndexAfter(at, item);
        }

        return count;
    }

    private ulong IdAt(int at) => _ids.Length == 0 ? 0 : _ids[at];

    private void Set(int at, int item, ulong id, in Act act)
    {
        (_items[at], _acts[at]) = (item, act);
        if (id != 0 && _ids.Length == 0)
        {
            _ids = new ulong[_items.Length];
        }

        if (_ids.Length > 0)
        {
            _ids[at] = id;
        }
    }

    private int OldestOf(ReadOnlySpan<int> places)
    {
        int oldest = places[0];
        foreach (int place in places)
        {
            oldest = _acts[place].TimestampMs < _acts[oldest].TimestampMs ? place : oldest;
        }

        return oldest;
    }
}
