using System.Collections.Immutable;
using RecSys.Core.Log;

namespace RecSys.Core.Users;

/// <summary>The records of one user. Nothing in it is computed by configurable rules, so the log can always rebuild it.</summary>
/// <remarks>
/// Immutable, safe for concurrent use, and without a clock, random numbers or I/O: the same records give the same profile, whatever the chunks
/// in which they arrive, and if they are repeated. It does not contain the user's id. While an interaction id is in the history, a
/// repeat of it is ignored; a retracted id stays retracted. Two profiles are equal if <see cref="UserProfileCodec"/> gives the same bytes.
/// </remarks>
public sealed partial class UserProfile
{
    /// <summary>The profile of a user without records.</summary>
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

    /// <summary>Gets the number of interactions, at most <see cref="Limits.HistoryMax"/>.</summary>
    public int Count => _history.Count;

    /// <summary>Gets the memory in bytes; exact except for labels and aliases.</summary>
    public int SizeBytes => FixedBytes + _history.SizeBytes + _position.SizeBytes + (_facts?.SizeBytes ?? 0);

    /// <summary>Gets the newest offset applied per partition, in the newest epoch.</summary>
    public LogPosition Position => _position.ToLogPosition();

    /// <summary>Gets the position up to which the person was erased; null if never.</summary>
    public LogPosition? ErasedUpTo => _facts?.ErasedUpTo;

    /// <summary>Gets whether the user agrees to be profiled; null if unset.</summary>
    public bool? Consent => _facts?.Consent;

    /// <summary>Gets the labels; values are JSON texts.</summary>
    public ImmutableSortedDictionary<string, string> Labels =>
        _facts is { Labels.IsEmpty: false }
            ? _facts.Labels.ToImmutableSortedDictionary(pair => pair.Key, pair => pair.Value.Value, StringComparer.Ordinal)
            : LogRecordCodec.NoLabels;

    /// <summary>Gets the users merged into this one, at most <see cref="Limits.AliasesMax"/>.</summary>
    public ImmutableArray<UserAlias> Aliases => _facts?.Aliases ?? [];

    /// <summary>Gets the newest interactions by (time, epoch, partition, offset), newest first.</summary>
    public HistoryEnumerable History => new(_history);

    /// <summary>
    /// Gets the statements (likes, dislikes, purchases, ratings, hides, and interactions of custom types) that are too old for <see cref="History"/>, at most
    /// <see cref="Limits.OlderStatementsMax"/>, newest first. They keep bought or hidden items out of slates.
    /// </summary>
    public HistoryEnumerable OlderStatements => new(_facts?.Older ?? default);

    internal PackedHistory Packed => _history;

    internal ProfilePosition Places => _position;

    internal ProfileFacts Facts => _facts ?? ProfileFacts.None;

    /// <summary>Returns the newest applied offset of a partition.</summary>
    /// <returns>−1 if no record was applied; <see cref="long.MaxValue"/> for an older epoch, whose records are all applied, since epochs are read one after the other.</returns>
    public long OffsetOf(int epoch, int partition) => _position.OffsetOf(epoch, partition);

    internal static UserProfile Of(PackedHistory history, ProfilePosition position, ProfileFacts facts) =>
        new(history, position, facts.IsEmpty ? null : facts);
}
