using System.Collections.Immutable;

namespace RecSys.Core.Log;

/// <summary>The known damage of a log: the findings of all readers, each place once.</summary>
/// <remarks>
/// A log's adapter adds the damage that its reads find, and stores it for later starts; reading the properties does no I/O. Safe for concurrent use.
/// </remarks>
public sealed class LogIntegrity
{
    /// <summary>The largest number of places that are kept; further damage is not added.</summary>
    public const int PlacesMax = 1_000;

    private readonly Lock _lock = new();
    private ImmutableSortedDictionary<(int Partition, long From), LogDamage> _places =
        ImmutableSortedDictionary<(int Partition, long From), LogDamage>.Empty;
    private long _damagedRecords;
    private RecordPosition? _newer;

    /// <summary>Raised on the reader's thread when damage is found: a new place, or a known place that is now longer or unreadable. Handlers must not block.</summary>
    public event Action<LogDamage>? DamageFound;

    /// <summary>Raised once, for the first record of a newer version that is found.</summary>
    public event Action<RecordPosition>? NewerFound;

    /// <summary>Gets the number of records known to be damaged. It is a lower bound: only records that were read are checked, and damage beyond <see cref="PlacesMax"/> places is not counted.</summary>
    public long DamagedRecords => Interlocked.Read(ref _damagedRecords);

    /// <summary>Gets the damaged places in the order of their positions, at most <see cref="PlacesMax"/>.</summary>
    public ImmutableArray<LogDamage> Places => [.. Volatile.Read(ref _places).Values];

    /// <summary>Gets the first record found that a newer program wrote and that this program must not skip; null if there is none.</summary>
    public RecordPosition? Newer
    {
        get
        {
            lock (_lock)
            {
                return _newer;
            }
        }
    }

    /// <summary>Adds a damaged place; a known place is extended, or becomes unreadable.</summary>
    /// <returns>False if nothing was added: all of it was known, or <see cref="PlacesMax"/> places are kept.</returns>
    public bool Add(LogDamage damage)
    {
        lock (_lock)
        {
            (int, long) key = (damage.Partition, damage.From);
            long known = _places.TryGetValue(key, out LogDamage before) ? before.Count : 0;
            bool isWorse = known > 0 && damage.Kind == LogDamageKind.Unreadable && before.Kind != LogDamageKind.Unreadable;
            if ((damage.Count <= known && !isWorse) || (known == 0 && _places.Count == PlacesMax))
            {
                return false;
            }

            damage = damage with { Until = Math.Max(damage.Until, before.Until) };

            Volatile.Write(ref _places, _places.SetItem(key, damage));
            Interlocked.Add(ref _damagedRecords, damage.Count - known);
        }

        DamageFound?.Invoke(damage);
        return true;
    }

    /// <summary>Returns a damaged place among the records that an erasure covers, whose bytes it could not overwrite; null if there is none.</summary>
    /// <param name="upTo">The last record that the erasure covers, in each partition.</param>
    /// <param name="epoch">The epoch of the log. If <paramref name="upTo"/> has a later epoch, the erasure covers the whole log.</param>
    /// <remarks>Corrupt records are overwritten. If there is no row for an offset, its bytes may be on a page that the database no longer references.</remarks>
    public LogDamage? FirstNotErasable(LogPosition upTo, int epoch)
    {
        ArgumentNullException.ThrowIfNull(upTo);
        foreach (LogDamage place in Volatile.Read(ref _places).Values)
        {
            if (place.Kind != LogDamageKind.Corrupt && (upTo.Epoch > epoch || place.From <= upTo[place.Partition]))
            {
                return place;
            }
        }

        return null;
    }

    /// <summary>Adds a record that only a newer program can read.</summary>
    public void AddNewer(RecordPosition record)
    {
        lock (_lock)
        {
            if (_newer is not null)
            {
                return;
            }

            _newer = record;
        }

        NewerFound?.Invoke(record);
    }
}
