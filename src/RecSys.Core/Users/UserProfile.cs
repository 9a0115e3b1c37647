using System.Collections.Immutable;
using RecSys.Core.Log;

namespace RecSys.Core.Users;

/// <summary>What one user did, in the log's words: nothing in it is derived, so the log can always rebuild it.</summary>
/// <remarks>
/// Immutable, safe for concurrent use, and without a clock, a random source or I/O: the same records give the same profile, whatever the
/// chunks they came in and however often they came. It does not say whose it is. An interaction id counts once: while it is held, a
/// repeat says nothing; taken back, it is free again. Two profiles are equal if <see cref="UserProfileCodec"/> gives the same bytes.
/// </remarks>
public sealed partial class UserProfile
{
    /// <summary>A user of whom nothing is known yet.</summary>
    public static readonly UserProfile Empty = new(default, new ProfilePosition(0, 0, -1, null), null);

    private const int FixedBytes = 80;

    private readonly PackedHistory _history;
    private readonly ProfilePosition _position;
    private readonly ProfileFacts? _facts;

    private UserProfile(PackedHistory history, ProfilePosition position, ProfileFacts? facts)
    {
        _history = history;
        _position = position;
        _facts = facts;
    }

    /// <summary>How many interactions are held, at most <see cref="Limits.HistoryMax"/>.</summary>
    public int Count => _history.Count;

    /// <summary>What it takes in memory, in bytes; exact but for labels and aliases.</summary>
    public int SizeBytes => FixedBytes + _history.SizeBytes + _position.SizeBytes + (_facts?.SizeBytes ?? 0);

    /// <summary>How far it has taken in each partition, in its newest epoch.</summary>
    public LogPosition Position => _position.ToLogPosition();

    /// <summary>Up to where the person was erased; null if never.</summary>
    public LogPosition? ErasedUpTo => _facts?.ErasedUpTo;

    /// <summary>Whether the user agrees to be profiled; null if they said nothing.</summary>
    public bool? Consent => _facts?.Consent;

    /// <summary>The labels; values are JSON texts.</summary>
    public ImmutableSortedDictionary<string, string> Labels =>
        _facts is { Labels.IsEmpty: false }
            ? _facts.Labels.ToImmutableSortedDictionary(pair => pair.Key, pair => pair.Value.Value, StringComparer.Ordinal)
            : LogRecordCodec.NoLabels;

    /// <summary>The users merged into this one, at most <see cref="Limits.AliasesMax"/>.</summary>
    public ImmutableArray<UserAlias> Aliases => _facts?.Aliases ?? [];

    /// <summary>The newest interactions by (time, epoch, partition, offset), newest first.</summary>
    public HistoryEnumerable History => new(_history);

    internal PackedHistory Packed => _history;

    internal ProfilePosition Places => _position;

    internal ProfileFacts Facts => _facts ?? ProfileFacts.None;

    /// <summary>The offset of the newest record taken in from a partition.</summary>
    /// <returns>−1 if none was; <see cref="long.MaxValue"/> for an epoch before its own, all of which it has, since epochs are read one after the other.</returns>
    public long OffsetOf(int epoch, int partition) => _position.OffsetOf(epoch, partition);

    internal static UserProfile Of(PackedHistory history, ProfilePosition position, ProfileFacts facts) =>
        new(history, position, facts.IsEmpty ? null : facts);
}
