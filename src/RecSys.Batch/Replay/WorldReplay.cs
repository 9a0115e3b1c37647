using System.Collections.Concurrent;
using RecSys.Batch.Training;
using RecSys.Core;
using RecSys.Core.Catalogue;
using RecSys.Core.Log;
using RecSys.Core.Ports;
using RecSys.Core.Trends;
using RecSys.Core.Users;

namespace RecSys.Batch.Replay;

/// <summary>Applies the records of a world up to the time of a question, with the folds of the serving layer, and gives the serving layer the resulting profiles, catalogue and trends.</summary>
/// <remarks>Only one thread may apply records. Reads are safe for concurrent use while no record is applied.</remarks>
public sealed class WorldReplay : IUserProfiles, IItemCatalogue, ITrends
{
    private const int BatchMax = 1_024;

    private readonly ReplayWorld _world;
    private readonly ProfileFold _profiles = new();
    private readonly CatalogueFold _catalogue = new();
    private readonly TrendsFold? _trends;
    private readonly Dictionary<UserId, Owner> _owners = [];
    private readonly Dictionary<Owner, int> _numbers = [];
    private readonly ConcurrentDictionary<UserId, UserProfile> _visitors = new();
    private readonly List<LogEntry> _batch = new(BatchMax);

    // The items that a user touched, but never with a positive weight.
    private readonly HashSet<(int User, int Item)> _notLiked = [];
    private Dictionary<Owner, UserProfile>? _frozen;

    /// <summary>Creates a replay to which no records are applied yet.</summary>
    /// <param name="world">The records to replay.</param>
    /// <param name="trends">Options of trends, as in the serving layer; null: there are no trends.</param>
    public WorldReplay(ReplayWorld world, TrendsOptions? trends)
    {
        ArgumentNullException.ThrowIfNull(world);
        _world = world;
        _trends = trends is null ? null : new TrendsFold(trends);
        for (int user = 0; user < world.Users.Count; user++)
        {
            _owners[world.Users[user]] = world.Owners[user];
            _numbers[world.Owners[user]] = user;
        }

        Touched = new HashSet<int>?[world.Users.Count];
        ActCounts = new int[world.Users.Count];
        Popularity = new float[world.Items.Count];
    }

    /// <summary>Gets the clock, which the caller moves to the time of a question.</summary>
    public ReplayTime Time { get; } = new();

    /// <inheritdoc/>
    public ItemCatalogue Current => _catalogue.Current;

    /// <inheritdoc/>
    public double? LagMs => 0;

    /// <summary>Gets the items that each user has touched so far, including interactions that were retracted or replaced later; null for a user without interactions.</summary>
    internal HashSet<int>?[] Touched { get; }

    /// <summary>Gets the number of each user's interactions so far.</summary>
    internal int[] ActCounts { get; }

    /// <summary>Gets, for each item, the number of users so far who had an interaction of positive weight with it.</summary>
    internal float[] Popularity { get; }

    /// <summary>Returns the items with which a user had an interaction of positive weight so far.</summary>
    internal IEnumerable<int> LikedOf(int user) => (Touched[user] ?? []).Where(item => !_notLiked.Contains((user, item)));

    /// <summary>Applies records in their order.</summary>
    /// <param name="from">The number of the first record.</param>
    /// <param name="end">The number of the record after the last one.</param>
    /// <param name="isApplied">Returns whether the record with a number is applied; null: all are.</param>
    public void Apply(int from, int end, Func<int, bool>? isApplied = null)
    {
        for (int at = from; at < end; at++)
        {
            if (isApplied?.Invoke(at) == false)
            {
                continue;
            }

            ReplayRecord record = _world.Records[at];
            _batch.Add(new LogEntry(at, record.Bytes));
            Count(record);
            if (_batch.Count == BatchMax)
            {
                ApplyBatch();
            }
        }

        ApplyBatch();
    }

    /// <summary>Keeps the current profiles for <see cref="AsFrozen"/>; later records do not change them.</summary>
    public void Freeze() => _frozen = [];

    /// <summary>Returns a view of the profiles as they were at the call of <see cref="Freeze"/>.</summary>
    public IUserProfiles AsFrozen() => new Frozen(this);

    /// <summary>Returns the interactions of the applied records as a table.</summary>
    public InteractionTable Table() => LogHistory.TableOf(_profiles, Current, _world.Types);

    /// <summary>Adds a user who is not in the world, with a profile, for one question.</summary>
    public void Enter(UserId user, UserProfile profile) => _visitors[user] = profile;

    /// <summary>Removes a user that was added by <see cref="Enter"/>.</summary>
    public void Leave(UserId user) => _visitors.TryRemove(user, out _);

    /// <summary>Returns a user's profile combined with those of the users merged into it, as the serving layer reads it.</summary>
    public UserProfile ProfileOf(UserId user) => ProfileOf(user, owner => _profiles[owner]);

    /// <inheritdoc/>
    public ValueTask<ProfileReading> GetAsync(UserId user, LogPosition? after, CancellationToken cancellationToken) =>
        new(new ProfileReading(ProfileOf(user), IsReflected: true));

    /// <inheritdoc/>
    public ValueTask<bool> WaitUntilAsync(LogPosition position, CancellationToken cancellationToken) => new(true);

    /// <inheritdoc/>
    public IReadOnlyList<ScoredItem> GetTrending(string? category, TrendWindow window, int count, long nowMs) =>
        _trends?.GetTrending(category, window, count, nowMs) ?? [];

    /// <inheritdoc/>
    public IReadOnlyList<ScoredItem> GetCoVisited(ItemId item, int count) => _trends?.GetCoVisited(item, count) ?? [];

    /// <inheritdoc/>
    public IReadOnlyList<ScoredItem> GetBoughtNext(ItemId item, int count) => _trends?.GetBoughtNext(item, count) ?? [];

    /// <inheritdoc/>
    public long GetUserCount(ItemId item) => _trends?.GetUserCount(item) ?? 0;

    /// <inheritdoc/>
    public long? GetFirstInteractionMs(ItemId item) => _trends?.GetFirstInteractionMs(item);

    /// <inheritdoc/>
    public float ReturnScore => _trends?.ReturnScore ?? 0;

    private UserProfile ProfileOf(UserId user, Func<Owner, UserProfile> profileOf)
    {
        if (_visitors.TryGetValue(user, out UserProfile? visitor))
        {
            return visitor;
        }

        if (!_owners.TryGetValue(user, out Owner owner))
        {
            return UserProfile.Empty;
        }

        UserProfile profile = profileOf(owner);
        return profile.Aliases.IsEmpty ? profile : profile.MergeAll(profileOf, new HashSet<Owner> { owner });
    }

    private void ApplyBatch()
    {
        if (_batch.Count == 0)
        {
            return;
        }

        if (_frozen is not null)
        {
            foreach (LogEntry entry in _batch)
            {
                if (LogRecordCodec.TryGetOwner(entry.Bytes.Span, out Owner owner))
                {
                    _frozen.TryAdd(owner, _profiles[owner]);
                }
            }
        }

        LogEntry[] entries = [.. _batch];
        _batch.Clear();
        _catalogue.Apply(0, 0, entries);
        _profiles.Apply(0, 0, entries);
        _trends?.Apply(0, 0, entries, Current, _world.Types);
    }

    /// <summary>Updates <see cref="Touched"/>, <see cref="Popularity"/> and <see cref="ActCounts"/> with a record.</summary>
    private void Count(ReplayRecord record)
    {
        if (record.IsAct)
        {
            bool isNew = (Touched[record.User] ??= []).Add(record.Item);
            if (record.Weight > 0)
            {
                Popularity[record.Item] += _notLiked.Remove((record.User, record.Item)) || isNew ? 1 : 0;
            }
            else if (isNew)
            {
                _notLiked.Add((record.User, record.Item));
            }

            ActCounts[record.User]++;
            return;
        }

        if (LogRecordCodec.KindOf(record.Bytes.Span) is not (LogRecord.Kind.UsersMerged or LogRecord.Kind.UsersLinked)
            || !LogRecordCodec.TryGetOwner(record.Bytes.Span, out Owner target))
        {
            return;
        }

        Owner from = LogRecordCodec.Decode(record.Bytes.Span) switch
        {
            LogRecord.UsersMerged merged => merged.FromOwner,
            LogRecord.UsersLinked linked => linked.From,
            _ => default,
        };
        if (_numbers.TryGetValue(target, out int into) && _numbers.TryGetValue(from, out int number))
        {
            HashSet<int> touched = Touched[into] ??= [];
            foreach (int item in Touched[number] ?? [])
            {
                bool isLiked = !_notLiked.Contains((number, item));
                if (touched.Add(item) && !isLiked)
                {
                    _notLiked.Add((into, item));
                }
                else if (isLiked)
                {
                    _notLiked.Remove((into, item));
                }
            }

            ActCounts[into] += ActCounts[number];
        }
    }

    private sealed class Frozen(WorldReplay replay) : IUserProfiles
    {
        public double? LagMs => 0;

        public ValueTask<ProfileReading> GetAsync(UserId user, LogPosition? after, CancellationToken cancellationToken) =>
            new(new ProfileReading(
                replay.ProfileOf(user, owner => replay._frozen?.GetValueOrDefault(owner) ?? replay._profiles[owner]), IsReflected: true));
    }
}
